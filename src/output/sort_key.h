/* Results as bytes that compare as the results do. */
#ifndef OUTPUT_SORT_KEY_H
#define OUTPUT_SORT_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "output/result.h"

/* Behind what names an order come the other fields, so it is always a whole order. IPv4 goes before
 * IPv6. */
enum sort_order {
    SORT_BY_ADDRESS, /* then protocol and port */
    SORT_BY_PORT,    /* by protocol, number of the port, address */
    SORT_BY_TIME,    /* then address */
};

/* Everything of a result but its banner. */
enum { SORT_KEY_SIZE = 29 };

/* How many bytes of the key count before the banner does. In every order but that of time they are
 * what says what was found, and the others say when and by which reply. */
size_t sort_key_head(enum sort_order order);

/* Times behind 2106 become its last second, as in the binary format. */
void sort_key_pack(uint8_t key[SORT_KEY_SIZE], const struct result *result, enum sort_order order);

/* The same result again, without a banner. */
void sort_key_unpack(struct result *result, const uint8_t key[SORT_KEY_SIZE],
                     enum sort_order order);

#endif

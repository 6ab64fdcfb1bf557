/* Exact de-duplication: has this (address, port, status) been seen before?
 *
 * Theory of operation. A hash set of 64-bit keys, open addressing with linear probing, that starts
 * small and doubles. It stops growing at a stated maximum; then the full table becomes the older
 * generation and a new one begins, and the generation before it is forgotten. So memory is bounded,
 * and at least the last `maximum_entries / 2` distinct results are told apart. What was forgotten
 * is counted.
 *
 * Of IPv4 the key is the report itself, and de-duplication exact. A report of IPv6 has more bits
 * than a key: it is named by 62 bits of a keyed hash (SipHash), of which nobody knows the key, and
 * takes no more memory. So it may be taken for one that was seen before: where three million are
 * remembered (the default memory) with a chance below 10^-12 each, which is rarer than that it got
 * lost in any other way. */
#ifndef BASE_DEDUP_H
#define BASE_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "base/siphash.h"

struct dedup_table {
    uint64_t *keys; /* 0 marks a free slot */
    size_t capacity;
    size_t count;
};

struct dedup {
    struct dedup_table current, older;
    size_t maximum_capacity; /* slots of one generation */
    uint64_t salt;           /* unpredictable, so that nobody can choose colliding keys */
    struct siphash_key key;  /* likewise; of what stands for IPv6 */
    uint64_t forgotten;      /* keys given up with an old generation */
};

enum { DEDUP_MEMORY_MIB = 32 }; /* the default maximum of both generations together */

/* At most `memory_mib` MiB (at least 1; the next lower power of two counts) once both generations
 * are full; a few KiB to begin with. */
int dedup_init(struct dedup *dedup, size_t memory_mib, struct error *err);
void dedup_fini(struct dedup *dedup);

/* Says that dedup_insert will be called with `key` soon. */
void dedup_prefetch(const struct dedup *dedup, uint64_t key);

/* Remembers `key` (below 2^63); 1 if it is new, 0 if it was there, negative without memory. */
int dedup_insert(struct dedup *dedup, uint64_t key, struct error *err);

/* Has `key` been inserted, and not been forgotten since? */
bool dedup_contains(const struct dedup *dedup, uint64_t key);

/* What stands for a report of IPv6; see above. */
uint64_t dedup_key_ipv6(const struct dedup *dedup, struct ip_number address, uint32_t port_code,
                        unsigned status);

/* The key of a report, for this `dedup` only. Status is 0 to 127. */
static inline uint64_t dedup_key(const struct dedup *dedup, struct ip_number address,
                                 uint32_t port_code, unsigned status)
{
    if (!ip_number_is_v4(address))
        return dedup_key_ipv6(dedup, address, port_code, status);
    return (uint64_t)status << 56 | (uint64_t)port_code << 32 | (uint32_t)address.low;
}

#endif

/* One item of target text: an address, a range, or a CIDR block. Internal to target/.
 *
 * The scanners return where they stopped, or NULL if what they look for is not there. All stop at
 * the NUL behind the last byte of a text at the latest. Those for IPv4 are inline, as long lists
 * are made of such. */
#ifndef TARGET_ITEM_H
#define TARGET_ITEM_H

#include <stddef.h>
#include <stdint.h>

#include "target/range6_set.h"
#include "target/range_set.h"

/* What a byte is between items. NUL stands behind the last byte of every text. */
enum byte_kind { ORDINARY, BLANK, LINE_END, ITEM_END };

extern const uint8_t item_byte_kinds[256];

static inline enum byte_kind kind_of(char c)
{
    return (enum byte_kind)item_byte_kinds[(unsigned char)c];
}

enum item {
    ITEM_FINE,
    ITEM_MALFORMED,
    ITEM_MALFORMED_IPV6,
    ITEM_HOST_NAME,
    ITEM_REVERSED,
    ITEM_BAD_PREFIX,
    ITEM_BAD_PREFIX_IPV6,
    ITEM_V4_IN_V6,
    ITEM_ZONE_NOT_LOCAL,
    ITEM_OTHER_ZONE,
};

static inline unsigned digit_at(const char *at)
{
    return (unsigned)(unsigned char)*at - '0'; /* above 9 if it is none */
}

/* A decimal number 0 to 255 without leading zeros, which some tools would read as octal. */
static inline const char *scan_octet(const char *at, uint32_t *octet)
{
    unsigned value = digit_at(at++);
    if (value > 9)
        return NULL;
    for (int digits = 1; digit_at(at) <= 9; digits++, at++) {
        if (digits == 3 || value == 0)
            return NULL;
        value = value * 10 + digit_at(at);
    }
    *octet = value;
    return value <= 255 ? at : NULL;
}

static inline const char *scan_ipv4(const char *at, uint32_t *address)
{
    uint32_t value = 0, octet = 0;
    for (int i = 0; i < 4; i++) {
        if (i > 0 && *at++ != '.')
            return NULL;
        at = scan_octet(at, &octet);
        if (at == NULL)
            return NULL;
        value = value << 8 | octet;
    }
    *address = value;
    return at;
}

static inline const char *scan_digits(const char *at, uint32_t *number)
{
    if (digit_at(at) > 9)
        return NULL;
    uint32_t value = 0;
    for (; digit_at(at) <= 9; at++)
        value = value < 100000 ? value * 10 + digit_at(at) : value;
    *number = value;
    return at;
}

static inline struct range cidr_block(uint32_t address, uint32_t prefix)
{
    uint32_t host_bits = prefix == 0 ? UINT32_MAX : (uint32_t)((1ull << (32 - prefix)) - 1);
    return (struct range){address & ~host_bits, address | host_bits};
}

/* An item of IPv4 addresses; if it is fine, `*at` moves behind it. */
static inline enum item scan_item(const char **at, struct range *range)
{
    uint32_t prefix = 32;
    const char *end = scan_ipv4(*at, &range->first);
    if (end == NULL)
        return ITEM_MALFORMED;
    range->last = range->first;
    if (*end == '-')
        end = scan_ipv4(end + 1, &range->last);
    else if (*end == '/')
        end = scan_digits(end + 1, &prefix);
    if (end == NULL || kind_of(*end) == ORDINARY)
        return ITEM_MALFORMED;
    if (prefix > 32)
        return ITEM_BAD_PREFIX;
    if (range->last < range->first)
        return ITEM_REVERSED;
    if (prefix < 32)
        *range = cidr_block(range->first, prefix);
    *at = end;
    return ITEM_FINE;
}

/* Any text form of RFC 4291 (2.2). */
const char *scan_ipv6(const char *at, uint128 *address);

struct ipv6_item {
    struct range6 range;
    const char *zone; /* the name of an interface, inside the text; NULL if there is none */
    size_t zone_length;
};

/* An item of IPv6 addresses; if it is fine, `*at` moves behind it. */
enum item scan_item_ipv6(const char **at, struct ipv6_item *item);

#endif

/* IP and hardware addresses as values, and their text forms. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uint128.h"

/* An address of either family, in network byte order; IPv4 uses the first four bytes, the rest is
 * zero. */
struct ip_address {
    uint8_t version; /* 4 or 6 */
    uint8_t bytes[16];
};

/* Families of addresses, to be combined. */
enum ip_families { IP_NONE = 0, IP_V4 = 1, IP_V6 = 2, IP_BOTH = IP_V4 | IP_V6 };

struct mac_address {
    uint8_t bytes[6];
};

enum { IP_TEXT_SIZE = 46, MAC_TEXT_SIZE = 18 };

/* An address of either family as one number, to compute with: IPv6 as it is, and IPv4 in the place
 * that RFC 4291 (2.5.5.2) has for it, ::ffff:0:0/96, where no IPv6 packet comes from or goes to. */
struct ip_number {
    uint64_t high, low;
};

static inline struct ip_number ip_number_of(uint128 value)
{
    return (struct ip_number){(uint64_t)(value >> 64), (uint64_t)value};
}

static inline uint128 ip_number_value(struct ip_number number)
{
    return uint128_of(number.high, number.low);
}

#define IP_NUMBER_V4_PREFIX 0xffffull /* the upper 96 bits of what stands for IPv4 ... */
enum { IP_NUMBER_V4_BITS = 96 };      /* ... and how many they are */

/* For constants. */
#define IP_NUMBER_V4(address)                                                                      \
    {                                                                                              \
        0, IP_NUMBER_V4_PREFIX << 32 | (address)                                                   \
    }

static inline struct ip_number ip_number_v4(uint32_t address)
{
    return (struct ip_number)IP_NUMBER_V4(address);
}

/* If so, the IPv4 address is the lower 32 bits. */
static inline bool ip_number_is_v4(struct ip_number number)
{
    return number.high == 0 && number.low >> 32 == IP_NUMBER_V4_PREFIX;
}

static inline bool ip_number_equal(struct ip_number a, struct ip_number b)
{
    return a.high == b.high && a.low == b.low;
}

/* Less than, equal to, or greater than 0, as `a` stands to `b`. */
static inline int ip_number_compare(struct ip_number a, struct ip_number b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

/* fe80::/10 (RFC 4291, 2.5.6): addresses that have a meaning on one link only. */
static inline bool ip_number_is_link_local(struct ip_number number)
{
    return number.high >> 54 == 0xfe80 >> 6;
}

struct ip_number ip_number_from(const struct ip_address *address);
struct ip_address ip_from_number(struct ip_number number);

/* `value` in host byte order. */
struct ip_address ip_from_v4(uint32_t value);

/* The value in host byte order; 0 if the address is not IPv4. */
uint32_t ip_to_v4(const struct ip_address *address);

bool ip_equal(const struct ip_address *a, const struct ip_address *b);

/* Reads "a.b.c.d" (four decimal numbers 0-255) or IPv6 text (RFC 4291), the whole of `text`. False
 * if it is neither. */
bool ip_parse(struct ip_address *address, const char *text, size_t length);

/* Writes dotted decimal, or IPv6 text by RFC 5952, with a NUL; returns `text`. */
char *ip_format(const struct ip_address *address, char text[IP_TEXT_SIZE]);

/* The fast form for long lists: dotted decimal without NUL; returns the place behind. `at` must
 * have room for 16 characters; what lies behind the text in it may be overwritten. Host byte order.
 */
char *ip_v4_write(char *at, uint32_t address);

/* The same for IPv6, in the text of RFC 5952 as ip_format writes it, and IPv4 (dotted decimal).
 * There must be room for IP_TEXT_SIZE characters. */
char *ip_number_write(char *at, struct ip_number number);

/* Reads six pairs of hexadecimal digits separated by '-' or ':' (or nothing). False if it is not
 * that. */
bool mac_parse(struct mac_address *mac, const char *text);

bool mac_equal(const struct mac_address *a, const struct mac_address *b);

/* Writes "66-55-44-33-22-11" with a NUL; returns `text`. */
char *mac_format(const struct mac_address *mac, char text[MAC_TEXT_SIZE]);

#endif

/* Numbers of 128 bits: IPv6 addresses, and how many of them there are. */
#ifndef BASE_UINT128_H
#define BASE_UINT128_H

#include <stdint.h>

__extension__ typedef unsigned __int128 uint128;

#define UINT128_MAX (~(uint128)0)

enum { UINT128_TEXT_SIZE = 40 };

static inline uint128 uint128_of(uint64_t high, uint64_t low)
{
    return (uint128)high << 64 | low;
}

/* Zero bits above the highest that is set; 128 for zero. */
static inline int uint128_leading_zeros(uint128 value)
{
    uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    if (high != 0)
        return __builtin_clzll(high);
    return low != 0 ? 64 + __builtin_clzll(low) : 128;
}

/* Decimal digits with a NUL; returns where in `text` they begin. */
static inline const char *uint128_text(char text[UINT128_TEXT_SIZE], uint128 value)
{
    char *at = text + UINT128_TEXT_SIZE - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    return at;
}

#endif

/* Sequence numbers of TCP: 32 bits that wrap around, compared by their distance (RFC 9293, 3.4).
 * Right for numbers less than 2^31 apart. */
#ifndef TCP_SEQUENCE_H
#define TCP_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

static inline bool sequence_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline uint32_t sequence_earlier(uint32_t a, uint32_t b)
{
    return sequence_before(a, b) ? a : b;
}

static inline uint32_t sequence_later(uint32_t a, uint32_t b)
{
    return sequence_before(a, b) ? b : a;
}

#endif

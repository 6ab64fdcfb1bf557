/* The upper halves of the products of all lanes and one factor: what scales a random number of 32
 * bits to a range, and divides by a constant. Internal to target/. */
#ifndef TARGET_MULTIPLY_HIGH_H
#define TARGET_MULTIPLY_HIGH_H

#include <stdint.h>

#include "base/multiversion.h"

static inline uint32_t multiply_high(uint32_t x, uint32_t y)
{
    return (uint32_t)((uint64_t)x * y >> 32);
}

/* A pass by itself: to[i] = multiply_high(from[i], factor). */
void multiply_high_batch(enum cpu_level level, uint32_t to[restrict BATCH_LANES],
                         const uint32_t from[restrict BATCH_LANES], uint32_t factor);

#endif

/* The rounds of the permutation, on one lane; permutation.c holds the theory.
 *
 * Internal to target/: the batch, the scalar reference and the tests all use these few lines, so
 * they cannot differ. The number of rounds is an argument so that the tests can show what too few
 * rounds would do. */
#ifndef TARGET_PERMUTATION_ROUND_H
#define TARGET_PERMUTATION_ROUND_H

#include <stdint.h>

#include "target/multiply_high.h"
#include "target/permutation.h"

/* The round function before it is reduced: 32 bits of which the upper ones depend on all of `x`.
 * The constants are Ettinger's (hash-prospector, "lowbias32"). */
static inline uint32_t round_mix(uint32_t x, uint32_t key)
{
    x ^= key;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x;
}

/* x - y mod modulus, for x and y below it; right for every modulus of 32 bits. */
static inline uint32_t subtract_mod(uint32_t x, uint32_t y, uint32_t modulus)
{
    uint32_t difference = x - y;
    return x < y ? difference + modulus : difference;
}

/* `x` after a round, `y` being the other half. */
static inline uint32_t permute_half(uint32_t x, uint32_t y, uint32_t size, uint32_t key)
{
    return subtract_mod(x, multiply_high(round_mix(y, key), size), size);
}

/* The first `rounds` rounds: the left half changes in the even ones, the right half in the odd. */
static inline void permute_rounds(const struct permutation *p, unsigned rounds, uint32_t *left,
                                  uint32_t *right)
{
    for (unsigned round = 0; round < rounds; round++) {
        if (round % 2 == 0)
            *left = permute_half(*left, *right, p->left_size, p->keys[round]);
        else
            *right = permute_half(*right, *left, p->right_size, p->keys[round]);
    }
}

#endif

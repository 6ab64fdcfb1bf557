/* SipHash-2-4, the keyed hash behind cookies.
 *
 * Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF" (2012). This is the
 * scalar reference; the batch passes of probe/ compute the same function for one-block messages,
 * lane by lane. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
    uint64_t k0, k1;
};

/* The 64-bit hash of `length` bytes. */
uint64_t siphash_2_4(const struct siphash_key *key, const void *bytes, size_t length);

#endif

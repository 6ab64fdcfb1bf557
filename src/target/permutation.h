/* The random order of a scan: a keyed bijection between an index and a pair (major, minor).
 *
 * N = majors * minors pairs; index 0..N-1 maps one to one onto them, in an order that looks random
 * and depends on the seed. Nothing is stored per element, any part of the order can be computed
 * alone, and a whole batch is computed at once. Theory of operation and sources: permutation.c. */
#ifndef TARGET_PERMUTATION_H
#define TARGET_PERMUTATION_H

#include <stdint.h>

#include "base/error.h"
#include "base/multiversion.h"

enum { PERMUTATION_ROUNDS = 6 };

/* Lives in the caller's memory and owns nothing; read-only once made, so threads may share it. */
struct permutation {
    uint64_t size;       /* N */
    uint32_t minors;     /* of each major */
    uint32_t reciprocal; /* 2^32 / minors, rounded down (2^32 - 1 for one) */
    uint32_t row;        /* majors that share one left half */
    uint32_t left_size;  /* left halves run from 0 to left_size - 1 ... */
    uint32_t right_size; /* ... and right ones to right_size - 1 = row * minors - 1 */
    uint32_t last_right; /* how many right halves of the last left one are pairs of the set */
    uint32_t keys[PERMUTATION_ROUNDS];
    enum cpu_level level; /* of the batch; CPU_BASE unless set after permutation_init */
};

/* A pair set of `majors` x `minors` (each >= 1, minors < 2^31, product <= 2^63), ordered by `seed`.
 * With fewer majors than minors it still is a bijection, but looks less random. */
int permutation_init(struct permutation *p, uint64_t majors, uint32_t minors, uint64_t seed,
                     struct error *err);

/* The pairs of the indices first, first + stride, ... (`count` of them, 1 to BATCH_LANES). All must
 * be below N. Lanes from `count` on are filled with valid pairs of no meaning. majors must be at
 * most 2^32. */
void permutation_batch(const struct permutation *p, uint64_t first, uint64_t stride, unsigned count,
                       uint32_t major[BATCH_LANES], uint32_t minor[BATCH_LANES]);

/* The same for any number of majors. */
void permutation_batch_wide(const struct permutation *p, uint64_t first, uint64_t stride,
                            unsigned count, uint64_t major[BATCH_LANES],
                            uint32_t minor[BATCH_LANES]);

/* The same for one index and any number of majors; the reference that the batch is tested against.
 */
void permutation_pair(const struct permutation *p, uint64_t index, uint64_t *major,
                      uint32_t *minor);

#endif

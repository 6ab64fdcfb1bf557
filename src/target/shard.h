/* Which indices of the whole scan this run takes: a shard, and a window of the index.
 *
 * The index runs over the whole scan whatever the split: shard x of y takes the indices i with i
 * mod y == x - 1, and resume_index / resume_count take those with resume_index <= i < resume_index
 * + resume_count. Both together take the intersection, so any mix of splits stays disjoint and
 * complete. */
#ifndef TARGET_SHARD_H
#define TARGET_SHARD_H

#include <stdint.h>

struct shard {
    uint64_t number; /* x, from 1 to `of` */
    uint64_t of;     /* y, at least 1 */
};

/* An arithmetic run of indices: first, first + stride, ... */
struct index_run {
    uint64_t first;
    uint64_t stride;
    uint64_t count;
};

/* The run of `shard` inside [resume_index, resume_index + resume_count) of a scan of `size` pairs.
 * A resume_count of 0 means to the end. */
struct index_run shard_indices(uint64_t size, struct shard shard, uint64_t resume_index,
                               uint64_t resume_count);

#endif

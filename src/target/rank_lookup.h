/* From a rank to the element of a set that has it: rank 0 is the smallest element.
 *
 * Built once from a normal set, then only read. Internal to target/. */
#ifndef TARGET_RANK_LOOKUP_H
#define TARGET_RANK_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/multiversion.h"
#include "target/range_set.h"

/* One range: the rank of its first element, and what to add to a rank inside it (modulo 2^32). */
struct rank_range {
    uint32_t rank;
    uint32_t offset;
};

struct rank_lookup {
    uint64_t size;             /* elements, and so ranks */
    struct rank_range *ranges; /* `count` of them, ascending */
    size_t count;
    /* Bucket i holds the ranks i << shift and up. */
    size_t bucket_count;
    unsigned shift;
    uint32_t *bucket_offset; /* the offset of all its ranks, or SEVERAL_RANGES */
    uint32_t *bucket_range;  /* the range of its first rank; one more entry than buckets */
};

/* `set` must be normal and not empty; nothing of it is kept. */
int rank_lookup_init(struct rank_lookup *lookup, const struct range_set *set, struct error *err);
void rank_lookup_fini(struct rank_lookup *lookup);

/* Replaces all BATCH_LANES ranks, each below the size, by their elements. */
void rank_lookup_batch(const struct rank_lookup *lookup, uint32_t values[BATCH_LANES]);

/* Is `value` an element? */
bool rank_lookup_contains(const struct rank_lookup *lookup, uint32_t value);

#endif

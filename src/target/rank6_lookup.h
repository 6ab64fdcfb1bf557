/* From a rank to the element of a set of 128-bit integers that has it: rank 0 is the smallest
 * element.
 *
 * Built once from a normal set, then only read. Internal to target/. */
#ifndef TARGET_RANK6_LOOKUP_H
#define TARGET_RANK6_LOOKUP_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/multiversion.h"
#include "target/range6_set.h"

enum rank6_form { RANK6_STEPS, RANK6_SINGLES, RANK6_ANCHORS, RANK6_FORMS };

enum { RANK6_STEPS_MOST = 12 };

/* From `rank` on, up to the next step, element - rank is this, modulo 2^128. */
struct rank6_step {
    uint64_t rank;
    uint64_t offset_high, offset_low;
};

struct rank6_lookup {
    uint64_t size;                /* elements, and so ranks */
    const struct range6_set *set; /* somebody else's */
    enum rank6_form form;
    enum cpu_level level; /* of the batch; CPU_BASE unless set after init */
    struct rank6_step steps[RANK6_STEPS_MOST];
    size_t step_count;
    uint64_t *anchors;   /* the rank at which every `anchor_distance`-th range begins */
    uint32_t *directory; /* the anchor at or before the first rank of each bucket */
    uint32_t anchor_count, anchor_distance, bucket_count;
    unsigned bucket_shift; /* from a rank to its bucket */
};

/* `set` must be normal, not empty, have at most 2^63 elements, and outlive the lookup: it may be
 * large, so it is not copied. */
int rank6_lookup_init(struct rank6_lookup *lookup, const struct range6_set *set, struct error *err);
void rank6_lookup_fini(struct rank6_lookup *lookup);

/* The elements of all BATCH_LANES ranks, each below the size, in halves. */
void rank6_lookup_batch(const struct rank6_lookup *lookup,
                        const uint64_t rank[restrict BATCH_LANES],
                        uint64_t high[restrict BATCH_LANES], uint64_t low[restrict BATCH_LANES]);

/* Where in memory a batch of these ranks will look first, for who can ask for it in advance; not if
 * the lookup needs no memory but a few lines. */
bool rank6_lookup_has_places(const struct rank6_lookup *lookup);
void rank6_lookup_places(const struct rank6_lookup *lookup,
                         const uint64_t rank[restrict BATCH_LANES],
                         const void *place[restrict BATCH_LANES]);

#endif

/* From a rank to the element of a set that has it: rank 0 is the smallest element.
 *
 * Built once from a normal set, then only read. Internal to target/. */
#ifndef TARGET_RANK_LOOKUP_H
#define TARGET_RANK_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/multiversion.h"
#include "target/range_set.h"
#include "target/rank_lines.h"

enum rank_form { RANK_STEPS, RANK_TABLE, RANK_LINES, RANK_FORMS };

struct rank_lookup {
    uint64_t size; /* elements, and so ranks */
    struct rank_ranges ranges;
    enum rank_form form;
    uint32_t *table;         /* RANK_TABLE: the elements by their ranks */
    struct rank_lines lines; /* RANK_LINES */
    enum cpu_level level;    /* of the batch; CPU_BASE unless set after rank_lookup_init */
};

/* `set` must be normal and not empty; nothing of it is kept. */
int rank_lookup_init(struct rank_lookup *lookup, const struct range_set *set, struct error *err);
void rank_lookup_fini(struct rank_lookup *lookup);

/* Replaces all BATCH_LANES ranks, each below the size, by their elements. */
void rank_lookup_batch(const struct rank_lookup *lookup, uint32_t values[BATCH_LANES]);

/* Is `value` an element? */
bool rank_lookup_contains(const struct rank_lookup *lookup, uint32_t value);

#endif

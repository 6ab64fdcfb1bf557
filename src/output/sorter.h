/* Puts any number of results into order, in memory of a fixed size: what does not fit is sorted in
 * parts that go to a temporary file, and merged from there. */
#ifndef OUTPUT_SORTER_H
#define OUTPUT_SORTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "output/result.h"
#include "output/sort_key.h"

enum {
    SORTER_MEMORY = 96 << 20,      /* enough for 2 million results without banners */
    SORTER_MEMORY_LEAST = 4 << 20, /* room for the longest banner */
    SORTER_WINDOW = 64 << 10,      /* more memory for each part, while they are merged */
};

struct sorter_setup {
    enum sort_order order;
    /* Of several results that say the same (address, protocol, port, and status or banner) gives
     * out the earliest only; of those of one time that with the lowest reason and TTL. Not with
     * SORT_BY_TIME, which does not bring them together. */
    bool merge;
    size_t memory;         /* for results, bytes; sorting itself takes up to a third more */
    const char *directory; /* for the temporary file, which has no name and is gone with the
                              process; the caller's */
};

struct sorter;

/* NULL and `err` without memory. */
struct sorter *sorter_new(const struct sorter_setup *setup, struct error *err);
void sorter_free(struct sorter *sorter);

/* Takes a copy of the result: a result_fn whose context is the sorter. Negative if the temporary
 * file cannot be written. */
int sorter_add(void *context, const struct result *result, struct error *err);

/* Gives all out, in order; to be called once, after the last was added. */
int sorter_finish(struct sorter *sorter, result_fn *callback, void *context, struct error *err);

/* How many were not given out because they said the same as another. */
uint64_t sorter_merged(const struct sorter *sorter);

#endif

/* A rank's offset (its element less the rank), for sets of many ranges; theory in rank_lines.c.
 * Internal to target/. */
#ifndef TARGET_RANK_LINES_H
#define TARGET_RANK_LINES_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/multiversion.h"

/* One range: the rank of its first element, and what to add to a rank inside it (modulo 2^32). */
struct rank_range {
    uint32_t rank;
    uint32_t offset;
};

/* All ranges of a set, ascending. */
struct rank_ranges {
    struct rank_range *at;
    size_t count;
    uint64_t size; /* ranks */
};

enum { RANK_LINE_PIECES = 11 };

/* The ranks of one line, a power of two of them, in pieces of one offset each. If they were too
 * many the line is crowded: see there. */
struct rank_line {
    alignas(64) int16_t last[RANK_LINE_PIECES - 1]; /* position of each piece but the final one */
    union {
        uint32_t offset[RANK_LINE_PIECES];
        struct rank_crowd {
            uint32_t several;                 /* an offset that says so */
            uint32_t first_range, last_range; /* of its first and its last rank */
            uint32_t narrow, narrow_shift;    /* its first narrow line, and their width */
        } crowd;
    };
};

struct rank_lines {
    struct rank_ranges ranges; /* somebody else's memory */
    struct rank_line *at;
    struct rank_line *narrow; /* for the ranks of crowded lines */
    size_t count, narrow_count;
    unsigned shift; /* from a rank to its line */
};

/* The memory of `ranges` must outlive the lines. */
int rank_lines_init(struct rank_lines *lines, struct rank_ranges ranges, struct error *err);
void rank_lines_fini(struct rank_lines *lines);

/* Replaces all ranks, each below the size, by their elements. */
void rank_lines_batch(const struct rank_lines *lines, enum cpu_level level,
                      uint32_t values[restrict BATCH_LANES]);

#endif

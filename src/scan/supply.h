/* The run of a scan, handed out to its workers piece by piece: whoever has sent its piece takes the
 * next, so all end together, however fast each of them is. */
#ifndef SCAN_SUPPLY_H
#define SCAN_SUPPLY_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include "target/shard.h"

/* Pieces are large enough that taking one costs nothing; of a small scan they are smaller, so that
 * each worker has its part. */
enum { SUPPLY_PIECE = 1 << 14 };

struct supply {
    struct index_run run;                  /* all of it */
    uint64_t piece;                        /* how many indices are handed out at once */
    alignas(64) _Atomic uint64_t position; /* how many of its indices were handed out */
};

/* For so many workers. */
void supply_init(struct supply *supply, struct index_run run, unsigned workers);

/* The next piece; its count is 0 when there is none left. Any thread may call this. */
struct index_run supply_take(struct supply *supply);

/* What was not handed out yet. */
struct index_run supply_rest(struct supply *supply);

#endif

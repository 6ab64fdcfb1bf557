/* Which probes to send next: those never sent, and the retries that have come due.
 *
 * A retry follows its probe by a second. Every batch that was sent and is owed another try waits in
 * a queue; since all wait equally long the queue is in order of time, and its head is the only
 * place to look. Due retries go first, so the rate asked for is shared between retries and fresh
 * probes without either being sent early or dropped.
 *
 * The queue has a fixed size. When it is nearly full no fresh probes are given out until retries
 * have left; when it is full, extents that follow one another are joined. Nothing is ever lost. */
#ifndef SCAN_SCHEDULE_H
#define SCAN_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "target/shard.h"

/* A stretch of `count` indices from `first` on, in the run's stride; `attempt` 0 is the first
 * probe, 1 the first retry. */
struct schedule_extent {
    uint64_t first;
    uint64_t count;
    uint32_t attempt;
    uint64_t due_ns;       /* when all of it may be sent again */
    uint64_t first_due_ns; /* when its first probe could have been */
};

struct schedule {
    struct index_run fresh; /* what was never probed */
    uint32_t tries;         /* probes for each pair: retries + 1 */
    struct schedule_extent *owed;
    size_t mask;
    size_t head, tail; /* of the queue: head is the oldest */
    uint64_t left;     /* probes still to be sent, retries counted */
};

/* `tries` is at least 1. Owns the queue until schedule_fini. */
int schedule_init(struct schedule *schedule, struct index_run run, uint32_t tries,
                  struct error *err);
void schedule_fini(struct schedule *schedule);

/* Adds retries left over from a paused scan, due at once. Call before the first schedule_next. */
int schedule_owe(struct schedule *schedule, const struct schedule_extent *extent,
                 struct error *err);

/* The next up to `wanted` probes that may be sent at `now_ns`, in `what`; returns their number, 0
 * if none may be now. Nothing changes until schedule_sent. */
unsigned schedule_next(const struct schedule *schedule, uint64_t now_ns, unsigned wanted,
                       struct schedule_extent *what);

/* The first `count` probes of `what` (from the last schedule_next) have been sent. */
void schedule_sent(struct schedule *schedule, const struct schedule_extent *what, unsigned count,
                   uint64_t now_ns);

/* When schedule_next will have something: 0 now, UINT64_MAX never again (all is sent). */
uint64_t schedule_next_ns(const struct schedule *schedule);

enum { SCHEDULE_OWED_MAX = 4096 };

/* Where a schedule stands: enough to go on later without a gap and without probing anything once
 * more. */
struct schedule_state {
    uint64_t next_index;                            /* the first index never probed */
    uint64_t fresh_left;                            /* how many are left of the run from there on */
    uint64_t left;                                  /* probes, retries counted */
    struct schedule_extent owed[SCHEDULE_OWED_MAX]; /* retries still to be sent, joined where they
                                                       follow one another */
    unsigned owed_count; /* above SCHEDULE_OWED_MAX: too many to be written down, and `owed` is not
                            complete */
};

void schedule_save(const struct schedule *schedule, struct schedule_state *state);

#endif

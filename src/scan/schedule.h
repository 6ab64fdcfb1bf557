/* Which probes a worker sends next: those never sent, and the retries that have come due.
 *
 * What was never sent comes from the supply of the scan, which all workers share; everything else
 * in here is one worker's own.
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
#include "scan/supply.h"

/* A stretch of `count` indices from `first` on, in the run's stride; `attempt` 0 is the first
 * probe, 1 the first retry. */
struct schedule_extent {
    uint64_t first;
    uint64_t count;
    uint32_t attempt;
    bool queued;           /* comes from the queue, not from the supply */
    uint64_t due_ns;       /* when all of it may be sent again */
    uint64_t first_due_ns; /* when its first probe could have been */
};

/* The probes that an extent still takes; its attempt is one of the `tries`. */
static inline uint64_t schedule_extent_left(const struct schedule_extent *extent, uint32_t tries)
{
    return extent->count * (tries - extent->attempt);
}

struct schedule {
    struct supply *supply;
    struct index_run fresh; /* taken from there and never probed */
    uint32_t tries;         /* probes for each pair: retries + 1 */
    struct schedule_extent *owed;
    size_t mask;
    size_t head, tail; /* of the queue: head is the oldest */
};

/* `tries` is at least 1. Owns the queue until schedule_fini; the supply stays the caller's. */
int schedule_init(struct schedule *schedule, struct supply *supply, uint32_t tries,
                  struct error *err);
void schedule_fini(struct schedule *schedule);

/* Adds probes left over from a paused scan, due at once: retries, or such as were handed out and
 * not sent (attempt 0). Call before the first schedule_next. */
int schedule_owe(struct schedule *schedule, const struct schedule_extent *extent,
                 struct error *err);

/* The next up to `wanted` probes that may be sent at `now_ns`, in `what`; returns their number, 0
 * if none may be now. They stay the next ones until schedule_sent. */
unsigned schedule_next(struct schedule *schedule, uint64_t now_ns, unsigned wanted,
                       struct schedule_extent *what);

/* The first `count` probes of `what` (from the last schedule_next) have been sent. */
void schedule_sent(struct schedule *schedule, const struct schedule_extent *what, unsigned count,
                   uint64_t now_ns);

/* When schedule_next will have something: 0 now, UINT64_MAX never again (all is sent). */
uint64_t schedule_next_ns(const struct schedule *schedule);

enum { SCHEDULE_OWED_MAX = 4096 };

/* The probes that a schedule has taken over and not sent yet, joined where they follow one another:
 * retries, and such as were never sent (attempt 0). */
struct schedule_owed {
    struct schedule_extent extents[SCHEDULE_OWED_MAX];
    unsigned count; /* above SCHEDULE_OWED_MAX: too many to be written down, and `extents` is not
                       complete */
};

void schedule_save(const struct schedule *schedule, struct schedule_owed *owed);

/* Adds an extent, joined with one that it follows. */
void schedule_owed_add(struct schedule_owed *owed, uint64_t stride,
                       const struct schedule_extent *extent);

#endif

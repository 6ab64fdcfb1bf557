/* Which probes to send next; the theory is in schedule.h. */
#include "scan/schedule.h"

#include <stdlib.h>

#include "base/clock.h"

enum { QUEUE_CAPACITY = 1 << 16 };

/* Batches sent within this time share one entry of the queue. */
static const uint64_t JOIN_NS = NS_PER_MS;
static const uint64_t RETRY_NS = NS_PER_SECOND;

int schedule_init(struct schedule *schedule, struct supply *supply, uint32_t tries,
                  struct error *err)
{
    *schedule = (struct schedule){.supply = supply,
                                  .fresh.stride = supply->run.stride,
                                  .tries = tries,
                                  .mask = QUEUE_CAPACITY - 1};
    schedule->owed = calloc(QUEUE_CAPACITY, sizeof *schedule->owed);
    if (schedule->owed == NULL)
        return error_set(err, "out of memory for the queue of retries");
    return 0;
}

void schedule_fini(struct schedule *schedule)
{
    free(schedule->owed);
    schedule->owed = NULL;
}

static size_t queue_length(const struct schedule *schedule)
{
    return schedule->tail - schedule->head;
}

static struct schedule_extent *queue_at(const struct schedule *schedule, size_t position)
{
    return &schedule->owed[position & schedule->mask];
}

static bool follows(uint64_t stride, const struct schedule_extent *earlier,
                    const struct schedule_extent *later)
{
    return earlier->attempt == later->attempt &&
           earlier->first + earlier->count * stride == later->first;
}

/* Puts an extent at the end of the queue, joined with the one before it where that is right or must
 * be. The joined extent comes due with its last probe, so no retry is ever early. */
static void enqueue(struct schedule *schedule, const struct schedule_extent *extent)
{
    bool full = queue_length(schedule) > schedule->mask;
    if (queue_length(schedule) > 0) {
        struct schedule_extent *last = queue_at(schedule, schedule->tail - 1);
        bool recent = extent->due_ns - last->first_due_ns <= JOIN_NS;
        if (follows(schedule->fresh.stride, last, extent) && (recent || full)) {
            last->count += extent->count;
            last->due_ns = extent->due_ns;
            return;
        }
    }
    struct schedule_extent *entry = queue_at(schedule, schedule->tail++);
    *entry = *extent;
    entry->queued = true;
    entry->first_due_ns = entry->due_ns;
}

int schedule_owe(struct schedule *schedule, const struct schedule_extent *extent, struct error *err)
{
    if (extent->attempt >= schedule->tries)
        return error_set(err, "a retry number %u is owed, but each port gets %u retries only",
                         extent->attempt, schedule->tries - 1);
    if (queue_length(schedule) > schedule->mask / 2)
        return error_set(err, "too many stretches of owed probes (at most %zu)",
                         schedule->mask / 2);
    struct schedule_extent due = *extent;
    due.due_ns = 0;
    enqueue(schedule, &due);
    return 0;
}

static bool is_fresh_left(const struct schedule *schedule)
{
    return schedule->fresh.count > 0 || supply_rest(schedule->supply).count > 0;
}

/* Fresh probes need a free entry for themselves and leave one for a retry that is sent in parts. */
static bool fresh_may_go(const struct schedule *schedule)
{
    return is_fresh_left(schedule) &&
           (schedule->tries == 1 || queue_length(schedule) < schedule->mask);
}

/* The next fresh probes: what is left of the piece, or a new one. */
static struct schedule_extent next_fresh(struct schedule *schedule)
{
    if (schedule->fresh.count == 0)
        schedule->fresh = supply_take(schedule->supply);
    return (struct schedule_extent){.first = schedule->fresh.first, .count = schedule->fresh.count};
}

unsigned schedule_next(struct schedule *schedule, uint64_t now_ns, unsigned wanted,
                       struct schedule_extent *what)
{
    if (queue_length(schedule) > 0 && queue_at(schedule, schedule->head)->due_ns <= now_ns)
        *what = *queue_at(schedule, schedule->head);
    else if (fresh_may_go(schedule))
        *what = next_fresh(schedule);
    else
        return 0;
    if (what->count > wanted)
        what->count = wanted;
    return (unsigned)what->count;
}

static void advance_fresh(struct schedule *schedule, unsigned count)
{
    schedule->fresh.first += count * schedule->fresh.stride;
    schedule->fresh.count -= count;
}

static void advance_head(struct schedule *schedule, unsigned count)
{
    struct schedule_extent *head = queue_at(schedule, schedule->head);
    head->first += count * schedule->fresh.stride;
    head->count -= count;
    if (head->count == 0)
        schedule->head++;
}

void schedule_sent(struct schedule *schedule, const struct schedule_extent *what, unsigned count,
                   uint64_t now_ns)
{
    if (count == 0)
        return;
    if (what->queued)
        advance_head(schedule, count);
    else
        advance_fresh(schedule, count);
    struct schedule_extent again = {.first = what->first,
                                    .count = count,
                                    .attempt = what->attempt + 1,
                                    .due_ns = now_ns + RETRY_NS};
    if (again.attempt < schedule->tries)
        enqueue(schedule, &again);
}

uint64_t schedule_next_ns(const struct schedule *schedule)
{
    if (fresh_may_go(schedule))
        return 0;
    if (queue_length(schedule) > 0)
        return queue_at(schedule, schedule->head)->due_ns;
    return UINT64_MAX;
}

void schedule_owed_add(struct schedule_owed *owed, uint64_t stride,
                       const struct schedule_extent *extent)
{
    unsigned written = owed->count < SCHEDULE_OWED_MAX ? owed->count : SCHEDULE_OWED_MAX;
    for (unsigned i = written; i-- > 0;) { /* mostly it follows one of the last */
        if (follows(stride, &owed->extents[i], extent)) {
            owed->extents[i].count += extent->count;
            return;
        }
    }
    if (owed->count++ < SCHEDULE_OWED_MAX)
        owed->extents[owed->count - 1] = *extent;
}

void schedule_save(const struct schedule *schedule, struct schedule_owed *owed)
{
    owed->count = 0;
    for (size_t at = schedule->head; at != schedule->tail; at++)
        schedule_owed_add(owed, schedule->fresh.stride, queue_at(schedule, at));
    const struct schedule_extent fresh = {.first = schedule->fresh.first,
                                          .count = schedule->fresh.count};
    if (fresh.count > 0)
        schedule_owed_add(owed, schedule->fresh.stride, &fresh);
}

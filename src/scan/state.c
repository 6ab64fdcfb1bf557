/* Where a scan stands. */
#include "scan/state.h"

#include <stdlib.h>

void scan_state_begin(struct scan_state *state, struct index_run rest, uint32_t tries)
{
    state->next_index = rest.first;
    state->fresh_left = rest.count;
    state->stride = rest.stride;
    state->tries = tries;
    state->owed.count = 0;
    state->left = 0;
}

/* The part of an extent that lies before the rest. */
static uint64_t count_before_rest(const struct scan_state *state,
                                  const struct schedule_extent *extent)
{
    if (extent->first >= state->next_index)
        return 0;
    uint64_t room = (state->next_index - extent->first - 1) / state->stride + 1;
    return extent->count < room ? extent->count : room;
}

void scan_state_add(struct scan_state *state, const struct schedule_owed *owed)
{
    if (owed->count > SCHEDULE_OWED_MAX) {
        state->owed.count = owed->count;
        return;
    }
    for (unsigned i = 0; i < owed->count; i++) {
        struct schedule_extent extent = owed->extents[i];
        extent.count = count_before_rest(state, &extent);
        if (extent.count > 0)
            schedule_owed_add(&state->owed, state->stride, &extent);
    }
}

static bool has(const struct schedule_extent *extent, uint64_t stride, uint64_t index)
{
    uint64_t distance = index - extent->first;
    return index >= extent->first && distance % stride == 0 && distance / stride < extent->count;
}

/* The first extent with this index, of such a try or a later one; NULL if there is none. */
static struct schedule_extent *find_owed(struct scan_state *state, uint64_t index, uint32_t attempt)
{
    for (unsigned i = 0; i < state->owed.count; i++) {
        struct schedule_extent *extent = &state->owed.extents[i];
        if (extent->attempt >= attempt && has(extent, state->stride, index))
            return extent;
    }
    return NULL;
}

static bool is_owed(struct scan_state *state, uint64_t index, uint32_t attempt)
{
    for (unsigned i = 0; i < state->owed.count; i++)
        if (state->owed.extents[i].attempt <= attempt &&
            has(&state->owed.extents[i], state->stride, index))
            return true;
    return false;
}

/* An index that its extent has. */
static void take_out(struct scan_state *state, struct schedule_extent *extent, uint64_t index)
{
    struct schedule_owed *owed = &state->owed;
    struct schedule_extent behind = *extent;
    uint64_t before = (index - extent->first) / state->stride;
    behind.first = index + state->stride;
    behind.count = extent->count - before - 1;
    extent->count = before;
    if (before == 0)
        *extent = owed->extents[--owed->count];
    if (behind.count > 0)
        schedule_owed_add(owed, state->stride, &behind);
}

/* Who owes a try owes those after it: what counts it as sent has them too, and gives them up. */
void scan_state_add_unsent(struct scan_state *state, uint64_t index, uint32_t attempt)
{
    const struct schedule_extent unsent = {.first = index, .count = 1, .attempt = attempt};
    struct schedule_extent *later;
    while (state->owed.count <= SCHEDULE_OWED_MAX &&
           (later = find_owed(state, index, attempt + 1)) != NULL)
        take_out(state, later, index);
    if (state->owed.count <= SCHEDULE_OWED_MAX && !is_owed(state, index, attempt))
        schedule_owed_add(&state->owed, state->stride, &unsent);
}

static int by_attempt_and_place(const void *a, const void *b)
{
    const struct schedule_extent *one = a, *other = b;
    if (one->attempt != other->attempt)
        return one->attempt < other->attempt ? -1 : 1;
    return (one->first > other->first) - (one->first < other->first);
}

static void sort_and_join(struct schedule_owed *owed, uint64_t stride)
{
    unsigned count = owed->count;
    qsort(owed->extents, count, sizeof owed->extents[0], by_attempt_and_place);
    owed->count = 0;
    for (unsigned i = 0; i < count; i++) {
        struct schedule_extent extent = owed->extents[i];
        schedule_owed_add(owed, stride, &extent);
    }
}

/* What was never sent and ends where the rest begins is a part of it. */
static void give_back(struct scan_state *state)
{
    struct schedule_owed *owed = &state->owed;
    for (unsigned i = 0; i < owed->count; i++) {
        struct schedule_extent extent = owed->extents[i];
        if (extent.attempt != 0 || extent.first + extent.count * state->stride != state->next_index)
            continue;
        state->next_index = extent.first;
        state->fresh_left += extent.count;
        owed->extents[i] = owed->extents[--owed->count];
        return;
    }
}

void scan_state_finish(struct scan_state *state)
{
    struct schedule_owed *owed = &state->owed;
    if (owed->count <= SCHEDULE_OWED_MAX) {
        sort_and_join(owed, state->stride);
        give_back(state);
    }
    state->left = state->fresh_left * state->tries;
    for (unsigned i = 0; i < owed->count && i < SCHEDULE_OWED_MAX; i++)
        state->left += schedule_extent_left(&owed->extents[i], state->tries);
}

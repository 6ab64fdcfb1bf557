/* Probes that one worker hands over to another. */
#include "scan/handover.h"

#include <stdlib.h>

/* All rings together hold so many probes: what may have to be written down when a scan is ended
 * while a link takes nothing. */
enum { ROOM = 1024, ROOM_LEAST = 32, ROOM_MOST = 512 };

/* ---- the worker that hands over ---- */

bool handover_is_full(struct handover *handover)
{
    for (unsigned i = 0; i < ADAPTERS_MAX && handover->ways != NULL; i++) {
        struct ring *ring = handover->to[i];
        if (ring != NULL && ring_room(ring) < ring_capacity(ring) / 2)
            return true;
    }
    return false;
}

void handover_begin(struct handover *handover)
{
    handover->note_count = 0;
    for (unsigned i = 0; i < ADAPTERS_MAX && handover->ways != NULL; i++)
        handover->room[i] = handover->to[i] != NULL ? ring_room(handover->to[i]) : 0;
}

bool handover_note(struct handover *handover, unsigned adapter, unsigned lane,
                   const struct handed_probe *probe)
{
    if (handover->room[adapter] == 0)
        return false;
    handover->room[adapter]--;
    handover->notes[handover->note_count++] =
        (struct handed_note){.probe = *probe, .lane = lane, .adapter = adapter};
    return true;
}

unsigned handover_commit(struct handover *handover, unsigned done)
{
    unsigned handed = 0;
    while (handed < handover->note_count && handover->notes[handed].lane < done) {
        const struct handed_note *note = &handover->notes[handed++];
        ring_push(handover->to[note->adapter], &note->probe); /* there is room */
    }
    handover->note_count = 0;
    return handed;
}

static bool all_have_left(const struct handover *handover)
{
    for (unsigned i = 0; i < ADAPTERS_MAX; i++) {
        const struct ring *ring = handover->to[i];
        if (ring != NULL && !ring_has_popped(ring, ring_pushed(ring)))
            return false;
    }
    return true;
}

bool handover_is_over(struct handover *handover)
{
    if (handover->ways == NULL)
        return true;
    if (!handover->finished && all_have_left(handover)) {
        handover->finished = true;
        atomic_fetch_sub_explicit(handover->unfinished, 1, memory_order_acq_rel);
    }
    return atomic_load_explicit(handover->unfinished, memory_order_acquire) == 0;
}

void handover_mark(struct handover *handover)
{
    for (unsigned i = 0; i < ADAPTERS_MAX; i++)
        if (handover->to[i] != NULL)
            handover->snapshot[i] = ring_pushed(handover->to[i]);
}

/* ---- who owns the workers ---- */

static size_t room_of_each(unsigned rings)
{
    size_t room = ROOM_MOST;
    while (room > ROOM_LEAST && room * rings > ROOM)
        room /= 2;
    return room;
}

/* The worker of an adapter, which has one, with this number; behind its last one numbers begin
 * anew. */
static struct handover *find(const struct handover_place *places, unsigned count, unsigned adapter,
                             unsigned number)
{
    const struct handover_place *found = places;
    for (unsigned passed = 0; passed <= number;)
        for (unsigned i = 0; i < count && passed <= number; i++)
            if (places[i].adapter == adapter) {
                found = &places[i];
                passed++;
            }
    return found->handover;
}

/* To the worker of the other adapter whose number is the same. */
static int join(const struct handover_place *from, unsigned adapter, struct ring *ring,
                const struct handover_place *places, unsigned count, struct error *err)
{
    unsigned rings = count * (from->handover->ways->count - 1);
    if (ring_init(ring, room_of_each(rings), sizeof(struct handed_probe), err) < 0)
        return -1;
    struct handover *to = find(places, count, adapter, from->number);
    from->handover->to[adapter] = ring;
    to->from[to->from_count++] = ring;
    return 0;
}

static int prepare(struct handover_hall *hall, const struct ways *ways,
                   const struct handover_place *places, unsigned count, struct error *err)
{
    hall->rings = aligned_alloc(alignof(struct ring), count * ways->count * sizeof *hall->rings);
    if (hall->rings == NULL)
        return error_set(err, "out of memory for probes that are handed over");
    hall->ring_count = count * ways->count;
    for (unsigned i = 0; i < hall->ring_count; i++)
        hall->rings[i] = (struct ring){0};
    for (unsigned i = 0; i < count; i++) {
        struct handover *handover = places[i].handover;
        handover->from = calloc(count, sizeof(struct ring *));
        if (handover->from == NULL)
            return error_set(err, "out of memory for probes that are handed over");
        handover->ways = ways;
        handover->unfinished = &hall->unfinished;
    }
    atomic_store(&hall->unfinished, count);
    return 0;
}

int handover_open(struct handover_hall *hall, const struct ways *ways,
                  const struct handover_place *places, unsigned count, struct error *err)
{
    for (unsigned i = 0; i < count; i++)
        places[i].handover->adapter = places[i].adapter;
    if (ways == NULL || !ways->part)
        return 0;
    if (prepare(hall, ways, places, count, err) < 0)
        return -1;
    for (unsigned i = 0; i < count; i++)
        for (unsigned adapter = 0; adapter < ways->count; adapter++) {
            struct ring *ring = &hall->rings[i * ways->count + adapter];
            if (adapter != places[i].adapter &&
                join(&places[i], adapter, ring, places, count, err) < 0)
                return -1;
        }
    return 0;
}

void handover_close(struct handover_hall *hall, const struct handover_place *places, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(places[i].handover->from);
    for (unsigned i = 0; i < hall->ring_count; i++)
        ring_fini(&hall->rings[i]);
    free(hall->rings);
    hall->rings = NULL;
    hall->ring_count = 0;
}

bool handover_mark_has_left(const struct handover *handover)
{
    for (unsigned i = 0; i < ADAPTERS_MAX; i++)
        if (handover->to[i] != NULL && !ring_has_popped(handover->to[i], handover->snapshot[i]))
            return false;
    return true;
}

void handover_give_back(const struct handover *handover, struct scan_state *state)
{
    for (unsigned i = 0; i < handover->from_count; i++) {
        struct ring *ring = handover->from[i];
        size_t left = ring_filled(ring);
        for (size_t k = 0; k < left; k++) {
            const struct handed_probe *probe = ring_at(ring, k);
            scan_state_add_unsent(state, probe->index, probe->attempt);
        }
    }
}

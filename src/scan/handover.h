/* Probes that one worker hands over to another, whose adapter leads to their targets (ways.h).
 *
 * A worker takes pieces of the order as they come. Probes to targets that another adapter leads to
 * it puts into a ring to a worker of that one, which sends them as they are. They are paid for from
 * the pace by who hands them over, and count as sent in his schedule, from which their retries come
 * too: so what a schedule owes stays a few stretches. Where nothing has to be handed over there are
 * no rings, and a batch costs one comparison.
 *
 * So that the state of a scan stays exact: no worker has sent all before every probe that any of
 * them handed over has left; a snapshot counts only when those handed over before it have; and what
 * lies in the rings when a scan is ended goes back into its state. */
#ifndef SCAN_HANDOVER_H
#define SCAN_HANDOVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/ring.h"
#include "scan/state.h"
#include "scan/ways.h"
#include "transport/transport.h"

/* A probe in a ring: what the order has there, for the index and the try. */
struct handed_probe {
    uint64_t index;
    struct ip_number address;
    uint32_t port; /* port code */
    uint32_t attempt;
};

/* One that will be handed over when those before it in the batch have left. */
struct handed_note {
    struct handed_probe probe;
    unsigned lane, adapter;
};

/* Of one worker, and its alone but for what handover_... functions of the owner look at. */
struct handover {
    const struct ways *ways;       /* NULL: it leads everywhere, and none of the rest is there */
    unsigned adapter;              /* its own */
    struct ring *to[ADAPTERS_MAX]; /* its way to each other adapter; theirs who own the rings */
    size_t snapshot[ADAPTERS_MAX]; /* how much it had handed over when it was asked last */
    struct ring **from;            /* what is for it; the owner's */
    unsigned from_count;
    _Atomic unsigned *unfinished; /* workers that may still hand over something; shared */
    bool finished;                /* it is none of them any more */
    struct handed_note notes[TRANSPORT_BATCH];
    unsigned note_count;
    size_t room[ADAPTERS_MAX]; /* for further notes */
};

/* Whose is a probe to this address? */
static inline unsigned handover_adapter(const struct handover *handover, struct ip_number address)
{
    return handover->ways == NULL ? handover->adapter
                                  : ways_choose(handover->ways, handover->adapter, address);
}

/* Should no batch be begun, because others are behind? */
bool handover_is_full(struct handover *handover);

/* A batch is being made. */
void handover_begin(struct handover *handover);

/* Notes a probe of the batch in the order of lanes; false if there is no room.
 */
bool handover_note(struct handover *handover, unsigned adapter, unsigned lane,
                   const struct handed_probe *probe);

/* The first `done` lanes of the batch are behind us: hands over what was noted of them, and forgets
 * the rest. Returns how many were handed over. */
unsigned handover_commit(struct handover *handover, unsigned done);

/* The worker has sent all that it will ever take. True when that holds for all, and everything that
 * they handed over has left. */
bool handover_is_over(struct handover *handover);

/* Remembers, for a snapshot, what has been handed over so far. */
void handover_mark(struct handover *handover);

/* ---- for who owns the workers ---- */

/* The rings between all workers of a scan. */
struct handover_hall {
    struct ring *rings; /* of each worker, one to each adapter: unused, to its own */
    unsigned ring_count;
    _Atomic unsigned unfinished;
};

/* A worker of an adapter, by the number that it has among these. */
struct handover_place {
    struct handover *handover;
    unsigned adapter, number;
};

/* Joins these workers, in the order in which their adapters are numbered, where `ways` are parted;
 * does nothing otherwise. The ways must stay as long as the hall. Undo with handover_close, also
 * after a failure, of a zeroed hall. */
int handover_open(struct handover_hall *hall, const struct ways *ways,
                  const struct handover_place *places, unsigned count, struct error *err);
void handover_close(struct handover_hall *hall, const struct handover_place *places,
                    unsigned count);

/* Has everything left that was handed over before the worker's last snapshot? */
bool handover_mark_has_left(const struct handover *handover);

/* Puts what was handed to a worker, and has not left, back into the state. No worker may run. */
void handover_give_back(const struct handover *handover, struct scan_state *state);

#endif

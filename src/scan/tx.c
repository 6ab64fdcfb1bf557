/* The sending line: index -> (address, port) -> frames -> transport. */
#include "scan/tx.h"

#include <string.h>

#include "scan/counter.h"
#include "scan/worker.h"

/* How many probes to send at once: what the pace allows, but not less than is worth a wake-up. */
static unsigned batch_size(struct worker *worker, uint64_t now_ns)
{
    unsigned allowed = pace_allowed(&worker->pace, now_ns);
    if (allowed < worker->pace.batch && allowed < worker->schedule.left)
        return 0;
    return allowed < TRANSPORT_BATCH ? allowed : TRANSPORT_BATCH;
}

/* Frames that the transport did not take move to the front, to be offered again. */
static int keep_unsent(struct worker *worker, unsigned sent, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    struct tx_slots *slots = &worker->slots;
    struct tx_slots rest;
    if (transport->ops->tx_reserve(transport->state, &rest, slots->count - sent, err) < 0)
        return -1;
    for (unsigned i = 0; i < rest.count; i++) {
        memmove(rest.frame[i], slots->frame[sent + i], slots->length[sent + i]);
        rest.length[i] = slots->length[sent + i];
    }
    *slots = rest;
    return 0;
}

/* Probes of one batch may stand in any order, so a batch leaves whole: what a slow link does not
 * take is offered until it does, or the user ends the scan. Returns the number sent. */
static int commit_all(struct worker *worker, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    unsigned total = 0;
    for (;;) {
        int sent = transport->ops->tx_commit(transport->state, &worker->slots, err);
        if (sent < 0)
            return -1;
        total += (unsigned)sent;
        bool quit = atomic_load_explicit(&worker->command, memory_order_relaxed) == WORKER_QUIT;
        if ((unsigned)sent == worker->slots.count || quit)
            return (int)total;
        if (keep_unsent(worker, (unsigned)sent, err) < 0)
            return -1;
    }
}

int tx_step(struct worker *worker, uint64_t now_ns, struct error *err)
{
    unsigned wanted = batch_size(worker, now_ns);
    struct schedule_extent what;
    if (wanted == 0 || schedule_next(&worker->schedule, now_ns, wanted, &what) == 0)
        return 0;
    const struct transport *transport = worker->setup.transport;
    struct tx_slots *slots = &worker->slots;
    if (transport->ops->tx_reserve(transport->state, slots, (unsigned)what.count, err) < 0)
        return -1;
    if (slots->count == 0)
        return 0;
    struct probe_batch *batch = &worker->batch;
    batch->count = slots->count;
    target_space_batch(worker->setup.space, what.first, worker->schedule.fresh.stride, batch->count,
                       batch->address, batch->port);
    probe_set_write(worker->setup.probes, batch, slots->frame, slots->length);
    int sent = commit_all(worker, err);
    if (sent < 0)
        return -1;
    /* Of a batch that was broken off nobody knows which probes left: all of it will be sent again.
     */
    if ((unsigned)sent == batch->count)
        schedule_sent(&worker->schedule, &what, (unsigned)sent, now_ns);
    pace_spend(&worker->pace, (unsigned)sent);
    counter_add(&worker->counters.probes, (unsigned)sent);
    counter_add(&worker->counters.packets, (unsigned)sent);
    return sent;
}

/* The sending line: index -> (address, port) -> frames -> transport. */
#include "scan/tx.h"

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
    /* Frame i is the probe of lane i, so what a slow link did not take is simply next again. */
    int sent = transport->ops->tx_commit(transport->state, slots, err);
    if (sent < 0)
        return -1;
    schedule_sent(&worker->schedule, &what, (unsigned)sent, now_ns);
    pace_spend(&worker->pace, (unsigned)sent);
    counter_add(&worker->counters.probes, (unsigned)sent);
    counter_add(&worker->counters.packets, (unsigned)sent);
    return sent;
}

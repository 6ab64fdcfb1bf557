/* The sending line: index -> (address, port) -> frames -> transport. */
#include "scan/tx.h"

#include "scan/worker.h"

/* Writes and sends the probes of `what`, or fewer if there is no room; returns how many left. Frame
 * i is the probe of index i, so what a slow link did not take is simply next again. */
static int send_probes(struct worker *worker, const struct schedule_extent *what, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    struct tx_slots *slots = &worker->slots;
    struct probe_batch *batch = &worker->batch;
    if (transport->ops->tx_reserve(transport->state, slots, (unsigned)what->count, err) < 0)
        return -1;
    if (slots->count == 0)
        return 0;
    batch->count = slots->count;
    target_space_batch(worker->setup.space, what->first, worker->schedule.fresh.stride,
                       batch->count, batch->address, batch->port);
    probe_set_write(worker->setup.probes, batch, slots->frame, slots->length);
    return transport->ops->tx_commit(transport->state, slots, err);
}

int tx_step(struct worker *worker, uint64_t now_ns, struct error *err)
{
    struct schedule_extent what;
    unsigned due = schedule_next(&worker->schedule, now_ns, TRANSPORT_BATCH, &what);
    unsigned allowed = due > 0 ? pace_take(worker->setup.pace, now_ns, due) : 0;
    if (allowed == 0)
        return 0;
    what.count = allowed;
    int sent = send_probes(worker, &what, err);
    if (sent < 0)
        return -1;
    pace_give_back(worker->setup.pace, allowed - (unsigned)sent);
    schedule_sent(&worker->schedule, &what, (unsigned)sent, now_ns);
    worker_count(worker, COUNT_PROBES, (unsigned)sent);
    worker_count(worker, COUNT_RETRIES, what.attempt > 0 ? (unsigned)sent : 0);
    worker_count(worker, COUNT_PACKETS, (unsigned)sent);
    return sent;
}

/* The sending line: index -> (address, port) -> frames -> transport. */
#include "scan/tx.h"

#include <string.h>

#include "scan/worker.h"

/* What became of some probes. */
struct sending {
    unsigned done; /* probes of the schedule that are behind us */
    unsigned sent; /* frames that left: fewer where a host gave no hardware address */
};

static struct ip_number address_of(const struct probe_batch *batch, unsigned lane)
{
    return batch->ipv6 != NULL ? address_lane(&batch->ipv6->address, lane)
                               : ip_number_v4(batch->address[lane]);
}

static void move_lane(struct probe_batch *batch, unsigned from, unsigned to)
{
    batch->port[to] = batch->port[from];
    batch->address[to] = batch->address[from];
    if (batch->ipv6 == NULL)
        return;
    batch->ipv6->address.high[to] = batch->ipv6->address.high[from];
    batch->ipv6->address.low[to] = batch->ipv6->address.low[from];
}

/* Keeps the probes of a batch that a frame can be addressed to, in order; lane[i] is where number i
 * stood. */
static void keep_reachable(const struct neighbours *neighbours, struct probe_batch *batch,
                           unsigned *lane)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < batch->count; i++) {
        struct ip_number address = address_of(batch, i);
        if (neighbours_near(neighbours, address) && neighbours_find(neighbours, address) == NULL)
            continue;
        lane[kept] = i;
        move_lane(batch, i, kept++);
    }
    batch->count = kept;
}

/* Probes are written to the router; those to neighbours go to them. */
static void address_frames(const struct neighbours *neighbours, const struct probe_batch *batch,
                           uint8_t *const frame[])
{
    for (unsigned i = 0; i < batch->count; i++) {
        struct ip_number address = address_of(batch, i);
        if (!neighbours_near(neighbours, address))
            continue;
        const struct mac_address *mac = neighbours_find(neighbours, address);
        memcpy(frame[i], mac->bytes, sizeof mac->bytes);
    }
}

/* Sends a batch some of which goes to neighbours. */
static int send_near(struct worker *worker, struct sending *sending, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    const struct neighbours *neighbours = worker->setup.neighbours;
    struct tx_slots *slots = &worker->slots;
    struct probe_batch *batch = &worker->batch;
    unsigned lane[TRANSPORT_BATCH], all = batch->count;
    keep_reachable(neighbours, batch, lane);
    slots->count = batch->count;
    *sending = (struct sending){.done = all};
    if (slots->count == 0)
        return 0;
    probe_set_write(worker->setup.probes, batch, slots->frame, slots->length);
    address_frames(neighbours, batch, slots->frame);
    int sent = transport->ops->tx_commit(transport->state, slots, err);
    if (sent < 0)
        return -1;
    sending->sent = (unsigned)sent;
    if (sending->sent < slots->count)
        sending->done = lane[sent];
    return 0;
}

/* Sends a batch of which all goes to the router. */
static int send_far(struct worker *worker, struct sending *sending, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    struct tx_slots *slots = &worker->slots;
    probe_set_write(worker->setup.probes, &worker->batch, slots->frame, slots->length);
    int sent = transport->ops->tx_commit(transport->state, slots, err);
    if (sent < 0)
        return -1;
    *sending = (struct sending){.done = (unsigned)sent, .sent = (unsigned)sent};
    return 0;
}

/* The pairs of `what`, as many as the batch counts. */
static void fill_batch(struct worker *worker, const struct schedule_extent *what)
{
    const struct target_space *space = worker->setup.space;
    struct probe_batch *batch = &worker->batch;
    uint64_t stride = worker->schedule.fresh.stride;
    if (batch->ipv6 != NULL)
        target_space_batch_wide(space, what->first, stride, batch->count, &batch->ipv6->address,
                                batch->port);
    else
        target_space_batch(space, what->first, stride, batch->count, batch->address, batch->port);
}

/* Writes and sends the probes of `what`, or fewer if there is no room. What a slow link did not
 * take is simply next again. */
static int send_probes(struct worker *worker, const struct schedule_extent *what,
                       struct sending *sending, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    const struct neighbours *neighbours = worker->setup.neighbours;
    struct tx_slots *slots = &worker->slots;
    struct probe_batch *batch = &worker->batch;
    *sending = (struct sending){0};
    if (transport->ops->tx_reserve(transport->state, slots, (unsigned)what->count, err) < 0)
        return -1;
    if (slots->count == 0)
        return 0;
    batch->count = slots->count;
    fill_batch(worker, what);
    bool has_neighbours = neighbours != NULL && neighbours_exist(neighbours);
    return has_neighbours ? send_near(worker, sending, err) : send_far(worker, sending, err);
}

int tx_step(struct worker *worker, uint64_t now_ns, struct error *err)
{
    struct schedule_extent what;
    struct sending sending;
    unsigned due = schedule_next(&worker->schedule, now_ns, TRANSPORT_BATCH, &what);
    unsigned allowed = due > 0 ? pace_take(worker->setup.pace, now_ns, due) : 0;
    if (allowed == 0)
        return 0;
    what.count = allowed;
    if (send_probes(worker, &what, &sending, err) < 0)
        return -1;
    pace_give_back(worker->setup.pace, allowed - sending.sent);
    schedule_sent(&worker->schedule, &what, sending.done, now_ns);
    worker_count(worker, COUNT_PROBES, sending.sent);
    worker_count(worker, COUNT_RETRIES, what.attempt > 0 ? sending.sent : 0);
    worker_count(worker, COUNT_UNREACHABLE, sending.done - sending.sent);
    worker_count(worker, COUNT_PACKETS, sending.sent);
    return (int)sending.done;
}

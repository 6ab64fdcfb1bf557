/* The sending line: index -> (address, port) -> frames -> transport. */
#include "scan/tx.h"

#include <string.h>

#include "scan/worker.h"

/* What became of some probes. */
struct sending {
    unsigned done;   /* probes of the schedule that are behind us */
    unsigned sent;   /* frames that left: fewer where a host gave no hardware address */
    unsigned handed; /* over to workers of other adapters */
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

static bool is_reachable(const struct neighbours *neighbours, struct ip_number address)
{
    return neighbours == NULL || !neighbours_near(neighbours, address) ||
           neighbours_find(neighbours, address) != NULL;
}

/* Notes a lane that another adapter leads to; false if that has to wait. */
static bool note_lane(struct worker *worker, const struct schedule_extent *what, unsigned lane,
                      unsigned adapter, struct ip_number address)
{
    const struct handed_probe probe = {
        .index = what->first + lane * worker->schedule.fresh.stride,
        .address = address,
        .port = worker->batch.port[lane],
        .attempt = what->attempt,
    };
    return handover_note(&worker->handover, adapter, lane, &probe);
}

/* Keeps the probes of a batch that this worker can address a frame to, in order; lane[i] is where
 * number i stood. Returns how many lanes were looked at: all, unless one cannot be handed over. */
static unsigned keep_own(struct worker *worker, const struct schedule_extent *what, unsigned *lane)
{
    struct probe_batch *batch = &worker->batch;
    struct handover *handover = &worker->handover;
    unsigned kept = 0, looked = 0;
    handover_begin(handover);
    for (; looked < batch->count; looked++) {
        struct ip_number address = address_of(batch, looked);
        unsigned adapter = handover_adapter(handover, address);
        if (adapter != handover->adapter) {
            if (!note_lane(worker, what, looked, adapter, address))
                break;
        } else if (is_reachable(worker->setup.neighbours, address)) {
            lane[kept] = looked;
            move_lane(batch, looked, kept++);
        }
    }
    batch->count = kept;
    return looked;
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

/* Sends the batch as it stands, to neighbours and to the router; returns how many left. */
static int send_batch(struct worker *worker, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    const struct neighbours *neighbours = worker->setup.neighbours;
    struct tx_slots *slots = &worker->slots;
    struct probe_batch *batch = &worker->batch;
    slots->count = batch->count;
    if (slots->count == 0)
        return 0;
    probe_set_write(worker->setup.probes, batch, slots->frame, slots->length);
    if (neighbours != NULL && neighbours_exist(neighbours))
        address_frames(neighbours, batch, slots->frame);
    return transport->ops->tx_commit(transport->state, slots, err);
}

/* Sends what a batch has for this adapter, and hands the rest over. */
static int send_chosen(struct worker *worker, const struct schedule_extent *what,
                       struct sending *sending, struct error *err)
{
    unsigned lane[TRANSPORT_BATCH];
    unsigned looked = keep_own(worker, what, lane);
    int sent = send_batch(worker, err);
    if (sent < 0)
        return -1;
    sending->sent = (unsigned)sent;
    sending->done = sending->sent < worker->batch.count ? lane[sent] : looked;
    sending->handed = handover_commit(&worker->handover, sending->done);
    return 0;
}

/* Sends a batch of which all goes to the router. */
static int send_far(struct worker *worker, struct sending *sending, struct error *err)
{
    int sent = send_batch(worker, err);
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
    struct space_ahead *ahead = &worker->ahead;
    if (batch->ipv6 == NULL) {
        target_space_batch(space, what->first, stride, batch->count, batch->address, batch->port);
        return;
    }
    target_space_batch_ahead(space, ahead, what->first, stride, batch->count, &batch->ipv6->address,
                             batch->port);
    batch->ipv6->soon = ahead->places;
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
    return has_neighbours || worker->handover.ways != NULL ? send_chosen(worker, what, sending, err)
                                                           : send_far(worker, sending, err);
}

static void count_probes(struct worker *worker, unsigned sent, unsigned retries,
                         unsigned unreachable)
{
    worker_count(worker, COUNT_PROBES, sent);
    worker_count(worker, COUNT_RETRIES, retries);
    worker_count(worker, COUNT_UNREACHABLE, unreachable);
    worker_count(worker, COUNT_PACKETS, sent);
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
    unsigned paid = sending.sent + sending.handed;
    pace_give_back(worker->setup.pace, allowed - paid);
    schedule_sent(&worker->schedule, &what, sending.done, now_ns);
    count_probes(worker, sending.sent, what.attempt > 0 ? sending.sent : 0, sending.done - paid);
    return (int)sending.done;
}

/* ---- what others handed over ---- */

static void set_lane(struct probe_batch *batch, unsigned lane, const struct handed_probe *probe)
{
    batch->port[lane] = probe->port;
    batch->address[lane] = (uint32_t)probe->address.low;
    if (batch->ipv6 == NULL)
        return;
    batch->ipv6->address.high[lane] = probe->address.high;
    batch->ipv6->address.low[lane] = probe->address.low;
}

/* The first `count` of a ring; lane[i] is the place in it of number i. */
static void take_handed(struct worker *worker, const struct ring *ring, unsigned count,
                        unsigned *lane)
{
    struct probe_batch *batch = &worker->batch;
    batch->count = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct handed_probe *probe = ring_at(ring, i);
        if (!is_reachable(worker->setup.neighbours, probe->address))
            continue;
        lane[batch->count] = i;
        set_lane(batch, batch->count++, probe);
    }
}

static unsigned count_retries(const struct ring *ring, const unsigned *lane, unsigned sent)
{
    unsigned retries = 0;
    for (unsigned i = 0; i < sent; i++)
        retries += ((const struct handed_probe *)ring_at(ring, lane[i]))->attempt > 0;
    return retries;
}

/* What has left is taken out of the ring when it has. */
static int send_handed(struct worker *worker, struct ring *ring, unsigned wanted, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    struct tx_slots *slots = &worker->slots;
    unsigned lane[TRANSPORT_BATCH] = {0};
    if (transport->ops->tx_reserve(transport->state, slots, wanted, err) < 0)
        return -1;
    unsigned looked = slots->count;
    if (looked == 0)
        return 0;
    take_handed(worker, ring, looked, lane);
    int result = send_batch(worker, err);
    if (result < 0)
        return -1;
    unsigned sent = (unsigned)result;
    unsigned done = sent < worker->batch.count ? lane[sent] : looked;
    count_probes(worker, sent, count_retries(ring, lane, sent), done - sent);
    pace_give_back(worker->setup.pace, done - sent);
    ring_pop(ring, done);
    return (int)done;
}

int tx_handed_step(struct worker *worker, struct error *err)
{
    int done = 0;
    for (unsigned i = 0; i < worker->handover.from_count; i++) {
        struct ring *ring = worker->handover.from[i];
        size_t filled = ring_filled(ring);
        unsigned wanted = filled < TRANSPORT_BATCH ? (unsigned)filled : TRANSPORT_BATCH;
        int sent = wanted > 0 ? send_handed(worker, ring, wanted, err) : 0;
        if (sent < 0)
            return -1;
        done += sent;
    }
    return done;
}

/* The transport in memory.
 *
 * What is received waits in a ring of slots. When the ring runs empty it starts again at the first
 * slot, so that a peer that answers a little at a time keeps using the same few cache lines. */
#include "transport/mem.h"

#include <string.h>

#include "base/clock.h"
#include "transport/tx_frames.h"

struct mem_slot {
    alignas(64) uint8_t bytes[TX_FRAME_STRIDE];
};

struct mem {
    struct tx_frames tx;
    struct mem_slot queue[TRANSPORT_MEM_QUEUE];
    uint32_t queue_length[TRANSPORT_MEM_QUEUE];
    uint64_t head; /* frames queued */
    uint64_t tail; /* frames released */
    unsigned held; /* frames given out and not yet released, from tail on */
    transport_mem_peer *peer;
    void *peer_context;
    struct transport_stats stats;
};

static unsigned mem_instances_max(const struct transport_setup *setup)
{
    (void)setup;
    return TRANSPORT_GROUP_MAX; /* they share nothing */
}

static int mem_init(void *state, void *first, unsigned number, const struct transport_setup *setup,
                    struct error *err)
{
    (void)state;
    (void)first;
    (void)number;
    (void)setup;
    (void)err;
    return 0;
}

static void mem_fini(void *state)
{
    (void)state;
}

static int mem_tx_reserve(void *state, struct tx_slots *slots, unsigned wanted, struct error *err)
{
    (void)err;
    struct mem *self = state;
    tx_frames_reserve(&self->tx, slots, wanted);
    return 0;
}

static int mem_tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    (void)err;
    struct mem *self = state;
    struct transport transport = {.ops = &transport_mem, .state = self};
    self->stats.sent += slots->count;
    for (unsigned i = 0; i < slots->count && self->peer != NULL; i++)
        self->peer(self->peer_context, &transport, self->tx.slot[i], slots->length[i]);
    return (int)slots->count;
}

static int mem_rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    (void)err;
    struct mem *self = state;
    uint64_t queued = self->head - self->tail;
    frames->count = queued < TRANSPORT_BATCH ? (unsigned)queued : TRANSPORT_BATCH;
    for (unsigned i = 0; i < frames->count; i++) {
        size_t at = (self->tail + i) % TRANSPORT_MEM_QUEUE;
        frames->frame[i] = self->queue[at].bytes;
        frames->length[i] = self->queue_length[at];
    }
    self->stats.received += frames->count - self->held;
    self->held = frames->count;
    return 0;
}

static void mem_rx_release(void *state)
{
    struct mem *self = state;
    self->tail += self->held;
    self->held = 0;
    if (self->tail == self->head)
        self->tail = self->head = 0;
}

static int mem_wait(void *state, uint64_t timeout_ns, struct error *err)
{
    (void)err;
    struct mem *self = state;
    if (self->head != self->tail || timeout_ns == 0)
        return 0;
    uint64_t now = clock_monotonic_ns();
    clock_sleep_until_ns(now + (timeout_ns < INT64_MAX - now ? timeout_ns : INT64_MAX - now));
    return 0;
}

static void mem_stats(void *state, struct transport_stats *stats)
{
    struct mem *self = state;
    *stats = self->stats;
}

void transport_mem_connect(struct transport *transport, transport_mem_peer *peer, void *context)
{
    struct mem *self = transport->state;
    self->peer = peer;
    self->peer_context = context;
}

bool transport_mem_receive(struct transport *transport, const uint8_t *frame, uint32_t length)
{
    struct mem *self = transport->state;
    if (self->head - self->tail == TRANSPORT_MEM_QUEUE) {
        self->stats.ring_dropped++;
        return false;
    }
    if (length > TRANSPORT_FRAME_SIZE)
        length = TRANSPORT_FRAME_SIZE;
    size_t at = self->head++ % TRANSPORT_MEM_QUEUE;
    memcpy(self->queue[at].bytes, frame, length);
    self->queue_length[at] = length;
    return true;
}

const struct transport_ops transport_mem = {
    .name = "mem",
    .help = "in memory: nothing leaves the program",
    .state_size = sizeof(struct mem),
    .instances_max = mem_instances_max,
    .init = mem_init,
    .fini = mem_fini,
    .tx_reserve = mem_tx_reserve,
    .tx_commit = mem_tx_commit,
    .rx_peek = mem_rx_peek,
    .rx_release = mem_rx_release,
    .wait = mem_wait,
    .stats = mem_stats,
};

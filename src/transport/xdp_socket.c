/* An AF_XDP socket on one queue of an interface.
 *
 * Theory of operation. Frames lie in chunks of memory shared with the kernel (xdp_umem.c), of which
 * each socket has its own. A chunk is always in exactly one place: to send, the stack of free
 * frames -> the caller
 * -> the TX ring -> the kernel -> the completion ring -> the stack again; to receive, the fill ring
 * -> the kernel -> the RX ring -> the caller -> the fill ring again. Every ring has room for all
 * chunks of its direction, so none overflows. (The fill ring has twice as much: the kernel may hand
 * over a frame before it says that it took the chunk out of there.) The stack hands out again first
 * what came back last and is still in the cache; frames of successive chunks begin a cache line
 * further on, or they would all fall into the same few sets of the cache.
 *
 * Sending by copy. A system call (a kick) makes the kernel turn descriptors into packets and hand
 * each to the driver. It stops early, without telling where, when there is no room: with EAGAIN or
 * ENOBUFS before a frame, or with EBUSY behind one that the driver has dropped. How many it took
 * cannot be read from the ring, whose consumer index older kernels write only once all is taken
 * (Linux < 6.17). So we withdraw the rest, as nobody but a kick reads descriptors: make those that
 * may not have been taken invalid, and kick until the ring is empty. The kernel takes no frame from
 * an invalid descriptor but counts it (and some versions complete it); the count says exactly how
 * many were not taken. These, and before them the one that was dropped, are offered again after a
 * pause. So no frame is lost or sent twice, their order is kept, and nothing is left over in the
 * ring at the end of a commit; but while the interface is down, when the kernel takes nothing at
 * all (ENETDOWN), descriptors that were made invalid stay there, and nothing is offered behind
 * them.
 *
 * The kernel does more in a kick than sending: behind each frame it may work off what arrived, some
 * hundred frames, and nobody takes them from the RX ring meanwhile. In a storm a kick of 256 frames
 * would fill that ring many times over (31 ms were seen for 50 frames). So after a slow kick fewer
 * frames are offered, and what is left of the commit is left to the next one.
 *
 * How many frames a kick sends at most is the socket option XDP_MAX_TX_SKB_BUDGET (Linux 6.17); on
 * older kernels it is 32, and no more are offered at a time.
 *
 * Sending by zero-copy. The driver reads descriptors when it likes. So what is in the ring has been
 * taken, and a slow link shows in chunks that do not come back: a reserve that hands out none.
 *
 * Sources: Documentation/networking/af_xdp.rst of Linux; net/xdp/xsk.c (xsk_generic_xmit) and
 * xsk_queue.h for what the error codes and counters mean; xsk.h of libxdp. */
#include "transport/xdp_socket.h"

#include <errno.h>
#include <linux/if_xdp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <xdp/libxdp.h>

#include "base/clock.h"
#include "transport/interface.h"
#include "transport/packet_tap.h"
#include "transport/patience.h"

enum {
    TX_CHUNKS = XDP_SOCKET_TX_CHUNKS,
    CACHE_LINE = 64,
    BUDGET_OPTION = 9, /* XDP_MAX_TX_SKB_BUDGET, not in every if_xdp.h */
    BUDGET_DEFAULT = 32,
    OFFER_LEAST = 4,
    BIND_PAUSE_NS = 10 * NS_PER_MS,
};
static const uint64_t WITHDRAWN = UINT64_MAX; /* the address of an invalid descriptor */
static const uint64_t SLOW_KICK_NS = NS_PER_MS;
static const uint64_t BIND_PATIENCE_NS = 2 * NS_PER_SECOND;

/* ---- opening ---- */

static uint64_t chunk_of(const struct xdp_socket *xdp, uint64_t address)
{
    return address & ~(uint64_t)(xdp->chunk_size - 1);
}

/* Where a frame to send begins in the chunk that holds `address`. */
static uint64_t frame_address(const struct xdp_socket *xdp, uint64_t address)
{
    uint64_t chunk = chunk_of(xdp, address), offsets = xdp->chunk_size - TRANSPORT_FRAME_SIZE;
    return chunk + chunk / xdp->chunk_size * CACHE_LINE % offsets;
}

static void take_tx_chunks(struct xdp_socket *xdp, struct xdp_umem *umem)
{
    uint64_t first = xdp_umem_take(umem, TX_CHUNKS);
    for (unsigned i = 0; i < TX_CHUNKS; i++)
        xdp->free_frame[i] = frame_address(xdp, (first + i) * xdp->chunk_size);
    xdp->free_count = TX_CHUNKS;
}

static void take_rx_chunks(struct xdp_socket *xdp, struct xdp_umem *umem, uint32_t count)
{
    uint64_t first = xdp_umem_take(umem, count);
    uint32_t at = 0;
    xsk_ring_prod__reserve(&xdp->fill, count, &at);
    for (uint32_t i = 0; i < count; i++)
        *xsk_ring_prod__fill_addr(&xdp->fill, at + i) = (first + i) * xdp->chunk_size;
    xsk_ring_prod__submit(&xdp->fill, count);
}

/* 0, or a negative errno. The mode counts for the first socket of a UMEM, the others follow it. */
static int try_to_bind(struct xdp_socket *xdp, const struct xdp_socket_setup *setup, uint16_t mode)
{
    const struct xsk_socket_config config = {
        .rx_size = setup->rx_chunks,
        /* All chunks, and descriptors that were withdrawn. */
        .tx_size = 2 * TX_CHUNKS,
        .libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
        .bind_flags = (uint16_t)(mode | XDP_USE_NEED_WAKEUP),
    };
    xdp->zero_copy = mode == XDP_ZEROCOPY;
    return xsk_socket__create_shared(&xdp->socket, xdp->interface_name, setup->queue,
                                     setup->umem->umem, &xdp->rx, setup->sends ? &xdp->tx : NULL,
                                     &xdp->fill, &xdp->completion, &config);
}

static int explain_no_bind(const struct xdp_socket *xdp, unsigned queue, int zero_copy, int copy,
                           struct error *err)
{
    char text[128] = "not with a generic XDP program";
    const char *why_not_zero_copy =
        zero_copy == 0 ? text : strerror_r(-zero_copy, text, sizeof text);
    return error_sys(err, -copy,
                     "queue %u of the interface %s takes no AF_XDP socket: zero-copy: %s; copy",
                     queue, xdp->interface_name, why_not_zero_copy);
}

static int bind_socket(struct xdp_socket *xdp, const struct xdp_socket_setup *setup,
                       struct error *err)
{
    uint64_t deadline = clock_monotonic_ns() + BIND_PATIENCE_NS;
    for (;;) {
        int zero_copy = setup->may_zero_copy ? try_to_bind(xdp, setup, XDP_ZEROCOPY) : 0;
        if (setup->may_zero_copy && zero_copy == 0)
            return 0;
        int copy = zero_copy == -EBUSY ? -EBUSY : try_to_bind(xdp, setup, XDP_COPY);
        if (copy == 0)
            return 0;
        uint64_t now = clock_monotonic_ns();
        if (copy != -EBUSY || now >= deadline)
            return explain_no_bind(xdp, setup->queue, zero_copy, copy, err);
        clock_sleep_until_ns(now + BIND_PAUSE_NS);
    }
}

static void raise_limits(struct xdp_socket *xdp)
{
    int budget = TX_CHUNKS;
    bool raised = setsockopt(xdp->fd, SOL_XDP, BUDGET_OPTION, &budget, sizeof budget) == 0;
    xdp->kick_limit = raised || xdp->zero_copy ? TRANSPORT_BATCH : BUDGET_DEFAULT;
    xdp->offer_limit = xdp->kick_limit;
    packet_socket_enlarge(xdp->fd);
}

int xdp_socket_open(struct xdp_socket *xdp, const struct xdp_socket_setup *setup, struct error *err)
{
    snprintf(xdp->interface_name, sizeof xdp->interface_name, "%s", setup->interface_name);
    xdp->area = setup->umem->area;
    xdp->chunk_size = setup->umem->chunk_size;
    libxdp_set_print(NULL); /* whatever there is to say goes through `err` */
    if (bind_socket(xdp, setup, err) < 0)
        return -1;
    take_rx_chunks(xdp, setup->umem, setup->rx_chunks);
    if (setup->sends)
        take_tx_chunks(xdp, setup->umem);
    xdp->fd = xsk_socket__fd(xdp->socket);
    raise_limits(xdp);
    return 0;
}

void xdp_socket_close(struct xdp_socket *xdp)
{
    if (xdp->socket != NULL)
        xsk_socket__delete(xdp->socket);
    *xdp = (struct xdp_socket){.fd = -1};
}

/* ---- the kernel's side of the rings ---- */

/* Makes the kernel send what is in the ring: 0, or the errno that ended it. */
static int kick(struct xdp_socket *xdp)
{
    if (xdp->zero_copy && !xsk_ring_prod__needs_wakeup(&xdp->tx))
        return 0;
    return sendto(xdp->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 ? errno : 0;
}

/* Takes back the chunks whose frames have left. */
static void reap(struct xdp_socket *xdp)
{
    uint32_t at = 0;
    uint32_t done = xsk_ring_cons__peek(&xdp->completion, 2 * TX_CHUNKS, &at);
    for (uint32_t i = 0; i < done; i++) {
        uint64_t address = *xsk_ring_cons__comp_addr(&xdp->completion, at + i);
        if (address != WITHDRAWN)
            xdp->free_frame[xdp->free_count++] = frame_address(xdp, address);
    }
    xsk_ring_cons__release(&xdp->completion, done);
}

static struct xdp_statistics statistics_of(const struct xdp_socket *xdp)
{
    struct xdp_statistics statistics = {0};
    socklen_t size = sizeof statistics;
    getsockopt(xdp->fd, SOL_XDP, XDP_STATISTICS, &statistics, &size);
    return statistics;
}

/* A frame that finds no free chunk in the fill ring counts as dropped, too. */
struct xdp_socket_drops xdp_socket_drops(const struct xdp_socket *xdp)
{
    struct xdp_statistics statistics = statistics_of(xdp);
    uint64_t dropped = statistics.rx_dropped, no_chunk = statistics.rx_fill_ring_empty_descs;
    no_chunk = no_chunk < dropped ? no_chunk : dropped;
    return (struct xdp_socket_drops){.ring = statistics.rx_ring_full + no_chunk,
                                     .other = dropped - no_chunk};
}

/* The first descriptor that the kernel does not say it took. */
static uint32_t first_in_ring(const struct xdp_socket *xdp)
{
    return __atomic_load_n(xdp->tx.consumer, __ATOMIC_ACQUIRE);
}

static bool ring_is_empty(const struct xdp_socket *xdp)
{
    return first_in_ring(xdp) == *xdp->tx.producer;
}

/* The kernel may skip one invalid descriptor a kick, or all of them; none while the interface is
 * down. */
static void skip_invalid(struct xdp_socket *xdp)
{
    for (unsigned kicks = 0; kicks < 2 * TRANSPORT_BATCH && !ring_is_empty(xdp); kicks++)
        if (kick(xdp) == ENETDOWN)
            return;
}

/* Makes what the kernel has not taken invalid; it may do so with what it has taken, too. */
static void invalidate(struct xdp_socket *xdp)
{
    for (uint32_t at = first_in_ring(xdp); at != *xdp->tx.producer; at++)
        *xsk_ring_prod__tx_desc(&xdp->tx, at) = (struct xdp_desc){.addr = WITHDRAWN};
}

/* Takes back what the kernel has not taken; returns how many. See the theory of operation. */
static unsigned withdraw(struct xdp_socket *xdp)
{
    if (ring_is_empty(xdp))
        return 0;
    uint64_t before = statistics_of(xdp).tx_invalid_descs;
    invalidate(xdp);
    skip_invalid(xdp);
    unsigned skipped = (unsigned)(statistics_of(xdp).tx_invalid_descs - before);
    return skipped + (*xdp->tx.producer - first_in_ring(xdp));
}

/* What was withdrawn while the interface was down is in the ring until it is up again: is it gone?
 */
static bool clear_ring(struct xdp_socket *xdp)
{
    skip_invalid(xdp);
    return ring_is_empty(xdp);
}

/* ---- sending ---- */

void xdp_socket_reserve(struct xdp_socket *xdp, struct tx_slots *slots, unsigned wanted)
{
    if (!xdp->reserved && xdp->free_count < wanted) {
        kick(xdp);
        reap(xdp);
    }
    xdp->reserved = true;
    unsigned most = wanted < TRANSPORT_BATCH ? wanted : TRANSPORT_BATCH;
    slots->count = most < xdp->free_count ? most : xdp->free_count;
    for (unsigned i = 0; i < slots->count; i++)
        slots->frame[i] = xdp->area + xdp->free_frame[xdp->free_count - 1 - i];
}

/* One commit on its way. */
struct sending {
    uint64_t address[TRANSPORT_BATCH]; /* where the frames lie */
    const uint32_t *length;
    unsigned sent, count;
    struct patience patience;
};

/* Takes the reserved frames off the stack. */
static void begin(struct xdp_socket *xdp, struct sending *sending, const struct tx_slots *slots)
{
    sending->length = slots->length;
    sending->sent = 0;
    sending->count = slots->count;
    for (unsigned i = 0; i < slots->count; i++)
        sending->address[i] = xdp->free_frame[--xdp->free_count];
    xdp->reserved = false;
    patience_begin(&sending->patience);
}

/* Puts back those that were not sent. */
static void end(struct xdp_socket *xdp, const struct sending *sending)
{
    for (unsigned i = sending->sent; i < sending->count; i++)
        xdp->free_frame[xdp->free_count++] = sending->address[i];
    reap(xdp);
}

static unsigned submit(struct xdp_socket *xdp, const struct sending *sending)
{
    unsigned left = sending->count - sending->sent;
    unsigned count = left < xdp->offer_limit ? left : xdp->offer_limit;
    uint32_t at = 0;
    if (xsk_ring_prod__reserve(&xdp->tx, count, &at) < count)
        return 0;
    for (unsigned i = 0; i < count; i++)
        *xsk_ring_prod__tx_desc(&xdp->tx, at + i) = (struct xdp_desc){
            .addr = sending->address[sending->sent + i], .len = sending->length[sending->sent + i]};
    xsk_ring_prod__submit(&xdp->tx, count);
    return count;
}

/* The driver dropped the last frame that it was given; its chunk comes back by the completion ring,
 * at some time. A copy of it can be offered again, unless no chunk is free. */
static void take_back_dropped(struct xdp_socket *xdp, struct sending *sending)
{
    if (xdp->free_count == 0)
        return;
    unsigned dropped = --sending->sent;
    uint64_t copy = xdp->free_frame[--xdp->free_count];
    memmove(xdp->area + copy, xdp->area + sending->address[dropped], sending->length[dropped]);
    sending->address[dropped] = copy;
    xdp->refused++;
}

static bool means_no_room(int errnum)
{
    return errnum == EAGAIN || errnum == EBUSY || errnum == ENOBUFS || errnum == ENOMEM ||
           errnum == EINTR || errnum == ENETDOWN;
}

static int fail(struct xdp_socket *xdp, int errnum, struct error *err)
{
    invalidate(xdp);
    if (errnum == ENXIO || errnum == ENODEV)
        return interface_lost(xdp->interface_name, errnum, err);
    return error_sys(err, errnum, "cannot send frames on %s", xdp->interface_name);
}

/* What is offered and not taken costs a kick each to withdraw, and what arrives in a slow kick
 * waits for its end. So offers shrink where a kick did not go well, and grow again when it does. */
static void adapt_offers(struct xdp_socket *xdp, unsigned offered, bool went_well)
{
    unsigned limit = xdp->offer_limit;
    if (!went_well)
        limit = offered / 2;
    else if (offered == limit)
        limit += OFFER_LEAST;
    if (limit > xdp->kick_limit)
        limit = xdp->kick_limit;
    xdp->offer_limit = limit > OFFER_LEAST ? limit : OFFER_LEAST;
}

static bool wait_for_room(struct xdp_socket *xdp, struct sending *sending)
{
    bool waited = patience_pause(&sending->patience);
    xdp->retried += waited;
    return waited;
}

/* Offers what is not sent yet once: 1 go on, 0 give up for now, negative fatal. */
static int offer(struct xdp_socket *xdp, struct sending *sending, struct error *err)
{
    if (!xdp->zero_copy && !clear_ring(xdp))
        return wait_for_room(xdp, sending);
    unsigned offered = submit(xdp, sending);
    uint64_t begin_ns = clock_monotonic_ns();
    int errnum = kick(xdp);
    bool was_slow = !xdp->zero_copy && clock_monotonic_ns() - begin_ns > SLOW_KICK_NS;
    if (errnum != 0 && !means_no_room(errnum))
        return fail(xdp, errnum, err);
    unsigned taken = xdp->zero_copy ? offered : offered - withdraw(xdp);
    sending->sent += taken;
    reap(xdp);
    adapt_offers(xdp, offered, taken == offered && errnum == 0 && !was_slow);
    if (errnum == EBUSY && taken > 0 && !xdp->zero_copy)
        take_back_dropped(xdp, sending);
    else if (taken == offered && taken > 0) {
        patience_encourage(&sending->patience);
        return !was_slow;
    }
    return wait_for_room(xdp, sending);
}

int xdp_socket_commit(struct xdp_socket *xdp, const struct tx_slots *slots, struct error *err)
{
    struct sending sending;
    begin(xdp, &sending, slots);
    int verdict = 1;
    while (verdict > 0 && sending.sent < sending.count)
        verdict = offer(xdp, &sending, err);
    end(xdp, &sending);
    return verdict < 0 ? verdict : (int)sending.sent;
}

/* ---- receiving ---- */

bool xdp_socket_ready(struct xdp_socket *xdp)
{
    return xdp->rx_held > 0 || xsk_cons_nb_avail(&xdp->rx, 1) > 0;
}

void xdp_socket_peek(struct xdp_socket *xdp, struct rx_frames *frames)
{
    unsigned room = TRANSPORT_BATCH - frames->count;
    xdp->rx_held = xsk_ring_cons__peek(&xdp->rx, room, &xdp->rx_first);
    for (uint32_t i = 0; i < xdp->rx_held; i++) {
        const struct xdp_desc *descriptor = xsk_ring_cons__rx_desc(&xdp->rx, xdp->rx_first + i);
        frames->frame[frames->count] = xdp->area + descriptor->addr;
        frames->length[frames->count++] = descriptor->len;
    }
}

static void refill(struct xdp_socket *xdp)
{
    uint32_t at = 0;
    xsk_ring_prod__reserve(&xdp->fill, xdp->rx_held, &at);
    for (uint32_t i = 0; i < xdp->rx_held; i++) {
        uint64_t address = xsk_ring_cons__rx_desc(&xdp->rx, xdp->rx_first + i)->addr;
        *xsk_ring_prod__fill_addr(&xdp->fill, at + i) = chunk_of(xdp, address);
    }
    xsk_ring_prod__submit(&xdp->fill, xdp->rx_held);
}

void xdp_socket_release(struct xdp_socket *xdp)
{
    if (xdp->rx_held == 0)
        return;
    refill(xdp);
    xsk_ring_cons__release(&xdp->rx, xdp->rx_held);
    xdp->rx_held = 0;
    if (xsk_ring_prod__needs_wakeup(&xdp->fill))
        recvfrom(xdp->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

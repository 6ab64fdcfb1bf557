/* The fast transport of Linux: an AF_XDP socket, and a packet tap for what it leaves to the kernel.
 *
 * Theory of operation. An XDP program (af_xdp.bpf.c) takes the frames for the scanner's own ports
 * out of what the interface receives and hands them to the AF_XDP socket (xdp_socket.c), before the
 * kernel's own stack sees them: no RST answers what the host did not ask for. It is native, in the
 * driver, or generic, behind it; the socket shares memory with the driver (zero-copy) or the kernel
 * copies. Everything else goes on to the kernel, which needs ICMP and ARP as much as the scanner
 * does, and is seen here by a packet tap. A frame never comes both ways, as taps stand behind XDP;
 * so the tap's filter may let own ports through, too: such frames arrive on queues of the interface
 * that have no socket here, and would be lost otherwise.
 *
 * An AF_XDP socket receives from one queue of the interface, so there is one for each. They share
 * one UMEM and one program. Of several instances on the link each has every so many-th queue, and
 * sends by the first of them; instance 0 has the program, the UMEM and the tap besides.
 *
 * Attaching a native program makes some drivers start their hardware anew. So init waits until the
 * interface has its carrier back. */
#include "transport/af_xdp.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "transport/interface.h"
#include "transport/packet_tap.h"
#include "transport/patience.h"
#include "transport/tx_frames.h"
#include "transport/xdp_program.h"
#include "transport/xdp_socket.h"

enum {
    TAP_RING_SIZE = 2 * 1024 * 1024, /* for ARP, ICMP and the like only */
    QUEUES_MAX = 256,
    CHUNK_SMALL = 2048,
    CHUNK_LARGE = 4096,
    CHUNK_HEADROOM = 256,   /* what the kernel leaves free before a received frame */
    RX_CHUNKS = 8192,       /* of all queues: 5 ms at 1.5 million frames a second */
    RX_CHUNKS_LEAST = 1024, /* of one queue */
};

struct af_xdp {
    struct af_xdp *first; /* instance 0; the next three are its own */
    struct xdp_program program;
    struct xdp_umem umem;
    struct packet_tap tap;
    struct xdp_socket *sockets; /* the first one sends, all receive */
    struct pollfd *polls;       /* one a socket, and one of the tap */
    unsigned socket_count;
    struct rx_frames held; /* given out by rx_peek */
    unsigned next_source;  /* whose turn it is to come first: a socket, or behind them the tap */
    char interface_name[IF_NAMESIZE];
    uint32_t longest_frame;
    uint64_t sent, received;
};

/* ---- opening ---- */

static int check_link(struct af_xdp *self, const struct transport_setup *setup, struct error *err)
{
    const char *name = setup->interface_name;
    struct ifreq flags, mtu;
    if (!setup->has_ethernet)
        return error_set(err, "AF_XDP is not for links without Ethernet headers, as %s is", name);
    if (interface_ask(name, SIOCGIFFLAGS, &flags, err) < 0 ||
        interface_ask(name, SIOCGIFMTU, &mtu, err) < 0)
        return -1;
    if (flags.ifr_flags & IFF_LOOPBACK)
        return error_set(err, "AF_XDP is not for the loopback interface %s", name);
    uint32_t longest = (uint32_t)mtu.ifr_mtu + ETHERNET_HEADER + TRANSPORT_TAG;
    self->longest_frame = tx_longest_frame((uint32_t)mtu.ifr_mtu, setup);
    self->umem.chunk_size = longest <= CHUNK_SMALL - CHUNK_HEADROOM ? CHUNK_SMALL : CHUNK_LARGE;
    return 0;
}

static unsigned at_most(unsigned value, unsigned ceiling)
{
    return value < ceiling ? value : ceiling;
}

/* Queues that get a socket: all that receive, and one to send by for each instance. */
static unsigned queue_count(const struct transport_setup *setup)
{
    unsigned receiving = at_most(interface_read_queues(setup->interface_name).rx, QUEUES_MAX);
    return receiving > setup->instances ? receiving : setup->instances;
}

/* An equal part of all chunks, rounded to a power of two, but not too few. */
static uint32_t rx_chunks_of_queue(unsigned queues)
{
    uint32_t chunks = RX_CHUNKS;
    while (chunks > RX_CHUNKS_LEAST && chunks > RX_CHUNKS / queues)
        chunks /= 2;
    return chunks;
}

static int make_sockets(struct af_xdp *self, unsigned number, unsigned instances, unsigned queues,
                        struct error *err)
{
    self->socket_count = (queues - number + instances - 1) / instances;
    self->sockets = calloc(self->socket_count, sizeof *self->sockets);
    self->polls = calloc(self->socket_count + 1, sizeof *self->polls);
    if (self->sockets == NULL || self->polls == NULL)
        return error_set(err, "no memory for %u AF_XDP sockets", self->socket_count);
    return 0;
}

/* What instance 0 has for all. */
static int open_shared(struct af_xdp *self, const struct transport_setup *setup, unsigned queues,
                       struct error *err)
{
    uint32_t rx_chunks = rx_chunks_of_queue(queues);
    /* Twice as much room: the kernel may hand over a frame before it says that it took the chunk.
     */
    self->umem.fill_size = 2 * rx_chunks;
    self->umem.completion_size = 2 * XDP_SOCKET_TX_CHUNKS;
    uint32_t chunks = queues * rx_chunks + setup->instances * XDP_SOCKET_TX_CHUNKS;
    if (packet_tap_open(&self->tap, setup, TAP_RING_SIZE, err) < 0 ||
        xdp_program_attach(&self->program, setup, queues, err) < 0)
        return -1;
    return xdp_umem_open(&self->umem, chunks, &self->sockets[0].fill, &self->sockets[0].completion,
                         err);
}

static int open_socket(struct af_xdp *self, unsigned number, unsigned queue, uint32_t rx_chunks,
                       struct error *err)
{
    struct af_xdp *first = self->first;
    struct xdp_socket *socket = &self->sockets[number];
    const struct xdp_socket_setup setup = {
        .interface_name = self->interface_name,
        .queue = queue,
        .umem = &first->umem,
        .rx_chunks = rx_chunks,
        .sends = number == 0,
        .may_zero_copy = queue == 0 ? first->program.native : first->sockets[0].zero_copy,
    };
    if (xdp_socket_open(socket, &setup, err) < 0)
        return -1;
    self->polls[number] = (struct pollfd){.fd = socket->fd, .events = POLLIN};
    return xdp_program_join(&first->program, queue, socket->fd, err);
}

static int open_all(struct af_xdp *self, unsigned number, const struct transport_setup *setup,
                    struct error *err)
{
    unsigned queues = queue_count(setup);
    if (make_sockets(self, number, setup->instances, queues, err) < 0 ||
        (number == 0 && open_shared(self, setup, queues, err) < 0))
        return -1;
    for (unsigned i = 0; i < self->socket_count; i++)
        if (open_socket(self, i, number + i * setup->instances, rx_chunks_of_queue(queues), err) <
            0)
            return -1;
    self->polls[self->socket_count] = (struct pollfd){.fd = self->tap.fd, .events = POLLIN};
    return 0;
}

/* Frames stop coming before their sockets go. */
static void af_xdp_fini(void *state)
{
    struct af_xdp *self = state;
    xdp_program_close(&self->program);
    for (unsigned i = 0; self->sockets != NULL && i < self->socket_count; i++)
        xdp_socket_close(&self->sockets[i]);
    xdp_umem_close(&self->umem);
    packet_tap_close(&self->tap);
    free(self->sockets);
    free(self->polls);
}

static unsigned af_xdp_instances_max(const struct transport_setup *setup)
{
    return at_most(interface_read_queues(setup->interface_name).tx, QUEUES_MAX);
}

static int af_xdp_init(void *state, void *first, unsigned number,
                       const struct transport_setup *setup, struct error *err)
{
    struct af_xdp *self = state;
    self->first = number == 0 ? self : first;
    self->tap.fd = self->program.link_fd = -1;
    snprintf(self->interface_name, sizeof self->interface_name, "%s", setup->interface_name);
    if (check_link(self, setup, err) < 0)
        return -1;
    bool had_carrier = interface_has_carrier(setup->interface_name);
    if (open_all(self, number, setup, err) < 0) {
        af_xdp_fini(self);
        return -1;
    }
    if (had_carrier)
        interface_await_carrier(setup->interface_name);
    return 0;
}

static void af_xdp_describe(const void *state, char *text, size_t size)
{
    const struct af_xdp *self = state;
    snprintf(text, size, "af_xdp, %s, %s", self->first->program.native ? "native" : "generic",
             self->sockets[0].zero_copy ? "zero-copy" : "copy");
}

/* ---- sending ---- */

static int af_xdp_tx_reserve(void *state, struct tx_slots *slots, unsigned wanted,
                             struct error *err)
{
    (void)err;
    struct af_xdp *self = state;
    xdp_socket_reserve(&self->sockets[0], slots, wanted);
    return 0;
}

/* The kernel would take a frame of any length and drop it without a word. */
static int af_xdp_tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct af_xdp *self = state;
    if (tx_slots_check(slots, self->longest_frame, self->interface_name, err) < 0)
        return -1;
    int sent = xdp_socket_commit(&self->sockets[0], slots, err);
    self->sent += sent > 0 ? (uint64_t)sent : 0;
    return sent;
}

/* ---- receiving ---- */

static bool has_tap(const struct af_xdp *self)
{
    return self->tap.fd >= 0;
}

/* Sockets and tap take turns in coming first, so that none starves while another is busy. The tap
 * only counts where it does: it fills the batch from its beginning. */
static void peek_anew(struct af_xdp *self, struct rx_frames *frames)
{
    unsigned first = self->next_source, sources = self->socket_count + has_tap(self);
    frames->count = 0;
    self->next_source = (first + 1) % sources;
    if (first == self->socket_count)
        tpacket_ring_peek(&self->tap.ring, frames);
    for (unsigned i = 0; i < self->socket_count && frames->count < TRANSPORT_BATCH; i++)
        xdp_socket_peek(&self->sockets[(first + i) % self->socket_count], frames);
    if (frames->count == 0 && has_tap(self))
        tpacket_ring_peek(&self->tap.ring, frames);
}

static int af_xdp_rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    (void)err;
    struct af_xdp *self = state;
    if (self->held.count == 0) {
        peek_anew(self, &self->held);
        self->received += self->held.count;
    }
    *frames = self->held;
    return 0;
}

static void af_xdp_rx_release(void *state)
{
    struct af_xdp *self = state;
    for (unsigned i = 0; i < self->socket_count; i++)
        xdp_socket_release(&self->sockets[i]);
    if (has_tap(self))
        tpacket_ring_release(&self->tap.ring);
    self->held.count = 0;
}

static bool is_ready(struct af_xdp *self)
{
    for (unsigned i = 0; i < self->socket_count; i++)
        if (xdp_socket_ready(&self->sockets[i]))
            return true;
    return has_tap(self) && tpacket_ring_ready(&self->tap.ring);
}

/* The tap hears of an interface that goes down or away. */
static int af_xdp_wait(void *state, uint64_t timeout_ns, struct error *err)
{
    struct af_xdp *self = state;
    if (timeout_ns == 0 || self->held.count > 0 || is_ready(self))
        return 0;
    struct timespec timeout = patience_timespec(timeout_ns);
    int result = ppoll(self->polls, self->socket_count + has_tap(self), &timeout, NULL);
    if (result < 0 && errno != EINTR)
        return error_sys(err, errno, "cannot wait for frames on %s", self->interface_name);
    if (result > 0 && self->polls[self->socket_count].revents & (POLLERR | POLLHUP))
        return packet_tap_check(&self->tap, err);
    return 0;
}

static void af_xdp_stats(void *state, struct transport_stats *stats)
{
    struct af_xdp *self = state;
    *stats = (struct transport_stats){
        .sent = self->sent,
        .received = self->received,
        .ring_dropped = has_tap(self) ? packet_tap_dropped(&self->tap) : 0,
        .tx_retried = self->sockets[0].retried,
        .tx_refused = self->sockets[0].refused,
    };
    for (unsigned i = 0; i < self->socket_count; i++) {
        struct xdp_socket_drops drops = xdp_socket_drops(&self->sockets[i]);
        stats->ring_dropped += drops.ring;
        stats->socket_dropped += drops.other;
    }
}

const struct transport_ops transport_af_xdp = {
    .name = "af_xdp",
    .help = "AF_XDP (native or generic, zero-copy or copy): the fastest, on links with Ethernet",
    .state_size = sizeof(struct af_xdp),
    .instances_max = af_xdp_instances_max,
    .init = af_xdp_init,
    .fini = af_xdp_fini,
    .tx_reserve = af_xdp_tx_reserve,
    .tx_commit = af_xdp_tx_commit,
    .rx_peek = af_xdp_rx_peek,
    .rx_release = af_xdp_rx_release,
    .wait = af_xdp_wait,
    .stats = af_xdp_stats,
    .describe = af_xdp_describe,
};

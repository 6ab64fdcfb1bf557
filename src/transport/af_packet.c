/* The transport over packet sockets.
 *
 * Theory of operation. Two sockets, both bound to one interface.
 *
 * The one for sending is bound to protocol 0, which means that the kernel never queues a received
 * frame on it. A batch goes out by one sendmmsg from memory whose message headers were prepared
 * once. PACKET_QDISC_BYPASS hands frames straight to the driver; in return there is no queue in
 * between, and a driver that has no room refuses the frame with ENOBUFS, which sendmmsg reports for
 * exactly that message: the ones before it are sent, it and the ones behind it are not. So the rest
 * is offered again from there, and no frame is lost or sent twice. (EAGAIN is the other way to be
 * out of room: as many bytes as the socket's buffer allows wait for the driver to finish them.) An
 * interface may count a refused frame as dropped (veth and tun do, most hardware does not), so
 * refusals are taken off its counter.
 *
 * The one for receiving has a ring shared with the kernel (tpacket_ring.c) and a filter (filter.c),
 * both in place before it is bound: nothing foreign ever enters. It listens to all protocols, as
 * only such sockets see a frame before the host's own packet filters may drop it.
 *
 * On links without Ethernet headers both sockets are of type SOCK_DGRAM: frames begin with the IP
 * header whatever the link has in front of it, and the kernel is told the protocol.
 *
 * Sources: packet(7); Documentation/networking/packet_mmap.rst; net/packet/af_packet.c of Linux for
 * what the error codes mean. */
#include "transport/af_packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "transport/filter.h"
#include "transport/interface.h"
#include "transport/tpacket_ring.h"
#include "transport/tx_frames.h"

enum {
    SEND_BUFFER = 4 * 1024 * 1024,
    PAUSE_MIN_NS = 20 * 1000,
    PAUSE_MAX_NS = 1000 * 1000,
};

struct af_packet {
    struct tx_frames frames;
    struct mmsghdr messages[TRANSPORT_BATCH];
    struct iovec parts[TRANSPORT_BATCH];
    struct sockaddr_ll destination; /* of every message, on links without Ethernet headers */
    struct tpacket_ring ring;
    int tx, rx;
    int interface_index;
    char interface_name[IF_NAMESIZE];
    uint64_t tx_dropped_before; /* the interface's counter at init */
    uint64_t refused;           /* frames that the driver refused */
    struct transport_stats stats;
};

/* ---- opening ---- */

static int explain_no_permission(struct error *err)
{
    char program[256];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length < 0 ? 0 : length] = '\0';
    return error_set(err,
                     "raw packets need the capability CAP_NET_RAW: run with sudo, or give it once "
                     "with: sudo setcap cap_net_raw,cap_net_admin=eip %s",
                     length < 0 ? "masscan" : program);
}

static int open_socket(bool has_ethernet, struct error *err)
{
    int type = has_ethernet ? SOCK_RAW : SOCK_DGRAM;
    int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EPERM)
        return explain_no_permission(err);
    if (fd < 0)
        return error_sys(err, errno, "cannot open a packet socket");
    return fd;
}

static int bind_socket(const struct af_packet *self, int fd, uint16_t protocol, struct error *err)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(protocol),
        .sll_ifindex = self->interface_index,
    };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return error_sys(err, errno, "cannot bind a packet socket to the interface %s",
                         self->interface_name);
    return 0;
}

/* Room for frames that the driver has taken and not finished. The limit of the system may be
 * exceeded only with CAP_NET_ADMIN; less room costs speed alone. */
static void enlarge_send_buffer(int fd)
{
    int size = SEND_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

static void prepare_messages(struct af_packet *self, bool has_ethernet)
{
    self->destination = (struct sockaddr_ll){
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_IP),
        .sll_ifindex = self->interface_index,
    };
    for (unsigned i = 0; i < TRANSPORT_BATCH; i++) {
        self->parts[i].iov_base = self->frames.slot[i];
        struct msghdr *header = &self->messages[i].msg_hdr;
        *header = (struct msghdr){.msg_iov = &self->parts[i], .msg_iovlen = 1};
        if (!has_ethernet) {
            header->msg_name = &self->destination;
            header->msg_namelen = sizeof self->destination;
        }
    }
}

static int open_tx(struct af_packet *self, const struct transport_setup *setup, struct error *err)
{
    int on = 1;
    self->tx = open_socket(setup->has_ethernet, err);
    if (self->tx < 0)
        return -1;
    if (setsockopt(self->tx, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0)
        return error_sys(err, errno, "this kernel has no PACKET_QDISC_BYPASS");
    enlarge_send_buffer(self->tx);
    prepare_messages(self, setup->has_ethernet);
    return bind_socket(self, self->tx, 0, err);
}

static int attach_filter(int fd, const struct transport_setup *setup, struct error *err)
{
    struct sock_filter program[FILTER_MAX];
    struct sock_fprog attached = {.filter = program};
    attached.len = (unsigned short)filter_build(program, setup);
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) < 0)
        return error_sys(err, errno, "cannot attach the receive filter");
    return 0;
}

static int become_promiscuous(const struct af_packet *self, struct error *err)
{
    struct packet_mreq membership = {
        .mr_ifindex = self->interface_index,
        .mr_type = PACKET_MR_PROMISC,
    };
    if (setsockopt(self->rx, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) < 0)
        return error_sys(err, errno, "cannot make the interface %s promiscuous",
                         self->interface_name);
    return 0;
}

static int open_rx(struct af_packet *self, const struct transport_setup *setup, struct error *err)
{
    int on = 1;
    self->rx = open_socket(setup->has_ethernet, err);
    if (self->rx < 0)
        return -1;
    if (setsockopt(self->rx, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0)
        return error_sys(err, errno, "this kernel has no PACKET_IGNORE_OUTGOING (Linux 4.20)");
    if (attach_filter(self->rx, setup, err) < 0 || tpacket_ring_map(&self->ring, self->rx, err) < 0)
        return -1;
    if (setup->promiscuous && become_promiscuous(self, err) < 0)
        return -1;
    return bind_socket(self, self->rx, ETH_P_ALL, err);
}

static void af_packet_fini(void *state)
{
    struct af_packet *self = state;
    tpacket_ring_unmap(&self->ring);
    if (self->rx >= 0)
        close(self->rx);
    if (self->tx >= 0)
        close(self->tx);
}

static int af_packet_init(void *state, const struct transport_setup *setup, struct error *err)
{
    struct af_packet *self = state;
    self->tx = self->rx = -1;
    self->interface_index = setup->interface_index;
    snprintf(self->interface_name, sizeof self->interface_name, "%s", setup->interface_name);
    if (open_tx(self, setup, err) < 0 || open_rx(self, setup, err) < 0) {
        af_packet_fini(self);
        return -1;
    }
    self->tx_dropped_before = interface_tx_dropped(self->interface_index);
    return 0;
}

/* ---- sending ---- */

static int link_lost(const struct af_packet *self, int errnum, struct error *err)
{
    return error_sys(err, errnum, "the interface %s went down or was removed",
                     self->interface_name);
}

static int af_packet_tx_reserve(void *state, struct tx_slots *slots, unsigned wanted,
                                struct error *err)
{
    (void)err;
    struct af_packet *self = state;
    tx_frames_reserve(&self->frames, slots, wanted);
    return 0;
}

/* One commit on its way. */
struct sending {
    unsigned sent, count;
    bool cut_short;       /* the last call took fewer than it was offered: for a reason not told */
    uint64_t deadline_ns; /* 0 until the first refusal: the clock costs nothing while all is well */
    uint64_t pause_ns;
};

static uint64_t pause_allowed_ns(struct sending *sending)
{
    uint64_t now = clock_monotonic_ns();
    if (sending->deadline_ns == 0)
        sending->deadline_ns = now + TRANSPORT_PATIENCE_NS;
    return sending->deadline_ns > now ? sending->deadline_ns - now : 0;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SECOND),
                             .tv_nsec = (long)(ns % NS_PER_SECOND)};
}

/* The driver has no room. Nothing says when it will have some: sleep, longer each time. */
static bool pause_for_driver(struct sending *sending)
{
    uint64_t allowed = pause_allowed_ns(sending);
    if (allowed == 0)
        return false;
    struct timespec pause = timespec_of(sending->pause_ns < allowed ? sending->pause_ns : allowed);
    nanosleep(&pause, NULL);
    if (sending->pause_ns < PAUSE_MAX_NS)
        sending->pause_ns *= 2;
    return true;
}

/* The socket's buffer is full: poll tells when the driver has finished some frames. */
static bool wait_for_buffer(const struct af_packet *self, struct sending *sending)
{
    uint64_t allowed = pause_allowed_ns(sending);
    if (allowed == 0)
        return false;
    struct timespec timeout = timespec_of(allowed);
    struct pollfd poll = {.fd = self->tx, .events = POLLOUT};
    ppoll(&poll, 1, &timeout, NULL);
    return true;
}

/* What a sendmmsg that took nothing means: 1 try again, 0 give up for now, negative fatal. */
static int handle_refusal(struct af_packet *self, struct sending *sending, int errnum,
                          struct error *err)
{
    uint32_t length = (uint32_t)self->parts[sending->sent].iov_len;
    switch (errnum) {
    case EINTR:
        return 1;
    case ENOBUFS:
    case ENOMEM:
        self->refused++;
        return pause_for_driver(sending);
    case EAGAIN:
        if (sending->cut_short) /* that was the same reason, not the driver's */
            self->refused--;
        return wait_for_buffer(self, sending);
    case ENETDOWN:
    case ENXIO:
    case ENODEV:
        return link_lost(self, errnum, err);
    case EMSGSIZE:
        return error_set(err, "a frame of %u bytes is longer than the MTU of %s allows", length,
                         self->interface_name);
    default:
        return error_sys(err, errnum, "cannot send a frame of %u bytes on %s", length,
                         self->interface_name);
    }
}

/* Offers what is not sent yet once: as handle_refusal. */
static int offer(struct af_packet *self, struct sending *sending, struct error *err)
{
    unsigned left = sending->count - sending->sent;
    int taken = sendmmsg(self->tx, self->messages + sending->sent, left, MSG_DONTWAIT);
    if (taken < 0) {
        int verdict = handle_refusal(self, sending, errno, err);
        sending->cut_short = false;
        return verdict;
    }
    sending->sent += (unsigned)taken;
    sending->pause_ns = PAUSE_MIN_NS;
    sending->cut_short = (unsigned)taken < left;
    self->refused += sending->cut_short;
    return 1;
}

static int af_packet_tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct af_packet *self = state;
    struct sending sending = {.count = slots->count, .pause_ns = PAUSE_MIN_NS};
    for (unsigned i = 0; i < slots->count; i++)
        self->parts[i].iov_len = slots->length[i];
    int verdict = 1;
    while (verdict > 0 && sending.sent < sending.count) {
        verdict = offer(self, &sending, err);
        self->stats.tx_retried += verdict > 0 && sending.sent < sending.count;
    }
    self->stats.sent += sending.sent;
    return verdict < 0 ? verdict : (int)sending.sent;
}

/* ---- receiving ---- */

static int af_packet_rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    (void)err;
    struct af_packet *self = state;
    uint32_t held = self->ring.held;
    tpacket_ring_peek(&self->ring, frames);
    self->stats.received += frames->count - held;
    return 0;
}

static void af_packet_rx_release(void *state)
{
    struct af_packet *self = state;
    tpacket_ring_release(&self->ring);
}

/* The kernel leaves an error on a socket whose interface goes away. */
static int check_socket(const struct af_packet *self, struct error *err)
{
    int errnum = 0;
    socklen_t size = sizeof errnum;
    getsockopt(self->rx, SOL_SOCKET, SO_ERROR, &errnum, &size);
    return errnum == 0 ? 0 : link_lost(self, errnum, err);
}

static int af_packet_wait(void *state, uint64_t timeout_ns, struct error *err)
{
    struct af_packet *self = state;
    if (timeout_ns == 0 || tpacket_ring_ready(&self->ring))
        return 0;
    struct timespec timeout = timespec_of(timeout_ns);
    struct pollfd poll = {.fd = self->rx, .events = POLLIN};
    int result = ppoll(&poll, 1, &timeout, NULL);
    if (result < 0 && errno != EINTR)
        return error_sys(err, errno, "cannot wait for frames on %s", self->interface_name);
    if (result > 0 && poll.revents & (POLLERR | POLLHUP))
        return check_socket(self, err);
    return 0;
}

/* Reading these counters sets them to zero. */
static void collect_rx_dropped(struct af_packet *self)
{
    struct tpacket_stats_v3 since_last = {0};
    socklen_t size = sizeof since_last;
    if (getsockopt(self->rx, SOL_PACKET, PACKET_STATISTICS, &since_last, &size) == 0)
        self->stats.rx_dropped += since_last.tp_drops;
}

static void af_packet_stats(void *state, struct transport_stats *stats)
{
    struct af_packet *self = state;
    collect_rx_dropped(self);
    uint64_t before = self->tx_dropped_before + self->refused;
    uint64_t now = interface_tx_dropped(self->interface_index);
    self->stats.tx_dropped = now > before ? now - before : 0;
    *stats = self->stats;
}

const struct transport_ops transport_af_packet = {
    .name = "af_packet",
    .help = "packet sockets (sendmmsg out, TPACKET_V3 in): every kind of link",
    .state_size = sizeof(struct af_packet),
    .init = af_packet_init,
    .fini = af_packet_fini,
    .tx_reserve = af_packet_tx_reserve,
    .tx_commit = af_packet_tx_commit,
    .rx_peek = af_packet_rx_peek,
    .rx_release = af_packet_rx_release,
    .wait = af_packet_wait,
    .stats = af_packet_stats,
};

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
 * The one for receiving is a packet tap (packet_tap.c). The taps of several instances on one link
 * share what arrives, and their sockets for sending leave it to the kernel to spread them over the
 * interface's queues.
 *
 * On links without Ethernet headers both sockets are of type SOCK_DGRAM: frames begin with the IP
 * header whatever the link has in front of it, and the kernel is told the protocol.
 *
 * What goes to the host itself (setup->to_host) is sent by a raw IP socket instead, if it is of
 * IPv4. The kernel takes packets to 127.0.0.0/8, and from its own addresses, only with the route
 * that its own sending attached to them; those that a packet socket puts on the loopback have none,
 * and are dropped as martians. Where the kernel fills in what is zero in the header, it does so
 * with an identification that is zero. IPv6 knows no martians on the loopback.
 *
 * Sources: packet(7); raw(7); Documentation/networking/packet_mmap.rst; net/packet/af_packet.c of
 * Linux for what the error codes mean; net/ipv4/route.c for martians. */
#include "transport/af_packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/packet_tap.h"
#include "transport/patience.h"
#include "transport/refusal.h"
#include "transport/tx_frames.h"

enum {
    RINGS_SIZE = 16 * 1024 * 1024,     /* of all instances together, */
    RING_SIZE_LEAST = 2 * 1024 * 1024, /* but not less than this for one */
    IPV4_DESTINATION_AT = 16,
    LONGEST_LINK_ADDRESS = 32, /* MAX_ADDR_LEN of the kernel */
};

/* An address of the link with room for the longest there is: the kernel wants as many bytes as the
 * interface's addresses have, also where it has no use for one (IPv6 in IPv6: 16). */
union link_address {
    struct sockaddr_ll header;
    uint8_t room[offsetof(struct sockaddr_ll, sll_addr) + LONGEST_LINK_ADDRESS];
};

struct af_packet {
    struct tx_frames frames;
    struct mmsghdr messages[TRANSPORT_BATCH];
    struct iovec parts[TRANSPORT_BATCH];
    /* Says of one message where it goes; NULL where the frame says it all. */
    void (*address)(struct af_packet *self, unsigned number);
    union link_address to_ipv4, to_ipv6; /* of messages, on links without Ethernet headers */
    struct sockaddr_in *to_host;         /* one a message, to the host itself */
    struct packet_tap tap;
    int tx, tx_ipv6; /* the same, but to the host itself */
    int interface_index;
    struct transport_stats stats;
};

/* ---- opening ---- */

static void prepare_messages(struct af_packet *self)
{
    for (unsigned i = 0; i < TRANSPORT_BATCH; i++) {
        self->parts[i].iov_base = self->frames.slot[i];
        self->messages[i].msg_hdr = (struct msghdr){.msg_iov = &self->parts[i], .msg_iovlen = 1};
    }
}

static bool is_ipv6(const struct af_packet *self, unsigned number)
{
    return self->frames.slot[number][0] >> 4 == 6;
}

static void name(struct af_packet *self, unsigned number, void *address, socklen_t length)
{
    self->messages[number].msg_hdr.msg_name = address;
    self->messages[number].msg_hdr.msg_namelen = length;
}

/* Tells the kernel the protocol of a frame that begins with an IP header. */
static void name_protocol(struct af_packet *self, unsigned number)
{
    union link_address *to = is_ipv6(self, number) ? &self->to_ipv6 : &self->to_ipv4;
    name(self, number, to, sizeof *to);
}

/* The kernel makes the link's header. */
static void prepare_link_addresses(struct af_packet *self)
{
    self->to_ipv4.header = (struct sockaddr_ll){
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_IP),
        .sll_ifindex = self->interface_index,
    };
    self->to_ipv6 = self->to_ipv4;
    self->to_ipv6.header.sll_protocol = htons(ETH_P_IPV6);
}

static int open_packet_socket(const struct transport_setup *setup, struct error *err)
{
    int on = 1, fd = packet_socket_open(setup->has_ethernet, err);
    if (fd < 0)
        return -1;
    int result = 0;
    if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0)
        result = error_sys(err, errno, "this kernel has no PACKET_QDISC_BYPASS");
    if (result == 0)
        result = packet_socket_bind(fd, setup, 0, err);
    if (result < 0)
        close(fd);
    return result < 0 ? -1 : fd;
}

static int open_link(struct af_packet *self, const struct transport_setup *setup, struct error *err)
{
    self->tx = self->tx_ipv6 = open_packet_socket(setup, err);
    if (self->tx < 0)
        return -1;
    if (!setup->has_ethernet) {
        self->address = name_protocol;
        prepare_link_addresses(self);
    }
    return 0;
}

/* A raw socket wants to be told where each packet goes, though its header says so. */
static void name_host(struct af_packet *self, unsigned number)
{
    struct sockaddr_in *to = &self->to_host[number];
    if (is_ipv6(self, number)) {
        name(self, number, &self->to_ipv6, sizeof self->to_ipv6);
        return;
    }
    memcpy(&to->sin_addr, self->frames.slot[number] + IPV4_DESTINATION_AT, sizeof to->sin_addr);
    name(self, number, to, sizeof *to);
}

/* The last address of 127.0.0.0/8 is a broadcast address. */
static int open_raw_socket(struct error *err)
{
    int on = 1, fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd < 0)
        return error_sys(err, errno, "cannot open a raw IP socket");
    if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0)
        return fd;
    error_sys(err, errno, "cannot send to the broadcast address of the loopback");
    close(fd);
    return -1;
}

static int open_to_host(struct af_packet *self, const struct transport_setup *setup,
                        struct error *err)
{
    self->address = name_host;
    prepare_link_addresses(self);
    self->to_host = calloc(TRANSPORT_BATCH, sizeof *self->to_host);
    if (self->to_host == NULL)
        return error_set(err, "no memory for where packets go");
    for (unsigned i = 0; i < TRANSPORT_BATCH; i++)
        self->to_host[i].sin_family = AF_INET;
    self->tx = open_raw_socket(err);
    if (self->tx < 0)
        return -1;
    self->tx_ipv6 = open_packet_socket(setup, err);
    return self->tx_ipv6 < 0 ? -1 : 0;
}

static int open_tx(struct af_packet *self, const struct transport_setup *setup, struct error *err)
{
    prepare_messages(self);
    int result = setup->to_host ? open_to_host(self, setup, err) : open_link(self, setup, err);
    if (result < 0)
        return -1;
    packet_socket_enlarge(self->tx);
    packet_socket_enlarge(self->tx_ipv6);
    return 0;
}

static void af_packet_fini(void *state)
{
    struct af_packet *self = state;
    packet_tap_close(&self->tap);
    if (self->tx_ipv6 >= 0 && self->tx_ipv6 != self->tx)
        close(self->tx_ipv6);
    if (self->tx >= 0)
        close(self->tx);
    free(self->to_host);
}

static unsigned af_packet_instances_max(const struct transport_setup *setup)
{
    (void)setup;
    return TRANSPORT_GROUP_MAX;
}

/* The largest power of two that is no more than an equal part. */
static size_t ring_size(unsigned instances)
{
    size_t size = RINGS_SIZE;
    while (size > RING_SIZE_LEAST && size > RINGS_SIZE / instances)
        size /= 2;
    return size;
}

static int open_rx(struct af_packet *self, struct af_packet *first,
                   const struct transport_setup *setup, struct error *err)
{
    if (packet_tap_open(&self->tap, setup, ring_size(setup->instances), err) < 0)
        return -1;
    if (first != NULL)
        return packet_tap_join(&self->tap, &first->tap, err);
    return setup->instances > 1 ? packet_tap_share(&self->tap, err) : 0;
}

static int af_packet_init(void *state, void *first, unsigned number,
                          const struct transport_setup *setup, struct error *err)
{
    (void)number;
    struct af_packet *self = state;
    self->tx = self->tx_ipv6 = self->tap.fd = -1;
    self->interface_index = setup->interface_index;
    if (open_tx(self, setup, err) < 0 || open_rx(self, first, setup, err) < 0) {
        af_packet_fini(self);
        return -1;
    }
    return 0;
}

/* ---- sending ---- */

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
    bool cut_short; /* the last call took fewer than it was offered: for a reason not told */
    struct patience patience;
};

/* The next message's. */
static int next_socket(const struct af_packet *self, const struct sending *sending)
{
    return self->tx != self->tx_ipv6 && is_ipv6(self, sending->sent) ? self->tx_ipv6 : self->tx;
}

/* How many of those that are left go by one socket. */
static unsigned next_run(const struct af_packet *self, const struct sending *sending)
{
    unsigned first = sending->sent, end = sending->count;
    if (self->tx == self->tx_ipv6)
        return end - first;
    for (end = first + 1; end < sending->count && is_ipv6(self, end) == is_ipv6(self, first);)
        end++;
    return end - first;
}

/* What a sendmmsg that took nothing means: as refusal_handle. */
static int handle_refusal(struct af_packet *self, struct sending *sending, int errnum,
                          struct error *err)
{
    const struct refusal refusal = {
        .socket = next_socket(self, sending),
        .interface_name = self->tap.interface_name,
        .length = (uint32_t)self->parts[sending->sent].iov_len,
        .errnum = errnum,
    };
    int verdict = refusal_handle(&refusal, &sending->patience, &self->stats, err);
    bool no_room = errnum != EAGAIN && verdict != REFUSAL_PASS_OVER;
    if (sending->cut_short && !no_room) /* that was the same reason, not the driver's */
        self->stats.tx_refused--;
    sending->cut_short = false;
    return verdict;
}

/* Offers what is not sent yet once: as handle_refusal. */
static int offer(struct af_packet *self, struct sending *sending, struct error *err)
{
    unsigned left = next_run(self, sending);
    int taken =
        sendmmsg(next_socket(self, sending), self->messages + sending->sent, left, MSG_DONTWAIT);
    if (taken < 0) {
        int verdict = handle_refusal(self, sending, errno, err);
        sending->sent += verdict == REFUSAL_PASS_OVER;
        return verdict;
    }
    sending->sent += (unsigned)taken;
    patience_encourage(&sending->patience);
    sending->cut_short = (unsigned)taken < left;
    self->stats.tx_refused += sending->cut_short;
    return REFUSAL_OFFER_AGAIN;
}

static int af_packet_tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct af_packet *self = state;
    struct sending sending = {.count = slots->count};
    patience_begin(&sending.patience);
    for (unsigned i = 0; i < slots->count; i++) {
        self->parts[i].iov_len = slots->length[i];
        if (self->address != NULL)
            self->address(self, i);
    }
    int verdict = REFUSAL_OFFER_AGAIN;
    while (verdict > 0 && sending.sent < sending.count) {
        verdict = offer(self, &sending, err);
        self->stats.tx_retried += verdict == REFUSAL_OFFER_AGAIN && sending.sent < sending.count;
    }
    self->stats.sent += sending.sent;
    return verdict < 0 ? verdict : (int)sending.sent;
}

/* ---- receiving ---- */

static int af_packet_rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    (void)err;
    struct af_packet *self = state;
    uint32_t held = self->tap.ring.held;
    tpacket_ring_peek(&self->tap.ring, frames);
    self->stats.received += frames->count - held;
    return 0;
}

static void af_packet_rx_release(void *state)
{
    struct af_packet *self = state;
    tpacket_ring_release(&self->tap.ring);
}

static int af_packet_wait(void *state, uint64_t timeout_ns, struct error *err)
{
    struct af_packet *self = state;
    if (timeout_ns == 0 || tpacket_ring_ready(&self->tap.ring))
        return 0;
    struct timespec timeout = patience_timespec(timeout_ns);
    struct pollfd poll = {.fd = self->tap.fd, .events = POLLIN};
    int result = ppoll(&poll, 1, &timeout, NULL);
    if (result < 0 && errno != EINTR)
        return error_sys(err, errno, "cannot wait for frames on %s", self->tap.interface_name);
    if (result > 0 && poll.revents & (POLLERR | POLLHUP))
        return packet_tap_check(&self->tap, err);
    return 0;
}

static void af_packet_stats(void *state, struct transport_stats *stats)
{
    struct af_packet *self = state;
    self->stats.ring_dropped = packet_tap_dropped(&self->tap);
    *stats = self->stats;
}

const struct transport_ops transport_af_packet = {
    .name = "af_packet",
    .help = "packet sockets (sendmmsg out, TPACKET_V3 in): every kind of link",
    .state_size = sizeof(struct af_packet),
    .instances_max = af_packet_instances_max,
    .init = af_packet_init,
    .fini = af_packet_fini,
    .tx_reserve = af_packet_tx_reserve,
    .tx_commit = af_packet_tx_commit,
    .rx_peek = af_packet_rx_peek,
    .rx_release = af_packet_rx_release,
    .wait = af_packet_wait,
    .stats = af_packet_stats,
};

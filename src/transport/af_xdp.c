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
 * Sending goes by the socket alone.
 *
 * Attaching a native program makes some drivers start their hardware anew. So init waits until the
 * interface has its carrier back. */
#include "transport/af_xdp.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "transport/interface.h"
#include "transport/packet_tap.h"
#include "transport/patience.h"
#include "transport/xdp_program.h"
#include "transport/xdp_socket.h"

enum { QUEUE = 0, ETHERNET_HEADER = 14, CARRIER_PAUSE_NS = 20 * NS_PER_MS };
static const uint64_t CARRIER_PATIENCE_NS = 10 * NS_PER_SECOND;

struct af_xdp {
    struct xdp_program program;
    struct xdp_socket socket;
    struct packet_tap tap;
    struct rx_frames held; /* given out by rx_peek */
    bool tap_is_next;
    int interface_index;
    uint32_t longest_frame;
    uint64_t tx_dropped_before; /* the interface's counter at init */
    uint64_t sent, received;
};

/* ---- opening ---- */

/* Asks the kernel for the flags or the MTU of an interface. */
static int ask_interface(const char *name, unsigned long what, struct ifreq *answer,
                         struct error *err)
{
    *answer = (struct ifreq){0};
    snprintf(answer->ifr_name, sizeof answer->ifr_name, "%s", name);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_sys(err, errno, "cannot ask for interfaces");
    int result = ioctl(fd, what, answer);
    int errnum = errno;
    close(fd);
    return result == 0 ? 0 : error_sys(err, errnum, "cannot ask for the interface %s", name);
}

static bool has_carrier(const char *name)
{
    struct ifreq answer;
    return ask_interface(name, SIOCGIFFLAGS, &answer, NULL) == 0 &&
           (answer.ifr_flags & IFF_RUNNING) != 0;
}

static int check_link(struct af_xdp *self, const struct transport_setup *setup, struct error *err)
{
    const char *name = setup->interface_name;
    struct ifreq flags, mtu;
    if (!setup->has_ethernet)
        return error_set(err, "AF_XDP is not for links without Ethernet headers, as %s is", name);
    if (ask_interface(name, SIOCGIFFLAGS, &flags, err) < 0 ||
        ask_interface(name, SIOCGIFMTU, &mtu, err) < 0)
        return -1;
    if (flags.ifr_flags & IFF_LOOPBACK)
        return error_set(err, "AF_XDP is not for the loopback interface %s", name);
    uint32_t longest = (uint32_t)mtu.ifr_mtu + ETHERNET_HEADER;
    self->longest_frame = longest < TRANSPORT_FRAME_SIZE ? longest : TRANSPORT_FRAME_SIZE;
    return 0;
}

static int open_all(struct af_xdp *self, const struct transport_setup *setup, struct error *err)
{
    if (packet_tap_open(&self->tap, setup, err) < 0 ||
        xdp_program_attach(&self->program, setup, err) < 0 ||
        xdp_socket_open(&self->socket, setup->interface_name, QUEUE, self->program.native, err) < 0)
        return -1;
    return xdp_program_join(&self->program, QUEUE, self->socket.fd, err);
}

static void wait_for_carrier(const char *name)
{
    uint64_t deadline = clock_monotonic_ns() + CARRIER_PATIENCE_NS;
    for (uint64_t now = 0; now < deadline && !has_carrier(name); now = clock_monotonic_ns())
        clock_sleep_until_ns(clock_monotonic_ns() + CARRIER_PAUSE_NS);
}

/* Frames stop coming before their socket goes. */
static void af_xdp_fini(void *state)
{
    struct af_xdp *self = state;
    xdp_program_close(&self->program);
    xdp_socket_close(&self->socket);
    packet_tap_close(&self->tap);
}

static int af_xdp_init(void *state, const struct transport_setup *setup, struct error *err)
{
    struct af_xdp *self = state;
    self->tap.fd = self->program.link_fd = -1;
    self->interface_index = setup->interface_index;
    if (check_link(self, setup, err) < 0)
        return -1;
    bool had_carrier = has_carrier(setup->interface_name);
    if (open_all(self, setup, err) < 0) {
        af_xdp_fini(self);
        return -1;
    }
    if (had_carrier)
        wait_for_carrier(setup->interface_name);
    self->tx_dropped_before = interface_tx_dropped(self->interface_index);
    return 0;
}

static void af_xdp_describe(const void *state, char *text, size_t size)
{
    const struct af_xdp *self = state;
    snprintf(text, size, "af_xdp, %s, %s", self->program.native ? "native" : "generic",
             self->socket.zero_copy ? "zero-copy" : "copy");
}

/* ---- sending ---- */

static int af_xdp_tx_reserve(void *state, struct tx_slots *slots, unsigned wanted,
                             struct error *err)
{
    (void)err;
    struct af_xdp *self = state;
    xdp_socket_reserve(&self->socket, slots, wanted);
    return 0;
}

/* The kernel would take a frame of any length and drop it without a word. */
static int check_lengths(const struct af_xdp *self, const struct tx_slots *slots, struct error *err)
{
    const char *name = self->tap.interface_name;
    for (unsigned i = 0; i < slots->count; i++) {
        if (slots->length[i] > self->longest_frame)
            return error_set(err, "a frame of %u bytes is longer than the MTU of %s allows",
                             slots->length[i], name);
        if (slots->length[i] < ETHERNET_HEADER)
            return error_set(err, "cannot send a frame of %u bytes on %s: too short",
                             slots->length[i], name);
    }
    return 0;
}

static int af_xdp_tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct af_xdp *self = state;
    if (check_lengths(self, slots, err) < 0)
        return -1;
    int sent = xdp_socket_commit(&self->socket, slots, err);
    self->sent += sent > 0 ? (uint64_t)sent : 0;
    return sent;
}

/* ---- receiving ---- */

/* Socket and tap take turns in coming first, so that neither starves while the other is busy. */
static void peek_anew(struct af_xdp *self, struct rx_frames *frames)
{
    frames->count = 0;
    if (self->tap_is_next)
        tpacket_ring_peek(&self->tap.ring, frames);
    xdp_socket_peek(&self->socket, frames);
    if (frames->count == 0)
        tpacket_ring_peek(&self->tap.ring, frames);
    self->tap_is_next = !self->tap_is_next;
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
    xdp_socket_release(&self->socket);
    tpacket_ring_release(&self->tap.ring);
    self->held.count = 0;
}

/* The tap hears of an interface that goes down or away. */
static int af_xdp_wait(void *state, uint64_t timeout_ns, struct error *err)
{
    struct af_xdp *self = state;
    if (timeout_ns == 0 || self->held.count > 0 || xdp_socket_ready(&self->socket) ||
        tpacket_ring_ready(&self->tap.ring))
        return 0;
    struct timespec timeout = patience_timespec(timeout_ns);
    struct pollfd polls[] = {{.fd = self->socket.fd, .events = POLLIN},
                             {.fd = self->tap.fd, .events = POLLIN}};
    int result = ppoll(polls, sizeof polls / sizeof polls[0], &timeout, NULL);
    if (result < 0 && errno != EINTR)
        return error_sys(err, errno, "cannot wait for frames on %s", self->tap.interface_name);
    if (result > 0 && polls[1].revents & (POLLERR | POLLHUP))
        return packet_tap_check(&self->tap, err);
    return 0;
}

static void af_xdp_stats(void *state, struct transport_stats *stats)
{
    struct af_xdp *self = state;
    uint64_t before = self->tx_dropped_before + self->socket.refused;
    *stats = (struct transport_stats){
        .sent = self->sent,
        .received = self->received,
        .rx_dropped = xdp_socket_rx_dropped(&self->socket) + packet_tap_dropped(&self->tap),
        .tx_dropped = interface_tx_dropped_since(self->interface_index, before),
        .tx_retried = self->socket.retried,
    };
}

const struct transport_ops transport_af_xdp = {
    .name = "af_xdp",
    .help = "AF_XDP (native or generic, zero-copy or copy): the fastest, on links with Ethernet",
    .state_size = sizeof(struct af_xdp),
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

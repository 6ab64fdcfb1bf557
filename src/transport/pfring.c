/* The transport over PF_RING ZC.
 *
 * Theory of operation. A ZC driver maps the adapter's rings into the process. Opened as "zc:eth0"
 * the interface belongs to the process alone: the host's stack neither sends nor sees anything, and
 * there is no filter of the kernel either. Without that, PF_RING would be a packet socket and no
 * faster than ours; so a device that is not opened by a ZC driver is refused.
 *
 * Sending copies a frame into the next slot of the adapter's ring; a negative answer is how the
 * library says that there is no slot now. Frames of a batch are flushed together. Nobody pads them:
 * that is done here.
 *
 * A received frame is lent until the next one is asked for, so frames are copied. All come to one
 * queue, whatever the adapter spreads otherwise.
 *
 * The library waits in whole milliseconds, and may not tell of a lost interface; so we wait in
 * slices and ask for the interface's state ourselves.
 *
 * Sources: as in pfring_library.h; userland/examples/pfsend.c of PF_RING for what a refusal to send
 * means, doc/README.ZC.md for what ZC is. */
#include "transport/pfring.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "transport/interface.h"
#include "transport/patience.h"
#include "transport/pfring_library.h"
#include "transport/rx_copies.h"
#include "transport/tx_frames.h"

enum {
    SHORTEST_FRAME = 60, /* of Ethernet, without the checksum behind it */
    WAIT_SLICE_MS = 100,
};

struct pfring {
    struct tx_frames frames;
    struct rx_copies copies;
    struct pfring_library library;
    struct pfring_ring *ring;
    struct pfring_frame received; /* what is told of the last one */
    int control;                  /* a socket to ask for the interface */
    int interface_index;
    char interface_name[IF_NAMESIZE];
    uint32_t longest_frame;
    struct transport_stats stats;
};

/* ---- opening ---- */

static int check_link(struct pfring *self, const struct transport_setup *setup, struct error *err)
{
    struct ifreq mtu;
    if (!setup->has_ethernet)
        return error_set(err, "PF_RING ZC is not for links without Ethernet headers, as %s is",
                         setup->interface_name);
    if (setup->vlan != 0)
        return error_set(err, "PF_RING ZC shows the frames of all VLANs alike, and is not for one");
    if (interface_ask(setup->interface_name, SIOCGIFMTU, &mtu, err) < 0)
        return -1;
    self->longest_frame = tx_longest_frame((uint32_t)mtu.ifr_mtu, setup);
    self->control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return self->control < 0 ? error_sys(err, errno, "cannot ask for interfaces") : 0;
}

static int open_ring(struct pfring *self, bool promiscuous, struct error *err)
{
    char device[IF_NAMESIZE + 3];
    uint32_t flags = PFRING_ALL_TO_QUEUE_0 | PFRING_DO_NOT_PARSE | PFRING_DO_NOT_TIMESTAMP;
    snprintf(device, sizeof device, "zc:%s", self->interface_name);
    if (promiscuous)
        flags |= PFRING_PROMISCUOUS;
    self->ring = self->library.open(device, FILTER_SNAP_LENGTH, flags);
    if (self->ring != NULL)
        return 0;
    return error_set(err,
                     "PF_RING cannot open %s: %s (want root, the kernel module pf_ring, a ZC "
                     "driver for the adapter, and nobody else who uses it; pf_ringcfg "
                     "--list-interfaces tells of drivers)",
                     device, strerror(errno));
}

/* Only a ZC driver tells how many slots the adapter has. */
static int check_zero_copy(const struct pfring *self, struct error *err)
{
    struct pfring_card card = {0};
    if (self->library.get_card_settings(self->ring, &card) >= 0 && card.rx_slots > 0)
        return 0;
    return error_set(err,
                     "PF_RING opened %s, but not by a ZC (DNA) driver: load one "
                     "(pf_ringcfg --configure-driver), or do without --pfring",
                     self->interface_name);
}

/* What the first three answer does not matter: a ZC driver that lacks one of them does not need it.
 * The name is for the list of users in /proc. */
static int enable_ring(const struct pfring *self, struct error *err)
{
    char name[] = "masscan";
    self->library.set_application_name(self->ring, name);
    self->library.set_direction(self->ring, PFRING_RECEIVED_ONLY);
    self->library.set_poll_watermark(self->ring, 1);
    int result = self->library.enable_ring(self->ring);
    if (result == 0)
        return 0;
    return error_set(err, "PF_RING cannot enable zc:%s (error %d)", self->interface_name, result);
}

static void pfring_fini(void *state)
{
    struct pfring *self = state;
    if (self->ring != NULL)
        self->library.close(self->ring);
    if (self->control >= 0)
        close(self->control);
    pfring_library_unload(&self->library);
}

/* As with XDP, a driver may start its hardware anew when it is opened. */
static int pfring_init(void *state, void *first, unsigned number,
                       const struct transport_setup *setup, struct error *err)
{
    (void)first;
    (void)number;
    struct pfring *self = state;
    self->control = -1;
    self->interface_index = setup->interface_index;
    snprintf(self->interface_name, sizeof self->interface_name, "%s", setup->interface_name);
    bool had_carrier = interface_has_carrier(setup->interface_name);
    if (pfring_library_load(&self->library, pfring_library_names, err) < 0 ||
        check_link(self, setup, err) < 0 ||
        open_ring(self, setup->promiscuous || setup->all_multicast, err) < 0 ||
        check_zero_copy(self, err) < 0 || enable_ring(self, err) < 0) {
        pfring_fini(self);
        return -1;
    }
    if (had_carrier)
        interface_await_carrier(setup->interface_name);
    return 0;
}

static void pfring_describe(const void *state, char *text, size_t size)
{
    (void)state;
    snprintf(text, size, "pfring, zc");
}

/* ---- what goes wrong ---- */

static const struct {
    int code;
    const char *text;
} errors[] = {
    {PFRING_INVALID_ARGUMENT, "invalid argument"},
    {PFRING_WRONG_CONFIGURATION, "wrong configuration"},
    {PFRING_END_OF_DEMO, "the time of its demo mode is over; the driver needs a licence"},
    {PFRING_NOT_SUPPORTED, "the adapter cannot do it"},
    {PFRING_INVALID_VERSION, "the library does not fit the kernel module"},
    {PFRING_INVALID_STATUS, "invalid status"},
    {PFRING_NOT_ENABLED, "the ring is not enabled"},
};

static const char *error_text(int code)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].code == code)
            return errors[i].text;
    return NULL;
}

static int check_there(const struct pfring *self, struct error *err)
{
    return interface_check_there(self->control, self->interface_index, self->interface_name, err);
}

static int explain(const struct pfring *self, const char *what, int code, struct error *err)
{
    if (check_there(self, err) < 0)
        return -1;
    const char *text = error_text(code);
    return error_set(err, "PF_RING cannot %s %s: %s (error %d)", what, self->interface_name,
                     text != NULL ? text : "it does not say why", code);
}

/* ---- sending ---- */

static int pfring_tx_reserve(void *state, struct tx_slots *slots, unsigned wanted,
                             struct error *err)
{
    (void)err;
    struct pfring *self = state;
    tx_frames_reserve(&self->frames, slots, wanted);
    return 0;
}

static int send_frame(struct pfring *self, uint8_t *frame, uint32_t length)
{
    if (length < SHORTEST_FRAME) {
        memset(frame + length, 0, SHORTEST_FRAME - length);
        length = SHORTEST_FRAME;
    }
    return self->library.send(self->ring, (char *)frame, length, 0);
}

/* A code with a text of its own is final; all others mean that there is no slot: 1 try again, 0
 * give up for now. */
static int handle_refusal(struct pfring *self, int code, struct patience *patience,
                          struct error *err)
{
    if (error_text(code) != NULL)
        return explain(self, "send on", code, err);
    if (check_there(self, err) < 0)
        return -1;
    self->library.flush_tx_packets(self->ring);
    int verdict = patience_pause(patience);
    self->stats.tx_retried += verdict > 0;
    return verdict;
}

static int pfring_tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct pfring *self = state;
    struct patience patience;
    unsigned sent = 0;
    int verdict = 1;
    if (tx_slots_check(slots, self->longest_frame, self->interface_name, err) < 0)
        return -1;
    patience_begin(&patience);
    while (verdict > 0 && sent < slots->count) {
        int result = send_frame(self, self->frames.slot[sent], slots->length[sent]);
        if (result >= 0) {
            patience_encourage(&patience);
            sent++;
        } else {
            verdict = handle_refusal(self, result, &patience, err);
        }
    }
    self->library.flush_tx_packets(self->ring);
    self->stats.sent += sent;
    return verdict < 0 ? verdict : (int)sent;
}

/* ---- receiving ---- */

/* Fetches what there is room for; negative if the library cannot. */
static int fetch(struct pfring *self)
{
    int got = 1;
    while (got > 0 && rx_copies_room(&self->copies) > 0) {
        uint8_t *frame = NULL;
        got = self->library.recv(self->ring, &frame, 0, &self->received, 0);
        if (got > 0)
            rx_copies_add(&self->copies, frame, self->received.captured);
    }
    return got;
}

static int pfring_rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    struct pfring *self = state;
    unsigned before = self->copies.held.count;
    int result = fetch(self);
    *frames = self->copies.held;
    self->stats.received += frames->count - before;
    return result < 0 && frames->count == 0 ? explain(self, "receive on", result, err) : 0;
}

static void pfring_rx_release(void *state)
{
    struct pfring *self = state;
    rx_copies_release(&self->copies);
}

/* One look, of so many whole milliseconds as are left: 1 there is something, or a signal came; 0
 * not yet. */
static int wait_a_slice(struct pfring *self, uint64_t left_ns, struct error *err)
{
    uint64_t left_ms = left_ns / NS_PER_MS;
    errno = 0;
    int result =
        self->library.poll(self->ring, left_ms < WAIT_SLICE_MS ? (unsigned)left_ms : WAIT_SLICE_MS);
    if (result > 0 || (result < 0 && errno == EINTR))
        return 1;
    return result < 0 ? explain(self, "wait on", result, err) : check_there(self, err);
}

/* What is left at the end, less than a millisecond, is slept. */
static int pfring_wait(void *state, uint64_t timeout_ns, struct error *err)
{
    struct pfring *self = state;
    if (timeout_ns == 0 || self->copies.held.count > 0)
        return 0;
    uint64_t now = clock_monotonic_ns();
    uint64_t deadline = timeout_ns < UINT64_MAX - now ? now + timeout_ns : UINT64_MAX;
    int result = check_there(self, err);
    while (result == 0 && now < deadline) {
        result = wait_a_slice(self, deadline - now, err);
        if (result == 0 && deadline - now < NS_PER_MS)
            clock_sleep_until_ns(deadline);
        now = clock_monotonic_ns();
    }
    return result < 0 ? result : 0;
}

static void pfring_stats(void *state, struct transport_stats *stats)
{
    struct pfring *self = state;
    struct pfring_counters counters = {0};
    if (self->library.stats(self->ring, &counters) >= 0)
        self->stats.ring_dropped = counters.dropped;
    *stats = self->stats;
}

const struct transport_ops transport_pfring = {
    .name = "pfring",
    .help = "PF_RING ZC: adapters with a driver of PF_RING",
    .state_size = sizeof(struct pfring),
    .bypasses_host = true,
    .init = pfring_init,
    .fini = pfring_fini,
    .tx_reserve = pfring_tx_reserve,
    .tx_commit = pfring_tx_commit,
    .rx_peek = pfring_rx_peek,
    .rx_release = pfring_rx_release,
    .wait = pfring_wait,
    .stats = pfring_stats,
    .describe = pfring_describe,
};

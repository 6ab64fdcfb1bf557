/* The transport over libpcap.
 *
 * Theory of operation. One handle sends and receives. On Linux libpcap reads from a ring of blocks
 * (TPACKET_V3): a block is handed over when it is full, or when the time-out has gone by and it
 * holds anything. A handle that may block would sleep inside libpcap, so it may not, and we poll
 * its descriptor. Immediate mode would do without blocks, but divides the ring into slots of the
 * longest frame, of which there are few.
 *
 * libpcap lends a frame only during a callback and gives the block back behind its last one. So
 * frames are copied, no more at a time than there certainly is room for.
 *
 * Frames are sent one by one, straight to the driver (PACKET_QDISC_BYPASS): in a queue on the way
 * they could be dropped without a word. What a refusal means is told in refusal.c; libpcap leaves
 * the errno of send(2) as it is.
 *
 * If the interface goes down while libpcap looks for frames, it takes the error off the socket and
 * waits for the interface to come back; so we ask ourselves whether the interface is still there.
 *
 * Sources: the manual pages of libpcap; pcap-linux.c of libpcap 1.10 for what it leaves open. */
#include "transport/pcap.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include <pcap/pcap.h>

#include "transport/filter.h"
#include "transport/interface.h"
#include "transport/packet_tap.h"
#include "transport/patience.h"
#include "transport/refusal.h"
#include "transport/rx_copies.h"
#include "transport/tx_frames.h"

enum {
    RING_SIZE = 16 * 1024 * 1024,
    BLOCK_TIMEOUT_MS = 4, /* how long a frame may wait for company */
};

struct capture {
    struct tx_frames frames;
    struct rx_copies copies;
    pcap_t *handle;
    int fd;
    int interface_index;
    char interface_name[IF_NAMESIZE];
    uint32_t drops_read; /* by libpcap's own counter, which has 32 bits */
    struct transport_stats stats;
};

/* ---- opening ---- */

static int create(struct capture *self, const struct transport_setup *setup, struct error *err)
{
    char text[PCAP_ERRBUF_SIZE];
    self->handle = pcap_create(setup->interface_name, text);
    if (self->handle == NULL)
        return error_set(err, "libpcap cannot use the interface %s: %s", setup->interface_name,
                         text);
    pcap_set_snaplen(self->handle, FILTER_SNAP_LENGTH);
    pcap_set_promisc(self->handle, setup->promiscuous || setup->all_multicast); /* no less helps */
    pcap_set_timeout(self->handle, BLOCK_TIMEOUT_MS);
    pcap_set_buffer_size(self->handle, RING_SIZE);
    return 0;
}

static int activate(const struct capture *self, bool promiscuous, struct error *err)
{
    int status = pcap_activate(self->handle);
    if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
        return packet_explain_no_permission(err);
    if (status >= 0 && !(promiscuous && status == PCAP_WARNING_PROMISC_NOTSUP))
        return 0;
    const char *text = status == PCAP_ERROR ? pcap_geterr(self->handle) : pcap_statustostr(status);
    return error_set(err, "libpcap cannot open the interface %s: %s", self->interface_name, text);
}

/* libpcap may put a header of its own in front of frames whose link it does not know. */
static int check_link(const struct capture *self, bool has_ethernet, struct error *err)
{
    int type = pcap_datalink(self->handle);
    if (type == (has_ethernet ? DLT_EN10MB : DLT_RAW))
        return 0;
    const char *name = pcap_datalink_val_to_name(type);
    return error_set(err,
                     "libpcap gives frames of the interface %s as %s (wanted: %s); use --packet-io "
                     "af_packet",
                     self->interface_name, name != NULL ? name : "an unknown type",
                     has_ethernet ? "Ethernet" : "bare IP packets");
}

static int set_filter(const struct capture *self, const struct transport_setup *setup,
                      struct error *err)
{
    struct sock_filter program[FILTER_MAX];
    struct bpf_insn instructions[FILTER_MAX];
    struct bpf_program filter = {.bf_insns = instructions};
    filter.bf_len = filter_build(program, setup);
    for (unsigned i = 0; i < filter.bf_len; i++)
        instructions[i] =
            (struct bpf_insn){program[i].code, program[i].jt, program[i].jf, program[i].k};
    if (pcap_setfilter(self->handle, &filter) == 0)
        return 0;
    return error_set(err, "libpcap refuses the receive filter: %s", pcap_geterr(self->handle));
}

static int set_mode(struct capture *self, struct error *err)
{
    char text[PCAP_ERRBUF_SIZE];
    if (pcap_setnonblock(self->handle, 1, text) != 0)
        return error_set(err, "libpcap cannot do without blocking: %s", text);
    if (pcap_setdirection(self->handle, PCAP_D_IN) != 0)
        return error_set(err, "libpcap cannot leave out what is sent: %s",
                         pcap_geterr(self->handle));
    self->fd = pcap_get_selectable_fd(self->handle);
    if (self->fd < 0)
        return error_set(err, "libpcap has no descriptor to wait for on the interface %s",
                         self->interface_name);
    return 0;
}

/* A handle that is no packet socket can do without either. */
static void prepare_sending(const struct capture *self)
{
    int on = 1;
    setsockopt(self->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    packet_socket_enlarge(self->fd);
}

static void fini(void *state)
{
    struct capture *self = state;
    if (self->handle != NULL)
        pcap_close(self->handle);
}

static int init(void *state, void *first, unsigned number, const struct transport_setup *setup,
                struct error *err)
{
    (void)first;
    (void)number;
    struct capture *self = state;
    snprintf(self->interface_name, sizeof self->interface_name, "%s", setup->interface_name);
    self->interface_index = setup->interface_index;
    if (create(self, setup, err) < 0 || activate(self, setup->promiscuous, err) < 0 ||
        check_link(self, setup->has_ethernet, err) < 0 || set_filter(self, setup, err) < 0 ||
        set_mode(self, err) < 0) {
        fini(self);
        return -1;
    }
    prepare_sending(self);
    return 0;
}

/* ---- sending ---- */

static int tx_reserve(void *state, struct tx_slots *slots, unsigned wanted, struct error *err)
{
    (void)err;
    struct capture *self = state;
    tx_frames_reserve(&self->frames, slots, wanted);
    return 0;
}

/* What a frame that was not taken means: as refusal_handle. */
static int handle_refusal(struct capture *self, uint32_t length, int errnum,
                          struct patience *patience, struct error *err)
{
    const struct refusal refusal = {
        .socket = self->fd,
        .interface_name = self->interface_name,
        .length = length,
        .errnum = errnum,
    };
    int verdict = refusal_handle(&refusal, patience, &self->stats, err);
    self->stats.tx_retried += verdict == REFUSAL_OFFER_AGAIN;
    return verdict;
}

static int tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct capture *self = state;
    struct patience patience;
    unsigned sent = 0;
    int verdict = 1;
    patience_begin(&patience);
    while (verdict > 0 && sent < slots->count) {
        uint32_t length = slots->length[sent];
        if (pcap_inject(self->handle, self->frames.slot[sent], length) >= 0) {
            patience_encourage(&patience);
            sent++;
        } else {
            verdict = handle_refusal(self, length, errno, &patience, err);
            sent += verdict == REFUSAL_PASS_OVER;
        }
    }
    self->stats.sent += sent;
    return verdict < 0 ? verdict : (int)sent;
}

/* ---- receiving ---- */

static void copy(u_char *user, const struct pcap_pkthdr *header, const u_char *frame)
{
    struct capture *self = (struct capture *)user;
    rx_copies_add(&self->copies, frame, header->caplen);
}

/* Fetches what there is room for; negative if libpcap cannot. */
static int fetch(struct capture *self)
{
    unsigned room;
    int got = 1;
    while (got > 0 && (room = rx_copies_room(&self->copies)) > 0)
        got = pcap_dispatch(self->handle, (int)room, copy, (u_char *)self);
    return got;
}

static bool is_down(const struct capture *self)
{
    return interface_state(self->fd, self->interface_index) == INTERFACE_DOWN;
}

static int check_there(const struct capture *self, struct error *err)
{
    return interface_check_there(self->fd, self->interface_index, self->interface_name, err);
}

static int rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    struct capture *self = state;
    unsigned before = self->copies.held.count;
    int result = fetch(self);
    *frames = self->copies.held;
    self->stats.received += frames->count - before;
    if (result >= 0 || frames->count > 0)
        return 0;
    if (result == PCAP_ERROR && is_down(self))
        return 0;
    if (check_there(self, err) < 0)
        return -1;
    return error_set(err, "cannot receive frames on %s: %s", self->interface_name,
                     pcap_geterr(self->handle));
}

static void rx_release(void *state)
{
    struct capture *self = state;
    rx_copies_release(&self->copies);
}

static int wait_for_frames(void *state, uint64_t timeout_ns, struct error *err)
{
    struct capture *self = state;
    if (timeout_ns == 0 || self->copies.held.count > 0)
        return 0;
    if (check_there(self, err) < 0)
        return -1;
    struct timespec timeout = patience_timespec(timeout_ns);
    struct pollfd poll = {.fd = self->fd, .events = POLLIN};
    int result = ppoll(&poll, 1, &timeout, NULL);
    if (result < 0 && errno != EINTR)
        return error_sys(err, errno, "cannot wait for frames on %s", self->interface_name);
    if (result > 0 && poll.revents & (POLLERR | POLLHUP))
        return check_there(self, err);
    return 0;
}

/* What the interface dropped before (ps_ifdrop) is the interface's to tell. */
static void stats(void *state, struct transport_stats *stats)
{
    struct capture *self = state;
    struct pcap_stat counted;
    if (pcap_stats(self->handle, &counted) == 0) {
        self->stats.ring_dropped += (uint32_t)(counted.ps_drop - self->drops_read);
        self->drops_read = counted.ps_drop;
    }
    *stats = self->stats;
}

const struct transport_ops transport_pcap = {
    .name = "pcap",
    .help = "libpcap: Ethernet and bare IP, where the faster ones cannot be",
    .state_size = sizeof(struct capture),
    .init = init,
    .fini = fini,
    .tx_reserve = tx_reserve,
    .tx_commit = tx_commit,
    .rx_peek = rx_peek,
    .rx_release = rx_release,
    .wait = wait_for_frames,
    .stats = stats,
};

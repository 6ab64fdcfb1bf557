/* A stand-in for libpfring, for tests only: what the documentation of PF_RING promises of the
 * functions that the transport uses, over a packet socket. It is not PF_RING, and no faster than
 * the kernel.
 *
 * The declarations are made anew from the documentation, so that a slip in pfring_library.h shows.
 * It is as unkind as the documentation permits: a lent frame is overwritten by the next, and frames
 * that were sent but not flushed must not be forgotten.
 *
 * The name of an interface decides how it is opened:
 *   plain...   has no ZC driver
 *   copied...  is opened, yet without one
 *   demo...    its demo time is over after DEMO_FRAMES frames
 *   others     by a ZC driver */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes" /* who calls finds them by name */

#ifndef STAND_IN_VERSION
#define STAND_IN_VERSION 0x080401
#endif

enum {
    ERROR_GENERIC = -1,
    ERROR_INVALID_ARGUMENT = -2,
    ERROR_NO_TX_SLOT_AVAILABLE = -4,
    ERROR_END_OF_DEMO_MODE = -6,
    ERROR_NOT_SUPPORTED = -7,
    ERROR_RING_NOT_ENABLED = -12,
};

enum { FLAG_PROMISC = 1 << 3, FLAG_ZC_FIXED_RSS_Q_0 = 1 << 7 };
enum { DEMO_FRAMES = 5, SLOTS = 4096, SLOT_SIZE = 2048, BLOCK_SIZE = 16 * SLOT_SIZE };

/* The kernel module's packet header of version 8.4; only its begin is filled. */
struct pfring_pkthdr {
    struct timeval ts;
    uint32_t caplen;
    uint32_t len;
    uint8_t extended_hdr[256];
};

struct pfring_stat {
    uint64_t recv;
    uint64_t drop;
    uint64_t shunt;
};

struct pfring_card_settings {
    uint32_t max_packet_size;
    uint32_t rx_ring_slots;
    uint32_t tx_ring_slots;
};

enum packet_direction { rx_and_tx_direction = 0, rx_only_direction, tx_only_direction };

struct pfring {
    int fd;
    int ifindex;
    bool enabled, copied, demo;
    bool unflushed;
    unsigned sent;
    uint64_t received, dropped;
    uint8_t *slots;
    unsigned next_slot;
    uint8_t lent[SLOT_SIZE];
};

static bool begins_with(const char *text, const char *begin)
{
    return strncmp(text, begin, strlen(begin)) == 0;
}

/* Frames that the caller believes to be on their way must not lie here while it does other things.
 */
static void check_flushed(const struct pfring *ring)
{
    if (!ring->unflushed)
        return;
    fprintf(stderr, "stand-in for libpfring: there are frames that nobody flushed\n");
    abort();
}

void pfring_version_noring(uint32_t *version)
{
    *version = STAND_IN_VERSION;
}

static void set_options(struct pfring *ring, bool promiscuous)
{
    int on = 1;
    struct packet_mreq membership = {.mr_ifindex = ring->ifindex, .mr_type = PACKET_MR_PROMISC};
    setsockopt(ring->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    if (promiscuous)
        setsockopt(ring->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership);
}

static bool map_slots(struct pfring *ring)
{
    int version = TPACKET_V2;
    struct tpacket_req request = {
        .tp_block_size = BLOCK_SIZE,
        .tp_block_nr = SLOTS * SLOT_SIZE / BLOCK_SIZE,
        .tp_frame_size = SLOT_SIZE,
        .tp_frame_nr = SLOTS,
    };
    if (setsockopt(ring->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0 ||
        setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) < 0)
        return false;
    ring->slots = mmap(NULL, SLOTS * SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
    return ring->slots != MAP_FAILED;
}

static bool open_interface(struct pfring *ring, const char *name, uint32_t flags)
{
    ring->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ring->ifindex = (int)if_nametoindex(name);
    ring->copied = begins_with(name, "copied");
    ring->demo = begins_with(name, "demo");
    if (ring->fd < 0)
        return false;
    if (ring->ifindex > 0 && map_slots(ring)) {
        set_options(ring, flags & FLAG_PROMISC);
        return true;
    }
    close(ring->fd);
    return false;
}

struct pfring *pfring_open(const char *device_name, uint32_t caplen, uint32_t flags)
{
    struct pfring *ring = calloc(1, sizeof *ring);
    const char *name = device_name + 3;
    if (ring != NULL && caplen >= SLOT_SIZE && begins_with(device_name, "zc:") &&
        !begins_with(name, "plain") && flags & FLAG_ZC_FIXED_RSS_Q_0 &&
        open_interface(ring, name, flags))
        return ring;
    free(ring);
    errno = ENODEV;
    return NULL;
}

void pfring_close(struct pfring *ring)
{
    check_flushed(ring);
    munmap(ring->slots, SLOTS * SLOT_SIZE);
    close(ring->fd);
    free(ring);
}

int pfring_get_card_settings(struct pfring *ring, struct pfring_card_settings *settings)
{
    uint32_t slots = ring->copied ? 0 : SLOTS;
    *settings = (struct pfring_card_settings){1536, slots, slots};
    return 0;
}

int pfring_set_application_name(struct pfring *ring, const char *name)
{
    (void)ring;
    return *name != '\0' ? 0 : ERROR_INVALID_ARGUMENT;
}

int pfring_set_direction(struct pfring *ring, enum packet_direction direction)
{
    int on = direction == rx_only_direction;
    if (ring->enabled)
        return ERROR_GENERIC;
    return setsockopt(ring->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
}

int pfring_set_poll_watermark(struct pfring *ring, uint16_t watermark)
{
    (void)ring;
    (void)watermark;
    return ERROR_NOT_SUPPORTED;
}

/* Before, what arrives is dropped. */
int pfring_enable_ring(struct pfring *ring)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = ring->ifindex,
    };
    if (bind(ring->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return ERROR_GENERIC;
    ring->enabled = true;
    return 0;
}

static int explain_refusal(int errnum)
{
    switch (errnum) {
    case EMSGSIZE:
    case EINVAL:
        return ERROR_INVALID_ARGUMENT;
    case ENOBUFS:
    case EAGAIN:
        return ERROR_NO_TX_SLOT_AVAILABLE;
    default:
        return ERROR_GENERIC;
    }
}

int pfring_send(struct pfring *ring, char *pkt, unsigned pkt_len, uint8_t flush_packet)
{
    if (!ring->enabled)
        return ERROR_RING_NOT_ENABLED;
    if (ring->demo && ring->sent >= DEMO_FRAMES)
        return ERROR_END_OF_DEMO_MODE;
    if (send(ring->fd, pkt, pkt_len, 0) < 0)
        return explain_refusal(errno);
    ring->sent++;
    ring->unflushed = flush_packet == 0;
    return (int)pkt_len;
}

int pfring_flush_tx_packets(struct pfring *ring)
{
    ring->unflushed = false;
    return 0;
}

/* Copies the next slot to the memory that is lent, and gives the slot back. */
static bool take_slot(struct pfring *ring, struct pfring_pkthdr *hdr)
{
    uint8_t *slot = ring->slots + (size_t)ring->next_slot * SLOT_SIZE;
    struct tpacket2_hdr *header = (struct tpacket2_hdr *)slot;
    if ((__atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0)
        return false;
    memset(ring->lent, 0xdd, sizeof ring->lent);
    memcpy(ring->lent, slot + header->tp_mac, header->tp_snaplen);
    hdr->len = header->tp_len;
    hdr->caplen = header->tp_snaplen;
    __atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    ring->next_slot = (ring->next_slot + 1) % SLOTS;
    return true;
}

int pfring_recv(struct pfring *ring, uint8_t **buffer, unsigned buffer_len,
                struct pfring_pkthdr *hdr, uint8_t wait_for_incoming_packet)
{
    check_flushed(ring);
    if (!ring->enabled)
        return ERROR_RING_NOT_ENABLED;
    if (buffer_len != 0 || wait_for_incoming_packet)
        return ERROR_NOT_SUPPORTED;
    if (!take_slot(ring, hdr))
        return 0;
    gettimeofday(&hdr->ts, NULL);
    memset(hdr->extended_hdr, 0xee, sizeof hdr->extended_hdr);
    *buffer = ring->lent;
    ring->received++;
    return 1;
}

#ifndef STAND_IN_WITHOUT_POLL
int pfring_poll(struct pfring *ring, unsigned wait_duration)
{
    struct pollfd fd = {.fd = ring->fd, .events = POLLIN};
    check_flushed(ring);
    return poll(&fd, 1, (int)wait_duration);
}
#endif

int pfring_stats(struct pfring *ring, struct pfring_stat *stats)
{
    struct tpacket_stats since_last = {0};
    socklen_t size = sizeof since_last;
    check_flushed(ring);
    if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &since_last, &size) < 0)
        return ERROR_GENERIC;
    ring->dropped += since_last.tp_drops;
    *stats = (struct pfring_stat){.recv = ring->received, .drop = ring->dropped};
    return 0;
}

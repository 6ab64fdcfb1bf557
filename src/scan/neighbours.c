/* Neighbours: targets on the adapter's own subnet, and their hardware addresses. */
#include "scan/neighbours.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "packet/build.h"
#include "packet/decode.h"
#include "scan/adapter.h"
#include "scan/frame_log.h"
#include "scan/pace.h"

enum { ROUNDS = 3 };
static const uint64_t PATIENCE_NS = NS_PER_SECOND;
static const uint64_t SLEEP_NS = 5 * NS_PER_MS; /* a signal is seen that late at most */

struct neighbour {
    uint32_t address; /* host order */
    struct mac_address mac;
    bool known;
};

/* One round of requests. */
struct asking_round {
    struct neighbours *neighbours;
    const struct neighbours_asking *how;
    struct pace *pace;
    unsigned next; /* the first host that this round has not come to */
};

static void gather_range(struct neighbours *neighbours, const struct range *range)
{
    uint64_t first = range->first > neighbours->first ? range->first : neighbours->first;
    uint64_t last = range->last < neighbours->last ? range->last : neighbours->last;
    for (uint64_t address = first; address <= last; address++)
        neighbours->hosts[neighbours->count++].address = (uint32_t)address;
}

int neighbours_init(struct neighbours *neighbours, const struct adapter *adapter,
                    const struct range_set *targets, struct error *err)
{
    const struct interface *interface = &adapter->interface;
    *neighbours = (struct neighbours){0};
    if (!interface->has_ethernet || !interface->has_address || interface->prefix == 0 ||
        adapter->has_router_mac)
        return 0;
    uint32_t host_bits = (uint32_t)(0xffffffffull >> interface->prefix);
    neighbours->first = interface->address & ~host_bits;
    neighbours->last = interface->address | host_bits;
    uint64_t near = range_set_count_between(targets, neighbours->first, neighbours->last);
    if (near > NEIGHBOURS_MAX)
        return error_set(err,
                         "%llu targets are on the subnet of \"%s\" itself, more than the %d that "
                         "can be asked for by ARP: scan it in parts, or give --router-mac",
                         (unsigned long long)near, interface->name, NEIGHBOURS_MAX);
    neighbours->hosts = calloc(near + 1, sizeof *neighbours->hosts);
    if (neighbours->hosts == NULL)
        return error_set(err, "out of memory");
    for (size_t i = 0; i < targets->count; i++)
        gather_range(neighbours, &targets->ranges[i]);
    return 0;
}

void neighbours_fini(struct neighbours *neighbours)
{
    free(neighbours->hosts);
    *neighbours = (struct neighbours){0};
}

static struct neighbour *look_up(const struct neighbours *neighbours, uint32_t address)
{
    unsigned low = 0, high = neighbours->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (neighbours->hosts[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < neighbours->count && neighbours->hosts[low].address == address;
    return found ? &neighbours->hosts[low] : NULL;
}

const struct mac_address *neighbours_find(const struct neighbours *neighbours, uint32_t address)
{
    const struct neighbour *host = look_up(neighbours, address);
    return host != NULL && host->known ? &host->mac : NULL;
}

/* The next up to `wanted` silent hosts, by their number. */
static unsigned next_silent(const struct asking_round *round, unsigned *number, unsigned wanted)
{
    unsigned count = 0;
    for (unsigned i = round->next; i < round->neighbours->count && count < wanted; i++)
        if (!round->neighbours->hosts[i].known)
            number[count++] = i;
    return count;
}

static int send_requests(const struct asking_round *round, const unsigned *number, unsigned count,
                         struct error *err)
{
    struct transport *transport = round->how->transport;
    struct tx_slots slots;
    if (transport->ops->tx_reserve(transport->state, &slots, count, err) < 0)
        return -1;
    for (unsigned i = 0; i < slots.count; i++) {
        const struct arp_packet request = {
            .operation = ARP_REQUEST,
            .sender_mac = round->how->adapter->mac,
            .sender = round->how->adapter->address,
            .target = round->neighbours->hosts[number[i]].address,
        };
        slots.length[i] = (uint32_t)packet_build_arp(slots.frame[i], &request);
    }
    return slots.count > 0 ? transport->ops->tx_commit(transport->state, &slots, err) : 0;
}

/* Asks as many as the pace allows; returns how many are still to be asked in this round. */
static int ask_some(struct asking_round *round, uint64_t now_ns, struct error *err)
{
    unsigned number[TRANSPORT_BATCH] = {0};
    unsigned silent = next_silent(round, number, TRANSPORT_BATCH);
    unsigned allowed = silent > 0 ? pace_take(round->pace, now_ns, silent) : 0;
    if (allowed == 0)
        return (int)silent;
    int sent = send_requests(round, number, allowed, err);
    if (sent < 0)
        return -1;
    pace_give_back(round->pace, allowed - (unsigned)sent);
    if (sent > 0)
        round->next = number[sent - 1] + 1;
    return (int)silent - sent > 0 || silent == TRANSPORT_BATCH ? 1 : 0;
}

/* The first answer counts, so that nobody takes an address over later. */
static void take_answer(const struct asking_round *round, const uint8_t *frame, size_t length)
{
    struct packet packet;
    if (packet_decode(&packet, frame, length, true) != PACKET_OK || packet.kind != PACKET_ARP ||
        packet.arp.operation != ARP_REPLY || packet.arp.target != round->how->adapter->address)
        return;
    struct neighbour *host = look_up(round->neighbours, packet.arp.sender);
    bool is_group = packet.arp.sender_mac.bytes[0] & 1;
    if (host == NULL || host->known || is_group)
        return;
    host->mac = packet.arp.sender_mac;
    host->known = true;
    round->neighbours->answered++;
}

static int take_answers(const struct asking_round *round, struct error *err)
{
    struct transport *transport = round->how->transport;
    struct rx_frames frames;
    if (transport->ops->rx_peek(transport->state, &frames, err) < 0)
        return -1;
    for (unsigned i = 0; i < frames.count; i++)
        take_answer(round, frames.frame[i], frames.length[i]);
    transport->ops->rx_release(transport->state);
    return round->how->frame_log != NULL ? frame_log_drain(round->how->frame_log, err) : 0;
}

static bool is_interrupted(int signal_fd)
{
    struct pollfd waiting = {.fd = signal_fd, .events = POLLIN};
    return poll(&waiting, 1, 0) > 0;
}

/* Ends when nobody is silent and the pace is where it was before, so that what follows keeps to the
 * rate too; or when the last that was asked has had its time. */
static int ask_round(struct asking_round *round, struct error *err)
{
    struct transport *transport = round->how->transport;
    const struct neighbours *neighbours = round->neighbours;
    uint64_t now_ns = clock_monotonic_ns();
    for (uint64_t until_ns = now_ns + PATIENCE_NS; now_ns < until_ns;
         now_ns = clock_monotonic_ns()) {
        if (is_interrupted(round->how->signal_fd))
            return NEIGHBOURS_INTERRUPTED;
        int left = ask_some(round, now_ns, err);
        if (left < 0 || take_answers(round, err) < 0)
            return -1;
        if (left > 0)
            until_ns = now_ns + PATIENCE_NS;
        bool all_known = neighbours->answered == neighbours->count;
        if (all_known && pace_next_ns(round->pace) <= now_ns)
            return 0;
        if (transport->ops->wait(transport->state, SLEEP_NS, err) < 0)
            return -1;
    }
    return 0;
}

int neighbours_ask(struct neighbours *neighbours, const struct neighbours_asking *asking,
                   struct error *err)
{
    struct pace pace;
    pace_init(&pace, asking->rate_pps, clock_monotonic_ns());
    int result = 0;
    for (int i = 0; i < ROUNDS && result == 0 && neighbours->answered < neighbours->count; i++) {
        struct asking_round round = {.neighbours = neighbours, .how = asking, .pace = &pace};
        result = ask_round(&round, err);
    }
    return result;
}

/* Hardware addresses of hosts on the adapter's link, asked for. */
#include "scan/resolve.h"

#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "packet/build.h"
#include "packet/decode.h"
#include "scan/adapter.h"
#include "scan/frame_log.h"
#include "scan/link_watch.h"
#include "scan/pace.h"

enum { ROUNDS = 3 };
static const uint64_t PATIENCE_NS = NS_PER_SECOND;
static const uint64_t SLEEP_NS = 5 * NS_PER_MS; /* a signal is seen that late at most */

/* One round of requests. */
struct round {
    struct resolve_table *table;
    const struct resolve_asking *how;
    struct pace *pace;
    struct link_watch *link;
    unsigned next; /* the first host that this round has not come to */
};

const char *resolve_protocol(struct ip_number address)
{
    return ip_number_is_v4(address) ? "ARP" : "Neighbour Discovery";
}

struct resolve_host *resolve_find(const struct resolve_table *table, struct ip_number address)
{
    unsigned low = 0, high = table->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (ip_number_compare(table->hosts[middle].address, address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < table->count && ip_number_equal(table->hosts[low].address, address);
    return found ? &table->hosts[low] : NULL;
}

/* The next up to `wanted` silent hosts, by their number. */
static unsigned next_silent(const struct round *round, unsigned *number, unsigned wanted)
{
    unsigned count = 0;
    for (unsigned i = round->next; i < round->table->count && count < wanted; i++)
        if (!round->table->hosts[i].known)
            number[count++] = i;
    return count;
}

static uint32_t write_arp(uint8_t *frame, const struct adapter *adapter, uint32_t target)
{
    const struct arp_packet request = {
        .operation = ARP_REQUEST,
        .sender_mac = adapter->mac,
        .sender = (uint32_t)adapter->ipv4.source.low,
        .target = target,
    };
    return (uint32_t)packet_build_arp(frame, &request);
}

static uint32_t write_solicitation(uint8_t *frame, const struct adapter *adapter,
                                   struct ip_number target)
{
    const struct neighbour_packet solicitation = {
        .sender_mac = adapter->mac,
        .sender = adapter->ipv6.source,
        .target = target,
    };
    return (uint32_t)packet_build_solicitation(frame, &solicitation);
}

static uint32_t write_request(uint8_t *frame, const struct adapter *adapter,
                              struct ip_number target)
{
    return ip_number_is_v4(target) ? write_arp(frame, adapter, (uint32_t)target.low)
                                   : write_solicitation(frame, adapter, target);
}

static int send_requests(const struct round *round, const unsigned *number, unsigned count,
                         struct error *err)
{
    struct transport *transport = round->how->transport;
    struct tx_slots slots;
    if (transport->ops->tx_reserve(transport->state, &slots, count, err) < 0)
        return -1;
    for (unsigned i = 0; i < slots.count; i++)
        slots.length[i] = write_request(slots.frame[i], round->how->adapter,
                                        round->table->hosts[number[i]].address);
    return slots.count > 0 ? transport->ops->tx_commit(transport->state, &slots, err) : 0;
}

/* Asks as many as the pace allows; returns how many are still to be asked in this round. */
static int ask_some(struct round *round, uint64_t now_ns, struct error *err)
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
static void note_answer(const struct round *round, struct ip_number address,
                        const struct mac_address *mac)
{
    struct resolve_host *host = resolve_find(round->table, address);
    bool is_group = mac->bytes[0] & 1;
    if (host == NULL || host->known || is_group)
        return;
    host->mac = *mac;
    host->known = true;
    round->table->answered++;
}

/* An answer is one to this adapter. (That an advertisement comes from no further than the link is
 * the decoder's to see to.) */
static void take_answer(const struct round *round, const uint8_t *frame, size_t length)
{
    const struct adapter *adapter = round->how->adapter;
    struct packet packet;
    if (packet_decode(&packet, frame, length, true) != PACKET_OK)
        return;
    if (packet.kind == PACKET_ARP && packet.arp.operation == ARP_REPLY && adapter->ipv4.in_use &&
        packet.arp.target == (uint32_t)adapter->ipv4.source.low)
        note_answer(round, ip_number_v4(packet.arp.sender), &packet.arp.sender_mac);
    if (packet.kind == PACKET_NEIGHBOUR && packet.neighbour.type == ICMPV6_ADVERTISEMENT &&
        packet.neighbour.has_mac && ip_number_equal(packet.destination_ipv6, adapter->ipv6.source))
        note_answer(round, packet.neighbour.target, &packet.neighbour.mac);
}

static int take_answers(const struct round *round, struct error *err)
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

/* The time of an answer does not run while the link is down; when it is up again, all who are
 * silent are asked anew. */
static int watch_link(struct round *round, uint64_t now_ns, uint64_t *until_ns, struct error *err)
{
    char line[LINK_LINE_SIZE];
    int turn = link_watch_look(round->link, round->how->adapter, now_ns, line, err);
    if (turn < 0)
        return -1;
    if (turn != LINK_SAME)
        fprintf(stderr, "%s\n", line);
    if (turn == LINK_CAME_UP)
        round->next = 0;
    if (round->link->down || turn == LINK_CAME_UP)
        *until_ns = now_ns + PATIENCE_NS;
    return 0;
}

/* Ends when nobody is silent and the pace is where it was before, so that what follows keeps to the
 * rate too; or when the last that was asked has had its time. */
static int ask_round(struct round *round, struct error *err)
{
    struct transport *transport = round->how->transport;
    const struct resolve_table *table = round->table;
    uint64_t now_ns = clock_monotonic_ns();
    for (uint64_t until_ns = now_ns + PATIENCE_NS; now_ns < until_ns;
         now_ns = clock_monotonic_ns()) {
        if (is_interrupted(round->how->signal_fd))
            return RESOLVE_INTERRUPTED;
        int left = ask_some(round, now_ns, err);
        if (left < 0 || take_answers(round, err) < 0)
            return -1;
        if (left > 0)
            until_ns = now_ns + PATIENCE_NS;
        if (watch_link(round, now_ns, &until_ns, err) < 0)
            return -1;
        bool all_known = table->answered == table->count;
        if (all_known && pace_next_ns(round->pace) <= now_ns)
            return 0;
        if (transport->ops->wait(transport->state, SLEEP_NS, err) < 0)
            return -1;
    }
    return 0;
}

int resolve_ask(struct resolve_table *table, const struct resolve_asking *asking, struct error *err)
{
    struct pace pace;
    struct link_watch link = {0};
    pace_init(&pace, asking->rate_pps, clock_monotonic_ns());
    int result = 0;
    for (int i = 0; i < ROUNDS && result == 0 && table->answered < table->count; i++) {
        struct round round = {.table = table, .how = asking, .pace = &pace, .link = &link};
        result = ask_round(&round, err);
    }
    return result;
}

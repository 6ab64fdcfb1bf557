/* Packets that replies call for. */
#include "scan/answers.h"

#include <string.h>

#include "base/port.h"
#include "scan/worker.h"

/* Of what is sent one packet in so many, and so many at once. */
enum { OBLIGED_SHARE = 4, OBLIGED_FREE = 16 };

/* A neighbour's answer goes the way of its probe, to the address that the host itself named when it
 * was asked: the source of the frame it came in may be a router's, if the way back is another. */
static struct link_header link_to(const struct worker *worker, struct ip_number address)
{
    struct link_header link = ip_number_is_v4(address) ? worker->link : worker->link_ipv6;
    const struct neighbours *neighbours = worker->setup.neighbours;
    if (neighbours == NULL || !neighbours_near(neighbours, address))
        return link;
    const struct mac_address *mac = neighbours_find(neighbours, address);
    if (mac != NULL)
        memcpy(link.bytes, mac->bytes, sizeof mac->bytes);
    return link;
}

/* All packets of a connection have the flow label that its SYN had (RFC 6437): there are routers
 * that choose one of several ways, or servers, by it. */
static uint32_t flow_label_to(const struct worker *worker, const struct tcp_segment *segment)
{
    if (ip_number_is_v4(segment->destination))
        return 0;
    return probe_set_flow_label(worker->setup.probes, segment->destination,
                                port_code(PORT_TCP, segment->destination_port));
}

static bool add(struct worker *worker, const struct tcp_segment *segment)
{
    struct link_header link = link_to(worker, segment->destination);
    struct tcp_segment labelled = *segment;
    size_t room = PACKET_HEADERS_MAX + segment->payload_length;
    uint8_t *frame = outbox_reserve(&worker->outbox, room);
    if (frame == NULL)
        return false;
    labelled.flow_label = flow_label_to(worker, segment);
    outbox_put(&worker->outbox, packet_build_tcp(frame, &link, &labelled));
    return true;
}

void answers_add_reset(struct worker *worker, const struct packet *packet)
{
    const struct tcp_segment reset = {
        .source = packet_destination(packet),
        .destination = packet_source(packet),
        .source_port = packet->destination_port,
        .destination_port = packet->source_port,
        .sequence = packet->tcp.acknowledgement,
        .flags = TCP_RST,
        .ttl = worker->setup.ttl,
    };
    worker_count(worker, add(worker, &reset) ? COUNT_RESETS : COUNT_UNSENT, 1);
}

void answers_add_segment(struct worker *worker, const struct tcp_segment *segment)
{
    worker_count(worker, add(worker, segment) ? COUNT_SEGMENTS : COUNT_UNSENT, 1);
}

/* The oldest `count` answers; returns how many the link took. */
static int send_oldest(struct worker *worker, unsigned count, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    struct tx_slots *slots = &worker->slots;
    if (transport->ops->tx_reserve(transport->state, slots, count, err) < 0)
        return -1;
    outbox_copy(&worker->outbox, slots);
    int sent = slots->count > 0 ? transport->ops->tx_commit(transport->state, slots, err) : 0;
    if (sent > 0)
        outbox_drop(&worker->outbox, (unsigned)sent);
    return sent;
}

static int send_batch(struct worker *worker, uint64_t now_ns, struct error *err)
{
    unsigned waiting = worker->outbox.waiting;
    unsigned wanted = waiting < TRANSPORT_BATCH ? waiting : TRANSPORT_BATCH;
    unsigned allowed = pace_take(worker->setup.pace, now_ns, wanted);
    if (allowed == 0)
        return 0;
    int sent = send_oldest(worker, allowed, err);
    if (sent < 0)
        return -1;
    pace_give_back(worker->setup.pace, allowed - (unsigned)sent);
    worker_count(worker, COUNT_PACKETS, (unsigned)sent);
    return sent;
}

int answers_step(struct worker *worker, uint64_t now_ns, struct error *err)
{
    return worker->outbox.waiting > 0 ? send_batch(worker, now_ns, err) : 0;
}

bool answers_may_oblige(struct worker *worker)
{
    uint64_t sent = atomic_load_explicit(&worker->counts[COUNT_PACKETS], memory_order_relaxed);
    if (worker->obliged >= OBLIGED_FREE + sent / OBLIGED_SHARE)
        return false;
    worker->obliged++;
    return true;
}

/* A frame whose token is taken already; 1 if it left. */
static int send_frame(struct worker *worker, const uint8_t *frame, size_t length, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    struct tx_slots *slots = &worker->slots;
    if (transport->ops->tx_reserve(transport->state, slots, 1, err) < 0)
        return -1;
    if (slots->count == 0)
        return 0;
    memcpy(slots->frame[0], frame, length);
    slots->length[0] = (uint32_t)length;
    return transport->ops->tx_commit(transport->state, slots, err);
}

/* Ahead of its turn, if the pace and what is owed to others allow it. */
static int send_at_once(struct worker *worker, const uint8_t *frame, size_t length,
                        struct error *err)
{
    if (!answers_may_oblige(worker) || !pace_borrow(worker->setup.pace, worker->now_ns))
        return 0;
    int sent = send_frame(worker, frame, length, err);
    if (sent > 0)
        worker_count(worker, COUNT_PACKETS, 1);
    else
        pace_give_back(worker->setup.pace, 1);
    return sent;
}

int answers_send_arp(struct worker *worker, const struct packet *request, struct error *err)
{
    const struct arp_packet reply = {
        .operation = ARP_REPLY,
        .sender_mac = worker->setup.adapter->mac,
        .sender = request->arp.target,
        .target_mac = request->arp.sender_mac,
        .target = request->arp.sender,
    };
    uint8_t frame[PACKET_HEADERS_MAX];
    return send_at_once(worker, frame, packet_build_arp(frame, &reply), err);
}

int answers_send_advertisement(struct worker *worker, const struct packet *request,
                               struct error *err)
{
    const struct neighbour_packet reply = {
        .sender_mac = worker->setup.adapter->mac,
        .sender = request->neighbour.target,
        .target = request->neighbour.target,
        .receiver_mac = request->neighbour.has_mac ? request->neighbour.mac : request->source_mac,
        .receiver = request->source_ipv6,
    };
    uint8_t frame[PACKET_HEADERS_MAX];
    return send_at_once(worker, frame, packet_build_advertisement(frame, &reply), err);
}

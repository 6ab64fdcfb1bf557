/* The receiving line: transport -> packet -> probe.match -> finding; and the answers that replies
 * call for. */
#include "scan/rx.h"

#include "base/clock.h"
#include "scan/counter.h"
#include "scan/finding.h"
#include "scan/worker.h"

/* Answers gathered while a batch is judged, sent behind it. */
struct answers {
    struct tx_slots slots;
    unsigned used;
    unsigned resets, resets_allowed;
};

static int answers_begin(struct worker *worker, struct answers *answers, unsigned frames,
                         uint64_t now_ns, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    answers->used = answers->resets = 0;
    answers->resets_allowed = pace_answers_allowed(&worker->pace, now_ns);
    return transport->ops->tx_reserve(transport->state, &answers->slots, frames, err);
}

static int answers_send(struct worker *worker, struct answers *answers, struct error *err)
{
    if (answers->used == 0)
        return 0;
    const struct transport *transport = worker->setup.transport;
    answers->slots.count = answers->used;
    int sent = transport->ops->tx_commit(transport->state, &answers->slots, err);
    if (sent < 0)
        return -1;
    pace_spend(&worker->pace, answers->resets);
    counter_add(&worker->counters.resets, answers->resets);
    counter_add(&worker->counters.packets, (unsigned)sent);
    return 0;
}

/* Where the next answer goes, or NULL if there is no room for one. */
static uint8_t *answer_frame(struct answers *answers)
{
    return answers->used < answers->slots.count ? answers->slots.frame[answers->used] : NULL;
}

static void answer_length(struct answers *answers, size_t length)
{
    answers->slots.length[answers->used++] = (uint32_t)length;
}

/* Somebody asks for the hardware address of a source address that only the scanner has. */
static void answer_arp(struct worker *worker, const struct packet *packet, struct answers *answers)
{
    const struct adapter *adapter = worker->setup.adapter;
    if (packet->arp.operation != ARP_REQUEST || !adapter_answers_for(adapter, packet->arp.target))
        return;
    uint8_t *frame = answer_frame(answers);
    if (frame == NULL)
        return;
    const struct arp_packet reply = {
        .operation = ARP_REPLY,
        .sender_mac = adapter->mac,
        .sender = packet->arp.target,
        .target_mac = packet->arp.sender_mac,
        .target = packet->arp.sender,
    };
    answer_length(answers, packet_build_arp(frame, &reply));
}

/* Closes the half-open connection at the far end. If the rate has no room the far end will ask
 * again. */
static void answer_reset(struct worker *worker, const struct packet *packet,
                         struct answers *answers)
{
    uint8_t *frame = answer_frame(answers);
    if (frame == NULL || answers->resets >= answers->resets_allowed) {
        counter_add(&worker->counters.unsent_resets, 1);
        return;
    }
    const struct tcp_segment reset = {
        .source = packet->destination,
        .destination = packet->source,
        .source_port = packet->destination_port,
        .destination_port = packet->source_port,
        .sequence = packet->tcp.acknowledgement,
        .flags = TCP_RST,
        .ttl = worker->setup.ttl,
    };
    answer_length(answers, packet_build_tcp(frame, &worker->link, &reset));
    answers->resets++;
}

static void report(struct worker *worker, const struct probe_reply *reply,
                   enum probe_verdict verdict)
{
    const struct finding finding = {
        .time = clock_wall_seconds(),
        .address = reply->address,
        .port = reply->port,
        .protocol = reply->protocol,
        .reason = reply->reason,
        .ttl = reply->ttl,
        .status = verdict == PROBE_OPEN ? RESULT_OPEN : RESULT_CLOSED,
    };
    ring_push(worker->setup.findings, &finding); /* rx_step made sure of the room */
    counter_add(&worker->counters.replies, 1);
}

static void judge(struct worker *worker, const uint8_t *frame, size_t length,
                  struct answers *answers)
{
    struct packet packet;
    bool has_ethernet = worker->setup.adapter->interface.has_ethernet;
    enum packet_error broken = packet_decode(&packet, frame, length, has_ethernet);
    if (broken != PACKET_OK) {
        if (broken != PACKET_NOT_IP)
            counter_add(&worker->counters.undecodable, 1);
        return;
    }
    if (packet.kind == PACKET_ARP) {
        answer_arp(worker, &packet, answers);
        return;
    }
    struct probe_reply reply;
    enum probe_verdict verdict = probe_set_match(worker->setup.probes, &packet, &reply);
    if (verdict == PROBE_FORGED)
        counter_add(&worker->counters.forged, 1);
    if (verdict != PROBE_OPEN && verdict != PROBE_CLOSED)
        return;
    report(worker, &reply, verdict);
    if (reply.answer_reset && worker->setup.send_resets)
        answer_reset(worker, &packet, answers);
}

int rx_step(struct worker *worker, uint64_t now_ns, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    if (ring_room(worker->setup.findings) < TRANSPORT_BATCH)
        return 0;
    struct rx_frames frames;
    if (transport->ops->rx_peek(transport->state, &frames, err) < 0)
        return -1;
    if (frames.count == 0) {
        transport->ops->rx_release(transport->state);
        return 0;
    }
    struct answers answers;
    if (answers_begin(worker, &answers, frames.count, now_ns, err) < 0)
        return -1;
    for (unsigned i = 0; i < frames.count; i++)
        judge(worker, frames.frame[i], frames.length[i], &answers);
    transport->ops->rx_release(transport->state);
    counter_add(&worker->counters.frames, frames.count);
    return answers_send(worker, &answers, err) < 0 ? -1 : (int)frames.count;
}

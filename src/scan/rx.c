/* The receiving line: transport -> packet -> probe.match -> finding; and the answers that replies
 * call for. */
#include "scan/rx.h"

#include <netinet/in.h>

#include "base/clock.h"
#include "base/port.h"
#include "scan/answers.h"
#include "scan/finding.h"
#include "scan/suspects.h"
#include "scan/worker.h"

/* One batch of frames being judged. */
struct judging {
    struct worker *worker;
    uint64_t wall_seconds;
    bool answered_who_asks; /* once a batch: who asks more often asks again */
};

/* What is reported of a verdict; of all others nothing is. */
static const uint8_t statuses[] = {
    [PROBE_OPEN] = RESULT_OPEN,
    [PROBE_CLOSED] = RESULT_CLOSED,
    [PROBE_UP] = RESULT_UP,
};

static struct finding finding_of(const struct packet *packet, const struct probe_reply *reply,
                                 enum probe_verdict verdict)
{
    struct finding finding = {
        .address = reply->address, .port = reply->port, .status = statuses[verdict]};
    if (verdict == PROBE_UP) {
        finding.mac = reply->mac;
        return finding;
    }
    finding.protocol = reply->protocol;
    finding.reason = reply->reason;
    finding.ttl = reply->ttl;
    finding.sign = (uint8_t)suspects_sign_of(packet);
    return finding;
}

static void report(const struct judging *judging, const struct packet *packet,
                   const struct probe_reply *reply, enum probe_verdict verdict)
{
    struct finding finding = finding_of(packet, reply, verdict);
    finding.time = (uint32_t)judging->wall_seconds;
    ring_push(&judging->worker->findings, &finding); /* rx_step made sure of the room */
    worker_count(judging->worker, COUNT_REPLIES, 1);
}

static bool asks_by_arp(const struct packet *packet)
{
    return packet->kind == PACKET_ARP && packet->arp.operation == ARP_REQUEST;
}

/* Who has no address yet only looks whether somebody else has it (RFC 4862, 5.4): that is no
 * question to a scanner. */
static bool asks_by_solicitation(const struct packet *packet)
{
    return packet->kind == PACKET_NEIGHBOUR && packet->neighbour.type == ICMPV6_SOLICITATION &&
           (packet->source_ipv6.high | packet->source_ipv6.low) != 0;
}

/* Somebody may ask for the hardware address of a source address that only the scanner has. */
static int answer_who_asks(struct judging *judging, const struct packet *packet, struct error *err)
{
    struct worker *worker = judging->worker;
    bool by_arp = asks_by_arp(packet);
    if (judging->answered_who_asks || (!by_arp && !asks_by_solicitation(packet)))
        return 0;
    struct ip_number target = by_arp ? ip_number_v4(packet->arp.target) : packet->neighbour.target;
    if (!worker->setup.adapter->interface.has_ethernet ||
        !adapter_answers_for(worker->setup.adapter, target))
        return 0;
    judging->answered_who_asks = true;
    int sent = by_arp ? answers_send_arp(worker, packet, err)
                      : answers_send_advertisement(worker, packet, err);
    return sent < 0 ? -1 : 0;
}

/* The far end waits for the third packet of the handshake: it gets that, or a reset. */
static void answer_syn_ack(struct worker *worker, const struct packet *packet, uint8_t attempt)
{
    if (worker->banners.grab != NULL)
        banners_open(worker, packet, attempt);
    else if (worker->setup.send_resets)
        answers_add_reset(worker, packet);
}

/* Does the reply tell something of its port? Not if it answers a further attempt to talk, nor if it
 * ends a conversation that has been. */
static bool is_news(const struct worker *worker, const struct probe_reply *reply,
                    enum probe_verdict verdict)
{
    if (reply->attempt > 0)
        return false;
    return verdict == PROBE_OPEN || reply->protocol != IPPROTO_TCP ||
           worker->banners.grab == NULL ||
           !grab_knows(worker->banners.grab, reply->address,
                       (uint16_t)port_code_number(reply->port));
}

/* A probe got no further; what it asked is as open as before. */
static void count_error(struct worker *worker, const struct packet *packet)
{
    unsigned kind = icmp_error_kind(packet->version, packet->icmp.type, packet->icmp.code);
    counter_add(&worker->icmp_errors[kind], 1);
}

static void judge_reply(const struct judging *judging, const struct packet *packet)
{
    struct worker *worker = judging->worker;
    bool may_talk = packet->kind == PACKET_TCP && worker->banners.grab != NULL;
    if (may_talk && banners_take(worker, packet))
        return;
    struct probe_reply reply;
    enum probe_verdict verdict = probe_set_match(worker->setup.probes, packet, &reply);
    if (verdict == PROBE_FORGED)
        worker_count(worker, COUNT_FORGED, 1);
    if (verdict == PROBE_ERROR)
        count_error(worker, packet);
    if (verdict == PROBE_IGNORE && may_talk)
        banners_refuse(worker, packet);
    if (verdict < PROBE_OPEN)
        return;
    if (is_news(worker, &reply, verdict))
        report(judging, packet, &reply, verdict);
    if (verdict == PROBE_OPEN && packet->kind == PACKET_UDP && worker->banners.grab != NULL)
        banners_read(worker, packet, (uint16_t)port_code_number(reply.port));
    if (reply.answer_reset)
        answer_syn_ack(worker, packet, reply.attempt);
}

static int judge(struct judging *judging, const uint8_t *frame, size_t length, struct error *err)
{
    struct worker *worker = judging->worker;
    struct packet packet;
    bool has_ethernet = worker->setup.adapter->interface.has_ethernet;
    enum packet_error broken = packet_decode(&packet, frame, length, has_ethernet);
    if (broken == PACKET_OK && (asks_by_arp(&packet) || packet.kind == PACKET_NEIGHBOUR))
        return answer_who_asks(judging, &packet, err);
    if (broken == PACKET_OK)
        judge_reply(judging, &packet);
    else if (broken != PACKET_NOT_IP)
        worker_count(worker, COUNT_UNDECODABLE, 1);
    return 0;
}

static int judge_all(struct worker *worker, const struct rx_frames *frames, struct error *err)
{
    struct judging judging = {.worker = worker, .wall_seconds = clock_wall_seconds()};
    for (unsigned i = 0; i < frames->count; i++)
        if (judge(&judging, frames->frame[i], frames->length[i], err) < 0)
            return -1;
    worker_count(worker, COUNT_FRAMES, frames->count);
    return 0;
}

int rx_step(struct worker *worker, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    if (ring_room(&worker->findings) < TRANSPORT_BATCH || !banners_have_room(worker))
        return 0;
    struct rx_frames frames;
    if (transport->ops->rx_peek(transport->state, &frames, err) < 0)
        return -1;
    int judged = frames.count > 0 ? judge_all(worker, &frames, err) : 0;
    transport->ops->rx_release(transport->state);
    return judged < 0 ? -1 : (int)frames.count;
}

/* Packets that replies call for. */
#include "scan/answers.h"

#include "scan/worker.h"

bool answers_add_reset(struct answers *answers, const struct packet *packet)
{
    if (answers_waiting(answers) == ANSWERS_MAX)
        return false;
    answers->resets[answers->tail++ % ANSWERS_MAX] = (struct reset){
        .source = packet->destination,
        .destination = packet->source,
        .sequence = packet->tcp.acknowledgement,
        .source_port = packet->destination_port,
        .destination_port = packet->source_port,
    };
    return true;
}

static size_t write_reset(const struct worker *worker, uint8_t *frame, const struct reset *reset)
{
    const struct tcp_segment segment = {
        .source = reset->source,
        .destination = reset->destination,
        .source_port = reset->source_port,
        .destination_port = reset->destination_port,
        .sequence = reset->sequence,
        .flags = TCP_RST,
        .ttl = worker->setup.ttl,
    };
    return packet_build_tcp(frame, &worker->link, &segment);
}

/* The oldest `count` resets; returns how many the link took. */
static int send_resets(struct worker *worker, unsigned count, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    struct answers *answers = &worker->answers;
    struct tx_slots *slots = &worker->slots;
    if (transport->ops->tx_reserve(transport->state, slots, count, err) < 0)
        return -1;
    for (unsigned i = 0; i < slots->count; i++) {
        const struct reset *reset = &answers->resets[(answers->head + i) % ANSWERS_MAX];
        slots->length[i] = (uint32_t)write_reset(worker, slots->frame[i], reset);
    }
    int sent = slots->count > 0 ? transport->ops->tx_commit(transport->state, slots, err) : 0;
    if (sent > 0)
        answers->head += (unsigned)sent;
    return sent;
}

/* Sends a batch. */
static int send_batch(struct worker *worker, uint64_t now_ns, struct error *err)
{
    unsigned waiting = answers_waiting(&worker->answers);
    unsigned wanted = waiting < TRANSPORT_BATCH ? waiting : TRANSPORT_BATCH;
    unsigned allowed = pace_take(worker->setup.pace, now_ns, wanted);
    if (allowed == 0)
        return 0;
    int sent = send_resets(worker, allowed, err);
    if (sent < 0)
        return -1;
    pace_give_back(worker->setup.pace, allowed - (unsigned)sent);
    worker_count(worker, COUNT_RESETS, (unsigned)sent);
    worker_count(worker, COUNT_PACKETS, (unsigned)sent);
    return sent;
}

int answers_step(struct worker *worker, uint64_t now_ns, struct error *err)
{
    int batch = 1, sent = 0;
    while (batch > 0 && answers_waiting(&worker->answers) > 0) {
        batch = send_batch(worker, now_ns, err);
        if (batch < 0)
            return -1;
        sent += batch;
    }
    return sent;
}

int answers_send_arp(struct worker *worker, const struct packet *request, struct error *err)
{
    const struct transport *transport = worker->setup.transport;
    const struct arp_packet reply = {
        .operation = ARP_REPLY,
        .sender_mac = worker->setup.adapter->mac,
        .sender = request->arp.target,
        .target_mac = request->arp.sender_mac,
        .target = request->arp.sender,
    };
    struct tx_slots *slots = &worker->slots;
    if (transport->ops->tx_reserve(transport->state, slots, 1, err) < 0)
        return -1;
    if (slots->count == 0)
        return 0;
    slots->length[0] = (uint32_t)packet_build_arp(slots->frame[0], &reply);
    int sent = transport->ops->tx_commit(transport->state, slots, err);
    if (sent <= 0)
        return sent;
    pace_owe(worker->setup.pace, 1);
    worker_count(worker, COUNT_PACKETS, 1);
    return sent;
}

/* Sending; the theory is in tcp.h. */
#include "tcp/send.h"

#include "tcp/sequence.h"

#define CHALLENGE_INTERVAL_NS 500000000ull
#define NS_PER_US             1000ull

enum { TIMEOUT_FIRST_US = 1000000, TIMEOUT_LEAST_US = 1000000, TIMEOUT_MOST_US = 60000000 };
enum { GRANULARITY_US = 4000 }; /* of the wheel */

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

void tcb_init_sending(struct tcb *tcb)
{
    tcb->timeout_us = TIMEOUT_FIRST_US;
    tcb->congestion_window = (uint16_t)(INITIAL_WINDOW * tcb->mss);
    tcb->slow_start_threshold = IN_FLIGHT_MAX;
}

/* --- Segments --- */

/* The window that goes into a segment: what is left of the setup's, less if the pool is nearly used
 * up (then segments in order still pass, for they need no memory), but what was offered stays. */
static uint16_t offer_window(const struct tcp_table *table, struct tcb *tcb)
{
    uint64_t left = (uint64_t)chunk_pool_left(&table->pool) * CHUNK_BYTES;
    uint32_t room = left < table->setup.window ? (uint32_t)left : table->setup.window;
    uint32_t edge = tcb->next_expected + larger(room, DEFAULT_MSS);
    tcb->window_edge = sequence_later(edge, tcb->window_edge);
    return (uint16_t)(tcb->window_edge - tcb->next_expected);
}

static void emit(struct tcp_table *table, const struct tcp_segment *segment)
{
    table->counters.sent++;
    table->setup.callbacks.emit(table->setup.callbacks.context, segment);
}

static void emit_for(struct tcp_table *table, struct tcb *tcb, uint32_t sequence, uint8_t flags,
                     uint32_t length)
{
    bool is_reset = flags & TCP_RST;
    struct tcp_segment segment = {.source = tcb->local,
                                  .destination = tcb->remote,
                                  .source_port = tcb->local_port,
                                  .destination_port = tcb->remote_port,
                                  .sequence = sequence,
                                  .acknowledgement = tcb->next_expected,
                                  .flags = flags,
                                  .ttl = table->setup.ttl,
                                  .window = is_reset ? 0 : offer_window(table, tcb),
                                  .ip_id = table->ip_id++,
                                  .payload = table->payload,
                                  .payload_length = length};
    tcb->ack_owed = false;
    emit(table, &segment);
}

void tcb_acknowledge(struct tcp_table *table, struct tcb *tcb)
{
    emit_for(table, tcb, tcb->next_to_send, TCP_ACK, 0);
}

void tcb_challenge(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    if (now_ns < tcb->challenge_ns)
        return;
    tcb->challenge_ns = now_ns + CHALLENGE_INTERVAL_NS;
    table->counters.challenges++;
    tcb_acknowledge(table, tcb);
}

void tcb_reset(struct tcp_table *table, struct tcb *tcb)
{
    bool is_closed_window = tcb->send_window == 0;
    uint32_t sequence = is_closed_window ? tcb->unacknowledged : tcb->maximum_sent;
    emit_for(table, tcb, sequence, TCP_RST | TCP_ACK, 0);
}

/* RFC 9293, 3.10.7.1: a RST that the sender of the segment takes for exact. */
void tcp_refuse(struct tcp_table *table, const struct tcp_segment *segment)
{
    if (segment->flags & TCP_RST)
        return;
    struct tcp_segment reset = {.source = segment->destination,
                                .destination = segment->source,
                                .source_port = segment->destination_port,
                                .destination_port = segment->source_port,
                                .flags = TCP_RST,
                                .ttl = table->setup.ttl,
                                .ip_id = table->ip_id++,
                                .payload = table->payload};
    if (segment->flags & TCP_ACK) {
        reset.sequence = segment->acknowledgement;
    } else {
        uint32_t length = (uint32_t)segment->payload_length + !!(segment->flags & TCP_SYN) +
                          !!(segment->flags & TCP_FIN);
        reset.flags |= TCP_ACK;
        reset.acknowledgement = segment->sequence + length;
    }
    table->counters.refused++;
    emit(table, &reset);
}

/* --- What may leave --- */

/* How many bytes of the queue, from `offset` on, the next segment carries. Part of a segment waits
 * while something is on its way (silly window syndrome, RFC 9293, 3.8.6.2.1), unless it is the
 * last.
 */
static uint32_t sendable(const struct tcb *tcb, uint32_t offset)
{
    uint32_t window = smaller(tcb->send_window, tcb->congestion_window);
    uint32_t unsent = tcb->queue.bytes - offset;
    uint32_t room = window > offset ? window - offset : 0;
    uint32_t length = smaller(smaller(unsent, tcb->mss), room);
    bool is_part = length < unsent && length < tcb->mss;
    return is_part && offset > 0 ? 0 : length;
}

/* Round trips are measured on what is sent for the first time, one at a time. */
static void start_timing(struct tcb *tcb, uint32_t sequence, uint64_t now_ns)
{
    if (tcb->timing)
        return;
    tcb->timing = true;
    tcb->timed_sequence = sequence;
    tcb->timed_since_ns = now_ns;
}

/* Sends `length` bytes from `offset` on, and our FIN if it is behind them. */
static void send_part(struct tcp_table *table, struct tcb *tcb, uint32_t offset, uint32_t length,
                      uint64_t now_ns)
{
    bool is_last = offset + length == tcb->queue.bytes;
    bool fin = is_last && tcb_fin_to_send(tcb);
    bool push = is_last && length > 0;
    uint8_t flags = (uint8_t)(TCP_ACK | (push ? TCP_PSH : 0) | (fin ? TCP_FIN : 0));
    uint32_t sequence = tcb->unacknowledged + offset;
    send_queue_copy(&table->pool, &tcb->queue, offset, table->payload, length);
    tcb->next_to_send = sequence + length + fin;
    if (sequence_before(sequence, tcb->maximum_sent))
        table->counters.retransmitted++;
    else
        start_timing(tcb, sequence, now_ns);
    tcb->maximum_sent = sequence_later(tcb->maximum_sent, tcb->next_to_send);
    emit_for(table, tcb, sequence, flags, length);
}

static bool send_next(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    uint32_t offset = tcb->next_to_send - tcb->unacknowledged;
    if (offset > tcb->queue.bytes) /* with the FIN, that was all */
        return false;
    uint32_t length = sendable(tcb, offset);
    bool only_fin = offset == tcb->queue.bytes && tcb_fin_to_send(tcb);
    if (length == 0 && !only_fin)
        return false;
    send_part(table, tcb, offset, length, now_ns);
    return true;
}

static uint64_t timeout_ns(const struct tcb *tcb)
{
    uint64_t timeout_us = (uint64_t)tcb->timeout_us << tcb->backoff;
    return (timeout_us < TIMEOUT_MOST_US ? timeout_us : TIMEOUT_MOST_US) * NS_PER_US;
}

void tcb_output(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    while (send_next(table, tcb, now_ns))
        ;
    if (tcb->ack_owed)
        tcb_acknowledge(table, tcb);
    /* Also where a closed window keeps the queue: then the timeout probes it. */
    bool waiting = tcb_in_flight(tcb) || tcb->queue.bytes > 0;
    if (!waiting)
        tcb->retransmit_ns = 0;
    else if (tcb->retransmit_ns == 0)
        tcb->retransmit_ns = now_ns + timeout_ns(tcb);
    tcb_arm(table, tcb);
}

/* --- Timeouts --- */

static void probe_window(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    table->counters.window_probes++;
    send_part(table, tcb, 0, 1, now_ns);
}

static void go_back(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    uint32_t in_flight = tcb->maximum_sent - tcb->unacknowledged;
    uint32_t half = larger(in_flight / 2, 2u * tcb->mss); /* RFC 5681, equation 4 */
    tcb->slow_start_threshold = (uint16_t)smaller(half, IN_FLIGHT_MAX);
    tcb->congestion_window = tcb->mss;
    tcb->next_to_send = tcb->unacknowledged;
    send_next(table, tcb, now_ns);
}

bool tcb_retransmit(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    if (tcb->tries >= table->setup.tries) {
        tcb_reset(table, tcb);
        tcb_end(table, tcb, TCP_END_TIMED_OUT);
        return false;
    }
    tcb->tries++;
    if (timeout_ns(tcb) < TIMEOUT_MOST_US * NS_PER_US)
        tcb->backoff++;
    tcb->timing = false; /* Karn: which of the copies is acknowledged cannot be told */
    if (tcb->send_window == 0 && tcb->queue.bytes > 0)
        probe_window(table, tcb, now_ns);
    else
        go_back(table, tcb, now_ns);
    tcb->retransmit_ns = now_ns + timeout_ns(tcb);
    return true;
}

/* --- What comes back --- */

/* RFC 6298, section 2. */
static void measure(struct tcb *tcb, uint64_t now_ns)
{
    uint64_t round_trip = (now_ns - tcb->timed_since_ns) / NS_PER_US;
    uint32_t r = round_trip < TIMEOUT_MOST_US ? (uint32_t)round_trip : TIMEOUT_MOST_US;
    if (tcb->measured) {
        uint32_t error = r > tcb->smoothed_us ? r - tcb->smoothed_us : tcb->smoothed_us - r;
        tcb->variation_us = (3 * tcb->variation_us + error) / 4;
        tcb->smoothed_us = (7 * tcb->smoothed_us + r) / 8;
    } else {
        tcb->smoothed_us = r;
        tcb->variation_us = r / 2;
        tcb->measured = true;
    }
    uint32_t timeout = tcb->smoothed_us + larger(GRANULARITY_US, 4 * tcb->variation_us);
    tcb->timeout_us = smaller(larger(timeout, TIMEOUT_LEAST_US), TIMEOUT_MOST_US);
    tcb->backoff = 0;
    tcb->timing = false;
}

/* RFC 5681, 3.1. */
static void widen(struct tcb *tcb, uint32_t acknowledged)
{
    uint32_t step = tcb->congestion_window < tcb->slow_start_threshold
                        ? smaller(acknowledged, tcb->mss)
                        : larger(1, (uint32_t)tcb->mss * tcb->mss / tcb->congestion_window);
    tcb->congestion_window = (uint16_t)smaller(tcb->congestion_window + step, IN_FLIGHT_MAX);
}

void tcb_acknowledged(struct tcp_table *table, struct tcb *tcb, uint32_t acknowledgement,
                      uint64_t now_ns)
{
    uint32_t amount = acknowledgement - tcb->unacknowledged;
    send_queue_drop(&table->pool, &tcb->queue, smaller(amount, tcb->queue.bytes));
    tcb->unacknowledged = acknowledgement;
    tcb->next_to_send = sequence_later(tcb->next_to_send, acknowledgement);
    if (tcb->timing && sequence_before(tcb->timed_sequence, acknowledgement))
        measure(tcb, now_ns);
    widen(tcb, amount);
    /* As BSD and Linux do. RFC 6298 would keep the doubled timeout until a round trip is measured;
     * on a lossy path that can be never, and minutes for each segment. */
    tcb->backoff = 0;
    tcb->tries = 0;
    tcb->retransmit_ns = tcb_in_flight(tcb) ? now_ns + timeout_ns(tcb) : 0;
}

void tcb_set_window(struct tcb *tcb, uint16_t window)
{
    bool opens = tcb->send_window == 0 && window > 0;
    tcb->send_window = window;
    if (window > tcb->greatest_window)
        tcb->greatest_window = window;
    if (window == 0)
        tcb->tries =
            0; /* it answers: a window may stay closed for as long as the connection lives */
    if (!opens)
        return;
    /* What was sent into the closed window was thrown away, most likely. */
    tcb->next_to_send = tcb->unacknowledged;
    tcb->backoff = 0;
    tcb->tries = 0;
    tcb->timing = false;
    tcb->retransmit_ns = 0;
}

/* A segment arrives: RFC 9293, 3.10.7.4, with the checks of RFC 5961. The theory is in tcp.h. */
#include "tcp/send.h"
#include "tcp/sequence.h"

/* The part of a segment that is data, cut to what is wanted of it. */
struct arrival {
    uint32_t sequence;
    const uint8_t *bytes;
    uint32_t length;
    bool fin;
};

static void drop(struct tcp_table *table, enum tcp_drop cause)
{
    table->counters.dropped[cause]++;
}

static bool is_in_window(const struct tcb *tcb, uint32_t sequence)
{
    return !sequence_before(sequence, tcb->next_expected) &&
           sequence_before(sequence, tcb->window_edge);
}

/* RFC 9293, table 6; our window is never closed. An empty segment may stand at the edge, too: there
 * is where an end is that has filled the window. */
static bool is_acceptable(const struct tcb *tcb, const struct tcp_segment *segment)
{
    uint32_t length = (uint32_t)segment->payload_length + !!(segment->flags & TCP_FIN);
    uint32_t start = segment->sequence;
    if (length == 0)
        return is_in_window(tcb, start) || start == tcb->window_edge;
    return sequence_before(start, tcb->window_edge) &&
           sequence_before(tcb->next_expected, start + length);
}

static void take_reset(struct tcp_table *table, struct tcb *tcb, uint32_t sequence, uint64_t now_ns)
{
    if (sequence == tcb->next_expected) {
        tcb_end(table, tcb, TCP_END_RESET);
        return;
    }
    drop(table, TCP_DROP_RESET);
    if (is_in_window(tcb, sequence))
        tcb_challenge(table, tcb, now_ns);
}

/* Does it begin so little before what is expected that it was in our window once? */
static bool was_in_window(const struct tcb *tcb, uint32_t sequence)
{
    return tcb->next_expected - sequence <= UINT16_MAX;
}

/* What has data that once was due was sent again, because our ACK was lost: it gets another. What
 * is empty may itself be such an answer, and what was never due a forgery: these get few
 * (keep-alives among them), or two ends could go on for ever, and a stranger have us send. */
static void answer_outside(struct tcp_table *table, struct tcb *tcb,
                           const struct tcp_segment *segment, uint64_t now_ns)
{
    bool has_data = segment->payload_length > 0 || segment->flags & TCP_FIN;
    drop(table, TCP_DROP_OUTSIDE);
    if (has_data && was_in_window(tcb, segment->sequence))
        tcb_acknowledge(table, tcb);
    else
        tcb_challenge(table, tcb, now_ns);
}

/* May the segment's ACK be from the far end? RFC 5961, 5.2. */
static bool is_plausible_ack(const struct tcb *tcb, uint32_t acknowledgement)
{
    return !sequence_before(tcb->maximum_sent, acknowledgement) &&
           !sequence_before(acknowledgement, tcb->unacknowledged - tcb->greatest_window);
}

/* Newer segments tell the newer window (RFC 9293: SND.WL1, SND.WL2). */
static void take_window(struct tcb *tcb, const struct tcp_segment *segment)
{
    bool is_newer = sequence_before(tcb->window_sequence, segment->sequence) ||
                    (tcb->window_sequence == segment->sequence &&
                     !sequence_before(segment->acknowledgement, tcb->window_acknowledgement));
    if (!is_newer || sequence_before(segment->acknowledgement, tcb->unacknowledged))
        return;
    tcb->window_sequence = segment->sequence;
    tcb->window_acknowledgement = segment->acknowledgement;
    tcb_set_window(tcb, segment->window);
}

static void enter_time_wait(const struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    tcb->state = TCB_TIME_WAIT;
    tcb->end_ns = now_ns + table->setup.time_wait_ns;
}

/* Our FIN is acknowledged. False if that is the end. */
static bool take_ack_of_fin(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    switch (tcb->state) {
    case TCB_FIN_WAIT_1:
        tcb->state = TCB_FIN_WAIT_2;
        return true;
    case TCB_CLOSING:
        enter_time_wait(table, tcb, now_ns);
        return true;
    default: /* LAST_ACK */
        tcb_end(table, tcb, TCP_END_CLOSED);
        return false;
    }
}

/* False if the connection has ended. */
static bool take_ack(struct tcp_table *table, struct tcb *tcb, const struct tcp_segment *segment,
                     uint64_t now_ns)
{
    uint32_t acknowledgement = segment->acknowledgement;
    uint32_t amount = acknowledgement - tcb->unacknowledged;
    bool is_new = sequence_before(tcb->unacknowledged, acknowledgement);
    uint32_t bytes = tcb->queue.bytes;
    if (is_new)
        tcb_acknowledged(table, tcb, acknowledgement, now_ns);
    take_window(tcb, segment);
    if (!is_new)
        return true;
    if (amount > bytes && !take_ack_of_fin(table, tcb, now_ns))
        return false;
    if (bytes > 0 && tcb->queue.bytes == 0)
        return tcb_tell(table, tcb, TCP_EVENT_SENT);
    return true;
}

static bool takes_data(const struct tcb *tcb)
{
    return tcb->state == TCB_ESTABLISHED || tcb->state == TCB_FIN_WAIT_1 ||
           tcb->state == TCB_FIN_WAIT_2;
}

/* Cuts off what has been delivered, and what is beyond the window. */
static struct arrival cut(const struct tcb *tcb, const struct tcp_segment *segment)
{
    struct arrival arrival = {.sequence = segment->sequence,
                              .bytes = segment->payload,
                              .length = (uint32_t)segment->payload_length,
                              .fin = segment->flags & TCP_FIN};
    if (sequence_before(arrival.sequence, tcb->next_expected)) {
        uint32_t old = tcb->next_expected - arrival.sequence;
        old = old < arrival.length ? old : arrival.length;
        arrival.sequence += old;
        arrival.bytes += old;
        arrival.length -= old;
    }
    uint32_t room = tcb->window_edge - arrival.sequence;
    if (arrival.length > room) {
        arrival.length = room;
        arrival.fin = false;
    }
    return arrival;
}

/* The first FIN heard of says where the data end; what claims to lie behind it is cut off. */
static void note_fin(struct tcb *tcb, struct arrival *arrival)
{
    uint32_t end = arrival->sequence + arrival->length;
    if (arrival->fin && !tcb->their_fin) {
        tcb->their_fin = true;
        tcb->their_fin_sequence = end;
    }
    if (!tcb->their_fin || !sequence_before(tcb->their_fin_sequence, end))
        return;
    bool is_behind = sequence_before(tcb->their_fin_sequence, arrival->sequence);
    arrival->length = is_behind ? 0 : tcb->their_fin_sequence - arrival->sequence;
}

/* False if the connection has ended, by what the callback did. */
static bool deliver(struct tcp_table *table, struct tcb *tcb, const uint8_t *bytes, uint32_t length)
{
    const struct tcp_callbacks *callbacks = &table->setup.callbacks;
    struct tcp_handle handle = tcb_handle(table, tcb);
    if (length == 0)
        return true;
    tcb->next_expected += length;
    table->counters.delivered += length;
    callbacks->data(callbacks->context, handle, bytes, length);
    return tcb_of(table, handle) == tcb;
}

/* Delivers what of a held chunk is new, and not behind the end of data. */
static bool deliver_chunk(struct tcp_table *table, struct tcb *tcb, uint32_t index)
{
    const struct chunk *chunk = chunk_at(&table->pool, index);
    uint32_t start = tcb->next_expected;
    uint32_t end = chunk->sequence + chunk->length;
    if (tcb->their_fin)
        end = sequence_earlier(end, tcb->their_fin_sequence);
    bool alive = true;
    if (sequence_before(start, end))
        alive = deliver(table, tcb, chunk->bytes + (start - chunk->sequence), end - start);
    chunk_release(&table->pool, index);
    return alive;
}

static bool deliver_held(struct tcp_table *table, struct tcb *tcb)
{
    uint32_t index;
    while ((index = held_take(&table->pool, &tcb->held, tcb->next_expected)) != CHUNK_NONE)
        if (!deliver_chunk(table, tcb, index))
            return false;
    return true;
}

static void hold(struct tcp_table *table, struct tcb *tcb, const struct arrival *arrival)
{
    enum held_result result =
        held_insert(&table->pool, &tcb->held, arrival->sequence, arrival->bytes, arrival->length);
    if (result != HELD_ALL)
        drop(table, result == HELD_LIST_FULL ? TCP_DROP_HELD_LIMIT : TCP_DROP_POOL_EMPTY);
}

/* All before their FIN is delivered. Where ours has not left yet it will acknowledge theirs, so
 * that nothing has to be repeated any more once it is acknowledged itself. */
static bool take_fin(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    tcb->next_expected++;
    if (tcb->state == TCB_ESTABLISHED)
        tcb->state = TCB_CLOSE_WAIT;
    else if (tcb->state == TCB_FIN_WAIT_1)
        tcb->state = tcb_fin_sent(tcb) ? TCB_CLOSING : TCB_LAST_ACK;
    else
        enter_time_wait(table, tcb, now_ns);
    return tcb_tell(table, tcb, TCP_EVENT_FIN);
}

/* False if the connection has ended. */
static bool take_data(struct tcp_table *table, struct tcb *tcb, const struct tcp_segment *segment,
                      uint64_t now_ns)
{
    struct arrival arrival = cut(tcb, segment);
    if (arrival.length == 0 && !arrival.fin)
        return true;
    tcb->ack_owed = true;
    if (!takes_data(tcb)) {
        drop(table, TCP_DROP_AFTER_FIN);
        return true;
    }
    note_fin(tcb, &arrival);
    if (arrival.sequence != tcb->next_expected)
        hold(table, tcb, &arrival);
    else if (!deliver(table, tcb, arrival.bytes, arrival.length) || !deliver_held(table, tcb))
        return false;
    if (takes_data(tcb) && tcb->their_fin && tcb->next_expected == tcb->their_fin_sequence)
        return take_fin(table, tcb, now_ns);
    return true;
}

/* Everything that is no RST and no SYN. */
static void take_segment(struct tcp_table *table, struct tcb *tcb,
                         const struct tcp_segment *segment, uint64_t now_ns)
{
    if (!(segment->flags & TCP_ACK)) {
        drop(table, TCP_DROP_BAD_ACK);
        return;
    }
    if (!is_acceptable(tcb, segment)) {
        answer_outside(table, tcb, segment, now_ns);
        return;
    }
    if (!is_plausible_ack(tcb, segment->acknowledgement)) {
        drop(table, TCP_DROP_BAD_ACK);
        tcb_challenge(table, tcb, now_ns);
        return;
    }
    table->receiving = tcb;
    bool alive = take_ack(table, tcb, segment, now_ns) && take_data(table, tcb, segment, now_ns);
    table->receiving = NULL;
    if (alive)
        tcb_output(table, tcb, now_ns);
}

bool tcp_receive(struct tcp_table *table, const struct tcp_segment *segment, uint64_t now_ns)
{
    struct tcp_tuple tuple = {.local = segment->destination,
                              .remote = segment->source,
                              .local_port = segment->destination_port,
                              .remote_port = segment->source_port};
    struct tcb *tcb = tcb_find(table, &tuple);
    if (tcb == NULL) {
        drop(table, TCP_DROP_STRANGER);
        return false;
    }
    if (segment->flags & TCP_RST) {
        take_reset(table, tcb, segment->sequence, now_ns);
    } else if (segment->flags & TCP_SYN) {
        drop(table, TCP_DROP_SYN);
        tcb_challenge(table, tcb, now_ns);
    } else {
        take_segment(table, tcb, segment, now_ns);
    }
    return true;
}

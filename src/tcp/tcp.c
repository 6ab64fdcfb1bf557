/* What a user does with connections, and what time does; the theory is in tcp.h. */
#include "tcp/tcp.h"

#include "tcp/send.h"

enum { TICK_WORK = 4096 }; /* timers and slots that one tcp_tick looks at */

static uint16_t usable_mss(const struct tcp_opening *opening)
{
    bool is_v4 = ip_number_is_v4(opening->tuple.remote);
    uint16_t offered = opening->mss, largest = is_v4 ? OUR_MSS : MSS_IPV6;
    if (offered == 0)
        return is_v4 ? DEFAULT_MSS : MSS_IPV6;
    if (offered < MINIMUM_MSS)
        return MINIMUM_MSS;
    return offered < largest ? offered : largest;
}

static void init_tcb(const struct tcp_setup *setup, struct tcb *tcb,
                     const struct tcp_opening *opening, uint64_t now_ns)
{
    tcb->unacknowledged = opening->our_sequence;
    tcb->next_to_send = opening->our_sequence;
    tcb->maximum_sent = opening->our_sequence;
    tcb->mss = usable_mss(opening);
    tcb->next_expected = opening->their_sequence + 1;
    tcb->window_edge = tcb->next_expected;
    tcb->window_sequence = opening->their_sequence;
    tcb->window_acknowledgement = opening->our_sequence;
    tcb->end_ns = now_ns + setup->lifetime_ns;
    tcb->ack_owed = true;
    tcb_init_sending(tcb);
    tcb_set_window(tcb, opening->window);
}

/* Is there room for the hello? (Asked before, so that nothing has to be taken back.) */
static bool has_room(const struct chunk_pool *pool, size_t length)
{
    size_t chunks = (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
    return length <= SEND_QUEUE_MAX && chunks <= chunk_pool_left(pool);
}

enum tcp_accepted tcp_accept(struct tcp_table *table, const struct tcp_opening *opening,
                             uint64_t now_ns, struct tcp_handle *connection)
{
    if (tcb_find(table, &opening->tuple) != NULL)
        return TCP_ACCEPT_EXISTS;
    if (!has_room(&table->pool, opening->hello_length)) {
        table->counters.pool_empty++;
        return TCP_ACCEPT_POOL_EMPTY;
    }
    struct tcb *tcb = tcb_take(table, &opening->tuple);
    if (tcb == NULL) {
        table->counters.table_full++;
        return TCP_ACCEPT_TABLE_FULL;
    }
    init_tcb(&table->setup, tcb, opening, now_ns);
    send_queue_append(&table->pool, &tcb->queue, opening->hello, opening->hello_length);
    table->counters.opened++;
    *connection = tcb_handle(table, tcb);
    tcb_output(table, tcb, now_ns);
    return TCP_ACCEPTED;
}

/* What a callback wants to be sent leaves when the segment that called it is taken in whole, and so
 * acknowledges all of it, a FIN too. */
static void output_in_turn(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    if (table->receiving != tcb)
        tcb_output(table, tcb, now_ns);
}

size_t tcp_send(struct tcp_table *table, struct tcp_handle connection, const uint8_t *bytes,
                size_t length, uint64_t now_ns)
{
    struct tcb *tcb = tcb_of(table, connection);
    if (tcb == NULL || !tcb_may_send(tcb))
        return 0;
    size_t taken = send_queue_append(&table->pool, &tcb->queue, bytes, length);
    if (taken < length && tcb->queue.bytes < SEND_QUEUE_MAX)
        table->counters.pool_empty++;
    output_in_turn(table, tcb, now_ns);
    return taken;
}

void tcp_close(struct tcp_table *table, struct tcp_handle connection, uint64_t now_ns)
{
    struct tcb *tcb = tcb_of(table, connection);
    if (tcb == NULL || !tcb_may_send(tcb))
        return;
    tcb->state = tcb->state == TCB_ESTABLISHED ? TCB_FIN_WAIT_1 : TCB_LAST_ACK;
    tcb->end_ns = now_ns + table->setup.linger_ns;
    output_in_turn(table, tcb, now_ns);
}

void tcp_abort(struct tcp_table *table, struct tcp_handle connection)
{
    struct tcb *tcb = tcb_of(table, connection);
    if (tcb == NULL)
        return;
    if (tcb->state != TCB_TIME_WAIT) /* RFC 9293, 3.10.5 */
        tcb_reset(table, tcb);
    tcb_end(table, tcb, TCP_END_ABORTED);
}

bool tcp_abort_next(struct tcp_table *table, uint32_t *position)
{
    while (*position < table->touched) {
        struct tcb *tcb = &table->tcbs[(*position)++];
        if (tcb->state != TCB_FREE) {
            tcp_abort(table, tcb_handle(table, tcb));
            return true;
        }
    }
    return false;
}

void tcp_set_timer(struct tcp_table *table, struct tcp_handle connection, uint64_t deadline_ns)
{
    struct tcb *tcb = tcb_of(table, connection);
    if (tcb == NULL)
        return;
    tcb->user_ns = deadline_ns;
    tcb_arm(table, tcb);
}

static bool is_due(uint64_t deadline_ns, uint64_t now_ns)
{
    return deadline_ns != 0 && deadline_ns <= now_ns;
}

/* Its time is up: in TIME_WAIT that is how it should end, else the far end is told. */
static void end_by_time(struct tcp_table *table, struct tcb *tcb)
{
    if (tcb->state == TCB_TIME_WAIT) {
        tcb_end(table, tcb, TCP_END_CLOSED);
        return;
    }
    bool is_open = tcb_may_send(tcb);
    tcb_reset(table, tcb);
    tcb_end(table, tcb, is_open ? TCP_END_TIMED_OUT : TCP_END_LINGERED);
}

static void expire(struct tcp_table *table, struct tcb *tcb, uint64_t now_ns)
{
    if (is_due(tcb->end_ns, now_ns)) {
        end_by_time(table, tcb);
        return;
    }
    if (is_due(tcb->retransmit_ns, now_ns) && !tcb_retransmit(table, tcb, now_ns))
        return;
    if (is_due(tcb->user_ns, now_ns)) {
        tcb->user_ns = 0;
        if (!tcb_tell(table, tcb, TCP_EVENT_TIMER))
            return;
    }
    tcb_arm(table, tcb);
}

bool tcp_tick(struct tcp_table *table, uint64_t now_ns)
{
    size_t work = TICK_WORK;
    uint32_t index;
    while ((index = wheel_expire(&table->wheel, now_ns, &work)) != WHEEL_NONE)
        expire(table, &table->tcbs[index], now_ns);
    return work == 0;
}

uint64_t tcp_next_tick_ns(const struct tcp_table *table)
{
    return wheel_next_ns(&table->wheel);
}

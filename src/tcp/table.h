/* What the files of this room share: the connection's state (TCB), and the table of them. The
 * theory is in tcp.h. */
#ifndef TCP_TABLE_H
#define TCP_TABLE_H

#include "base/siphash.h"
#include "packet/decode.h"
#include "tcp/held.h"
#include "tcp/pool.h"
#include "tcp/send_queue.h"
#include "tcp/tcp.h"
#include "tcp/wheel.h"

#define TCB_NONE UINT32_MAX

enum {
    OUR_MSS = 1460,             /* the largest segment sent; nothing is offered, so the default may
                                   come back */
    DEFAULT_MSS = 536,          /* RFC 9293, MUST-15 */
    MSS_IPV6 = 1220,            /* both of IPv6: no router makes fragments there, and this is what
                                   every way carries (RFC 8200, 5) */
    MINIMUM_MSS = 48,           /* as Linux has it: nobody gets 16 KiB in packets of a byte */
    INITIAL_WINDOW = 10,        /* segments, RFC 6928 */
    IN_FLIGHT_MAX = UINT16_MAX, /* bytes: no more are ever on their way */
};

enum tcb_state {
    TCB_FREE,
    TCB_ESTABLISHED,
    TCB_CLOSE_WAIT,
    TCB_FIN_WAIT_1,
    TCB_FIN_WAIT_2,
    TCB_CLOSING,
    TCB_LAST_ACK,
    TCB_TIME_WAIT,
    TCB_STATES,
};

struct tcb {
    uint32_t hash_next; /* of the same bucket, or of the free list */
    uint32_t generation;
    struct ip_number local, remote; /* the tuple, but without the gap that it has at its end */
    uint16_t local_port, remote_port;
    uint8_t state;   /* enum tcb_state */
    uint8_t tries;   /* timeouts since the far end last acknowledged something */
    uint8_t backoff; /* doublings of the timeout */
    bool ack_owed : 1;
    bool timing : 1;    /* a round trip is being measured */
    bool measured : 1;  /* one has been */
    bool their_fin : 1; /* has come, at their_fin_sequence */

    /* Sending: unacknowledged <= next <= maximum; the queue begins at `unacknowledged`. After a
     * timeout `next` goes back. Behind the queue's last byte stands our FIN, if we have closed. */
    uint32_t unacknowledged, next_to_send, maximum_sent;
    struct send_queue queue;
    uint16_t mss;
    uint16_t send_window, greatest_window;
    uint16_t congestion_window, slow_start_threshold; /* bytes */
    uint32_t window_sequence, window_acknowledgement; /* of the segment that told the window */

    /* Receiving. */
    uint32_t next_expected;
    uint32_t window_edge; /* the first sequence number not offered */
    uint32_t their_fin_sequence;
    struct held_list held;

    /* Round trips, RFC 6298, in microseconds. */
    uint32_t smoothed_us, variation_us, timeout_us;
    uint32_t timed_sequence; /* acknowledged when this is passed */
    uint64_t timed_since_ns;

    /* Deadlines; 0 is none. */
    uint64_t retransmit_ns, user_ns, end_ns;
    uint64_t challenge_ns; /* no challenge ACK before this */
};

/* With its timer's place in the wheel (12 bytes) and in the hash (4 to 8) it takes 184 and more. */
_Static_assert(sizeof(struct tcb) <= 168, "an idle connection takes less than three cache lines");

struct tcp_table {
    struct tcp_setup setup;
    struct siphash_key key;
    struct tcb *tcbs;
    uint32_t *buckets;
    uint32_t bucket_mask;
    uint32_t touched;    /* connections below this index have been used before */
    uint32_t first_free; /* of those */
    uint32_t count;
    uint16_t ip_id;
    struct chunk_pool pool;
    struct wheel wheel;
    struct tcp_counters counters;
    const struct tcb *receiving; /* whose segment is being taken in; NULL: nobody's */
    uint8_t payload[OUR_MSS];    /* of the segment being sent */
};

/* NULL for a handle that is stale. */
struct tcb *tcb_of(const struct tcp_table *table, struct tcp_handle connection);
struct tcp_tuple tcb_tuple(const struct tcb *tcb);
struct tcb *tcb_find(const struct tcp_table *table, const struct tcp_tuple *tuple);
struct tcp_handle tcb_handle(const struct tcp_table *table, const struct tcb *tcb);

/* A new one, all zero but for its tuple and generation; NULL if the table is full. */
struct tcb *tcb_take(struct tcp_table *table, const struct tcp_tuple *tuple);

/* Its end: gives back all it holds and calls `gone`. */
void tcb_end(struct tcp_table *table, struct tcb *tcb, enum tcp_end end);

/* Has the timer come up at the earliest of the deadlines. */
void tcb_arm(struct tcp_table *table, const struct tcb *tcb);

/* Calls `event`; false if that was the connection's end. */
bool tcb_tell(struct tcp_table *table, struct tcb *tcb, enum tcp_event event);

static inline bool tcb_may_send(const struct tcb *tcb)
{
    return tcb->state == TCB_ESTABLISHED || tcb->state == TCB_CLOSE_WAIT;
}

/* Have we closed, so that a FIN stands behind the queue? (When it is acknowledged the state has
 * moved on.) */
static inline bool tcb_fin_to_send(const struct tcb *tcb)
{
    return tcb->state == TCB_FIN_WAIT_1 || tcb->state == TCB_CLOSING || tcb->state == TCB_LAST_ACK;
}

/* Has it left? What is sent goes as far as that. */
static inline bool tcb_fin_sent(const struct tcb *tcb)
{
    return tcb->maximum_sent - tcb->unacknowledged > tcb->queue.bytes;
}

static inline bool tcb_in_flight(const struct tcb *tcb)
{
    return tcb->maximum_sent != tcb->unacknowledged;
}

#endif

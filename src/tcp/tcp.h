/* The client's side of TCP in user mode, for very many short conversations at once.
 *
 * Theory of operation
 *
 * A scanner keeps no state for a SYN: the cookie in its sequence number proves the SYN-ACK. Only
 * then is a connection born (tcp_accept), in a table of fixed size; it lives here until both sides
 * have closed, the far end resets it, or a timeout ends it. The room knows no socket, no clock and
 * no thread: segments come in by tcp_receive, leave by the `emit` callback, time is an argument
 * (nanoseconds that never go back) and tcp_tick does what is due. After tcp_new nothing is
 * allocated.
 *
 * Sources: RFC 9293 (TCP), RFC 6298 (retransmission timeout), RFC 5961 (blind attacks), RFC 5681
 * and 6928 (congestion control, initial window). RFC 7323 (scaling, timestamps) and RFC 2018 (SACK)
 * are not used: an end that did not offer them in its SYN is never sent them, and the only option
 * that matters is the far end's MSS.
 *
 * States, and what is legal in them:
 *
 *   state         their data  their FIN    tcp_send  tcp_close    our FIN acked
 *   ESTABLISHED   delivered   CLOSE_WAIT   yes       FIN_WAIT_1   -
 *   CLOSE_WAIT    refused     ACKed again  yes       LAST_ACK     -
 *   FIN_WAIT_1    delivered   CLOSING      no        -            FIN_WAIT_2
 *   FIN_WAIT_2    delivered   TIME_WAIT    no        -            -
 *   CLOSING       refused     ACKed again  no        -            TIME_WAIT
 *   LAST_ACK      refused     ACKed again  no        -            gone
 *   TIME_WAIT     refused     ACKed again  no        -            -
 *
 * In every state an exact RST, tcp_abort and the timeouts end the connection. LISTEN, SYN-SENT and
 * SYN-RECEIVED do not exist here: a SYN in any state is answered by a challenge ACK, which is also
 * what a repeated SYN-ACK needs. tcp_close sends what is queued, then FIN, and gives the far end
 * `linger_ns` to close too; then it gets a RST, so that no server is left half-open. TIME_WAIT
 * lasts `time_wait_ns`, not four minutes, and a repeated FIN does not prolong it: a scan does not
 * use a pair of address and port again, and what comes later is answered by tcp_refuse.
 *
 * Receiving. Bytes in order go to `data` at once and occupy nothing. Those that came too early are
 * held in chunks from a pool that all share (held.h), at most 64 of a connection; where there is no
 * room they are dropped and counted, and the far end sends them again. The window offered is
 * `window`, less while the pool is nearly used up, but the edge once offered is never taken back.
 * Every segment with data is acknowledged at once, with our next data if there is some.
 *
 * Sending. Bytes are copied into chunks (send_queue.h), at most 16 KiB of a connection, and leave
 * as the far end's window, its MSS and the congestion window allow. Segments of IPv6 have 1220
 * bytes at most, so that no path's MTU need be known. On a timeout everything not acknowledged is
 * sent again, from the oldest on (go back N), the timeout doubled each time until something is
 * acknowledged; after `tries` of them the connection has timed out. Round trips are measured on
 * segments sent once (Karn). A closed window is probed with one byte.
 *
 * Blind attacks. A RST counts only at exactly the next sequence number, an ACK only within the
 * greatest window; all else in the window is answered by a challenge ACK, at most one a connection
 * every half second. (A limit over all connections would be a side channel: CVE-2016-5696.) The
 * hash of the table has a key from the kernel, so nobody can choose colliding ports.
 *
 * A connection is named by a handle that ends with it: one that is kept too long is recognised, and
 * refused. Callbacks may call everything but tcp_receive, tcp_tick and tcp_free; `emit` may call
 * nothing. */
#ifndef TCP_TCP_H
#define TCP_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "packet/build.h"

struct tcp_table; /* belongs to one thread */

/* A connection. `index` is below the table's maximum, so that users can keep an array of their own
 * beside the table. All zero is none. */
struct tcp_handle {
    uint32_t index;
    uint32_t generation;
};

/* Both addresses are of one family. Ports in host byte order. */
struct tcp_tuple {
    struct ip_number local, remote;
    uint16_t local_port, remote_port;
};

enum tcp_event {
    TCP_EVENT_TIMER, /* the time of tcp_set_timer has come */
    TCP_EVENT_SENT,  /* all that was given to tcp_send is acknowledged */
    TCP_EVENT_FIN,   /* the far end has sent its last byte, all are delivered */
};

/* How a connection ended. */
enum tcp_end {
    TCP_END_CLOSED,    /* both sides have closed */
    TCP_END_RESET,     /* by the far end */
    TCP_END_TIMED_OUT, /* the far end did not answer, or its time was up */
    TCP_END_LINGERED,  /* closed by us, not by the far end in time: reset */
    TCP_END_ABORTED,   /* tcp_abort */
    TCP_ENDS,
};

/* Why something that arrived was not used. */
enum tcp_drop {
    TCP_DROP_STRANGER,   /* of no connection */
    TCP_DROP_OUTSIDE,    /* outside the window: repeated, late, or forged */
    TCP_DROP_BAD_ACK,    /* acknowledges what was not sent, or long ago, or nothing at all */
    TCP_DROP_SYN,        /* a SYN in a connection */
    TCP_DROP_RESET,      /* a RST that was not exact */
    TCP_DROP_AFTER_FIN,  /* data behind the end of data */
    TCP_DROP_HELD_LIMIT, /* out of order, and the connection holds as much as it may */
    TCP_DROP_POOL_EMPTY, /* out of order, and there is no memory */
    TCP_DROPS,
};

struct tcp_counters {
    uint64_t opened;
    uint64_t ended[TCP_ENDS];
    uint64_t table_full;    /* tcp_accept refused */
    uint64_t pool_empty;    /* nor could bytes to send be kept (tcp_accept, tcp_send) */
    uint64_t sent;          /* segments, all of them */
    uint64_t retransmitted; /* segments */
    uint64_t window_probes;
    uint64_t challenges; /* challenge ACKs */
    uint64_t refused;    /* tcp_refuse */
    uint64_t delivered;  /* bytes */
    uint64_t dropped[TCP_DROPS];
};

struct tcp_callbacks {
    void *context;

    /* A segment to send; it and its payload are valid until the return. What cannot be sent is
     * lost, as on any link. */
    void (*emit)(void *context, const struct tcp_segment *segment);

    /* The next bytes of the far end, in order, each exactly once; valid until the return. */
    void (*data)(void *context, struct tcp_handle connection, const uint8_t *bytes, size_t length);

    void (*event)(void *context, struct tcp_handle connection, enum tcp_event event);

    /* Exactly once a connection, at its end. The handle is stale already; its index is not used
     * again before the return. */
    void (*gone)(void *context, struct tcp_handle connection, enum tcp_end end);
};

struct tcp_setup {
    struct tcp_callbacks callbacks;
    uint32_t maximum_connections; /* 1 to 2^24 */
    uint32_t maximum_chunks;      /* of 512 bytes, 1 to 2^24 */
    uint16_t window;              /* bytes offered to the far end, from 536 on */
    uint8_t ttl;                  /* of the segments sent */
    uint8_t tries;                /* of the same bytes without an answer, from 1 on */
    uint64_t lifetime_ns;         /* of a connection: then it is reset */
    uint64_t linger_ns;           /* from tcp_close to the reset */
    uint64_t time_wait_ns;
};

/* Good values, but for the callbacks: 65,536 connections and as many chunks (32 MiB), a window of
 * 16 KiB, TTL 64, 6 tries, a lifetime of 30 s, lingering 5 s, TIME_WAIT 2 s. */
struct tcp_setup tcp_setup_default(void);

/* A table, whose time begins at `now_ns`; NULL with an error for values out of range, or without
 * memory. Memory is touched as it is used. */
struct tcp_table *tcp_new(const struct tcp_setup *setup, uint64_t now_ns, struct error *err);

/* Ends no connection: see tcp_abort_next. NULL is allowed. */
void tcp_free(struct tcp_table *table);

/* What the SYN-ACK said, and what is to be sent first. */
struct tcp_opening {
    struct tcp_tuple tuple;
    uint32_t our_sequence;   /* of our next byte: the SYN-ACK's acknowledgement */
    uint32_t their_sequence; /* of the SYN-ACK */
    uint16_t window;         /* of the SYN-ACK */
    uint16_t mss;         /* of the SYN-ACK; 0 if it had none: 536 then, over IPv6 1220. Below 48 is
                             taken as 48 */
    const uint8_t *hello; /* goes with the ACK; at most SEND_QUEUE_MAX (16384) bytes, may be none */
    size_t hello_length;
};

enum tcp_accepted {
    TCP_ACCEPTED,
    TCP_ACCEPT_EXISTS,     /* give the segment to tcp_receive */
    TCP_ACCEPT_TABLE_FULL, /* nothing was sent: try later, or probe again */
    TCP_ACCEPT_POOL_EMPTY, /* the same; the hello found no room */
};

/* A SYN-ACK has come whose cookie the caller has checked: opens the connection and sends the ACK
 * that completes the handshake. `connection` is set if it is TCP_ACCEPTED. */
enum tcp_accepted tcp_accept(struct tcp_table *table, const struct tcp_opening *opening,
                             uint64_t now_ns, struct tcp_handle *connection);

/* A segment has arrived: source is the far end. False if no connection is concerned. (The caller
 * looks at checksums, if it does; options are ignored.) */
bool tcp_receive(struct tcp_table *table, const struct tcp_segment *segment, uint64_t now_ns);

/* Answers a segment of no connection by a RST (RFC 9293, 3.10.7.1), but never a RST. */
void tcp_refuse(struct tcp_table *table, const struct tcp_segment *segment);

/* Does what is due, a bounded part of it: true if there is more, then call again soon. */
bool tcp_tick(struct tcp_table *table, uint64_t now_ns);

/* When tcp_tick next has something to do; UINT64_MAX if never, as things are. */
uint64_t tcp_next_tick_ns(const struct tcp_table *table);

/* Copies bytes to be sent; returns how many were taken. Fewer if the connection's 16 KiB are full
 * (TCP_EVENT_SENT tells when they are not) or the pool is empty (counted; try later, by a timer);
 * none if it is closed or gone. */
size_t tcp_send(struct tcp_table *table, struct tcp_handle connection, const uint8_t *bytes,
                size_t length, uint64_t now_ns);

/* Nothing more will be sent. What arrives is still delivered; see above. */
void tcp_close(struct tcp_table *table, struct tcp_handle connection, uint64_t now_ns);

/* Sends a RST, unless both sides have closed already; calls `gone`. */
void tcp_abort(struct tcp_table *table, struct tcp_handle connection);

/* Aborts one connection, the next from `position` on, which is 0 at first and moves on; false when
 * there is none any more. */
bool tcp_abort_next(struct tcp_table *table, uint32_t *position);

/* TCP_EVENT_TIMER comes at `deadline_ns` (within a tick of 4 ms, never before), once; 0: not any
 * more. */
void tcp_set_timer(struct tcp_table *table, struct tcp_handle connection, uint64_t deadline_ns);

/* Whose connection it is, or was: false if its place is another's by now, so never from within
 * `gone`. */
bool tcp_find_tuple(const struct tcp_table *table, struct tcp_handle connection,
                    struct tcp_tuple *tuple);

uint32_t tcp_connections(const struct tcp_table *table);
uint32_t tcp_chunks_used(const struct tcp_table *table);
const struct tcp_counters *tcp_counters(const struct tcp_table *table);

#endif

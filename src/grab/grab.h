/* Conversations with very many servers, to learn what they say of themselves.
 *
 * Theory of operation
 *
 * A conversation begins with a SYN-ACK that the caller has proven, and is carried by src/tcp. First
 * the server is listened to, for `hello_wait_ns`; if it says nothing, what the plan has for the
 * port is said (hello_plan.h). By the first bytes of the answer it is found out whose they are,
 * whatever was asked; from then on that protocol (src/banner) takes the bytes, gives fields and
 * answers, until it has heard enough and the connection is closed, gracefully. If the other side
 * closes first, or the time is up, what was heard so far is told.
 *
 *   phase      since                            left by
 *   LISTENING  the connection is open           the server speaks; the wait is over: ASKED
 *   ASKED      our hello was said               the server speaks
 *   TALKING    the server has spoken            all is heard, its end, or quiet: OVER
 *   OVER       we have closed                   the connection is gone
 *
 * Where the hello is TLS a session (src/tls) comes between connection and words: it tells what the
 * server's handshake says, and then the same phases are gone through once more inside, with the
 * hello of who is usual behind TLS on this port, or a request. A server that answers the
 * ClientHello in plain words is heard as if there had been no TLS; one that offers to turn to TLS
 * in the middle of plain words is taken at its word, for its certificate, and then left.
 *
 * Some servers are asked again, on a new connection, with another hello: one that was asked in HTTP
 * and answered in TLS, or the other way round; and, where the plan says so, one that gave no
 * answer. The attempt is part of the sequence number of our SYN, 2^27 apart, so nothing need be
 * remembered until the SYN-ACK comes, but that this pair was asked again at all: grab_open takes no
 * others. (A server that still holds the last connection in TIME_WAIT takes a SYN with a later
 * sequence number: RFC 9293, 3.6.1.)
 *
 * Memory is fixed at the start, but for that of OpenSSL, whose sessions have a maximum: a
 * connection takes about 220 bytes. Most servers say all that is wanted in their first segment,
 * which is read where it lies; only what goes on beyond it takes a slot for the protocol's state (3
 * KiB) or, while it is not clear whose the bytes are, for these (256 bytes). SYN-ACKs for which
 * there is no connection left wait in a backlog, the oldest first; those that waited for too long
 * are probed again. Where there is no room for anything any more, that is counted, and the far end
 * will repeat itself.
 *
 * A pair is talked to once: what comes of it later, for instance as answer to a retry, is refused.
 *
 * The room knows no socket and no clock; it belongs to one thread. Callbacks may not call it. */
#ifndef GRAB_GRAB_H
#define GRAB_GRAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "banner/banner.h"
#include "base/error.h"
#include "base/host_names.h"
#include "grab/hello_plan.h"
#include "packet/build.h"
#include "tcp/tcp.h"
#include "tls/tls.h"

struct grab;

/* A server. */
struct grab_server {
    struct ip_number address;
    uint16_t port; /* host byte order */
    uint8_t ttl;   /* of its SYN-ACK */
};

struct grab_callbacks {
    void *context;

    /* A segment to send, valid until the return. */
    void (*emit)(void *context, const struct tcp_segment *segment);

    /* A field (enum banner_app) of what a server says; the text is valid until the return. */
    void (*field)(void *context, const struct grab_server *server, uint16_t app,
                  const uint8_t *text, size_t length);
};

struct grab_setup {
    struct grab_callbacks callbacks;
    struct banner_setup banner; /* what it points to outlives the conversations */
    const struct hello_plan *plan;
    uint32_t maximum_connections;   /* 1 to 2^24 */
    uint64_t hello_wait_ns;         /* for the server to speak first; 0: say hello at once */
    uint64_t lifetime_ns;           /* of a connection */
    uint32_t maximum_tls;           /* sessions at once, 1 to TLS_SESSIONS_MAX */
    const char *server_name;        /* that TLS servers are asked for; NULL: their own, if any */
    const struct host_names *names; /* of servers; NULL: none */
    bool certificates;              /* tell them */
    bool tell_server_name;          /* that was asked for */
    uint32_t text_max;              /* bytes of a field that are told, certificates left out */
    uint16_t mss;                   /* the largest segment of IPv4 that our link takes */
    uint8_t ttl;
};

struct grab_counters {
    uint64_t opened;      /* connections */
    uint64_t answered;    /* conversations that gave a field */
    uint64_t mute;        /* that gave none, whoever ended them */
    uint64_t reset;       /* connections that the server reset before it was heard out */
    uint64_t timed_out;   /* connections whose time was up before */
    uint64_t again;       /* further attempts */
    uint64_t waited;      /* SYN-ACKs that had to wait in the backlog */
    uint64_t reprobed;    /* those of them that waited for too long */
    uint64_t turned_away; /* for which the backlog had no room */
    uint64_t starved;     /* conversations cut short: no memory for them */
};

/* NULL with an error for values out of range, or without memory. */
struct grab *grab_new(const struct grab_setup *setup, uint64_t now_ns, struct error *err);
void grab_free(struct grab *grab);

/* A proven SYN-ACK, and the attempt that it answers. */
struct grab_opening {
    struct tcp_tuple tuple;
    uint32_t our_sequence, their_sequence; /* as in struct tcp_opening */
    uint16_t window, mss;                  /* likewise */
    uint8_t ttl;
    uint8_t attempt;
};

enum { GRAB_ATTEMPT_SHIFT = 27 }; /* of the attempt, in the sequence number of a SYN */

/* Did this attempt open a conversation before? Then grab_open refuses it, by a reset. */
bool grab_is_repeated(const struct grab *grab, const struct grab_opening *opening);

/* Begins a conversation, or refuses it if there was one with this pair before. */
void grab_open(struct grab *grab, const struct grab_opening *opening, uint64_t now_ns);

/* Has this pair been talked to, or is it being asked again? What it sends then says nothing new of
 * the port. */
bool grab_knows(const struct grab *grab, struct ip_number address, uint16_t port);

/* A segment has arrived; false if it is of no conversation. */
bool grab_receive(struct grab *grab, const struct tcp_segment *segment, uint64_t now_ns);

/* Answers a segment of no conversation by a RST. */
void grab_refuse(struct grab *grab, const struct tcp_segment *segment);

/* Does what is due, a bounded part of it: true if there is more. */
bool grab_tick(struct grab *grab, uint64_t now_ns);
uint64_t grab_next_tick_ns(const struct grab *grab);

/* Is there so little room left that no further SYN-ACKs should be provoked? */
bool grab_is_busy(const struct grab *grab);

/* Conversations that are not over, and SYN-ACKs in the backlog; one more while the answer to a SYN
 * of a further attempt may be on its way. */
uint32_t grab_active(const struct grab *grab);

/* Ends `most` conversations, and for ever: what was heard is told, connections are reset, the
 * backlog is given up. Nothing else may be done in between but ending more. True if there may be
 * more. */
bool grab_end_some(struct grab *grab, uint32_t most, uint64_t now_ns);

const struct grab_counters *grab_counters(const struct grab *grab);
const struct tcp_counters *grab_tcp_counters(const struct grab *grab);

#endif

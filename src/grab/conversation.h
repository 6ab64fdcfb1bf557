/* What the files of this room share: a conversation, and all of them. The theory is in grab.h. */
#ifndef GRAB_CONVERSATION_H
#define GRAB_CONVERSATION_H

#include "base/dedup.h"
#include "base/slots.h"
#include "grab/backlog.h"
#include "grab/grab.h"
#include "tls/tls.h"

enum phase {
    PHASE_LISTENING,
    PHASE_ASKED,
    PHASE_TALKING,
    PHASE_OVER,
};

/* What a conversation keeps beside itself, in a slot. */
enum keeps {
    KEEPS_NOTHING,
    KEEPS_BYTES, /* struct first_bytes */
    KEEPS_STATE, /* struct banner, as much of it as the protocol needs */
};

/* What a server said before it was clear whose words these are. */
struct first_bytes {
    uint16_t length;
    uint8_t bytes[BANNER_DETECT_MAX];
};

/* Beside each connection of the table, by its index. */
struct conversation {
    uint32_t first_sequence; /* of our SYN at attempt 0 */
    uint32_t slot;           /* of what it keeps */
    uint8_t keeps;           /* enum keeps */
    uint8_t phase;           /* enum phase */
    uint8_t attempt;
    uint8_t ttl;
    uint16_t port;           /* the server's */
    struct tls_session *tls; /* NULL: in the open */
    bool is_tls_heard : 1;   /* its first bytes have come */
    bool is_inside : 1;      /* the handshake is complete */
    bool is_turned : 1;      /* to TLS, in the middle of plain words: nothing is said inside */
    bool told : 1;           /* a field */
    bool given_up : 1;       /* for another attempt */
};
_Static_assert(sizeof(struct conversation) == 32, "two conversations take a cache line");

struct grab {
    struct grab_setup setup;
    struct tcp_table *table;
    uint32_t maximum_chunks;
    struct conversation *conversations;
    struct slots bytes, states;
    struct tls_context *tls;
    struct backlog backlog;
    struct dedup known;    /* pairs and attempts: see the marks in grab.c */
    uint32_t over;         /* of the connections, those whose conversation is over */
    bool ending;           /* no further attempts */
    uint32_t end_position; /* of the next connection to be ended */
    uint64_t now_ns;
    uint64_t answers_until_ns; /* an answer to a SYN of ours may come until then */
    struct grab_counters counters;
    uint8_t send[BANNER_HELLO_MAX]; /* what is going to be said */
    size_t plain_length;
    uint8_t plain[32 << 10]; /* what was heard through TLS in this call */
};

/* One conversation in a call. */
struct turn {
    struct grab *grab;
    struct conversation *self;
    struct tcp_handle connection;
    bool is_broken; /* something could not be sent: the connection has to be given up */
};

struct turn turn_of(struct grab *grab, struct tcp_handle connection);

/* Whose conversation it is, also while its connection is gone. */
struct tcp_tuple conversation_tuple(const struct turn *turn);

/* A field of what the server says; the context is the turn. */
void conversation_field(void *context, uint16_t app, const uint8_t *text, size_t length);

/* What is said at once when the connection opens, in grab->send; 0 bytes: nothing. */
size_t conversation_first_words(struct grab *grab, const struct tcp_tuple *tuple, unsigned attempt);

/* What the server of a connection goes by; NULL: it has no name. */
const char *conversation_host_name(const struct turn *turn);

/* What is offered to be spoken inside TLS: HTTP where it will be. */
enum tls_offer conversation_offer(const struct turn *turn);

/* The connection is open; `asked`: first words went with it. */
void conversation_begin(struct turn *turn, bool asked);

/* The callbacks of the table; the context is the struct grab. */
void conversation_data(void *context, struct tcp_handle connection, const uint8_t *bytes,
                       size_t length);
void conversation_event(void *context, struct tcp_handle connection, enum tcp_event event);
void conversation_gone(void *context, struct tcp_handle connection, enum tcp_end end);

/* Asks the pair again, on a connection to come. */
void grab_ask_again(struct grab *grab, const struct tcp_tuple *tuple, uint32_t first_sequence,
                    unsigned attempt);

#endif

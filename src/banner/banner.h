/* Banners: the bytes that a server sends go in, fields (what the service says of itself) come out.
 *
 * A protocol is a `const struct banner_ops`, one file each, listed in one table (protocols.c). A
 * connection keeps a `struct banner` of its own; nothing is allocated, no call blocks, and no time
 * is looked at. Everything below is the contract that conformance_test.c holds all protocols to. */
#ifndef BANNER_BANNER_H
#define BANNER_BANNER_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banner_app.h"
#include "base/banner_limits.h"

enum {
    BANNER_STATE_MAX = 3072,     /* bytes of the largest state */
    BANNER_SEND_MAX = 1024,      /* bytes that a hello or the answers to one feed may need */
    BANNER_INPUT_MAX = 64 << 10, /* bytes of a server that are looked at; then it is done */
    BANNER_DETECT_MAX = 256,     /* bytes after which it is clear whose they are */
    BANNER_APPS_MAX = 6,
    BANNER_PORTS_MAX = 6,
};

/* What to ask of web servers; every pointer may be NULL, which leaves the part to its default. The
 * strings are the caller's. */
struct http_settings {
    const char *method;         /* GET */
    const char *url;            /* / */
    const char *version;        /* HTTP/1.0 */
    const char *host;           /* the server's name; without one no Host field */
    const char *user_agent;     /* masscan/1.3 */
    const char *const *headers; /* whole fields, "Name: value"; they replace ours of that name */
    unsigned header_count;
    const char *cookie;
    const void *payload;
    size_t payload_length;
};

/* What the user wants to know; the same for all connections. */
struct banner_setup {
    struct http_settings http;
    bool html;      /* report how the page begins */
    bool start_tls; /* ask for TLS where the protocol can turn to it */
};

/* Takes a field: the number of what it is about (enum banner_app) and its text, bytes as they came
 * unless docs/banners.md says otherwise; at most BANNER_TEXT_MAX of them, valid during the call. */
typedef void banner_field_fn(void *context, uint16_t app, const uint8_t *text, size_t length);

/* What a protocol works with during one call. The caller fills in all but `sent`, which it sets to
 * zero; afterwards it sends the first `sent` bytes of `send`. */
struct banner_talk {
    const struct banner_setup *setup;
    const char *host_name; /* that the server goes by; NULL: it has none */
    banner_field_fn *field;
    void *context;
    uint8_t *send;
    size_t send_room; /* BANNER_SEND_MAX at least; more for a long HTTP request */
    size_t sent;
};

enum banner_step {
    BANNER_MORE,      /* go on receiving */
    BANNER_SEND,      /* the same, when talk->sent bytes have been sent */
    BANNER_DONE,      /* all is told: hang up */
    BANNER_CLOSE,     /* this is not the protocol, or it was broken: hang up */
    BANNER_START_TLS, /* send talk->sent bytes, then begin a TLS handshake */
};

enum banner_match {
    BANNER_NO,
    BANNER_MAYBE,  /* as far as it goes: more bytes will tell */
    BANNER_LIKELY, /* it would do, if nobody else claims it for sure */
    BANNER_YES,
};

struct banner_ops {
    const char *name;
    const char *source;               /* the document that the parser was written from */
    uint16_t apps[BANNER_APPS_MAX];   /* of the fields it may give; the first is the main one, and 0
                                         at   a later place ends the list */
    uint16_t ports[BANNER_PORTS_MAX]; /* where it is usual; 0 ends the list */
    size_t state_size;                /* at most BANNER_STATE_MAX */
    bool only_if_asked; /* its replies say too little to be known by themselves: they are
                           looked for only where its own hello was sent */

    bool takes_rest; /* on its ports it is taken for whatever nobody claims */

    /* Whether the first bytes of a server, at most BANNER_DETECT_MAX, are of this protocol. More
     * bytes turn only MAYBE into something else (and YES into NO where it is only_if_asked and
     * nothing may follow); BANNER_DETECT_MAX bytes are never MAYBE. */
    enum banner_match (*match)(const uint8_t *bytes, size_t length);

    /* What is said first (banner_say); NULL where the server speaks first. False if there is no
     * room for it in talk->send; nothing is to be sent then. */
    bool (*hello)(struct banner_talk *talk);

    /* Takes the next bytes, any number of them: fields, answers and the last step are the same
     * however the stream is cut. `state` was zero before the first call, and may hold no pointer to
     * the input. Never called again after DONE, CLOSE or START_TLS; with the latter, bytes that
     * follow are dropped, for they came without its protection. Gives MORE also where there is
     * something to send: banner_feed makes that SEND. */
    enum banner_step (*feed)(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk);

    /* No more bytes will come (closed, timed out, or BANNER_INPUT_MAX): gives the fields that are
     * worth it as they are. NULL if there never are any. Each field is what the whole stream would
     * have given, or begins it. */
    void (*end)(void *state, struct banner_talk *talk);
};

/* One connection's banner: its protocol and where it stands. */
struct banner {
    const struct banner_ops *ops;
    uint32_t taken; /* bytes looked at so far */
    bool over;
    alignas(8) uint8_t state[BANNER_STATE_MAX];
};

/* Bytes of a `struct banner` that this protocol needs: connections need not have more. */
size_t banner_size(const struct banner_ops *ops);

/* Begins; writes no more than banner_size(ops) bytes of *banner. */
void banner_start(struct banner *banner, const struct banner_ops *ops);

/* The next bytes of the server. After DONE, CLOSE or START_TLS it gives DONE and looks at nothing.
 */
enum banner_step banner_feed(struct banner *banner, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk);

/* The server says no more. Without effect after DONE, CLOSE or START_TLS. */
void banner_end(struct banner *banner, struct banner_talk *talk);

/* Every protocol, in the order in which they are tried; `banner_unknown` is the last. */
extern const struct banner_ops *const banner_protocols[];
extern const unsigned banner_protocol_count;

/* The protocol that is usual on a TCP port, which may have a hello to send; NULL if none is. */
const struct banner_ops *banner_by_port(uint16_t port);

/* The protocol with this name; NULL if there is none. */
const struct banner_ops *banner_by_name(const char *name);

/* Whose the first bytes of a server are. `asked` is the protocol whose hello was sent, or the one
 * that is usual on the port; it decides where several would do; NULL if there is none. NULL means
 * that more bytes are needed; never with `ended` (no more will come) or from BANNER_DETECT_MAX
 * bytes on. If it is nobody's, it is banner_unknown's. The bytes are then fed to that protocol,
 * from the first on.
 */
const struct banner_ops *banner_detect(const uint8_t *bytes, size_t length,
                                       const struct banner_ops *asked, bool ended);

/* For protocols: a field, and what to send. The latter is left out, and false, if it does not fit.
 */
void banner_tell(const struct banner_talk *talk, uint16_t app, const void *text, size_t length);
bool banner_say(struct banner_talk *talk, const void *bytes, size_t length);
bool banner_say_text(struct banner_talk *talk, const char *text);

/* Whether bytes begin with `text`, as far as both go: for `match`. */
enum banner_match banner_begins(const uint8_t *bytes, size_t length, const char *text);

/* The best answer for one of several texts. */
enum banner_match banner_begins_any(const uint8_t *bytes, size_t length, const char *const texts[],
                                    unsigned count);

/* The answer where `wanted` bytes were looked at: MAYBE as long as they are fewer. */
static inline enum banner_match banner_match_after(size_t length, size_t wanted, bool fits)
{
    if (!fits)
        return BANNER_NO;
    return length < wanted ? BANNER_MAYBE : BANNER_YES;
}

#endif

/* The client's side of TLS, for very many short conversations: what arrived goes in, what is to be
 * sent, plaintext and fields (what results tell of the server) come out.
 *
 * Theory of operation
 *
 * OpenSSL speaks; this room has no socket, no file, no clock. A session reads straight from the
 * bytes of the call that is being made and writes straight to its `send`: OpenSSL takes in all that
 * it is given, so nothing is held here. Nobody is authenticated: no certificate is verified, for a
 * scanner asks what is there, not whether it is right. For the same reason everything is offered
 * that OpenSSL still has (TLS 1.0 to 1.3, every cipher suite, the strong ones first, security level
 * 0, servers without RFC 5746), and what a server said is told even where the handshake fails: a
 * listener (heard.h) reads the ServerHello, the certificates and the alerts as they come, before
 * OpenSSL judges them. Every handshake is a full one; tickets are thrown away, and renegotiation is
 * refused.
 *
 *   state      how it is reached                         what is legal
 *   new        tls_open                                  tls_start
 *   handshake  tls_start gave TLS_MORE                   tls_feed, tls_end
 *   open       tls_start or tls_feed: TLS_ESTABLISHED    tls_feed, tls_write, tls_end
 *   over       TLS_CLOSED, TLS_FAILED, tls_end           nothing: gives the last step again
 *
 * tls_close is legal in every state.
 *
 * Bounds. Until the handshake is complete TLS_HANDSHAKE_MAX bytes are looked at, altogether
 * TLS_INPUT_MAX; then the session has failed. A handshake message for whose certificates there is
 * no room (64 KiB) is refused by OpenSSL. A session in its handshake takes TLS_SESSION_BYTES, what
 * a hostile server can make it hold is TLS_SESSION_BYTES_MAX (session_test.c measures both), and
 * there are at most `maximum_sessions`. Storms (warnings, empty records, requests to renegotiate or
 * for new keys) end by OpenSSL's own limits or by those of bytes; none is answered by more than
 * came.
 *
 * Sources: RFC 8446 (TLS 1.3), RFC 5246 (1.2), RFC 6066 (server names), RFC 7301 (ALPN). */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banner_app.h"
#include "base/error.h"

enum {
    TLS_HANDSHAKE_MAX = 96 << 10,     /* bytes received until the handshake must be complete */
    TLS_INPUT_MAX = 256 << 10,        /* bytes received altogether */
    TLS_SERVER_NAME_MAX = 255,        /* bytes of the name to ask for */
    TLS_TEXT_MAX = 2048,              /* of the field `ssl` */
    TLS_CERTIFICATE_MAX = 16 << 10,   /* of DER, 4/3 of it as base64; longer ones are left out */
    TLS_CERTIFICATES_MAX = 48 << 10,  /* of DER, all of a session; those behind are left out */
    TLS_SESSIONS_MAX = 1 << 20,       /* the most that maximum_sessions may be */
    TLS_LOOK_MAX = 6,                 /* bytes after which tls_looks_like never says TLS_MAYBE */
    TLS_SESSION_BYTES = 96 << 10,     /* on the heap, a usual handshake at its height */
    TLS_SESSION_BYTES_MAX = 256 << 10 /* the same with a hostile server */
};

struct tls_context; /* belongs to one thread */
struct tls_session; /* belongs to its context */

struct tls_setup {
    uint32_t maximum_sessions; /* open at once, 1 to TLS_SESSIONS_MAX */
    bool capture_cert;         /* give the fields X509 and X509CA */
    bool capture_servername;   /* `ssl` says which name was asked for */
};

/* What is offered to be spoken inside (ALPN). */
enum tls_offer {
    TLS_OFFER_NOTHING,  /* the extension is not sent, which every server takes */
    TLS_OFFER_HTTP_1_1, /* a server without it may decline by the alert no_application_protocol */
    TLS_OFFER_H2,
    TLS_OFFERS,
};

enum tls_step {
    TLS_MORE,        /* go on receiving */
    TLS_ESTABLISHED, /* the same, and the handshake is complete now: `ssl` was told, tls_write may
                      * be used. Once a session, or not at all: never after a last step */
    TLS_CLOSED,      /* the far end says no more: hang up */
    TLS_FAILED,      /* broken off by either side, or it is no TLS (tls_spoken): hang up */
    TLS_DECLINED,    /* broken off because what was offered is not spoken there; nothing was told:
                      * hang up, and ask without */
};

/* What a session works with during one call. Bytes are valid during the callback, which must not
 * call any function of this room for a session or its context: who wants to end a session in a
 * callback does so when the call has returned. */
struct tls_talk {
    void *context;
    void (*send)(void *context, const uint8_t *bytes, size_t length); /* to the far end */
    void (*data)(void *context, const uint8_t *bytes, size_t length); /* plaintext of the far end */

    /* A field for results: APP_SSL, APP_X509 or APP_X509_CA (docs/banners.md says what is in
     * them). All are told before TLS_ESTABLISHED or the last step; only an alert that comes later
     * is told by another APP_SSL. */
    void (*field)(void *context, uint16_t app, const uint8_t *text, size_t length);
};

struct tls_counters {
    uint64_t opened;
    uint64_t full;        /* tls_open refused: maximum_sessions are open */
    uint64_t no_memory;   /* tls_open refused */
    uint64_t established; /* handshakes completed */
    uint64_t alerted;     /* sessions that the far end broke off by an alert */
    uint64_t strangers;   /* failed or ended without a word of TLS from the far end */
    uint64_t too_long;    /* broken off because of TLS_HANDSHAKE_MAX or TLS_INPUT_MAX */
};

/* NULL with an error for values out of range, without memory, or if OpenSSL cannot be used. Reads
 * no configuration of OpenSSL. */
struct tls_context *tls_new(const struct tls_setup *setup, struct error *err);

/* All its sessions must be closed. NULL is allowed. */
void tls_free(struct tls_context *context);

/* A session that will ask for `server_name` (SNI: a DNS name, never an address; NULL, or one of
 * more than TLS_SERVER_NAME_MAX bytes: none is sent). NULL if as many are open as may be, or
 * without memory; both are counted: try later. To be ended by tls_close. */
struct tls_session *tls_open(struct tls_context *context, const char *server_name,
                             enum tls_offer offer);

/* Sends the ClientHello: TLS_MORE, or TLS_FAILED without memory. */
enum tls_step tls_start(struct tls_session *session, const struct tls_talk *talk);

/* The next bytes of the far end, any number of them: fields, plaintext and the last step are the
 * same however the stream is cut. All that they bring is told before the return, so with
 * TLS_ESTABLISHED plaintext may have come already; where the far end has closed by the same bytes
 * it is TLS_CLOSED at once. Takes nothing after the last step. */
enum tls_step tls_feed(struct tls_session *session, const uint8_t *bytes, size_t length,
                       const struct tls_talk *talk);

/* Sends plaintext, all of it, after TLS_ESTABLISHED; before, it sends nothing. Gives TLS_MORE, or
 * the last step. */
enum tls_step tls_write(struct tls_session *session, const uint8_t *bytes, size_t length,
                        const struct tls_talk *talk);

/* No more bytes will come (closed, timed out): tells of a handshake that was not completed what is
 * known. No effect after the last step. */
void tls_end(struct tls_session *session, const struct tls_talk *talk);

/* Frees the session. With a `talk` it says goodbye first (close_notify), if it is open. NULL is
 * allowed. */
void tls_close(struct tls_session *session, const struct tls_talk *talk);

/* Whether the far end has said something of TLS, be it an alert. If a session failed and this is
 * false, the service is something else. */
bool tls_spoken(const struct tls_session *session);

/* What far end and session agreed to speak inside: what was offered, or TLS_OFFER_NOTHING. */
enum tls_offer tls_agreed(const struct tls_session *session);

/* Sessions open now. */
uint32_t tls_sessions(const struct tls_context *context);
const struct tls_counters *tls_counters(const struct tls_context *context);

enum tls_match {
    TLS_NO,
    TLS_MAYBE, /* as far as it goes */
    TLS_YES,
};

/* Whether the first bytes of a server answer a ClientHello: a record with a ServerHello, or an
 * alert. */
enum tls_match tls_looks_like(const uint8_t *bytes, size_t length);

#endif

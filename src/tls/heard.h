/* What the far end has said of itself, read from its messages as they come: so it is known also
 * where the handshake fails. */
#ifndef TLS_HEARD_H
#define TLS_HEARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "tls/names.h"
#include "tls/tls.h"

/* How a handshake came out. */
enum tls_outcome {
    TLS_OUTCOME_COMPLETE,
    TLS_OUTCOME_ALERT,      /* the far end broke off */
    TLS_OUTCOME_REFUSED,    /* we did, by an alert of our own */
    TLS_OUTCOME_BROKEN,     /* what came was no TLS any more */
    TLS_OUTCOME_TOO_LONG,   /* we did, because of its length */
    TLS_OUTCOME_UNFINISHED, /* the connection ended */
};

struct tls_heard {
    uint16_t record_version; /* of the last record's header */
    uint16_t version;        /* of the ServerHello; 0: there was none */
    uint16_t cipher;         /* of the ServerHello */
    bool has_alert;
    uint8_t alert;      /* the last one */
    bool has_our_alert; /* we sent a fatal one */
    uint8_t our_alert;
    bool has_certificates; /* the message has come */
    uint32_t certificates_left_out;
    struct tls_names names;
};

/* Takes a certificate of the chain, in its order; the first is the server's. */
typedef void tls_certificate_fn(void *context, unsigned number, const uint8_t *der, size_t length);

/* Owns memory until tls_heard_fini. */
void tls_heard_init(struct tls_heard *heard);
void tls_heard_fini(struct tls_heard *heard);

/* A handshake message with its header of 4 bytes. Certificates go to `certificate`, which may be
 * NULL, but for those that break a bound: these are counted. */
void tls_heard_handshake(struct tls_heard *heard, const uint8_t *message, size_t length,
                         OSSL_LIB_CTX *library, tls_certificate_fn *certificate, void *context);

/* Whether the far end spoke TLS. */
bool tls_heard_any(const struct tls_heard *heard);

/* What the field `ssl` tells beside what was heard. */
struct tls_ending {
    enum tls_outcome outcome;
    enum tls_offer agreed;
    const char *asked_for; /* the name that was asked for; NULL: it is not told */
};

/* Writes the field `ssl`; nothing if nothing was heard. */
void tls_heard_write(const struct tls_heard *heard, const struct tls_ending *ending,
                     struct buffer *text);

/* Writes the field for an alert that came after the handshake. */
void tls_heard_write_alert(const struct tls_heard *heard, struct buffer *text);

/* The name of what may be spoken inside, as on the wire; "" for nothing. */
const char *tls_offer_name(enum tls_offer offer);

#endif

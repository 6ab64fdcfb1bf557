/* What the sessions of a thread share: OpenSSL's configuration, and room for what is told. */
#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include <openssl/ssl.h>

#include "base/buffer.h"
#include "tls/tls.h"

enum { TLS_PLAIN_SIZE = 16 << 10 }; /* as much as a record holds */

struct tls_context {
    struct tls_setup setup;
    OSSL_LIB_CTX *library; /* of our own: nobody's configuration is in it */
    SSL_CTX *ssl;
    BIO_METHOD *wire; /* how sessions read and write (session.c) */
    uint32_t open;    /* sessions */
    struct tls_counters counters;
    struct buffer text; /* of the field that is told */
    uint8_t plain[TLS_PLAIN_SIZE];
};

/* The ways in which OpenSSL reaches a session: its bytes, and its ear. */
BIO_METHOD *tls_wire_new(void);
void tls_listen(int is_ours, int version, int content_type, const void *bytes, size_t length,
                SSL *ssl, void *argument);

#endif

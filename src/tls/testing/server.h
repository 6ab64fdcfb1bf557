/* For tests: a TLS server made of OpenSSL and memory, and certificates for it. */
#ifndef TLS_TESTING_SERVER_H
#define TLS_TESTING_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

struct certificate_name {
    int kind; /* GEN_DNS, GEN_IPADD or GEN_EMAIL */
    const void *bytes;
    int length; /* -1: it is a string */
};

enum { CERTIFICATE_NAMES_MAX = 64 };

struct certificate_plan {
    const void *common_name;
    int common_name_length;                               /* -1: it is a string */
    struct certificate_name names[CERTIFICATE_NAMES_MAX]; /* up to one without bytes */
    size_t padding; /* bytes of a further extension, to make it long */
};

/* A certificate signed by its own key; the caller frees it. */
X509 *certificate_make(const struct certificate_plan *plan, EVP_PKEY *key);

/* Its DER; the caller frees it by OPENSSL_free. */
size_t certificate_encode(const X509 *certificate, uint8_t **der);

/* What servers may share, for it is costly to make: nothing of a session stays in it. The caller
 * frees it by SSL_CTX_free. */
SSL_CTX *server_context_make(void);

struct server_plan {
    SSL_CTX *context; /* NULL: one of its own */
    int version;      /* the only one that is spoken; 0: any */
    EVP_PKEY *key;
    X509 *const *chain;   /* the server's first, up to NULL */
    const char *ciphers;  /* up to TLS 1.2; NULL: all */
    const char *protocol; /* of ALPN: anything else is refused by an alert; NULL: ALPN is ignored */
    bool demands_certificate;
};

struct server {
    SSL *ssl;
    BIO *in, *out;
    const char *protocol;
    uint8_t plain[4096]; /* what the client said */
    size_t plain_length;
};

/* Both fail the test where OpenSSL does. server_fini may follow only a server_init. */
void server_init(struct server *server, const struct server_plan *plan);
void server_fini(struct server *server);

/* Ciphertext of the client; the server answers into `out`. */
void server_take(struct server *server, const uint8_t *bytes, size_t length);

/* Plaintext for the client, into `out`; the handshake must be complete. */
void server_say(struct server *server, const void *bytes, size_t length);

/* Bytes for the client, at most `room`. */
size_t server_drain(struct server *server, uint8_t *bytes, size_t room);

#endif

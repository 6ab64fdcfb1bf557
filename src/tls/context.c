/* What the sessions of a thread share. */
#include "tls/context.h"

#include <stdlib.h>

#include <openssl/err.h>

enum { BASE64_OF_CERTIFICATE = (TLS_CERTIFICATE_MAX + 2) / 3 * 4, CERTIFICATE_LIST_MAX = 64 << 10 };

/* The strongest first; nobody is asked to choose those without authentication or encryption, but
 * there are servers that have nothing else. */
static const char ciphers[] = "ALL:eNULL:+aNULL:+eNULL:@SECLEVEL=0";

/* Small fragments: requests are short, and each session has a buffer for one. */
enum { SEND_FRAGMENT = 2048 };

/* No verification: not even a chain is built, which would cost more than the rest. */
static int accept_any(X509_STORE_CTX *store, void *context)
{
    (void)store;
    (void)context;
    return 1;
}

static bool configure(SSL_CTX *ssl)
{
    SSL_CTX_set_security_level(ssl, 0);
    SSL_CTX_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(ssl, accept_any, NULL);
    SSL_CTX_set_options(ssl, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_NO_TICKET | SSL_OP_TLSEXT_PADDING);
    SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(ssl, CERTIFICATE_LIST_MAX);
    SSL_CTX_set_msg_callback(ssl, tls_listen);
    return SSL_CTX_set_min_proto_version(ssl, TLS1_VERSION) &&
           SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION) &&
           SSL_CTX_set_max_send_fragment(ssl, SEND_FRAGMENT) &&
           SSL_CTX_set_cipher_list(ssl, ciphers);
}

static bool open_library(struct tls_context *context)
{
    /* before all else: openssl.cnf would be read otherwise */
    return OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) &&
           (context->library = OSSL_LIB_CTX_new()) && (context->wire = tls_wire_new()) &&
           (context->ssl = SSL_CTX_new_ex(context->library, NULL, TLS_client_method())) &&
           configure(context->ssl);
}

static void blame_library(struct error *err)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    error_set(err, "OpenSSL cannot be used: %s", reason ? reason : "no memory");
    ERR_clear_error();
}

struct tls_context *tls_new(const struct tls_setup *setup, struct error *err)
{
    if (setup->maximum_sessions < 1 || setup->maximum_sessions > TLS_SESSIONS_MAX) {
        error_set(err, "%u TLS sessions: it is a number from 1 to %d", setup->maximum_sessions,
                  TLS_SESSIONS_MAX);
        return NULL;
    }
    struct tls_context *context = calloc(1, sizeof *context);
    if (!context) {
        error_set(err, "no memory for TLS");
        return NULL;
    }
    context->setup = *setup;
    buffer_init(&context->text, BASE64_OF_CERTIFICATE);
    ERR_clear_error();
    if (!open_library(context)) {
        blame_library(err);
        tls_free(context);
        return NULL;
    }
    return context;
}

void tls_free(struct tls_context *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->wire);
    OSSL_LIB_CTX_free(context->library);
    buffer_fini(&context->text);
    free(context);
}

uint32_t tls_sessions(const struct tls_context *context)
{
    return context->open;
}

const struct tls_counters *tls_counters(const struct tls_context *context)
{
    return &context->counters;
}

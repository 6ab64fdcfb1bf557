/* A TLS server made of OpenSSL and memory, and certificates for it. */
#include "tls/testing/server.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Tests and fuzz targets share this: so no cmocka. */
static void need(bool truth)
{
    if (!truth) {
        ERR_print_errors_fp(stderr);
        abort();
    }
}

static void add_names(X509 *certificate, const struct certificate_plan *plan)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    for (int i = 0; i < CERTIFICATE_NAMES_MAX && plan->names[i].bytes; i++) {
        const struct certificate_name *from = &plan->names[i];
        ASN1_STRING *string =
            from->kind == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
        GENERAL_NAME *name = GENERAL_NAME_new();
        need(ASN1_STRING_set(string, from->bytes, from->length));
        GENERAL_NAME_set0_value(name, from->kind, string);
        need(sk_GENERAL_NAME_push(names, name) > 0);
    }
    if (sk_GENERAL_NAME_num(names) > 0)
        need(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0));
    GENERAL_NAMES_free(names);
}

static void add_padding(X509 *certificate, size_t length)
{
    if (length == 0)
        return;
    uint8_t *bytes = calloc(1, length);
    ASN1_OCTET_STRING *string = ASN1_OCTET_STRING_new();
    need(bytes && ASN1_STRING_set(string, bytes, (int)length));
    X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, NID_netscape_comment, 0, string);
    need(X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(string);
    free(bytes);
}

X509 *certificate_make(const struct certificate_plan *plan, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    need(certificate && X509_set_version(certificate, X509_VERSION_3));
    need(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1));
    need(ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20200101000000Z"));
    need(ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "20490101000000Z"));
    X509_NAME *subject = X509_get_subject_name(certificate);
    if (plan->common_name)
        need(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                        (unsigned char *)plan->common_name,
                                        plan->common_name_length, -1, 0));
    need(X509_set_issuer_name(certificate, subject) && X509_set_pubkey(certificate, key));
    add_names(certificate, plan);
    add_padding(certificate, plan->padding);
    need(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

size_t certificate_encode(const X509 *certificate, uint8_t **der)
{
    *der = NULL;
    int length = i2d_X509(certificate, der);
    need(length > 0);
    return (size_t)length;
}

static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length,
                           const unsigned char *offered, unsigned offered_length, void *argument)
{
    const struct server *server = SSL_get_app_data(ssl);
    (void)argument;
    if (!server->protocol)
        return SSL_TLSEXT_ERR_NOACK;
    size_t length = strlen(server->protocol);
    for (unsigned at = 0; at < offered_length; at += 1u + offered[at]) {
        if (offered[at] != length || memcmp(offered + at + 1, server->protocol, length) != 0)
            continue;
        *chosen = offered + at + 1;
        *chosen_length = (unsigned char)length;
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SSL_CTX *server_context_make(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    need(context);
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_clear_options(context, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    return context;
}

static void load_chain(SSL *ssl, const struct server_plan *plan)
{
    need(SSL_use_certificate(ssl, plan->chain[0]) && SSL_use_PrivateKey(ssl, plan->key));
    for (unsigned i = 1; plan->chain[i]; i++)
        need(SSL_add1_chain_cert(ssl, plan->chain[i]));
}

static void carry_out(SSL *ssl, const struct server_plan *plan)
{
    need(SSL_set_min_proto_version(ssl, plan->version ? plan->version : TLS1_VERSION) &&
         SSL_set_max_proto_version(ssl, plan->version));
    need(SSL_set_cipher_list(ssl, plan->ciphers ? plan->ciphers : "ALL:@SECLEVEL=0"));
    if (plan->demands_certificate)
        SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    if (plan->chain)
        load_chain(ssl, plan);
}

void server_init(struct server *server, const struct server_plan *plan)
{
    SSL_CTX *context = plan->context ? plan->context : server_context_make();
    *server = (struct server){.protocol = plan->protocol};
    server->ssl = SSL_new(context);
    if (context != plan->context)
        SSL_CTX_free(context); /* the SSL keeps it */
    server->in = BIO_new(BIO_s_mem());
    server->out = BIO_new(BIO_s_mem());
    need(server->ssl && server->in && server->out);
    SSL_set_app_data(server->ssl, server);
    SSL_set_bio(server->ssl, server->in, server->out);
    carry_out(server->ssl, plan);
    SSL_set_accept_state(server->ssl);
}

void server_fini(struct server *server)
{
    SSL_free(server->ssl);
}

void server_take(struct server *server, const uint8_t *bytes, size_t length)
{
    if (length > 0)
        need(BIO_write(server->in, bytes, (int)length) == (int)length);
    size_t room = sizeof server->plain - server->plain_length;
    int got;
    while (room > 0 &&
           (got = SSL_read(server->ssl, server->plain + server->plain_length, (int)room)) > 0) {
        server->plain_length += (size_t)got;
        room -= (size_t)got;
    }
    ERR_clear_error();
}

void server_say(struct server *server, const void *bytes, size_t length)
{
    need(SSL_write(server->ssl, bytes, (int)length) == (int)length);
}

size_t server_drain(struct server *server, uint8_t *bytes, size_t room)
{
    int length = BIO_read(server->out, bytes, (int)room);
    return length > 0 ? (size_t)length : 0;
}

/* A TLS server that does all right, but for its certificate, whose names are anything, and the
 * bytes on the wire, of which some are changed: so what is behind a handshake is reached. If none
 * is, the session opens and gives what the server said, or declines what it does not speak.
 *
 * Input: version, what is offered and spoken by ALPN, length of the pieces, how many bytes change;
 * for each of these its place and what it is XORed with; the certificate's names; then what the
 * server says inside. */
#include <string.h>

#include <openssl/x509v3.h>

#include "base/reader.h"
#include "fuzz_target.h"
#include "tls/testing/client.h"
#include "tls/testing/server.h"

enum { CHANGES_MAX = 8, NAMES_MAX = 40, COMMON_NAME_MAX = 64, GOODBYE = 0x80 };

struct change {
    size_t at; /* counted from the first byte of the server */
    uint8_t with;
};

struct wire {
    struct change changes[CHANGES_MAX];
    unsigned count, used;
    size_t at, piece;
};

static EVP_PKEY *key(void)
{
    static EVP_PKEY *made;
    if (made == NULL)
        made = EVP_EC_gen("P-256");
    check(made != NULL);
    return made;
}

static SSL_CTX *servers_context(void)
{
    static SSL_CTX *made;
    if (made == NULL)
        made = server_context_make();
    return made;
}

static struct tls_context *context(void)
{
    static struct tls_context *made; /* costly to make, and nothing of a session stays in it */
    const struct tls_setup setup = {
        .maximum_sessions = 1, .capture_cert = true, .capture_servername = true};
    struct error err;
    if (made == NULL)
        made = tls_new(&setup, &err);
    check(made != NULL);
    return made;
}

/* OpenSSL makes no common name that is longer, or is no text. */
static int read_common_name(struct reader *input, char name[COMMON_NAME_MAX])
{
    size_t length = 1u + reader_u8(input) % COMMON_NAME_MAX;
    const uint8_t *bytes = reader_bytes(input, length);
    for (size_t i = 0; bytes != NULL && i < length; i++)
        name[i] = (char)(bytes[i] & 0x7f);
    return bytes != NULL ? (int)length : 0;
}

static X509 *read_certificate(struct reader *input)
{
    static const int kinds[] = {GEN_DNS, GEN_IPADD, GEN_EMAIL};
    char common_name[COMMON_NAME_MAX];
    struct certificate_plan plan = {.common_name_length = read_common_name(input, common_name)};
    if (plan.common_name_length > 0)
        plan.common_name = common_name;
    unsigned count = reader_u8(input) % NAMES_MAX;
    for (unsigned i = 0; i < count; i++) {
        struct certificate_name *name = &plan.names[i];
        name->kind = kinds[reader_u8(input) % 3];
        name->length = reader_u8(input);
        name->bytes = reader_bytes(input, (size_t)name->length);
    }
    return certificate_make(&plan, key());
}

static struct wire read_wire(struct reader *input)
{
    struct wire wire = {.piece = 1u + reader_u8(input)};
    wire.count = reader_u8(input) % (CHANGES_MAX + 1);
    for (unsigned i = 0; i < wire.count; i++) {
        wire.changes[i].at = reader_be16(input) % 4096;
        wire.changes[i].with = reader_u8(input);
    }
    return wire;
}

/* The next bytes of the server, some changed. */
static void carry(void *context, uint8_t *bytes, size_t length)
{
    struct wire *wire = context;
    for (unsigned i = 0; i < wire->count; i++) {
        const struct change *change = &wire->changes[i];
        if (change->at >= wire->at && change->at - wire->at < length) {
            bytes[change->at - wire->at] ^= change->with;
            wire->used += change->with != 0;
        }
    }
    wire->at += length;
}

static void talk(struct client *client, struct server *server, struct wire *wire,
                 const uint8_t *words, size_t length)
{
    client_converse(client, server, wire->piece);
    if (length == 0 || !SSL_is_init_finished(server->ssl))
        return;
    (void)tls_write(client->session, words, length, &client->talk);
    server_say(server, words, length);
    if (words[0] & GOODBYE)
        SSL_shutdown(server->ssl);
    client_converse(client, server, wire->piece);
    if (wire->used > 0)
        return;
    check(client->plain_length == length && memcmp(client->plain, words, length) == 0);
    check(server->plain_length == length && memcmp(server->plain, words, length) == 0);
    if (words[0] & GOODBYE)
        check(client->last == TLS_CLOSED);
}

static void meet(const struct server_plan *plan, enum tls_offer offer, struct wire *wire,
                 const uint8_t *words, size_t length)
{
    static struct client client;
    struct server server;
    server_init(&server, plan);
    check(client_open(&client, context(), "www.example.com", offer));
    client.tamper = carry;
    client.tamper_context = wire;
    client_start(&client);
    talk(&client, &server, wire, words, length);
    if (wire->used == 0)
        check(client.established == 1 || client.last == TLS_DECLINED);
    tls_end(client.session, &client.talk);
    tls_close(client.session, &client.talk);
    server_fini(&server);
    check(tls_sessions(context()) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int versions[] = {0, TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    static const char *const protocols[] = {NULL, "http/1.1", "h2", "smtp"};
    struct reader input = reader_over(data, size);
    uint8_t choice = reader_u8(&input);
    struct server_plan plan = {.context = servers_context(),
                               .version = versions[choice % 4],
                               .protocol = protocols[choice / 4 % 4],
                               .key = key()};
    enum tls_offer offer = (enum tls_offer)(choice / 16 % TLS_OFFERS);
    struct wire wire = read_wire(&input);
    X509 *chain[] = {read_certificate(&input), NULL};
    size_t length = reader_left(&input);
    plan.chain = chain;
    if (!input.failed && length < sizeof((struct server *)NULL)->plain)
        meet(&plan, offer, &wire, reader_bytes(&input, length), length);
    X509_free(chain[0]);
    return 0;
}

/* Conversations with a server made of OpenSSL: what is told of it, whatever it speaks and however
 * its words are cut; what it may do wrong; and what a session holds meanwhile. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "base/base64.h"
#include "tls/testing/client.h"

enum { KINDS = 2, LONG_CHAIN = 8 };

static EVP_PKEY *keys[KINDS]; /* RSA, ECDSA */
static X509 *plain[KINDS];    /* certificates of them, with usual names */
static struct client *client; /* too large for the stack */
static struct tls_context *context;

static struct tls_context *new_context(uint32_t sessions)
{
    const struct tls_setup setup = {
        .maximum_sessions = sessions, .capture_cert = true, .capture_servername = true};
    struct error err;
    struct tls_context *made = tls_new(&setup, &err);
    assert_non_null(made);
    return made;
}

static const struct certificate_plan usual = {
    .common_name = "www.example.com",
    .common_name_length = -1,
    .names = {{GEN_DNS, "www.example.com", -1},
              {GEN_DNS, "example.com", -1},
              {GEN_IPADD, "\xc0\0\2\1", 4}},
};

static int make_all(void **state)
{
    (void)state;
    keys[0] = EVP_RSA_gen(2048);
    keys[1] = EVP_EC_gen("P-256");
    for (int i = 0; i < KINDS; i++)
        plain[i] = certificate_make(&usual, keys[i]);
    client = calloc(1, sizeof *client);
    context = new_context(4);
    return client == NULL;
}

static int free_all(void **state)
{
    (void)state;
    assert_int_equal(tls_sessions(context), 0);
    tls_free(context);
    free(client);
    for (int i = 0; i < KINDS; i++) {
        X509_free(plain[i]);
        EVP_PKEY_free(keys[i]);
    }
    return 0;
}

/* A handshake with a server of this plan, in pieces; the session is left open. */
static void shake_hands(struct server *server, const struct server_plan *plan, size_t piece)
{
    server_init(server, plan);
    assert_true(client_open(client, context, NULL, TLS_OFFER_NOTHING));
    client_start(client);
    client_converse(client, server, piece);
}

static void assert_begins(const char *text, const char *begin)
{
    if (strncmp(text, begin, strlen(begin)) != 0)
        fail_msg("\"%s\" does not begin with \"%s\"", text, begin);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void assert_is_certificate(const char *text, const X509 *certificate)
{
    uint8_t *der;
    struct buffer wanted;
    size_t length = certificate_encode(certificate, &der);
    buffer_init(&wanted, 64 << 10);
    base64_encode(&wanted, der, length);
    assert_string_equal(text, buffer_string(&wanted));
    buffer_fini(&wanted);
    OPENSSL_free(der);
}

static void every_version_and_key_is_told(void **state)
{
    (void)state;
    static const struct {
        int version;
        const char *name;
    } versions[] = {{TLS1_VERSION, "TLS/1.0 cipher:0x"},
                    {TLS1_1_VERSION, "TLS/1.1 cipher:0x"},
                    {TLS1_2_VERSION, "TLS/1.2 cipher:0x"},
                    {TLS1_3_VERSION, "TLS/1.3 cipher:0x130"}};
    static const size_t pieces[] = {1 << 20, 1, 0};
    for (size_t v = 0; v < sizeof versions / sizeof versions[0]; v++)
        for (int kind = 0; kind < KINDS; kind++)
            for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
                X509 *chain[] = {plain[kind], NULL};
                const struct server_plan plan = {
                    .version = versions[v].version, .key = keys[kind], .chain = chain};
                struct server server;
                shake_hands(&server, &plan, pieces[p]);
                assert_int_equal(client->established, 1);
                assert_begins(client_text(client, APP_SSL, 0), versions[v].name);
                assert_has(client_text(client, APP_SSL, 0),
                           ", www.example.com, example.com, 192.0.2.1");
                assert_is_certificate(client_text(client, APP_X509, 0), plain[kind]);
                assert_int_equal(client->field_count, 2);
                client_close(client);
                server_fini(&server);
            }
}

static void words_go_both_ways(void **state)
{
    (void)state;
    static const size_t pieces[] = {1 << 20, 1, 0};
    X509 *chain[] = {plain[1], NULL};
    const struct server_plan plan = {.key = keys[1], .chain = chain};
    char page[3000];
    memset(page, 'x', sizeof page);
    for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
        struct server server;
        shake_hands(&server, &plan, pieces[p]);
        assert_int_equal(tls_write(client->session, (const uint8_t *)"hello", 5, &client->talk),
                         TLS_MORE);
        client_converse(client, &server, pieces[p]);
        assert_memory_equal(server.plain, "hello", 5);
        server_say(&server, page, sizeof page);
        client_converse(client, &server, pieces[p]);
        assert_int_equal(client->plain_length, sizeof page);
        assert_memory_equal(client->plain, page, sizeof page);
        SSL_shutdown(server.ssl);
        client_converse(client, &server, pieces[p]);
        assert_int_equal(client->last, TLS_CLOSED);
        client_close(client);
        server_fini(&server);
    }
}

static void a_demand_for_ones_own_certificate_is_told(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    X509 *chain[] = {plain[0], NULL};
    for (size_t v = 0; v < 2; v++) {
        const struct server_plan plan = {
            .version = versions[v], .key = keys[0], .chain = chain, .demands_certificate = true};
        struct server server;
        shake_hands(&server, &plan, 0);
        assert_int_equal(client->last, TLS_FAILED);
        assert_is_certificate(client_text(client, APP_X509, 0), plain[0]);
        /* TLS 1.3 says so only when our side of the handshake is complete. */
        const char *last = client_text(client, APP_SSL, client->established);
        assert_has(last, versions[v] == TLS1_3_VERSION ? "alert:certificate_required"
                                                       : "alert:handshake_failure");
        client_close(client);
        server_fini(&server);
    }
}

static void who_refuses_all_is_told_by_its_alert(void **state)
{
    (void)state;
    const struct server_plan plan = {.version = TLS1_2_VERSION,
                                     .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"}; /* and no key */
    struct server server;
    shake_hands(&server, &plan, 0);
    assert_int_equal(client->last, TLS_FAILED);
    assert_true(tls_spoken(client->session));
    assert_string_equal(client_text(client, APP_SSL, 0), "TLS/1.2 alert:handshake_failure");
    client_close(client);
    server_fini(&server);
}

/* A handshake with a server that speaks HTTP/2 alone, if it is offered anything. */
static void offer_to_h2(struct server *server, const char *name, enum tls_offer offer)
{
    X509 *chain[] = {plain[1], NULL};
    const struct server_plan plan = {.key = keys[1], .chain = chain, .protocol = "h2"};
    server_init(server, &plan);
    assert_true(client_open(client, context, name, offer));
    client_start(client);
    client_converse(client, server, 0);
}

static void what_may_be_spoken_inside_is_agreed(void **state)
{
    (void)state;
    struct server server;
    offer_to_h2(&server, "www.example.com", TLS_OFFER_H2);
    assert_has(client_text(client, APP_SSL, 0), ", alpn:h2");
    assert_has(client_text(client, APP_SSL, 0), "sni:www.example.com");
    client_close(client);
    server_fini(&server);
}

static void a_declined_offer_tells_nothing(void **state)
{
    (void)state;
    struct server server;
    offer_to_h2(&server, NULL, TLS_OFFER_HTTP_1_1);
    assert_int_equal(client->last, TLS_DECLINED);
    assert_int_equal(client->field_count, 0);
    assert_true(tls_spoken(client->session));
    client_close(client);
    server_fini(&server);
}

static void what_is_no_tls_tells_nothing(void **state)
{
    (void)state;
    static const char *const answers[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "\x16\x03\x03",
                                          "SSH-2.0-x\r\n", "\x16\x03\x01\x00\x04\x02\x00\x00\x00"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        assert_true(client_open(client, context, NULL, TLS_OFFER_NOTHING));
        client_start(client);
        client_feed(client, (const uint8_t *)answers[i], strlen(answers[i]), 1);
        tls_end(client->session, &client->talk);
        assert_false(tls_spoken(client->session));
        assert_int_equal(client->field_count, 0);
        client_close(client);
    }
    assert_int_equal(tls_looks_like((const uint8_t *)"HTTP/1", 6), TLS_NO);
    assert_int_equal(tls_looks_like((const uint8_t *)"\x16\x03\x03\x00\x7a\x02", 6), TLS_YES);
    assert_int_equal(tls_looks_like((const uint8_t *)"\x15\x03\x01", 3), TLS_MAYBE);
}

/* All that a server says in a handshake, and its first words. */
static size_t record_server(const struct server_plan *plan, uint8_t *bytes, size_t room)
{
    struct server server;
    size_t length = 0;
    server_init(&server, plan);
    assert_true(client_open(client, context, NULL, TLS_OFFER_NOTHING));
    client_start(client);
    server_take(&server, client->sent, client->sent_length);
    length = server_drain(&server, bytes, room);
    client_close(client);
    server_fini(&server);
    return length;
}

/* The hello of a server answers another hello than ours here, so no handshake completes: but what
 * it says in the clear is told, as far as it goes, and nothing is read beyond it. */
static void a_server_that_breaks_off_anywhere(void **state)
{
    (void)state;
    static uint8_t bytes[16 << 10];
    X509 *chain[] = {plain[1], NULL};
    const struct server_plan plan = {.version = TLS1_2_VERSION, .key = keys[1], .chain = chain};
    size_t length = record_server(&plan, bytes, sizeof bytes);
    assert_true(length > 500);
    for (size_t end = 0; end <= length; end++) {
        assert_true(client_open(client, context, NULL, TLS_OFFER_NOTHING));
        client_start(client);
        client_feed(client, bytes, end, 0);
        tls_end(client->session, &client->talk);
        if (client->field_count > 0 && tls_spoken(client->session))
            assert_begins(client_text(client, APP_SSL, 0), "TLS/1.2");
        client_close(client);
    }
}

static void broken_bytes_break_nothing(void **state)
{
    (void)state;
    static uint8_t bytes[16 << 10], broken[16 << 10];
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    X509 *chain[] = {plain[1], NULL};
    unsigned random = 1;
    for (size_t v = 0; v < 2; v++) {
        const struct server_plan plan = {.version = versions[v], .key = keys[1], .chain = chain};
        size_t length = record_server(&plan, bytes, sizeof bytes);
        for (size_t at = 0; at < length; at++) {
            memcpy(broken, bytes, length);
            broken[at] ^= (uint8_t)(1u << rand_r(&random) % 8);
            assert_true(client_open(client, context, NULL, TLS_OFFER_NOTHING));
            client_start(client);
            client_feed(client, broken, length, 0);
            tls_end(client->session, &client->talk);
            client_close(client);
        }
    }
}

static void a_chain_is_told_in_its_order(void **state)
{
    (void)state;
    const struct certificate_plan others = {.common_name = "CA", .common_name_length = -1};
    X509 *ca = certificate_make(&others, keys[0]);
    X509 *chain[] = {plain[1], ca, plain[0], NULL};
    const struct server_plan plan = {.key = keys[1], .chain = chain};
    struct server server;
    shake_hands(&server, &plan, 0);
    assert_is_certificate(client_text(client, APP_X509, 0), plain[1]);
    assert_is_certificate(client_text(client, APP_X509_CA, 0), ca);
    assert_is_certificate(client_text(client, APP_X509_CA, 1), plain[0]);
    assert_int_equal(client->field_count, 4);
    client_close(client);
    server_fini(&server);
    X509_free(ca);
}

/* A certificate of which no room is left for another; and one that is too long by itself. */
static void long_certificates_are_counted(void **state)
{
    (void)state;
    struct certificate_plan big = usual;
    big.padding = 15 << 10;
    X509 *long_one = certificate_make(&big, keys[1]);
    big.padding = 17 << 10;
    X509 *too_long = certificate_make(&big, keys[1]);
    X509 *chains[][5] = {{plain[1], long_one, long_one, long_one, NULL},
                         {too_long, plain[1], NULL}};
    static const char *const told[] = {"certificates-left-out:", "certificates-left-out:1"};
    for (size_t i = 0; i < 2; i++) {
        const struct server_plan plan = {.key = keys[1], .chain = chains[i]};
        struct server server;
        shake_hands(&server, &plan, 0);
        const char *text = client_text(client, APP_SSL, 0);
        if (client->established)
            assert_true(i == 0 || strstr(text, told[i]) != NULL);
        else
            assert_has(text, "refused:");
        client_close(client);
        server_fini(&server);
    }
    X509_free(long_one);
    X509_free(too_long);
}

/* No name can pass for several, or for something else that the field tells. */
static void names_cannot_lie(void **state)
{
    (void)state;
    const struct certificate_plan hostile = {
        .common_name = "a, alert:none",
        .common_name_length = -1,
        .names = {{GEN_DNS, "b\0c", 3}, {GEN_DNS, "d\r\ne", 4}, {GEN_DNS, "f%2c", 4}},
    };
    X509 *certificate = certificate_make(&hostile, keys[1]);
    X509 *chain[] = {certificate, NULL};
    const struct server_plan plan = {.key = keys[1], .chain = chain};
    struct server server;
    shake_hands(&server, &plan, 0);
    const char *text = client_text(client, APP_SSL, 0);
    assert_null(strstr(text, ", alert:"));
    assert_null(strchr(text, '\r'));
    assert_has(text, "b%00c");
    assert_has(text, "d%0d%0ae");
    assert_has(text, "f%252c");
    client_close(client);
    server_fini(&server);
    X509_free(certificate);
}

static void sessions_have_a_maximum(void **state)
{
    (void)state;
    struct tls_session *sessions[5];
    for (int i = 0; i < 4; i++)
        assert_non_null(sessions[i] = tls_open(context, NULL, TLS_OFFER_NOTHING));
    assert_null(tls_open(context, NULL, TLS_OFFER_NOTHING));
    assert_int_equal(tls_counters(context)->full, 1);
    for (int i = 0; i < 4; i++)
        tls_close(sessions[i], NULL);
}

/* Sanitizers have heaps of their own. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static size_t heap_now(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* What sessions take on the heap: in the middle of a handshake, and fed for ever with the begin of
 * a message that is as long as one may be. */
static void memory_has_its_bounds(void **state)
{
    (void)state;
    static uint8_t bytes[16 << 10], junk[TLS_INPUT_MAX];
    if (getenv("UNDER_MEMCHECK") != NULL)
        return; /* it has a heap of its own, too */
    X509 *chain[] = {plain[0], NULL};
    const struct server_plan plan = {.version = TLS1_2_VERSION, .key = keys[0], .chain = chain};
    size_t length = record_server(&plan, bytes, sizeof bytes);
    size_t before = heap_now();
    assert_true(client_open(client, context, NULL, TLS_OFFER_NOTHING));
    client_start(client);
    client_feed(client, bytes, length / 2, 0);
    size_t usual_bytes = heap_now() - before;
    /* From here on records of a Certificate message of almost 64 KiB. */
    for (size_t at = 0; at < sizeof junk; at++)
        junk[at] = at % 16389 < 5 ? (uint8_t) "\x16\x03\x03\x40\x00"[at % 16389] : 0;
    memcpy(junk + 5, "\x0b\x00\xff\x00", 4);
    client_close(client);
    before = heap_now();
    assert_true(client_open(client, context, NULL, TLS_OFFER_NOTHING));
    client_start(client);
    client_feed(client, bytes, 5u + (size_t)(bytes[3] << 8 | bytes[4]), 0);
    size_t most = 0;
    for (size_t at = 0; at < sizeof junk && client->last < TLS_CLOSED; at += 1000) {
        client_feed(client, junk + at, 1000 < sizeof junk - at ? 1000 : sizeof junk - at, 1000);
        size_t now = heap_now() - before;
        most = now > most ? now : most;
    }
    client_close(client);
    print_message("# a session: %zu bytes in its handshake, %zu with a hostile server\n",
                  usual_bytes, most);
    assert_in_range(usual_bytes, 1, TLS_SESSION_BYTES);
    assert_in_range(most, 1, TLS_SESSION_BYTES_MAX);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_and_key_is_told),
        cmocka_unit_test(words_go_both_ways),
        cmocka_unit_test(a_demand_for_ones_own_certificate_is_told),
        cmocka_unit_test(who_refuses_all_is_told_by_its_alert),
        cmocka_unit_test(what_may_be_spoken_inside_is_agreed),
        cmocka_unit_test(a_declined_offer_tells_nothing),
        cmocka_unit_test(what_is_no_tls_tells_nothing),
        cmocka_unit_test(a_server_that_breaks_off_anywhere),
        cmocka_unit_test(broken_bytes_break_nothing),
        cmocka_unit_test(a_chain_is_told_in_its_order),
        cmocka_unit_test(long_certificates_are_counted),
        cmocka_unit_test(names_cannot_lie),
        cmocka_unit_test(sessions_have_a_maximum),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        cmocka_unit_test(memory_has_its_bounds),
#endif
    };
    return cmocka_run_group_tests_name("session", tests, make_all, free_all);
}

/* Conversations in TLS: what the handshake tells, what is said inside, and how one comes to it. */
#include "grab/secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "grab/testing/world.h"
#include "tls/testing/server.h"

enum { ROOM = 64 << 10 };

/* The one TLS server of a test, and its certificate. */
static struct {
    struct server server;
    bool is_there;
    EVP_PKEY *key;
    X509 *chain[2];
    const char *greeting, *page; /* what it says inside */
    const char *request;         /* what it waits for before the page */
    const char *protocol; /* that it speaks inside, if it was offered any; NULL: never asks */
} tls;

static int make_certificate(void **state)
{
    (void)state;
    const struct certificate_plan plan = {.common_name = "grab.test", .common_name_length = -1};
    tls.key = EVP_EC_gen("P-256");
    tls.chain[0] = certificate_make(&plan, tls.key);
    return tls.chain[0] == NULL;
}

static int free_certificate(void **state)
{
    (void)state;
    X509_free(tls.chain[0]);
    EVP_PKEY_free(tls.key);
    return 0;
}

static void leave(void)
{
    if (tls.is_there)
        server_fini(&tls.server);
    tls.is_there = false;
}

static void begin(void)
{
    leave();
    const struct server_plan plan = {.key = tls.key, .chain = tls.chain, .protocol = tls.protocol};
    server_init(&tls.server, &plan);
    tls.is_there = true;
}

static void drain(struct peer *peer)
{
    static uint8_t bytes[ROOM];
    size_t length = server_drain(&tls.server, bytes, sizeof bytes);
    if (length > 0)
        peer_says_bytes(peer, bytes, length);
}

/* Ciphertext in, and what is to be said inside as soon as it may be. */
static void speak_tls(struct peer *peer)
{
    server_take(&tls.server, (const uint8_t *)peer->heard, peer->heard_length);
    peer->heard_length = 0;
    bool is_open = SSL_is_init_finished(tls.server.ssl);
    if (is_open && tls.greeting != NULL) {
        server_say(&tls.server, tls.greeting, strlen(tls.greeting));
        tls.greeting = NULL;
    }
    tls.server.plain[tls.server.plain_length] = '\0';
    if (is_open && tls.page != NULL && strstr((char *)tls.server.plain, tls.request) != NULL) {
        server_say(&tls.server, tls.page, strlen(tls.page));
        tls.page = NULL;
    }
    drain(peer);
}

static void is_tls(struct peer *peer)
{
    if (peer->heard_length == 0)
        begin();
    else
        speak_tls(peer);
}

/* Says so by an alert if something else is said. */
static void wants_tls(struct peer *peer)
{
    static bool is_spoken;
    if (peer->heard_length == 0) {
        is_spoken = false;
        begin();
    } else if (is_spoken || peer->heard[0] == 0x16) {
        is_spoken = true;
        speak_tls(peer);
    } else {
        peer_says_bytes(peer, "\x15\x03\x01\x00\x02\x02\x46", 7);
        peer_closes(peer);
    }
}

static bool starts_tls;

static void is_smtp_that_turns(struct peer *peer)
{
    if (peer->heard_length == 0) {
        starts_tls = false;
        peer_says(peer, "220 mail.test ESMTP\r\n");
    } else if (starts_tls) {
        speak_tls(peer);
    } else if (strncmp(peer->heard, "EHLO", 4) == 0) {
        peer->heard_length = 0;
        peer_says(peer, "250-mail.test\r\n250 STARTTLS\r\n");
    } else if (strncmp(peer->heard, "STARTTLS", 8) == 0) {
        peer->heard_length = 0;
        starts_tls = true;
        begin();
        peer_says(peer, "220 go ahead\r\n");
    }
}

/* A web server that knows no TLS. */
static void is_plain(struct peer *peer)
{
    if (peer->heard_length == 0)
        return;
    bool asked = strncmp(peer->heard, "GET ", 4) == 0;
    peer_says(peer, asked ? "HTTP/1.0 200 OK\r\nServer: plain\r\n\r\n"
                          : "HTTP/1.0 400 Bad Request\r\n\r\n");
    peer_closes(peer);
}

static void assert_tells(const struct world *world, const char *text)
{
    if (strstr(world->told, text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, world->told);
}

static const char page[] = "HTTP/1.0 200 OK\r\nServer: inside\r\nContent-Length: 0\r\n\r\n";

static struct world *scan(uint16_t port, react_fn *react, unsigned pieces)
{
    struct world *world = world_new(&world_ipv4, HELLO_BY_PORT);
    world->peers[0].pieces = pieces;
    tls.request = "\r\n\r\n";
    world_probe(world, 0, port, react);
    world_pass_time(world, 8);
    return world;
}

static void a_web_server_is_asked_inside(void **state)
{
    (void)state;
    static const unsigned pieces[] = {0, 1, 7, 300};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        tls.page = page;
        struct world *world = scan(443, is_tls, pieces[i]);
        assert_tells(world, "9:TLS/1.3 cipher:0x1302, grab.test\n");
        assert_tells(world, "15:MII");
        assert_tells(world, "31:inside\n");
        assert_int_equal(world->peers[0].connections, 1);
        assert_int_equal(world->resets, 0);
        assert_int_equal(grab_counters(world->grab)->answered, 1);
        world_free(world);
        leave();
    }
}

/* A web server that speaks this inside, if it is offered anything. */
static struct world *scan_speaker_of(const char *protocol)
{
    tls.protocol = protocol;
    tls.page = page;
    struct world *world = scan(443, is_tls, 0);
    tls.protocol = NULL;
    return world;
}

static void what_is_spoken_inside_is_agreed(void **state)
{
    (void)state;
    struct world *world = scan_speaker_of("http/1.1");
    assert_tells(world, "9:TLS/1.3 cipher:0x1302, grab.test, alpn:http/1.1\n");
    assert_tells(world, "31:inside\n");
    assert_int_equal(world->peers[0].connections, 1);
    world_free(world);
    leave();
}

static void who_declines_what_is_offered_is_asked_without(void **state)
{
    (void)state;
    struct world *world = scan_speaker_of("dot");
    assert_tells(world, "9:TLS/1.3 cipher:0x1302, grab.test\n");
    assert_tells(world, "31:inside\n");
    assert_true(strstr(world->told, "alert") == NULL);
    assert_int_equal(world->peers[0].connections, 2);
    world_free(world);
    leave();
}

static void who_greets_inside_is_listened_to(void **state)
{
    (void)state;
    tls.greeting = "* OK IMAP4rev1 inside\r\n";
    tls.page = "* CAPABILITY IMAP4rev1\r\na1 OK done\r\n";
    struct world *world = scan(993, is_tls, 0);
    assert_tells(world, "9:TLS/1.3");
    world_pass_time(world, 30);
    assert_tells(world, "13:* OK IMAP4rev1 inside");
    world_free(world);
    leave();
}

static void the_certificate_is_got_by_starttls(void **state)
{
    (void)state;
    struct world *world = scan(25, is_smtp_that_turns, 0);
    assert_tells(world, "11:220 mail.test ESMTP");
    assert_tells(world, "9:TLS/1.3");
    assert_tells(world, "15:MII");
    assert_true(world->peers[0].was_closed);
    world_free(world);
    leave();
}

static void an_answer_in_tls_is_understood(void **state)
{
    (void)state;
    tls.page = page;
    struct world *world = scan(80, wants_tls, 0);
    assert_tells(world, "9:TLS/1.3");
    assert_tells(world, "31:inside\n");
    assert_int_equal(world->peers[0].connections, 2);
    world_free(world);
    leave();
}

static void an_answer_in_plain_words_is_understood(void **state)
{
    (void)state;
    struct world *world = scan(443, is_plain, 0);
    assert_tells(world, "31:plain\n");
    assert_true(strstr(world->told, "9:TLS") == NULL);
    assert_int_equal(world->peers[0].connections, 2);
    world_free(world);
}

/* More servers than there may be sessions: each has its turn. */
static void sessions_are_waited_for(void **state)
{
    (void)state;
    struct world *world = world_new(&world_ipv4, HELLO_SSL);
    uint32_t maximum = world->grab->setup.maximum_tls;
    for (unsigned i = 0; i < maximum + 5; i++)
        world_probe(world, i, 443, is_plain);
    world_pass_time(world, 10);
    unsigned plain = 0;
    for (const char *at = world->told; (at = strstr(at, "31:plain")) != NULL; at++)
        plain++;
    assert_int_equal(plain, maximum + 5);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_web_server_is_asked_inside),
        cmocka_unit_test(what_is_spoken_inside_is_agreed),
        cmocka_unit_test(who_declines_what_is_offered_is_asked_without),
        cmocka_unit_test(who_greets_inside_is_listened_to),
        cmocka_unit_test(the_certificate_is_got_by_starttls),
        cmocka_unit_test(an_answer_in_tls_is_understood),
        cmocka_unit_test(an_answer_in_plain_words_is_understood),
        cmocka_unit_test(sessions_are_waited_for),
    };
    return cmocka_run_group_tests_name("secure", tests, make_certificate, free_certificate);
}

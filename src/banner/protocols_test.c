/* Which protocol is asked on a port and what it says; whose an answer is; settings that change a
 * conversation. */
#include "banner/http_request.h"
#include "banner/protocols.h"
#include "banner/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct run run;

static const struct banner_setup plain;

static void check_detection(const char *bytes, size_t length, const struct banner_ops *asked,
                            bool ended, const struct banner_ops *wanted)
{
    const struct banner_ops *found = banner_detect((const uint8_t *)bytes, length, asked, ended);
    if (found != wanted)
        fail_msg("\"%s\" was taken for %s", bytes, found ? found->name : "something unfinished");
}

static void check_text(const char *text, const struct banner_ops *asked,
                       const struct banner_ops *wanted)
{
    check_detection(text, strlen(text), asked, false, wanted);
}

static void knows_a_port(void **state)
{
    (void)state;
    assert_ptr_equal(banner_by_port(80), &banner_http);
    assert_ptr_equal(banner_by_port(8080), &banner_http);
    assert_ptr_equal(banner_by_port(22), &banner_ssh);
    assert_ptr_equal(banner_by_port(3389), &banner_rdp);
    assert_null(banner_by_port(0));
    assert_null(banner_by_port(9));
    assert_null(banner_by_name("nothing"));
}

/* "220" greets for FTP and SMTP: words decide, then the port. */
static void tells_greetings_apart(void **state)
{
    (void)state;
    check_text("220 a.example ESMTP\r\n", &banner_ftp, &banner_smtp);
    check_text("220 a.example FTP server\r\n", &banner_smtp, &banner_ftp);
    check_text("220 welcome\r\n", &banner_smtp, &banner_smtp);
    check_text("220 welcome\r\n", &banner_ftp, &banner_ftp);
    check_text("220 welcome\r\n", NULL, &banner_ftp);
    check_text("220 welc", NULL, NULL);
    check_text("220x", NULL, &banner_unknown);
}

static void waits_until_it_is_clear(void **state)
{
    (void)state;
    check_text("", NULL, NULL);
    check_text("H", NULL, NULL);
    check_text("HT", NULL, NULL);
    check_detection("HT", 2, NULL, true, &banner_unknown);
    check_text("HTX", NULL, &banner_unknown);
    check_detection("", 0, &banner_http, true, &banner_unknown);
    char endless[BANNER_DETECT_MAX];
    memset(endless, 'x', sizeof endless);
    memcpy(endless, "220 ", 4);
    check_detection(endless, sizeof endless - 1, &banner_smtp, false, NULL);
    check_detection(endless, sizeof endless, &banner_smtp, false, &banner_smtp);
}

static void finds_services_on_other_ports(void **state)
{
    (void)state;
    check_text("SSH-2.0-x\r\n", &banner_postgres, &banner_ssh);
    check_text("SSH-2.0-x\r\n", &banner_http, &banner_ssh);
    check_text("HTTP/1.1 400 Bad Request\r\n", &banner_redis, &banner_http);
    check_text("S", &banner_postgres, &banner_postgres);
    check_text("login: ", &banner_telnet, &banner_telnet);
    check_text("login: ", &banner_http, &banner_unknown);
    check_detection(" \2\0\0", 4, &banner_mqtt, false, &banner_mqtt);
    check_detection(" \2\0\0", 4, &banner_http, true, &banner_unknown);
}

/* What services say that no protocol here is about. */
static void takes_common_texts_for_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Welcome to this machine\r\n",
        "OK\r\n",
        "OK 1 2 3\r\n",
        "ERROR\r\n",
        "ERROR: unknown command\r\n",
        "error\n",
        "200 OK\r\n",
        "200 ready\r\n",
        "INFO: started\n",
        "+CONNECTED\r\n",
        "<?xml version=\"1.0\"?>\n<device><name>x</name></device>\n",
        "<html><body>hello</body></html>\n",
        "{\"version\":\"1.0\"}\n",
        "( hello )\n",
        "\"a\" \"b\"\r\n",
        ": a comment\n",
        ":hello world\r\n",
        "NOTICE: the system goes down\r\n",
        "@echo off\r\n",
        "SSL required\n",
        "Tue Nov 24 10:00:00 2026\r\n",
        "1234\r\n",
        "0000",
        "Zookeeper\n",
        "ClamAV\n",
        "VERSION\n",
        "PING\r\n",
        "S",
        "N",
    };
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
        check_detection(texts[i], strlen(texts[i]), NULL, true, &banner_unknown);
}

/* Random bytes are of no protocol: whoever claims some does so by few bits. Those that are only
 * looked for where they were asked may be wrong more often, yet seldom. */
static void takes_random_bytes_for_nothing(void **state)
{
    (void)state;
    enum { STREAMS = 200000, LENGTH = 64, OFTEN = STREAMS / 4096 };
    unsigned claimed[64] = {0};
    uint64_t random = 0x1234567890abcdef;
    uint8_t bytes[LENGTH];
    assert_in_range(banner_protocol_count, 1, sizeof claimed / sizeof *claimed);
    for (unsigned n = 0; n < STREAMS; n++) {
        for (unsigned i = 0; i < LENGTH; i++)
            bytes[i] = (uint8_t)(run_random(&random) >> 7);
        for (unsigned p = 0; p < banner_protocol_count; p++)
            claimed[p] += banner_protocols[p]->match(bytes, LENGTH) >= BANNER_LIKELY;
    }
    for (unsigned p = 0; p < banner_protocol_count; p++) {
        unsigned most = banner_protocols[p]->only_if_asked ? 8 * OFTEN : OFTEN;
        if (claimed[p] > most)
            fail_msg("%s claims %u of %d", banner_protocols[p]->name, claimed[p], STREAMS);
    }
}

static void check_hello(const struct banner_ops *ops, const char *wanted, size_t length)
{
    run_start(&run, ops, &plain);
    run_hello(&run);
    assert_int_equal(run.sent, length);
    assert_memory_equal(run.sent_bytes, wanted, length);
}

#define CHECK_HELLO(ops, wanted) check_hello(ops, wanted, sizeof(wanted) - 1)

/* Bytes from the documents, put together by hand. */
static void says_hello(void **state)
{
    (void)state;
    CHECK_HELLO(&banner_http, "GET / HTTP/1.0\r\nUser-Agent: masscan/1.3\r\nAccept: */*\r\n\r\n");
    CHECK_HELLO(&banner_redis, "PING\r\nINFO server\r\n");
    CHECK_HELLO(&banner_memcached, "version\r\nstats\r\n");
    CHECK_HELLO(&banner_rtsp, "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    CHECK_HELLO(&banner_postgres, "\0\0\0\x08\x04\xd2\x16\x2f");
    CHECK_HELLO(&banner_mongodb, "\x3a\0\0\0\1\0\0\0\0\0\0\0\xd4\7\0\0\0\0\0\0admin.$cmd\0\0\0\0\0"
                                 "\xff\xff\xff\xff\x13\0\0\0\x10isMaster\0\1\0\0\0\0");
    CHECK_HELLO(&banner_x11, "l\0\x0b\0\0\0\0\0\0\0\0\0");
    CHECK_HELLO(&banner_mqtt, "\x10\x0c\0\4MQTT\4\2\0\x3c\0\0");
    CHECK_HELLO(&banner_amqp, "AMQP\0\0\x09\x01");
    CHECK_HELLO(&banner_java_rmi, "JRMI\0\2\x4b");
    CHECK_HELLO(&banner_dns, "\0\x1e"
                             "ms\0\0\0\1\0\0\0\0\0\0\7version\4bind\0\0\x10\0\3");
    CHECK_HELLO(&banner_rdp, "\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\x0b\0\0\0");
    CHECK_HELLO(&banner_afp, "\0\3\0\1\0\0\0\0\0\0\0\0\0\0\0\0");
    CHECK_HELLO(&banner_docker,
                "GET /version HTTP/1.0\r\nUser-Agent: masscan/1.3\r\nAccept: */*\r\n\r\n");
    CHECK_HELLO(&banner_mssql, "\x12\1\0\x2f\0\0\1\0\0\0\x1a\0\6\1\0\x20\0\1\2\0\x21\0\1\3\0\x22"
                               "\0\4\4\0\x26\0\1\xff\0\0\0\0\0\0\0\0\0\0\0\0\0");
    CHECK_HELLO(&banner_stomp, "CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\n\n\0");
    CHECK_HELLO(&banner_git, "0032git-upload-pack /masscan\0host=masscan.invalid\0");
    CHECK_HELLO(&banner_epmd, "\0\1n");
    CHECK_HELLO(&banner_kafka, "\0\0\0\x11\0\x12\0\0scan\0\7masscan");
    CHECK_HELLO(&banner_cassandra, "\3\0\0\0\5\0\0\0\0");
    CHECK_HELLO(&banner_bolt, "\x60\x60\xb0\x17\0\x08\x08\5\0\2\4\4\0\0\1\4\0\0\0\3");
    CHECK_HELLO(&banner_socks5, "\5\3\0\1\2");
    CHECK_HELLO(&banner_openvpn, "\0\x0e\x38masscan1\0\0\0\0\0");
    CHECK_HELLO(&banner_minecraft, "\x0d\0\x2f\7masscan\x63\xdd\1\1\0");
}

/* What the user wants of web servers he gets on the ports of Docker and Kubernetes, too. */
static void asks_for_versions_as_the_user_wants(void **state)
{
    (void)state;
    static const struct banner_setup with_agent = {.http = {.user_agent = "me"}};
    static const struct banner_setup with_path = {.http = {.url = "/info", .method = "HEAD"}};
    run_start(&run, &banner_kubernetes, &with_agent);
    run_hello(&run);
    static const char agent[] = "GET /version HTTP/1.0\r\nUser-Agent: me\r\n";
    assert_memory_equal(run.sent_bytes, agent, sizeof agent - 1);
    run_start(&run, &banner_docker, &with_path);
    run_hello(&run);
    static const char path[] = "HEAD /info HTTP/1.0\r\n";
    assert_memory_equal(run.sent_bytes, path, sizeof path - 1);
}

/* Every hello is said whole or not at all. */
static void says_no_half_hello(void **state)
{
    (void)state;
    uint8_t send[BANNER_SEND_MAX];
    for (unsigned i = 0; i < banner_protocol_count; i++) {
        struct banner_talk talk = {.setup = &plain, .send = send, .send_room = 2};
        if (!banner_protocols[i]->hello)
            continue;
        assert_false(banner_protocols[i]->hello(&talk));
        assert_int_equal(talk.sent, 0);
    }
}

static enum banner_step feed_text(const struct banner_ops *ops, const struct banner_setup *setup,
                                  const char *text)
{
    run_start(&run, ops, setup);
    run_feed(&run, (const uint8_t *)text, strlen(text));
    return run.last;
}

/* Without start_tls a server that could do it is not asked. */
static void asks_for_tls_only_if_wanted(void **state)
{
    (void)state;
    assert_int_equal(feed_text(&banner_smtp, &plain, "220 a ESMTP\r\n250-a\r\n250 STARTTLS\r\n"),
                     BANNER_DONE);
    assert_int_equal(run.sent, strlen("EHLO masscan\r\n"));
    assert_int_equal(feed_text(&banner_pop3, &plain, "+OK\r\n+OK\r\nSTLS\r\n.\r\n"), BANNER_DONE);
    assert_int_equal(feed_text(&banner_postgres, &plain, "S"), BANNER_DONE);
}

/* What a server sends behind its go-ahead comes without TLS and must not count as said in it. */
static void drops_what_follows_start_tls(void **state)
{
    (void)state;
    static const struct banner_setup with_tls = {.start_tls = true};
    assert_int_equal(
        feed_text(&banner_smtp, &with_tls, "220 a\r\n250 STARTTLS\r\n220 go\r\n250-injected\r\n"),
        BANNER_START_TLS);
    assert_int_equal(run.field_count, 1);
    static const char wanted[] = "220 a\r\n250 STARTTLS\r\n220 go\r\n";
    assert_int_equal(run.fields[0].length, sizeof wanted - 1);
    assert_memory_equal(run.fields[0].text, wanted, sizeof wanted - 1);
}

static void tells_the_page_only_if_wanted(void **state)
{
    (void)state;
    static const char page[] = "HTTP/1.1 200 OK\r\n\r\n<title>t</title>more";
    static const struct banner_setup with_html = {.html = true};
    assert_int_equal(feed_text(&banner_http, &plain, page), BANNER_DONE);
    assert_int_equal(run.field_count, 2);
    assert_int_equal(feed_text(&banner_http, &with_html, page), BANNER_MORE);
    run_end(&run);
    assert_int_equal(run.field_count, 3);
    assert_int_equal(run.fields[2].app, APP_HTML);
}

static void awaits_no_body_of_head(void **state)
{
    (void)state;
    static const struct banner_setup head = {.http = {.method = "HEAD"}};
    static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    assert_int_equal(feed_text(&banner_http, &head, response), BANNER_DONE);
    assert_int_equal(feed_text(&banner_http, &plain, response), BANNER_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_port),
        cmocka_unit_test(tells_greetings_apart),
        cmocka_unit_test(waits_until_it_is_clear),
        cmocka_unit_test(finds_services_on_other_ports),
        cmocka_unit_test(takes_common_texts_for_nothing),
        cmocka_unit_test(takes_random_bytes_for_nothing),
        cmocka_unit_test(says_hello),
        cmocka_unit_test(asks_for_versions_as_the_user_wants),
        cmocka_unit_test(says_no_half_hello),
        cmocka_unit_test(asks_for_tls_only_if_wanted),
        cmocka_unit_test(drops_what_follows_start_tls),
        cmocka_unit_test(tells_the_page_only_if_wanted),
        cmocka_unit_test(awaits_no_body_of_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

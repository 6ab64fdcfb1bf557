/* Requests: what is said by default, with everything set, and what is refused. */
#include "banner/http_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const struct http_settings *settings, const char *wanted)
{
    uint8_t send[BANNER_SEND_MAX];
    struct banner_talk talk = {.send = send, .send_room = sizeof send};
    assert_int_equal(http_request_check(settings, NULL), 0);
    assert_true(http_request_say(settings, &talk));
    assert_int_equal(talk.sent, strlen(wanted));
    assert_memory_equal(send, wanted, talk.sent);
}

static void says_the_default(void **state)
{
    (void)state;
    const struct http_settings settings = {0};
    check(&settings, "GET / HTTP/1.0\r\nUser-Agent: masscan/1.3\r\nAccept: */*\r\n\r\n");
}

static void says_every_setting(void **state)
{
    (void)state;
    static const char *const headers[] = {"X-One: 1", "X-Two: 2"};
    const struct http_settings settings = {.method = "POST",
                                           .url = "/a?b=c",
                                           .version = "HTTP/1.1",
                                           .host = "example.org",
                                           .user_agent = "a b",
                                           .headers = headers,
                                           .header_count = 2,
                                           .cookie = "k=v",
                                           .payload = "x\0y",
                                           .payload_length = 3};
    uint8_t send[BANNER_SEND_MAX];
    struct banner_talk talk = {.send = send, .send_room = sizeof send};
    static const char wanted[] = "POST /a?b=c HTTP/1.1\r\nHost: example.org\r\nUser-Agent: a b\r\n"
                                 "Accept: */*\r\nCookie: k=v\r\nX-One: 1\r\nX-Two: 2\r\n"
                                 "Content-Length: 3\r\n\r\nx\0y";
    assert_true(http_request_say(&settings, &talk));
    assert_int_equal(talk.sent, sizeof wanted - 1);
    assert_memory_equal(send, wanted, sizeof wanted - 1);
}

static void further_fields_replace_ours(void **state)
{
    (void)state;
    static const char *const headers[] = {"user-agent: b",     "ACCEPT:text/html", "Hos: no",
                                          "content-length: 0", "Cookie: c",        "Hosts: no"};
    const struct http_settings settings = {.host = "h",
                                           .user_agent = "a",
                                           .cookie = "a",
                                           .headers = headers,
                                           .header_count = 6,
                                           .payload = "x",
                                           .payload_length = 1};
    check(&settings, "GET / HTTP/1.0\r\nHost: h\r\nuser-agent: b\r\nACCEPT:text/html\r\nHos: no\r\n"
                     "content-length: 0\r\nCookie: c\r\nHosts: no\r\n\r\nx");
}

static void hosts_may_be_addresses(void **state)
{
    (void)state;
    static const char *const hosts[][2] = {{"192.0.2.1", "192.0.2.1"},
                                           {"2001:DB8::0:1", "[2001:db8::1]"},
                                           {"[2001:db8::1]", "[2001:db8::1]"},
                                           {"[::1]:8080", "[::1]:8080"},
                                           {"example.org:80", "example.org:80"}};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        char wanted[200];
        const struct http_settings settings = {.host = hosts[i][0]};
        snprintf(wanted, sizeof wanted,
                 "GET / HTTP/1.0\r\nHost: %s\r\nUser-Agent: masscan/1.3\r\nAccept: */*\r\n\r\n",
                 hosts[i][1]);
        check(&settings, wanted);
    }
}

/* Whatever the room, a request is said whole or not at all. */
static void says_nothing_without_room(void **state)
{
    (void)state;
    const struct http_settings settings = {.payload = "abc", .payload_length = 3};
    uint8_t send[BANNER_SEND_MAX];
    struct banner_talk talk = {.send = send, .send_room = sizeof send};
    assert_true(http_request_say(&settings, &talk));
    size_t whole = talk.sent;
    for (size_t room = 0; room < whole; room++) {
        talk = (struct banner_talk){.send = send, .send_room = room};
        assert_false(http_request_say(&settings, &talk));
        assert_int_equal(talk.sent, 0);
    }
}

static void check_refused(const struct http_settings *settings, const char *wanted)
{
    struct error err;
    assert_true(http_request_check(settings, &err) < 0);
    assert_string_equal(err.text, wanted);
}

static void refuses_what_would_break_it(void **state)
{
    (void)state;
    static const char *const nameless[] = {"no colon"}, *const split[] = {"A: b\r\nC: d"};
    const struct http_settings method = {.method = "GET /"}, url = {.url = "/a b"},
                               cookie = {.cookie = "a\nb"},
                               header = {.headers = nameless, .header_count = 1},
                               injected = {.headers = split, .header_count = 1};
    check_refused(&method, "the HTTP method \"GET /\" holds a blank; want it without");
    check_refused(&url, "the HTTP URL \"/a b\" holds a blank; want it without");
    check_refused(&cookie, "the HTTP cookie \"a\nb\" holds a line end; want it without");
    check_refused(&header, "the HTTP header \"no colon\" has no name; want \"Name: value\"");
    check_refused(&injected, "the HTTP header \"A: b\r\nC: d\" holds a line end; want it without");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_the_default),
        cmocka_unit_test(says_every_setting),
        cmocka_unit_test(further_fields_replace_ours),
        cmocka_unit_test(hosts_may_be_addresses),
        cmocka_unit_test(says_nothing_without_room),
        cmocka_unit_test(refuses_what_would_break_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

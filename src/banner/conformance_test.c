/* What every protocol must stand: hostile servers of all kinds. Bounds are those of banner.h;
 * run_feed and run_end check the rest of the contract at every call. */
#include "banner/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PIECE = 1460, RANDOM_STREAMS = 300, TOLD_MAX = 8 << 10, SAID_MAX = 8 << 10 };

static struct run run, again;

static const struct banner_setup setup = {.html = true, .start_tls = true};

static void check_bounds(const struct run *of)
{
    size_t told = 0;
    for (unsigned i = 0; i < of->field_count; i++)
        told += of->fields[i].length;
    assert_in_range(told, 0, TOLD_MAX);
    assert_in_range(of->sent, 0, SAID_MAX);
    assert_in_range(of->banner.taken, 0, BANNER_INPUT_MAX);
}

/* Feeds the stream in segments, then a second time byte by byte: the same comes of it. */
static void stand(const struct banner_ops *ops, const uint8_t *bytes, size_t length)
{
    run_start(&run, ops, &setup);
    for (size_t at = 0; at < length; at += PIECE)
        run_feed(&run, bytes + at, length - at < PIECE ? length - at : PIECE);
    run_end(&run);
    check_bounds(&run);
    run_start(&again, ops, &setup);
    for (size_t at = 0; at < length && !again.banner.over; at++)
        run_feed(&again, bytes + at, 1);
    run_end(&again);
    run_assert_equal(&run, &again);
}

static void with_each(void (*check)(const struct banner_ops *ops))
{
    for (unsigned i = 0; i < banner_protocol_count; i++)
        check(banner_protocols[i]);
}

static void check_one_byte(const struct banner_ops *ops)
{
    static uint8_t stream[BANNER_INPUT_MAX + 100];
    for (unsigned byte = 0; byte < 256; byte++) {
        memset(stream, (int)byte, sizeof stream);
        run_start(&run, ops, &setup);
        for (size_t at = 0; at < sizeof stream; at += PIECE)
            run_feed(&run, stream + at, PIECE < sizeof stream - at ? PIECE : sizeof stream - at);
        assert_true(run.banner.over);
        run_end(&run);
        check_bounds(&run);
    }
}

static void stands_64_kib_of_each_byte(void **state)
{
    (void)state;
    with_each(check_one_byte);
}

static void check_random(const struct banner_ops *ops)
{
    uint64_t random = 88172645463325252;
    uint8_t stream[600];
    for (unsigned n = 0; n < RANDOM_STREAMS; n++) {
        size_t length = run_random(&random) % sizeof stream;
        for (size_t i = 0; i < length; i++)
            stream[i] = (uint8_t)run_random(&random);
        stand(ops, stream, length);
    }
}

static void stands_random_bytes(void **state)
{
    (void)state;
    with_each(check_random);
}

/* How a stream begins, and what then comes over and over. */
static const struct {
    const char *begin;
    size_t begin_length;
    const char *repeat;
    size_t repeat_length;
} endless[] = {
#define ZEROS_20 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ENDLESS(begin, repeat)                                                                     \
    {                                                                                              \
        begin, sizeof(begin) - 1, repeat, sizeof(repeat) - 1                                       \
    }
    ENDLESS("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
    ENDLESS("HTTP/1.1 200 OK\r\nServer: ", "a"),
    ENDLESS("", "HTTP/1.1 100 Continue\r\n\r\n"),
    ENDLESS("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
    ENDLESS("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "f"),
    ENDLESS("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;", "x"),
    ENDLESS("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", "5\r\n<titl\r\n"),
    ENDLESS("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "<title>&#x"),
    ENDLESS("HTTP/1.1 200 OK\r\n\r\n<title>", "\xf0\x9f\x98"),
    ENDLESS("HTTP/1.1 200 OK\r\n\r\n", "<"),
    ENDLESS("HTTP/1.1 200 OK\r\n\r\n", "<title></title>"),
    ENDLESS("", "SSH\r\n"),
    ENDLESS("220-", "220-hello\r\n"),
    ENDLESS("220 x\r\n", "250-STARTTLS\r\n"),
    ENDLESS("", "220 x\r\n"),
    ENDLESS("", "120 x\r\n"),
    ENDLESS("+OK\r\n+OK\r\n", "STLS\r\n"),
    ENDLESS("", "+OK\r\n"),
    ENDLESS("* OK\r\n", "* CAPABILITY STARTTLS\r\n"),
    ENDLESS("", "* OK\r\n"),
    ENDLESS("", "\xff\xfd\x18"),
    ENDLESS("", "\xff\xfb\x01"),
    ENDLESS("\xff\xfa", "\xff\xff"),
    ENDLESS("RFB 003.008\n", "\xff"),
    ENDLESS("RFB 003.008\n\0\xff\xff\xff\xff", "x"),
    ENDLESS("RFB 999.999\n", "\0"),
    ENDLESS("\xff\xff\0\0\x0a"
            "8",
            "8"),
    ENDLESS("NR\0\0\xff\xff\0\0\0\x0a", "x"),
    ENDLESS("NE\xff\xff\xff\xff", "M"),
    ENDLESS("# Server\r\n", "os:x\r\n"),
    ENDLESS("", "+PONG\r\n"),
    ENDLESS("", "STAT version 1\r\n"),
    ENDLESS("\xff\xff\xff\xff\0\0\0\0\0\0\0\0\1\0\0\0", "\3a\0\5\0\0\0"),
    ENDLESS("\xff\xff\xff\x7f\0\0\0\0\0\0\0\0\1\0\0\0", "\2a\0\xff\xff\xff\xff"),
    ENDLESS("\1\0\x0b\0\0\0\xff\xff", "\xff"),
    ENDLESS("\1\0\0\0\0\xff\xff\0\x0a\0\x0a\0\x09\0\0\xff\xff", "\1aF\0\0\0\3"),
    ENDLESS("\1\0\0\xff\xff\xff\xff\0\x0a\0\x0a\0\x09\xff\xff\xff\xff",
            "\7productS\xff\xff\xff\xff"),
    ENDLESS("\x4e\xff\xff", "x"),
    ENDLESS("\xff\xff\x6d\x73\x80\0\xff\xff\xff\xff\0\0\0\0", "\xc0"),
    ENDLESS("\xff\xff\x6d\x73\x80\0\xff\xff\xff\xff\0\0\0\0", "\1a"),
    ENDLESS("\3\0\xff\xff\x0e\xd0", "\0"),
    ENDLESS("\0\0\xff\xff\xfeSMB\x40\0", "\0\0\xff\2"),
    ENDLESS("\0\0\xff\xff\xffSMB", "\x11\0"),
    ENDLESS("", "\0\0\0\x46\xfeSMB" ZEROS_20 ZEROS_20 ZEROS_20 "\x41\0\1\0\xff\2"),
    ENDLESS("\x30\x84\xff\xff\xff\xff\2\1\1\x64\x84\xff\xff\xff\xff\4\0",
            "\x30\x84\xff\xff\xff\xff"),
    ENDLESS("\x30\x82\3\0\2\1\1\x64\x82\2\xf0\4\0\x30\x82\2\0", "\x30\0"),
    ENDLESS("\1\3\0\1\0\0\0\0\0\0\xff\xff\0\0\0\0\0\0", "\xff\0"),
    ENDLESS("\xff\xff\xff\xff\x0f\0\xff\xff\xff\xff\x0f", "{"),
    ENDLESS("HTTP/1.0 200 OK\r\nContent-Type: a/json\r\n\r\n{", "{"),
    ENDLESS("HTTP/1.0 200 OK\r\nContent-Type: a/json\r\n\r\n", "{\"Version\":\"}"),
    ENDLESS("HTTP/1.0 200 OK\r\nContent-Type: a/json\r\n\r\n{\"ApiVersion\":\"", "\\"),
    ENDLESS("HTTP/1.0 200 OK\r\nContent-Type: a/json\r\n\r\n{\"ApiVersion\":\"1\"",
            ",\"Version\":\"0123456789\""),
    ENDLESS("\4\1\xff\xff\0\0\1\0", "\0\0\x1a\0\6"),
    ENDLESS("\4\1\xff\xff\0\0\1\0\0\0\x1a\0\6", "\1\xff\xff\xff\xff"),
    ENDLESS("\0\0\xff\xff\x7e\x84\xff\xff\xff\xff\x30\x84\xff\xff\xff\xff\xa0\3\2\1\5",
            "\xa6\x84\xff\xff\xff\xff"),
    ENDLESS("\0\0\1\0\x7e\x81\xfd\x30\x81\xf0\xa0\3\2\1\5", "\xab\2\x1b\0"),
    ENDLESS("", "\0\0\6\4\0\0\0\0\0\0\3\0\0\0\1"),
    ENDLESS("\0\0\xfc\4\0\0\0\0\0", "\0\5\xff\xff\xff\xff"),
    ENDLESS("\0\0\xff\7\0\0\0\0\0", "\0"),
    ENDLESS("200 news\r\n101 a\r\n", "STARTTLS\r\n"),
    ENDLESS("", ":a NOTICE b\r\n"),
    ENDLESS("", "PING :a\r\n"),
    ENDLESS("@RSYNCD: 31.0\n", "a\n"),
    ENDLESS("\"SIEVE\" \"a\"\r\n", "\"STARTTLS\"\r\n"),
    ENDLESS("INFO {", "{"),
    ENDLESS("Zookeeper version: ", "Mode: a\n"),
    ENDLESS("OK 9\r\n---\n", "version: 1\n"),
    ENDLESS("CONNECTED\nversion:1\n", "server:a\n"),
    ENDLESS("( success ( ", "("),
    ENDLESS("<?xml version='1.0'?><stream:stream ", "<starttls>"),
    ENDLESS("<?xml version='1.0'?>", " "),
    ENDLESS("<stream:stream a><starttls/>", "</stream:features>"),
    ENDLESS("ffffERR ", "a"),
    ENDLESS("\0\0\x11\x11", "name a at port 1\n"),
    ENDLESS("\0\0\xff\xffscan\0\0\xff\xff\xff\xff", "\0\1\xff\xff\xff\xff"),
    ENDLESS("\x83\0\0\0\6\0\0\xff\xff\xff\xff", "\0\0\xff\xff"),
    ENDLESS("\x84\0\0\0\0\0\0\xff\xff\0\0\0\1\xff\xff", "a"),
    ENDLESS("\0\x9c\0\1\x1a\x2b\x3c\x4d\0\2", "\xff"),
    ENDLESS("\0\1\0\0\0\xfe\xff\x2b\x0e\1\1\0\0\xff", "\0\xff"),
    ENDLESS("\0\x1a\x40", "a"),
    ENDLESS("\x80\0\xff\xffmass\0\0\0\1\0\0\0\0\0\0\0\0\xff\xff\xff\xff", "\0\0\0\1"),
    ENDLESS("\x80\0\3\0mass\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "\0\0\0\1"),
};

static void check_endless(const struct banner_ops *ops)
{
    static uint8_t stream[BANNER_INPUT_MAX + 100];
    for (unsigned n = 0; n < sizeof endless / sizeof *endless; n++) {
        memcpy(stream, endless[n].begin, endless[n].begin_length);
        for (size_t at = endless[n].begin_length; at < sizeof stream; at++)
            stream[at] = (uint8_t)endless[n]
                             .repeat[(at - endless[n].begin_length) % endless[n].repeat_length];
        run_start(&run, ops, &setup);
        run_feed(&run, stream, sizeof stream);
        assert_true(run.banner.over);
        run_end(&run);
        check_bounds(&run);
        stand(ops, stream, 5000);
    }
}

static void stands_what_never_ends(void **state)
{
    (void)state;
    with_each(check_endless);
}

static void check_silence(const struct banner_ops *ops)
{
    run_start(&run, ops, &setup);
    run_feed(&run, (const uint8_t *)"", 0);
    assert_int_equal(run.last, BANNER_MORE);
    run_end(&run);
    assert_int_equal(run.field_count, 0);
    assert_int_equal(run.sent, 0);
}

static void tells_nothing_of_silence(void **state)
{
    (void)state;
    with_each(check_silence);
}

/* Once it is clear whose the bytes are, more of them change nothing. */
static void check_match(const struct banner_ops *ops)
{
    uint64_t random = 1234567;
    uint8_t bytes[BANNER_DETECT_MAX];
    for (unsigned n = 0; n < sizeof endless / sizeof *endless; n++) {
        size_t begin = endless[n].begin_length;
        memcpy(bytes, endless[n].begin, begin);
        for (size_t i = begin; i < sizeof bytes; i++)
            bytes[i] = n % 2 ? (uint8_t)run_random(&random)
                             : (uint8_t)endless[n].repeat[(i - begin) % endless[n].repeat_length];
        enum banner_match last = BANNER_MAYBE;
        for (size_t length = 0; length <= sizeof bytes; length++) {
            enum banner_match match = ops->match(bytes, length);
            bool may_turn = last == BANNER_MAYBE || (ops->only_if_asked && match == BANNER_NO);
            if (match != last && !may_turn)
                fail_msg("%s took a match back after %zu bytes of stream %u", ops->name, length, n);
            last = match;
        }
        assert_int_not_equal(last, BANNER_MAYBE);
    }
}

static void never_takes_back_a_match(void **state)
{
    (void)state;
    with_each(check_match);
}

static void check_row(const struct banner_ops *ops)
{
    assert_in_range(ops->state_size, 1, BANNER_STATE_MAX);
    assert_true(ops->apps[0] < APP_COUNT);
    assert_non_null(ops->source);
    assert_ptr_equal(banner_by_name(ops->name), ops);
    assert_true(!ops->only_if_asked || ops->hello);
    for (unsigned i = 0; i < BANNER_PORTS_MAX && ops->ports[i] != 0; i++)
        assert_ptr_equal(banner_by_port(ops->ports[i]), ops);
}

static void has_a_whole_row_each(void **state)
{
    (void)state;
    with_each(check_row);
    assert_ptr_equal(banner_protocols[banner_protocol_count - 1], banner_by_name("unknown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stands_64_kib_of_each_byte), cmocka_unit_test(stands_random_bytes),
        cmocka_unit_test(stands_what_never_ends),     cmocka_unit_test(tells_nothing_of_silence),
        cmocka_unit_test(never_takes_back_a_match),   cmocka_unit_test(has_a_whole_row_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

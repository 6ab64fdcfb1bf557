/* Files in the form of nmap-payloads: what is read, and what is said of those that are wrong. */
#include "probe/payload_nmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int parse(struct payload_set *set, const char *text, struct error *err)
{
    assert_int_equal(payload_set_init(set, err), 0);
    return payload_nmap_parse(set, "file", text, strlen(text), err);
}

static void check_port(const struct payload_set *set, uint16_t port, const char *bytes,
                       size_t length)
{
    const struct udp_payload *payload = payload_set_get(set, port);
    assert_int_equal(payload->length, length);
    assert_memory_equal(payload->bytes, bytes, length);
}

#define CHECK_PORT(set, port, text) check_port(set, port, text, sizeof(text) - 1)

static void reads_entries_of_every_shape(void **state)
{
    (void)state;
    struct payload_set set;
    struct error err;
    static const char text[] =
        "# udp 1 \"no\"\n"
        "udp 7 \"a\" # the first\n"
        "udp 8-10,12\n  # between\n  \"b\\x00\\xFf\"\n\t\"c#d\"\nsource 500\n"
        "udp 20\"close\"\nfuture words \"udp 5\"\nmore\n"
        "udp 0,65535 \"\\a\\b\\f\\n\\r\\t\\v\\0\\\\\\\"\"\r\n"
        "udp 21 \"\"\n"
        "udp 7 \"last\"";
    assert_int_equal(parse(&set, text, &err), 0);
    CHECK_PORT(&set, 7, "last");
    CHECK_PORT(&set, 8,
               "b\0\xff"
               "c#d");
    CHECK_PORT(&set, 10,
               "b\0\xff"
               "c#d");
    CHECK_PORT(&set, 11, "");
    CHECK_PORT(&set, 12,
               "b\0\xff"
               "c#d");
    CHECK_PORT(&set, 20, "close");
    CHECK_PORT(&set, 0, "\a\b\f\n\r\t\v\0\\\"");
    CHECK_PORT(&set, 65535, "\a\b\f\n\r\t\v\0\\\"");
    CHECK_PORT(&set, 1, "");
    CHECK_PORT(&set, 5, "");
    CHECK_PORT(&set, 21, "");
    payload_set_fini(&set);
}

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"\ntcp 7 \"a\"",
         "file:2: \"tcp\" begins no entry (want udp, ports, and strings in quotes)"},
        {"udp\n\"a\"", "file:2: \"\"a\"\" is no port (want a number from 0 to 65535)"},
        {"udp 65536 \"a\"", "file:1: port 65536 is above 65535"},
        {"udp 99999999999 \"a\"", "file:1: port 99999 is above 65535"},
        {"udp 9-8 \"a\"", "file:1: the range of ports 9-8 ends before it begins"},
        {"udp 7,,8 \"a\"", "file:1: \",8\" is no port (want a number from 0 to 65535)"},
        {"udp 7;8 \"a\"", "file:1: \";8\" does not belong to a list of ports (want numbers and "
                          "ranges such as 53,1024-1100)"},
        {"udp 7\n\nudp 8 \"a\"",
         "file:3: no payload stands behind the ports (want a string in quotes)"},
        {"udp 7", "file:1: no payload stands behind the ports (want a string in quotes)"},
        {"udp 7 \"a\nb\"", "file:1: a string has no end (want a \" on the same line)"},
        {"udp 7 \"a", "file:1: a string has no end (want a \" on the same line)"},
        {"udp 7 \"\\\nb\"", "file:1: a string has no end (want a \" on the same line)"},
        {"udp 7 \"\\x1\"", "file:1: \"\\x1\"\" is not an escape (want \\xHH or one of \\0 \\a "
                           "\\b \\f \\n \\r \\t \\v)"},
        {"udp 7 \"\\q\"", "file:1: \"\\q\"\" is not an escape (want \\xHH or one of \\0 \\a \\b "
                          "\\f \\n \\r \\t \\v)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct payload_set set;
        struct error err;
        assert_int_equal(parse(&set, cases[i].text, &err), -1);
        assert_string_equal(err.text, cases[i].error);
        payload_set_fini(&set);
    }
}

static void the_longest_payload_fits(void **state)
{
    (void)state;
    static char text[PAYLOAD_MAX + 20];
    struct payload_set set;
    struct error err;
    int length = sprintf(text, "udp 7 \"%0*d\"", PAYLOAD_MAX, 0);
    assert_int_equal(parse(&set, text, &err), 0);
    assert_int_equal(payload_set_get(&set, 7)->length, PAYLOAD_MAX);
    payload_set_fini(&set);
    text[length - 1] = '0';
    text[length] = '"';
    assert_int_equal(parse(&set, text, &err), -1);
    assert_string_equal(err.text,
                        "file:1: the payload is longer than the 1472 bytes that can be sent");
    payload_set_fini(&set);
}

static void files_that_cannot_be_read_are_named(void **state)
{
    (void)state;
    struct payload_set set;
    struct error err;
    assert_int_equal(payload_set_init(&set, &err), 0);
    assert_int_equal(payload_nmap_load(&set, "/nowhere", &err), -1);
    assert_non_null(strstr(err.text, "/nowhere"));
    assert_int_equal(payload_nmap_load(&set, "/", &err), -1);
    assert_non_null(strstr(err.text, "directory"));
    assert_int_equal(payload_nmap_load(&set, "/dev/zero", &err), -1);
    assert_non_null(strstr(err.text, "/dev/zero"));
    payload_set_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_entries_of_every_shape),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(the_longest_payload_fits),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
    };
    return cmocka_run_group_tests_name("payload_nmap", tests, NULL, NULL);
}

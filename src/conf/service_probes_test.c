/* nmap-service-probes: Debian's file against a slow reading of it, escapes, what is passed over,
 * and each error. */
#include "conf/service_probes.h"

#include "base/buffer.h"
#include "base/file.h"
#include "conf/conf_test_support.h"

#define NMAP_FILE "/usr/share/nmap/nmap-service-probes"

/* What each port got, as far as it fits. */
struct given {
    uint8_t bytes[65536][SERVICE_PROBE_MAX];
    size_t length[65536];
    unsigned ports, calls;
};

static int take(void *context, const struct range_set *ports, const uint8_t *bytes, size_t length,
                struct error *err)
{
    struct given *given = context;
    assert_true(ports->normal && ports->count > 0);
    assert_in_range(length, 1, SERVICE_PROBE_MAX);
    given->calls++;
    for (size_t i = 0; i < ports->count; i++)
        for (uint32_t port = ports->ranges[i].first; port <= ports->ranges[i].last; port++) {
            assert_in_range(port, 0, 65535);
            assert_int_equal(given->length[port], 0); /* no port twice */
            memcpy(given->bytes[port], bytes, length);
            given->length[port] = length;
            given->ports++;
        }
    return length == 4 && memcmp(bytes, "stop", 4) == 0 ? error_set(err, "stopped") : 0;
}

static struct given *new_given(void)
{
    struct given *given = calloc(1, sizeof *given);
    assert_non_null(given);
    return given;
}

static int read_bytes(struct given *given, const char *text, size_t length, struct error *err)
{
    char *copy = malloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '!';
    err->text[0] = '\0';
    int status = service_probes_read("f", copy, length, take, given, err);
    free(copy);
    return status;
}

static void expect(const struct given *given, unsigned port, const char *bytes, size_t length)
{
    assert_int_equal(given->length[port], length);
    assert_memory_equal(given->bytes[port], bytes, length);
}

static void debians_file_is_read(void **state)
{
    (void)state;
    struct given *given = new_given();
    struct error err;
    struct buffer text;
    buffer_init(&text, SERVICE_PROBES_FILE_MAX);
    if (file_read(NMAP_FILE, &text, &err) < 0)
        fail_msg("%s", err.text);
    if (read_bytes(given, (char *)text.bytes, text.length, &err) < 0)
        fail_msg("%s", err.text);
    expect(given, 80, "GET / HTTP/1.0\r\n\r\n", 18);
    expect(given, 21, "\r\n\r\n", 4);
    expect(given, 25, "EHLO\r\n", 6);
    expect(given, 11211, "stats\r\n", 7);
    expect(given, 1099, "JRMI\0\x02K", 7);
    expect(given, 53,
           "\0\x1e\0\x06\x01\0\0\x01\0\0\0\0\0\0\x07version\x04"
           "bind\0\0\x10\0\x03",
           32);
    assert_memory_equal(given->bytes[443], "\x16\x03\0\0S\x01\0\0O\x03\0?G\xd7", 14);
    for (unsigned port = 9100; port <= 9107; port++)
        assert_int_equal(given->length[port], 0); /* printers */
    assert_int_equal(given->length[161], 0);      /* UDP only */
    assert_int_equal(given->length[10443] > 0, 1);
    assert_true(given->ports > 700 && given->calls > 60);
    buffer_fini(&text);
    free(given);
}

static void lines_mean_what_they_say(void **state)
{
    (void)state;
    static const char text[] = "# a comment\r\n"
                               "\n"
                               "Exclude 90,U:70,T:92-93\n"
                               "Probe TCP NULL q||\r\n"
                               "ports 1-9\r\n"
                               "totalwaitms 6000\n"
                               "Probe TCP One q$|\\x41\\0\\\\\\|\\n$ no-payload\n"
                               "match x m|^a| p/b/\n"
                               "softmatch y m|^b|\n"
                               "ports 70,80-82, 90\n"
                               "sslports 443\n"
                               "rarity 1\n"
                               "fallback NULL\n"
                               "ports 85,U:86\n"
                               "#ports 99\n"
                               "Probe UDP Two q|u|\n"
                               "ports 87\n"
                               "Probe TCP Three q|\\a\\b\\f\\r\\t\\v\\xfF|\n"
                               "ports 81-93\n"
                               "Probe TCP Four q|4|\n"
                               "Probe TCP Five q|5|\n"
                               "ports 65535,0";
    struct given *given = new_given();
    struct error err;
    if (read_bytes(given, text, sizeof text - 1, &err) < 0)
        fail_msg("%s", err.text);
    static const char one[] = "|A\0\\|\n", three[] = "\a\b\f\r\t\v\xff";
    static const unsigned of_one[] = {70, 80, 81, 82, 85},
                          of_three[] = {83, 84, 86, 87, 88, 89, 91};
    for (unsigned i = 0; i < sizeof of_one / sizeof *of_one; i++)
        expect(given, of_one[i], one, 6);
    for (unsigned i = 0; i < sizeof of_three / sizeof *of_three; i++)
        expect(given, of_three[i], three, 7);
    expect(given, 0, "5", 1);
    expect(given, 65535, "5", 1);
    assert_int_equal(given->ports, 5 + 7 + 2);
    free(given);
}

#define PROBE "Probe TCP a q|b|\n"

static void errors_name_file_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"\nrange = 10.0.0.1\n",
         "f:2: \"range\" is not known in this kind of file (want Probe, ports, match and such)"},
        {"ports 80\n", "f:1: ports stands in front of all probes (want a Probe line first)"},
        {"match a m|b|\n", "f:1: match stands in front of all probes (want a Probe line first)"},
        {PROBE "Exclude 80\n", "f:2: Exclude stands behind a probe (want it in front of all)"},
        {"Exclude x\n",
         "f:1: Exclude: bad port list, character 2: \"x\" is not a port (want a list "
         "such as 80,20-25,U:53)"},
        {PROBE "ports 80;81\n", "f:2: ports: bad port list, character 4: \";81\" follows a port "
                                "(want a comma, as in 80,20-25,U:53)"},
        {PROBE "ports 65536\n", "f:2: ports: bad port list, character 2: \"65536\" is beyond the "
                                "last TCP port (want 0 to 65535)"},
        {"Probe SCTP a q|b|\n",
         "f:1: Probe: \"SCTP\" is not a protocol (want Probe TCP NAME q|STRING|, or UDP)"},
        {"Probe", "f:1: Probe: \"\" is not a protocol (want Probe TCP NAME q|STRING|, or UDP)"},
        {"Probe TCP",
         "f:1: Probe: there is no whole string (want Probe TCP NAME q|STRING|, or UDP)"},
        {"Probe TCP a", "f:1: Probe: there is no whole string (want Probe TCP NAME q|STRING|, or "
                        "UDP)"},
        {"Probe TCP a q", "f:1: Probe: there is no whole string (want Probe TCP NAME q|STRING|, or "
                          "UDP)"},
        {"Probe TCP a q|b\n|", "f:1: Probe: there is no whole string (want Probe TCP NAME "
                               "q|STRING|, or UDP)"},
        {"Probe TCP a m|b|", "f:1: Probe: there is no whole string (want Probe TCP NAME "
                             "q|STRING|, or UDP)"},
        {PROBE "Probe TCP a q|\\x4|",
         "f:2: \"\\x4\" is not an escape (want \\xHH or one of \\0 \\a "
         "\\b \\f \\n \\r \\t \\v)"},
        {"Probe TCP a q|\\x4gab|", "f:1: \"\\x4g\" is not an escape (want \\xHH or one of \\0 \\a "
                                   "\\b \\f \\n \\r \\t \\v)"},
        {"Probe TCP a q|b\\|", "f:1: \"\\\" is not an escape (want \\xHH or one of \\0 \\a \\b \\f "
                               "\\n \\r \\t \\v)"},
        {"Probe TCP a q|\\1|",
         "f:1: \"\\1\" is not an escape (want \\xHH or one of \\0 \\a \\b \\f "
         "\\n \\r \\t \\v)"},
        {"Probe TCP a q|stop|\nports 1\n" PROBE, "f:3: stopped"},
        {"Probe TCP a q|stop|\nports 1", "f: stopped"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct given *given = new_given();
        struct error err;
        if (read_bytes(given, cases[i].text, strlen(cases[i].text), &err) >= 0)
            fail_msg("%s was taken", cases[i].text);
        assert_string_equal(err.text, cases[i].error);
        free(given);
    }
}

static void zero_bytes_are_refused(void **state)
{
    (void)state;
    struct given *given = new_given();
    struct error err;
    assert_int_equal(read_bytes(given, PROBE "a\0b", sizeof PROBE + 2, &err), -1);
    assert_string_equal(err.text, "f:2: a zero byte; this is not a text file");
    assert_int_equal(read_bytes(given, "", 0, &err), 0);
    free(given);
}

static void a_probe_has_a_longest_length(void **state)
{
    (void)state;
    for (size_t length = SERVICE_PROBE_MAX; length <= SERVICE_PROBE_MAX + 1; length++) {
        struct given *given = new_given();
        struct error err;
        struct buffer text;
        buffer_init(&text, 1 << 16);
        buffer_text(&text, "Probe TCP a q|");
        for (size_t i = 0; i < length; i++)
            buffer_text(&text, "\\0");
        buffer_text(&text, "|\nports 7\n");
        int status = read_bytes(given, (char *)text.bytes, text.length, &err);
        assert_int_equal(status, length > SERVICE_PROBE_MAX ? -1 : 0);
        if (status < 0)
            assert_string_equal(err.text, "f:1: the probe is too long (want at most 2048 bytes)");
        else
            assert_int_equal(given->length[7], length);
        buffer_fini(&text);
        free(given);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(debians_file_is_read),         cmocka_unit_test(lines_mean_what_they_say),
        cmocka_unit_test(errors_name_file_and_line),    cmocka_unit_test(zero_bytes_are_refused),
        cmocka_unit_test(a_probe_has_a_longest_length),
    };
    return cmocka_run_group_tests_name("service_probes", tests, NULL, NULL);
}

/* The echoed text reads back to the same configuration, for every row and for large sets. */
#include "conf/conf.h"
#include "conf/option.h"

#include "conf/conf_test_support.h"

/* Lines that say something other than the default, for each row that echoes. */
static const struct {
    const char *name, *lines;
} samples[] = {
    {"range", "range = 10.0.0.0/8\nrange = 192.0.2.1\nrange = 192.0.2.3-192.0.2.9\n"},
    {"exclude", "exclude = 10.1.0.0/16\nexclude = 255.255.255.255\n"},
    {"ports", "ports = 1-,U:53,S:9,I:1,O:-3\n"},
    {"exclude-ports", "exclude-ports = 80,T:90,U:9\n"},
    {"resolve", "resolve = true\n"},
    {"resolved", "resolved = www.example.org=192.0.2.1\nresolved = six.example=2001:db8::1\n"},
    {"ping", "ping = true\n"},
    {"arpscan", "arpscan = true\n"},
    {"iR", "iR = 1000\n"},
    {"rate", "rate = 0.3\n"},
    {"retries", "retries = 1000\n"},
    {"workers", "workers = 64\n"},
    {"dedup-memory", "dedup-memory = 1\n"},
    {"wait", "wait = forever\n"},
    {"seed", "seed = 18446744073709551615\n"},
    {"shard", "shard = 2/3\n"},
    {"resume-index", "resume-index = 18446744073709551615\n"},
    {"resume-count", "resume-count = 1\n"},
    {"resume-pending",
     "resume-pending = 1+2/3\nresume-pending = 18446744073709551614+1/4294967295\n"},
    {"offline", "offline = true\n"},
    {"noreset", "noreset = true\n"},
    {"adapter", "adapter = \" eth0 \"\n"},
    {"adapter-ip", "adapter-ip = 10.0.0.6-10.0.0.9\nadapter-ip = 2001:db8::7\n"},
    {"adapter-port", "adapter-port = 40001-40004\n"},
    {"adapter-mac", "adapter-mac = 66-55-44-33-22-11\n"},
    {"router-mac", "router-mac = 00-00-00-00-00-00\n"},
    {"router-mac-ipv6", "router-mac-ipv6 = 00-00-00-00-00-01\n"},
    {"router-ip", "router-ip = 0.0.0.0\nrouter-ip = fe80::1\n"},
    {"ttl", "ttl = 1\n"},
    {"vlan", "vlan = 5\n"},
    {"packet-io", "packet-io = mem\n"},
    {"tcp-mss", "tcp-mss = 65495\n"},
    {"tcp-wscale", "tcp-wscale = 0\n"},
    {"tcp-tsecho", "tcp-tsecho = disable\n"},
    {"tcp-sackok", "tcp-sackok = true\n"},
    {"pfring", "pfring = true\n"},
    {"output-filename", "output-filename = \"\"a\"\"\noutput-format = interactive\n"
                        "output-format = json\noutput-filename = - b = \n"
                        "output-filename = c\noutput-format = none\n"},
    {"stylesheet", "stylesheet = http://192.0.2.1/a.xsl?b&c\n"},
    {"append-output", "append-output = true\n"},
    {"rotate", "rotate = 4294967295\n"},
    {"rotate-offset", "rotate-offset = -18000\n"},
    {"rotate-dir", "rotate-dir = \" a \"\n"},
    {"rotate-size", "rotate-size = 4611686018427387904\n"},
    {"show", "show = all\n"},
    {"noshow", "noshow = all\n"},
    {"interactive", "interactive = true\n"},
    {"pcap-filename", "pcap-filename = a.pcap\n"},
    {"summary", "summary = \" a.json\"\n"},
    {"packet-trace", "packet-trace = true\n"},
    {"user", "user = scanner\n"},
    {"nmap-payloads", "nmap-payloads = /usr/share/nmap/nmap-payloads\n"},
    {"pcap-payloads", "pcap-payloads = a b.pcapng\n"},
    {"banner-types", "banner-types = http,X509\n"},
    {"banners", "banners = true\n"},
    {"rawudp", "rawudp = true\n"},
    {"capture", "capture = servername\ncapture = html\n"},
    {"nocapture", "nocapture = cert\n"},
    {"hello", "hello = any\n"},
    {"hello-file", "hello-file[0] = hello.bin\nhello-file[80] = \" hello \"\n"},
    {"hello-string", "hello-string[25] = RUhMTwo=\nhello-string[65535] = AA==\n"},
    {"hello-timeout", "hello-timeout = 0.25\n"},
    {"connection-timeout", "connection-timeout = 86400\n"},
    {"max-connections", "max-connections = 16777216\n"},
    {"banner-length", "banner-length = 1\n"},
    {"sni", "sni = www.example.com\n"},
    {"http-method", "http-method = POST\n"},
    {"http-url", "http-url = /a?b=c\n"},
    {"http-version", "http-version = HTTP/1.1\n"},
    {"http-host", "http-host = example.com:8080\n"},
    {"http-user-agent", "http-user-agent = \" a b \"\n"},
    {"http-header", "http-header[X-A] = \"b\"\nhttp-header[x-b] = c: d = e\nhttp-header[C] = \n"},
    {"http-cookie", "http-cookie = a=b; c=d\n"},
    {"http-payload", "http-payload = \"\"a\"\"\n"},
    {"nmap-service-probes", "nmap-service-probes = probes\n"},
    {"nostatus", "nostatus = true\n"},
    {"status", "status = true\n"},
    {"ndjson-status", "status-ndjson = true\n"},
    {"infinite", "infinite = true\n"},
};

/* What the samples name. */
static const char *const files[][2] = {
    {"hello.bin", "\x01\x02"},
    {" hello ", "GET / HTTP/1.0\r\n\r\n"},
    {"probes", "Probe TCP A q|a|\nports 80\n"},
};
enum { FILES = sizeof files / sizeof *files };

static int enter_with_files(void **state)
{
    if (enter_scratch(state) < 0)
        return -1;
    for (unsigned i = 0; i < FILES; i++)
        write_text(files[i][0], files[i][1]);
    return 0;
}

static int leave_without_files(void **state)
{
    for (unsigned i = 0; i < FILES; i++)
        unlink(files[i][0]);
    return leave_scratch(state);
}

static const char *sample_for(const char *name)
{
    for (unsigned i = 0; i < sizeof samples / sizeof *samples; i++)
        if (strcmp(samples[i].name, name) == 0)
            return samples[i].lines;
    return NULL;
}

/* How the configuration is echoed. */
struct style {
    bool all, cidr;
};
static const struct style styles[] = {{0}, {.all = true}, {.cidr = true}, {true, true}};

static char *echo_in_style(const char *text, struct style style)
{
    struct conf conf;
    struct error err;
    conf_init(&conf);
    conf.echo_all = style.all;
    conf.echo_cidr = style.cidr;
    write_text("a.conf", text);
    if (conf_read_file(&conf, "a.conf", &err) < 0)
        fail_msg("%s in:\n%s", err.text, text);
    char *echo = echo_text_of(&conf);
    conf_fini(&conf);
    unlink("a.conf");
    return echo;
}

static char *echo_of_text(const char *text)
{
    return echo_in_style(text, styles[0]);
}

/* In whatever style it is written, it reads back to the same. */
static void assert_same_in_all_styles(const char *plain)
{
    for (unsigned i = 0; i < sizeof styles / sizeof *styles; i++) {
        char *styled = echo_in_style(plain, styles[i]);
        char *twice = echo_in_style(styled, styles[i]);
        assert_string_equal(styled, twice);
        struct conf conf;
        struct error err;
        conf_init(&conf);
        write_text("a.conf", styled);
        assert_int_equal(conf_read_file(&conf, "a.conf", &err), 0);
        assert_int_equal(address_set_normalise(&conf.targets, &err), 0);
        assert_int_equal(address_set_normalise(&conf.excludes, &err), 0);
        char *back = echo_text_of(&conf);
        conf_fini(&conf);
        unlink("a.conf");
        assert_string_equal(back, plain);
        free(styled);
        free(twice);
        free(back);
    }
}

/* Has the text a line of this name, be it with an index? */
static bool says(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)) != NULL; at += length)
        if ((at == text || at[-1] == '\n') && (at[length] == ' ' || at[length] == '['))
            return true;
    return false;
}

static void assert_round_trip(const char *name, const char *lines)
{
    char *once = echo_of_text(lines);
    char *twice = echo_of_text(once);
    assert_string_equal(once, twice);
    assert_same_in_all_styles(once);
    if (!says(once, name))
        fail_msg("%s is not in its echo:\n%s", name, once);
    char *nothing = echo_of_text("");
    if (strcmp(once, nothing) == 0)
        fail_msg("the sample for %s is the default", name);
    free(nothing);
    free(once);
    free(twice);
}

static void every_echoed_row_reads_back(void **state)
{
    (void)state;
    char all[8192] = "";
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->echo == NULL)
            continue;
        const char *lines = sample_for(option->name);
        if (lines == NULL)
            fail_msg("there is no sample for %s", option->name);
        assert_round_trip(option->name, lines);
        assert_true(strlen(all) + strlen(lines) < sizeof all);
        strcat(all, lines);
    }
    assert_round_trip("range", all);
}

/* Two options say one thing together. */
static void every_choice_of_captures_reads_back(void **state)
{
    (void)state;
    static const char *const words[] = {"cert", "servername", "html"};
    for (unsigned chosen = 0; chosen < 8; chosen++) {
        char lines[128] = "";
        for (unsigned i = 0; i < 3; i++)
            snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "%s = %s\n",
                     chosen >> i & 1 ? "capture" : "nocapture", words[i]);
        char *plain = echo_of_text(lines);
        assert_int_equal(strstr(plain, "nocapture = cert\n") == NULL, chosen & 1);
        assert_int_equal(strstr(plain, "capture = servername\n") != NULL, chosen >> 1 & 1);
        assert_int_equal(strstr(plain, "capture = html\n") != NULL, chosen >> 2 & 1);
        assert_same_in_all_styles(plain);
        free(plain);
    }
}

/* Every row is in the echo of all, be it as a comment. */
static void an_echo_of_all_says_every_row(void **state)
{
    (void)state;
    struct conf conf;
    conf_init(&conf);
    conf.echo_all = true;
    struct buffer out;
    buffer_init(&out, 1 << 20);
    conf_echo(&conf, &out);
    for (unsigned i = 0; i < option_count; i++) {
        char line[OPTION_NAME_SIZE + 8];
        if (option_table[i].echo == NULL)
            continue;
        snprintf(line, sizeof line, "%s = ", option_table[i].name);
        if (strstr(buffer_string(&out), line) == NULL)
            fail_msg("%s is not there", option_table[i].name);
    }
    assert_null(strstr(buffer_string(&out), "(null)"));
    assert_non_null(strstr(buffer_string(&out), "\nretries = 0\n"));
    assert_non_null(strstr(buffer_string(&out), "\nping = false\n"));
    assert_non_null(strstr(buffer_string(&out), "\n# adapter = <interface>\n"));
    buffer_fini(&out);
    conf_fini(&conf);
}

static void ranges_are_cut_into_blocks(void **state)
{
    (void)state;
    const struct style style = {.cidr = true};
    char *text = echo_in_style("range = 10.0.0.1-10.0.0.8\nrange = 0.0.0.0-255.255.255.255\n"
                               "exclude = 255.255.255.254-255.255.255.255\n"
                               "exclude = 0.0.0.0-128.0.0.0\nadapter-ip = 10.0.0.1-10.0.0.2\n",
                               style);
    assert_string_equal(text, "range = 10.0.0.1\nrange = 10.0.0.2/31\nrange = 10.0.0.4/30\n"
                              "range = 10.0.0.8\nrange = 0.0.0.0/0\n"
                              "exclude = 255.255.255.254/31\n"
                              "exclude = 0.0.0.0/1\nexclude = 128.0.0.0\n"
                              "rate = 100\nadapter-ip = 10.0.0.1-10.0.0.2\n");
    free(text);
}

static void the_echo_of_samples_is_as_given(void **state)
{
    (void)state;
    static const char *const same[] = {"rate",         "wait",           "seed",
                                       "shard",        "resume-pending", "adapter",
                                       "adapter-ip",   "router-ip",      "range",
                                       "capture",      "nocapture",      "hello",
                                       "hello-file",   "hello-string",   "hello-timeout",
                                       "http-payload", "http-cookie",    "nmap-service-probes"};
    for (unsigned i = 0; i < sizeof same / sizeof *same; i++) {
        const char *lines = sample_for(same[i]);
        char *echo = echo_of_text(lines);
        if (strstr(echo, lines) == NULL)
            fail_msg("%s became:\n%s", lines, echo);
        free(echo);
    }
    char *echo = echo_of_text(sample_for("output-filename"));
    assert_string_equal(echo, "rate = 100\n"
                              "output-format = xml\noutput-filename = \"\"a\"\"\n"
                              "output-format = interactive\n"
                              "output-format = json\noutput-filename = - b =\n"
                              "output-format = xml\noutput-filename = c\n"
                              "output-format = none\n");
    free(echo);
}

/* Rates of all sizes come back bit by bit. */
static void rates_read_back_exactly(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252ull;
    for (int i = 0; i < 300; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        double rate = (double)(x >> 11) / (double)(1ull << (13 + i % 40));
        if (rate < 0.001 || rate > 1e9)
            continue;
        struct conf conf, again;
        struct error err;
        conf_init(&conf);
        conf.rate_pps = rate;
        char *text = echo_text_of(&conf);
        write_text("a.conf", text);
        conf_init(&again);
        assert_int_equal(conf_read_file(&again, "a.conf", &err), 0);
        assert_true(again.rate_pps == rate);
        unlink("a.conf");
        free(text);
        conf_fini(&conf);
        conf_fini(&again);
    }
}

static void a_resolved_seed_is_echoed(void **state)
{
    (void)state;
    struct conf conf;
    conf_init(&conf);
    conf_resolve_seed(&conf, 1700000000);
    char *echo = echo_text_of(&conf);
    assert_non_null(strstr(echo, "seed = 1700000000\n"));
    free(echo);
    conf_fini(&conf);
}

static void a_buffer_that_is_too_small_is_marked(void **state)
{
    (void)state;
    struct conf conf;
    conf_init(&conf);
    struct buffer out;
    buffer_init(&out, 8);
    conf_echo(&conf, &out);
    assert_true(out.failed);
    buffer_fini(&out);
    conf_fini(&conf);
}

static void a_million_excludes_read_back(void **state)
{
    (void)state;
    enum { COUNT = 1000000 };
    struct conf conf, again;
    struct error err;
    conf_init(&conf);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(range_set_add(&conf.excludes.v4, i * 4000, i * 4000 + i % 300, &err), 0);
    assert_int_equal(address_set_normalise(&conf.excludes, &err), 0);
    struct buffer out;
    buffer_init(&out, 1u << 28);
    conf_echo(&conf, &out);
    assert_false(out.failed);
    write_file("a.conf", (char *)out.bytes, out.length);
    conf_init(&again);
    if (conf_read_file(&again, "a.conf", &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(address_set_normalise(&again.excludes, &err), 0);
    assert_int_equal(again.excludes.v4.count, COUNT);
    assert_memory_equal(again.excludes.v4.ranges, conf.excludes.v4.ranges,
                        COUNT * sizeof *conf.excludes.v4.ranges);
    unlink("a.conf");
    buffer_fini(&out);
    conf_fini(&conf);
    conf_fini(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_echoed_row_reads_back),
        cmocka_unit_test(every_choice_of_captures_reads_back),
        cmocka_unit_test(an_echo_of_all_says_every_row),
        cmocka_unit_test(ranges_are_cut_into_blocks),
        cmocka_unit_test(the_echo_of_samples_is_as_given),
        cmocka_unit_test(rates_read_back_exactly),
        cmocka_unit_test(a_resolved_seed_is_echoed),
        cmocka_unit_test(a_buffer_that_is_too_small_is_marked),
        cmocka_unit_test(a_million_excludes_read_back),
    };
    return cmocka_run_group_tests_name("echo", tests, enter_with_files, leave_without_files);
}

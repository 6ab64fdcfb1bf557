/* Config files: their syntax, their errors, files inside files, and what they do together with the
 * command line. */
#include "conf/reading.h"

#include "base/port.h"
#include "conf/conf_test_support.h"

static int read_text(struct conf *conf, const char *text, struct error *err)
{
    conf_init(conf);
    write_text("a.conf", text);
    int status = conf_read_file(conf, "a.conf", err);
    unlink("a.conf");
    return status;
}

static void lines_are_names_and_values(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    int status = read_text(&conf,
                           "\xef\xbb\xbf# a comment\n"
                           "\n"
                           "[section]\r\n"
                           "; another\n"
                           "   \t \n"
                           "rate = 5\r\n"
                           "\t Retries=3 \t\n"
                           "adapter = a=b\n"
                           "adapter-ip[0] = 10.0.0.1\n"
                           "offline\n"
                           "ping =\n"
                           "noreset = Yes\n"
                           "ports =\n"
                           "range = 192.0.2.1, 192.0.2.3\n"
                           "output-filename = \" a \"\n"
                           "wait = forever",
                           &err);
    if (status < 0)
        fail_msg("%s", err.text);
    assert_true(conf.rate_pps == 5);
    assert_int_equal(conf.retries, 3);
    assert_string_equal(conf.adapters[0].name, "a=b");
    assert_int_equal(conf.adapters[0].ip.first, 0x0a000001);
    assert_true(conf.offline && conf.ping && conf.no_reset && conf.wait_forever);
    assert_int_equal(conf.ports.count, 0);
    assert_int_equal(conf.targets.v4.count, 2);
    assert_string_equal(conf.outputs[0].path, " a ");
    conf_fini(&conf);
}

static void errors_name_file_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"\nrate = abc\n", "a.conf:2: rate: \"abc\" is not a number of packets per second (want "
                           "0.001 to 1000000000, or such as 100k)"},
        {"rate = 100 # fast",
         "a.conf:1: rate: \"100 # fast\" is not a number of packets per second "
         "(want 0.001 to 1000000000, or such as 100k)"},
        {"rate =\n", "a.conf:1: rate: the value is missing (want <packets>)"},
        {"rate\n", "a.conf:1: rate: the value is missing (want <packets>)"},
        {"rate 100\n", "a.conf:1: \"rate 100\" is not of the form name = value"},
        {"# x\n\nrat = 5", "a.conf:3: unknown option rat (did you mean rate?)"},
        {"mtu = 1500", "a.conf:1: mtu: this nmap option is not supported; packets are never "
                       "fragmented; leave it out"},
        {"echo\n", "a.conf:1: echo: it is for the command line only"},
        {"readscan = x\n", "a.conf:1: readscan: it is for the command line only"},
        {"adapter-ip[8] = 10.0.0.1\n",
         "a.conf:1: adapter-ip[8]: an adapter's index is one of [0] to [7]"},
        {"ttl[0] = 3\n", "a.conf:1: ttl[0]: it takes no index"},
        {"http-header = \n",
         "a.conf:1: http-header: \"\" has no colon (want such as X-Name: value)"},
        {"\nhello-file[80] = none\n",
         "a.conf:2: hello-file[80]: none: cannot be opened: No such file or directory"},
        {"adapter = a\tb\n",
         "a.conf:1: adapter: the value holds a control character, number 9 (want plain "
         "text)"},
        {"conf = b.conf\n", "a.conf:1: conf: b.conf: cannot be opened: No such file or directory"},
        {"conf = .\n", "a.conf:1: conf: .: cannot be read: Is a directory"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct conf conf;
        struct error err;
        if (read_text(&conf, cases[i].text, &err) >= 0)
            fail_msg("%s was accepted", cases[i].text);
        assert_string_equal(err.text, cases[i].error);
        conf_fini(&conf);
    }
}

static void a_zero_byte_is_refused(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    conf_init(&conf);
    write_file("a.conf", "rate = 5\nttl = 3\0 0\n", 20);
    assert_int_equal(conf_read_file(&conf, "a.conf", &err), -1);
    assert_string_equal(err.text, "a.conf:2: a zero byte; this is not a text file");
    unlink("a.conf");
    conf_fini(&conf);
}

static void the_form_of_the_existing_tool_is_read(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    int status = read_text(&conf,
                           "seed = 12344359783048269620\n"
                           "rate = 5.500000\n"
                           "shard = 1/3\n"
                           "retries = 2\n"
                           "randomize-hosts = true\n"
                           "hello = http\n"
                           "hello-string[80] = R0VUIC8gSFRUUC8xLjANCg0K\n"
                           "hello-timeout = 5\n"
                           "nocapture = servername\n"
                           "capture = html\n\n"
                           "http-header[X-A] = bar\n"
                           "http-header[] = X-B: bla\n"
                           "output-filename = foo.xml\n"
                           "output-format = xml\n\n"
                           "adapter-ip = 10.0.0.1\n"
                           "router-mac-ipv4 = 00-11-22-33-44-55\n"
                           "router-mac-ipv6 = 00-11-22-33-44-55\n"
                           "# TARGET SELECTION (IP, PORTS, EXCLUDES)\n"
                           "ports = 80,U:53,I:0\n"
                           "range = 10.0.0.0/16\n"
                           "range = 10.2.0.0-10.255.255.255\n\n",
                           &err);
    if (status < 0)
        fail_msg("%s", err.text);
    assert_int_equal(conf.seed, 12344359783048269620ull);
    assert_int_equal(conf.output_count, 1);
    assert_string_equal(conf.outputs[0].format, "xml");
    assert_true(conf.adapters[0].has_router_mac);
    assert_int_equal(conf.targets.v4.count, 2);
    assert_int_equal(conf.hello, CONF_HELLO_HTTP);
    assert_int_equal(conf.port_hello_count, 1);
    assert_memory_equal(conf.port_hellos[0].bytes, "GET / HTTP/1.0\r\n\r\n", 18);
    assert_true(conf.hello_timeout_s == 5 && conf.capture_html && !conf.capture_servername);
    assert_int_equal(conf.http_headers.count, 2);
    assert_string_equal(conf.http_headers.items[0], "X-A: bar");
    assert_string_equal(conf.http_headers.items[1], "X-B: bla");
    conf_fini(&conf);
}

static void the_manuals_example_is_read(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    write_text("excludes.txt", "10.0.0.128/25\n");
    int status = read_text(&conf,
                           "# targets\n"
                           "range = 10.0.0.0/8,192.168.0.0/16\n"
                           "range = 172.16.0.0/14\n"
                           "ports = 20-25,80,U:53\n"
                           "ping = true\n"
                           "# adapter\n"
                           "adapter = eth0\n"
                           "adapter-ip = 192.168.0.1\n"
                           "router-mac = 66-55-44-33-22-11\n"
                           "# other\n"
                           "exclude-file = excludes.txt\n",
                           &err);
    unlink("excludes.txt");
    if (status < 0)
        fail_msg("%s", err.text);
    assert_int_equal(conf.targets.v4.count, 3);
    assert_int_equal(conf.excludes.v4.count, 1);
    conf_fini(&conf);
}

static void an_option_with_dashes_is_a_comment_that_is_told(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_text(&conf, "---- title\n--rate = 5\n--ttl = 3\n-- ping\n", &err), 0);
    assert_true(conf.rate_pps == 100);
    assert_int_equal(conf.notices.count, 1);
    assert_string_equal(conf.notices.items[0],
                        "a.conf:2: a comment, because it begins with a dash; options stand here "
                        "without dashes");
    conf_fini(&conf);
}

static void files_may_name_files_up_to_a_depth(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    char name[32], text[64];
    for (int i = 1; i <= CONF_FILES_DEEP; i++) {
        snprintf(name, sizeof name, "%d.conf", i);
        snprintf(text, sizeof text, i < CONF_FILES_DEEP ? "conf = %d.conf\n" : "ttl = %d\n", i + 1);
        write_text(name, text);
    }
    conf_init(&conf);
    assert_int_equal(conf_read_file(&conf, "1.conf", &err), 0);
    assert_int_equal(conf.ttl, CONF_FILES_DEEP + 1);
    conf_fini(&conf);

    conf_init(&conf);
    write_text("0.conf", "conf = 1.conf\n");
    assert_int_equal(conf_read_file(&conf, "0.conf", &err), -1);
    assert_non_null(strstr(err.text, "8.conf: more than 8 config files inside each other"));
    assert_string_equal(strchr(err.text, ' '), strstr(err.text, " conf: 1.conf:1: conf: "));
    conf_fini(&conf);
    for (int i = 0; i <= CONF_FILES_DEEP; i++) {
        snprintf(name, sizeof name, "%d.conf", i);
        unlink(name);
    }
}

static void a_file_that_names_itself_ends_in_an_error(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    assert_int_equal(read_text(&conf, "conf = a.conf\n", &err), -1);
    assert_non_null(strstr(err.text, "more than 8 config files"));
    conf_fini(&conf);
}

static void the_system_file_comes_first(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    write_text("sys.conf", "rate = 7\nttl = 9\nexclude = 10.0.0.1\n");
    assert_int_equal(
        read_command_after(&conf, "sys.conf", "10.0.0.0/24 -p80 --rate 8 --exclude 10.0.0.9", &err),
        0);
    assert_true(conf.rate_pps == 8);
    assert_int_equal(conf.ttl, 9);
    assert_int_equal(conf.excludes.v4.count, 2);
    assert_int_equal(conf.notices.count, 1);
    assert_string_equal(conf.notices.items[0], "excludes: added 10.0.0.1 from sys.conf");
    conf_fini(&conf);

    static const char *const without[] = {"--readscan x", "--help", "--version", "--regress"};
    for (unsigned i = 0; i < sizeof without / sizeof *without; i++) {
        assert_int_equal(read_command_after(&conf, "sys.conf", without[i], &err), 0);
        assert_int_equal(conf.ttl, 255);
        conf_fini(&conf);
    }

    assert_int_equal(read_command_after(&conf, "absent.conf", "10.0.0.1 -p80", &err), 0);
    conf_fini(&conf);
    write_text("sys.conf", "rate = x\n");
    assert_int_equal(read_command_after(&conf, "sys.conf", "10.0.0.1 -p80", &err), -1);
    assert_string_equal(err.text, "sys.conf:1: rate: \"x\" is not a number of packets per second "
                                  "(want 0.001 to 1000000000, or such as 100k)");
    conf_fini(&conf);
    unlink("sys.conf");
}

static void what_a_file_adds_to_the_command_line_is_told(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    write_text("a.conf",
               "ports = 443\nrange = 10.0.1.0/24\nrange = 10.0.2.0/24\nrange = 10.0.3.1\n");
    assert_int_equal(read_command(&conf, "10.0.0.1 -c a.conf -p80", &err), 0);
    assert_int_equal(conf.notices.count, 2);
    assert_string_equal(conf.notices.items[0], "ports: added 443 from a.conf");
    assert_string_equal(conf.notices.items[1], "targets: added 10.0.1.0/24 and 2 more from a.conf");
    assert_int_equal(conf.ports.count, 2);
    conf_fini(&conf);

    assert_int_equal(read_command(&conf, "-c a.conf", &err), 0);
    assert_int_equal(conf.notices.count, 0);
    conf_fini(&conf);
    assert_int_equal(read_command(&conf, "-c a.conf --udp-ports 53", &err), 0);
    assert_int_equal(conf.notices.count, 1);
    conf_fini(&conf);

    write_text("a.conf", "top-ports = 7\nexclude-ports = 80\nexcludefile = b.txt\n");
    write_text("b.txt", "10.0.0.8\n");
    assert_int_equal(read_command(&conf,
                                  "10.0.0.0/24 -c a.conf --top-ports --exclude-port 22 "
                                  "--exclude 10.0.0.7",
                                  &err),
                     0);
    assert_int_equal(conf.notices.count, 3);
    assert_string_equal(conf.notices.items[0], "ports: added the top 7 from a.conf");
    assert_string_equal(conf.notices.items[1], "excluded ports: added 80 from a.conf");
    assert_string_equal(conf.notices.items[2], "excludes: added b.txt from a.conf");
    conf_fini(&conf);
    unlink("b.txt");
    unlink("a.conf");
}

/* Scan types speak of the command line's ports; saved TCP ports carry no prefix. */
static void scan_types_do_not_change_the_ports_of_files(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    write_text("a.conf", "ports = 80\n");
    assert_int_equal(read_command(&conf, "10.0.0.1 -sU -c a.conf -p53", &err), 0);
    assert_true(range_set_contains(&conf.ports, port_code(PORT_TCP, 80)));
    assert_true(range_set_contains(&conf.ports, port_code(PORT_UDP, 53)));
    assert_int_equal(range_set_size(&conf.ports), 2);
    conf_fini(&conf);
    unlink("a.conf");
}

static void resume_is_conf_and_append(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    write_text("paused.conf", "range = 10.0.0.1\nports = 80\nresume-index = 17\nseed = 3\n"
                              "output-format = json\noutput-filename = b\n"
                              "append-output = false\n");
    assert_int_equal(read_command(&conf, "--resume paused.conf", &err), 0);
    assert_int_equal(conf.resume_index, 17);
    assert_true(conf.append_output);
    assert_int_equal(conf.notices.count, 0);
    conf_fini(&conf);
    unlink("paused.conf");
}

/* The system's outputs are in the saved text too: they must not come twice, nor lend their names
 * to other formats. */
static void outputs_of_different_files_do_not_mix(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    write_text("sys.conf", "output-filename = a\n");
    write_text("paused.conf", "range = 10.0.0.1\nports = 80\noutput-format = json\n"
                              "output-filename = b\noutput-format = xml\noutput-filename = a\n");
    assert_int_equal(read_command_after(&conf, "sys.conf", "--resume paused.conf", &err), 0);
    assert_int_equal(conf.output_count, 2);
    assert_string_equal(conf.outputs[0].format, "xml");
    assert_string_equal(conf.outputs[0].path, "a");
    assert_string_equal(conf.outputs[1].format, "json");
    assert_string_equal(conf.outputs[1].path, "b");
    conf_fini(&conf);

    write_text("sys.conf", "output-format = json\n");
    assert_int_equal(
        read_command_after(&conf, "sys.conf", "10.0.0.1 -p80 --output-filename c", &err), 0);
    assert_int_equal(conf.output_count, 1);
    assert_string_equal(conf.outputs[0].format, "json");
    conf_fini(&conf);
    unlink("sys.conf");
    unlink("paused.conf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_names_and_values),
        cmocka_unit_test(errors_name_file_and_line),
        cmocka_unit_test(a_zero_byte_is_refused),
        cmocka_unit_test(the_form_of_the_existing_tool_is_read),
        cmocka_unit_test(the_manuals_example_is_read),
        cmocka_unit_test(an_option_with_dashes_is_a_comment_that_is_told),
        cmocka_unit_test(files_may_name_files_up_to_a_depth),
        cmocka_unit_test(a_file_that_names_itself_ends_in_an_error),
        cmocka_unit_test(the_system_file_comes_first),
        cmocka_unit_test(what_a_file_adds_to_the_command_line_is_told),
        cmocka_unit_test(scan_types_do_not_change_the_ports_of_files),
        cmocka_unit_test(resume_is_conf_and_append),
        cmocka_unit_test(outputs_of_different_files_do_not_mix),
    };
    return cmocka_run_group_tests_name("reading", tests, enter_scratch, leave_scratch);
}

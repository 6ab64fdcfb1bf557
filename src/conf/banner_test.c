/* What is said on single ports: many of them, which of several counts, files, probes of nmap; and
 * the parts of an HTTP request. */
#include <fcntl.h>

#include "base/banner_limits.h"
#include "conf/conf.h"
#include "conf/conf_test_support.h"
#include "conf/port_hello.h"

#define T "192.0.2.1 -p80 "

static void read_well(struct conf *conf, const char *line)
{
    struct error err;
    if (read_command(conf, line, &err) < 0)
        fail_msg("%s: %s", line, err.text);
}

static void expect_hello(const struct conf *conf, uint16_t port, const char *text)
{
    const struct conf_port_hello *hello = port_hello_find(conf, port);
    assert_non_null(hello);
    assert_int_equal(hello->port, port);
    assert_int_equal(hello->length, strlen(text));
    assert_memory_equal(hello->bytes, text, hello->length);
}

static void expect_echo(const struct conf *conf, const char *lines)
{
    char *echo = echo_text_of(conf);
    const char *rest = strstr(echo, "rate = 100\n");
    assert_non_null(rest);
    assert_string_equal(rest + strlen("rate = 100\n"), lines);
    free(echo);
}

/* The last one counts, whether it is a file or a string, and only that is echoed. */
static void the_last_hello_of_a_port_counts(void **state)
{
    (void)state;
    struct conf conf;
    write_text("a", "from a");
    read_well(&conf, T "--hello-string[7] Yg== --hello-file[7] a --hello-file[9]=a "
                       "--hello-string[9] Yw==");
    assert_int_equal(conf.port_hello_count, 2);
    expect_hello(&conf, 7, "from a");
    assert_string_equal(port_hello_find(&conf, 7)->file, "a");
    expect_hello(&conf, 9, "c");
    assert_null(port_hello_find(&conf, 9)->file);
    assert_null(port_hello_find(&conf, 8));
    assert_null(port_hello_find(&conf, 65535));
    expect_echo(&conf, "hello-file[7] = a\nhello-string[9] = Yw==\n");
    conf_fini(&conf);
    unlink("a");
}

/* First some, in an order that jumps about; then all, of which those were given already. */
static void every_port_may_have_a_hello(void **state)
{
    (void)state;
    enum { SOME = 1000 };
    struct conf conf;
    struct error err;
    conf_init(&conf);
    for (unsigned i = 0; i < SOME + 65536; i++) {
        uint16_t port = (uint16_t)(i < SOME ? i * 40503 : i - SOME);
        const uint8_t bytes[] = {(uint8_t)port, (uint8_t)(port >> 8), i >= SOME};
        assert_int_equal(port_hello_set(&conf, port, bytes, sizeof bytes, NULL, &err), 0);
    }
    assert_int_equal(conf.port_hello_count, 65536);
    for (unsigned port = 0; port < 65536; port++) {
        const struct conf_port_hello *hello = port_hello_find(&conf, (uint16_t)port);
        assert_ptr_equal(hello, &conf.port_hellos[port]);
        assert_int_equal(hello->bytes[0] | hello->bytes[1] << 8, port);
        assert_int_equal(hello->bytes[2], 1);
    }
    conf_fini(&conf);
}

static void a_hello_has_a_longest_length(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        NULL, "a.conf:1: hello-file[80]: a: is too long (want at most 16384 bytes)"};
    for (unsigned more = 0; more < 2; more++) {
        struct conf conf;
        struct error err;
        static char bytes[BANNER_HELLO_MAX + 1];
        memset(bytes, 'x', sizeof bytes);
        write_file("a", bytes, BANNER_HELLO_MAX + more);
        write_text("a.conf", "hello-file[80] = a\n");
        conf_init(&conf);
        assert_int_equal(conf_read_file(&conf, "a.conf", &err), more ? -1 : 0);
        if (more)
            assert_string_equal(err.text, wanted[more]);
        else
            assert_int_equal(port_hello_find(&conf, 80)->length, BANNER_HELLO_MAX);
        conf_fini(&conf);
    }
    unlink("a.conf");
    unlink("a");
}

static void a_string_has_a_longest_length(void **state)
{
    (void)state;
    enum { FITS = BANNER_HELLO_MAX / 3 * 4 }; /* characters, of 16,383 bytes */
    for (unsigned more = 0; more < 2; more++) {
        struct conf conf;
        struct error err;
        struct buffer text;
        buffer_init(&text, 1 << 16);
        buffer_text(&text, "hello-string[80] = ");
        for (unsigned i = 0; i < FITS + 4 * more; i++)
            buffer_char(&text, 'A');
        write_file("a.conf", (char *)text.bytes, text.length);
        conf_init(&conf);
        assert_int_equal(conf_read_file(&conf, "a.conf", &err), more ? -1 : 0);
        if (more)
            assert_string_equal(err.text, "a.conf:1: hello-string[80]: 21848 characters are too "
                                          "many (want at most 16384 bytes)");
        conf_fini(&conf);
        buffer_fini(&text);
    }
    unlink("a.conf");
}

/* A pipe cannot be read again by whoever goes on with the scan, nor can a descriptor. */
static void a_pipe_is_kept_by_its_bytes(void **state)
{
    (void)state;
    struct conf conf;
    char line[80];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "hi", 2), 2);
    close(ends[1]);
    snprintf(line, sizeof line, T "--hello-file[80] /dev/fd/%d", ends[0]);
    read_well(&conf, line);
    close(ends[0]);
    expect_hello(&conf, 80, "hi");
    expect_echo(&conf, "hello-string[80] = aGk=\n");
    conf_fini(&conf);
    write_text("a", "ho");
    int fd = open("a", O_RDONLY);
    snprintf(line, sizeof line, T "--hello-file[80] /dev/fd/%d", fd);
    read_well(&conf, line);
    expect_echo(&conf, "hello-string[80] = aG8=\n");
    conf_fini(&conf);
    close(fd);
    unlink("a");
}

static const char probes[] = "Exclude T:9100\nProbe TCP A q|a|\nports 80-81,9100\nsslports 82\n"
                             "Probe TCP B q|b|\nports 81-83\n";

/* What the user gives for a port counts, in front of the file and behind it; it is not echoed. */
static void probes_of_nmap_give_way(void **state)
{
    (void)state;
    struct conf conf;
    write_text("p", probes);
    read_well(&conf, T "--hello-string[80] eA== --nmap-service-probes p --hello-string[82] eQ==");
    expect_hello(&conf, 80, "x");
    expect_hello(&conf, 81, "a");
    expect_hello(&conf, 82, "y");
    expect_hello(&conf, 83, "b");
    assert_int_equal(conf.port_hello_count, 4);
    expect_echo(&conf, "hello-string[80] = eA==\nhello-string[82] = eQ==\n"
                       "nmap-service-probes = p\n");
    conf_fini(&conf);
    unlink("p");
}

static void the_last_file_of_probes_counts(void **state)
{
    (void)state;
    struct conf conf;
    write_text("p", probes);
    write_text("q", "Probe TCP C q|c|\nports 83,84\n");
    read_well(&conf, T "--hello-string[81] eA== --nmap-service-probes p --nmap-service-probes q");
    expect_hello(&conf, 81, "x");
    expect_hello(&conf, 83, "c");
    expect_hello(&conf, 84, "c");
    assert_int_equal(conf.port_hello_count, 3);
    expect_echo(&conf, "hello-string[81] = eA==\nnmap-service-probes = q\n");
    conf_fini(&conf);
    unlink("p");
    unlink("q");
}

static void an_error_in_probes_names_file_and_line(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    write_text("p", "Probe TCP A q|a|\nport 80\n");
    assert_int_equal(read_command(&conf, T "--nmap-service-probes p", &err), -1);
    assert_string_equal(err.text, "--nmap-service-probes: p:2: \"port\" is not known in this kind "
                                  "of file (want Probe, ports, match and such)");
    conf_fini(&conf);
    unlink("p");
}

static void headers_have_one_value_a_name(void **state)
{
    (void)state;
    struct conf conf;
    struct error err;
    write_text("a.conf", "http-header = X-A:  b  \nhttp-header[X-AB] = c\nhttp-header = x-a: d:e\n"
                         "http-header[Empty] =\n");
    conf_init(&conf);
    assert_int_equal(conf_read_file(&conf, "a.conf", &err), 0);
    assert_int_equal(conf.http_headers.count, 3);
    assert_string_equal(conf.http_headers.items[0], "x-a: d:e");
    assert_string_equal(conf.http_headers.items[1], "X-AB: c");
    assert_string_equal(conf.http_headers.items[2], "Empty: ");
    conf_fini(&conf);
    unlink("a.conf");
}

static void headers_are_counted(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 1 << 16);
    for (unsigned i = 0; i <= CONF_HTTP_HEADERS_MAX; i++)
        buffer_printf(&text, "http-header[a%u] = b\n", i);
    write_file("a.conf", (char *)text.bytes, text.length);
    struct conf conf;
    struct error err;
    conf_init(&conf);
    assert_int_equal(conf_read_file(&conf, "a.conf", &err), -1);
    assert_string_equal(err.text, "a.conf:65: http-header[a64]: more than 64 of them");
    conf_fini(&conf);
    buffer_fini(&text);
    unlink("a.conf");
}

/* So many bytes as are left for a request, in its payload and all else. */
static void a_request_has_a_longest_length(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct buffer text;
        struct conf conf;
        struct error err;
        buffer_init(&text, 1 << 16);
        buffer_text(&text, "http-header[a] = b\nhttp-url = /\nhttp-payload = ");
        for (unsigned i = 0; i < BANNER_HELLO_MAX - 256 - 7 + more; i++)
            buffer_char(&text, 'x');
        write_file("a.conf", (char *)text.bytes, text.length);
        assert_int_equal(read_command(&conf, T "-c a.conf", &err), more ? -1 : 0);
        if (more)
            assert_string_equal(err.text,
                                "--http-payload and the other --http options: 16129 bytes "
                                "are too many for a request (want at most 16128 "
                                "together)");
        conf_fini(&conf);
        buffer_fini(&text);
    }
    unlink("a.conf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_hello_of_a_port_counts),
        cmocka_unit_test(every_port_may_have_a_hello),
        cmocka_unit_test(a_hello_has_a_longest_length),
        cmocka_unit_test(a_string_has_a_longest_length),
        cmocka_unit_test(a_pipe_is_kept_by_its_bytes),
        cmocka_unit_test(probes_of_nmap_give_way),
        cmocka_unit_test(the_last_file_of_probes_counts),
        cmocka_unit_test(an_error_in_probes_names_file_and_line),
        cmocka_unit_test(headers_have_one_value_a_name),
        cmocka_unit_test(headers_are_counted),
        cmocka_unit_test(a_request_has_a_longest_length),
    };
    return cmocka_run_group_tests_name("banner", tests, enter_scratch, leave_scratch);
}

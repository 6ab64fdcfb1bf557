/* What the tests of this room share: sample results, rendered documents, scratch files. */
#include "output/test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { LONG_BANNER = 5000, TEXT_MAX = 64 << 20 };

const struct scan_facts sample_facts = {.start_time = 1700000000,
                                        .version = "0.1.0",
                                        .tcp_ports = 1,
                                        .tcp_text = "80-80",
                                        .udp_text = "",
                                        .sctp_text = "",
                                        .ip_protocol_text = ""};

static struct ip_address address(const char *text)
{
    struct ip_address ip;
    assert_true(ip_parse(&ip, text, strlen(text)));
    return ip;
}

static struct result status(enum result_status status, const char *ip, uint8_t protocol,
                            uint16_t port, uint8_t reason, uint8_t ttl)
{
    return (struct result){.kind = RESULT_STATUS,
                           .status = status,
                           .time = 1700000000,
                           .ip = address(ip),
                           .protocol = protocol,
                           .port = port,
                           .reason = reason,
                           .ttl = ttl};
}

static struct result banner(const char *ip, uint16_t port, uint16_t app, const void *bytes,
                            size_t length)
{
    struct result result = status(RESULT_OPEN, ip, RESULT_TCP, port, 0, 57);
    result.kind = RESULT_BANNER;
    result.app = app;
    result.banner = bytes;
    result.banner_length = (uint32_t)length;
    return result;
}

struct result make_banner(const void *bytes, uint32_t length)
{
    return banner("192.0.2.10", 80, APP_HTTP, bytes, length);
}

static void fill_samples(struct result *to)
{
    static const char hostile[] = "a<b>&\"'\\ \r\n\t\0\x7f\x80\xff~";
    static const char mock[] =
        "]\n\n# end\n</runstats>\n{\"ip\":\"1.2.3.4\"}\nopen tcp 1 1.2.3.4 5";
    static uint8_t all[LONG_BANNER];
    for (unsigned i = 0; i < LONG_BANNER; i++)
        all[i] = (uint8_t)i;
    const struct result made[SAMPLE_COUNT] = {
        status(RESULT_OPEN, "192.0.2.10", RESULT_TCP, 80, 0x12, 57),
        status(RESULT_CLOSED, "192.0.2.255", RESULT_TCP, 65535, 0x14, 255),
        status(RESULT_UP, "10.0.0.1", RESULT_ARP, 0, 0, 0),
        banner("192.0.2.10", 80, APP_HTTP, hostile, sizeof hostile - 1),
        status(RESULT_OPEN, "2001:db8::10", RESULT_UDP, 53, 0, 64),
        banner("192.0.2.10", 443, APP_SSL, mock, sizeof mock - 1),
        banner("2001:db8:1:2:3:4:5:6", 22, APP_SSH2, "", 0),
        banner("2001:db8::", 22, APP_ERROR, all, sizeof all),
        banner("0.0.0.0", 0, 9999, "x", 1),
        status(RESULT_CLOSED, "2001:db8::1", RESULT_TCP, 1, 0xff, 1),
        status(RESULT_UP, "fe80::1", RESULT_ARP, 0, 0, 0),
        status(RESULT_OPEN, "255.255.255.255", RESULT_SCTP, 36412, 0, 1),
        status(RESULT_OPEN, "1.2.3.4", RESULT_ICMP, 0, 0, 1),
        status(RESULT_OPEN, "1.2.3.4", 47, 47, 0, 1),
        banner("192.0.2.10", 80, APP_TITLE, "</host>\"}}", 10),
    };
    memcpy(to, made, sizeof made);
}

const struct result *samples(void)
{
    static struct result made[SAMPLE_COUNT];
    if (made[0].time == 0)
        fill_samples(made);
    return made;
}

/* Certificates of all lengths around a line's. */
static void fill_certificates(struct result *to)
{
    static const char base64[] =
        "MIIBszCCAVmgAwIBAgIUZ0Zq+/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "MIIBszCCAVmgAwIBAgIUZ0Zq+/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567==";
    static const uint8_t lengths[] = {4, 60, 63, 64, 65, 127, 128, 129, 172};
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        size_t length = lengths[i % sizeof lengths];
        to[i] = make_banner(base64 + sizeof base64 - 1 - length, (uint32_t)length);
        to[i].app = i % 2 ? APP_X509_CA : APP_X509;
    }
}

const struct result *samples_for(const struct writer_ops *writer)
{
    static struct result certificates[SAMPLE_COUNT];
    if (strcmp(writer->name, "certs") != 0)
        return samples();
    if (certificates[0].time == 0)
        fill_certificates(certificates);
    return certificates;
}

void render(const struct writer_ops *writer, const struct result *results, unsigned count,
            bool close, struct buffer *out)
{
    render_for(writer, &sample_facts, results, count, close, out);
}

void render_for(const struct writer_ops *writer, const struct scan_facts *facts,
                const struct result *results, unsigned count, bool close, struct buffer *out)
{
    void *state = calloc(1, writer->state_size + 1);
    if (writer->open != NULL)
        writer->open(state, out, facts);
    for (unsigned i = 0; i < count; i++)
        writer->record(state, out, &results[i]);
    if (close && writer->close != NULL)
        writer->close(state, out, 1700000100);
    free(state);
    assert_false(out->failed);
}

static int read_memory(void *context, uint64_t offset, void *bytes, size_t length,
                       struct error *err)
{
    const struct buffer *view = context;
    if (offset > view->length || length > view->length - offset)
        return error_set(err, "read beyond the end");
    memcpy(bytes, view->bytes + offset, length);
    return 0;
}

struct earlier_file earlier_memory(const void *bytes, size_t length, struct buffer *view)
{
    *view = (struct buffer){.bytes = (uint8_t *)(uintptr_t)bytes, .length = length};
    return (struct earlier_file){length, view, read_memory};
}

bool results_equal(const struct result *a, const struct result *b)
{
    return a->kind == b->kind && a->status == b->status && a->time == b->time &&
           ip_equal(&a->ip, &b->ip) && a->port == b->port && a->protocol == b->protocol &&
           a->reason == b->reason && a->ttl == b->ttl && a->app == b->app &&
           a->banner_length == b->banner_length &&
           (a->banner_length == 0 || memcmp(a->banner, b->banner, a->banner_length) == 0);
}

static char scratch[64];

static void remove_scratch(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    if (system(command) != 0)
        fprintf(stderr, "cannot remove %s\n", scratch);
}

const char *scratch_directory(void)
{
    if (scratch[0] == '\0') {
        strcpy(scratch, "/tmp/masscan-output-XXXXXX");
        assert_non_null(mkdtemp(scratch));
        atexit(remove_scratch);
    }
    return scratch;
}

const char *scratch_path(char path[SCRATCH_PATH_SIZE], const char *name)
{
    assert_true(snprintf(path, SCRATCH_PATH_SIZE, "%s/%s", scratch_directory(), name) <
                SCRATCH_PATH_SIZE);
    return path;
}

void write_file(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (length > 0) /* no bytes may mean no pointer either */
        assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

void read_file(const char *path, struct buffer *out)
{
    char part[4096];
    size_t count;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while ((count = fread(part, 1, sizeof part, file)) > 0)
        buffer_append(out, part, count);
    fclose(file);
    assert_false(out->failed);
}

void check_file(const char *path, const char *expected)
{
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    read_file(path, &text);
    assert_string_equal(buffer_string(&text), expected);
    buffer_fini(&text);
}

const char *make_directory(char path[SCRATCH_PATH_SIZE], const char *name)
{
    assert_int_equal(mkdir(scratch_path(path, name), 0777), 0);
    return path;
}

/* How fast a binary scan file becomes another format.
 *
 *   output_bench make FILE RECORDS     writes a file: 8 of 10 records IPv4 ports, one IPv6, one
 * banner output_bench convert FILE FORMAT OUT
 *
 * Prints records, seconds and records a second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "output/binary_reader.h"
#include "output/output.h"

static const struct scan_facts no_ports = {.start_time = 1700000000,
                                           .version = "bench",
                                           .tcp_text = "",
                                           .udp_text = "",
                                           .sctp_text = "",
                                           .ip_protocol_text = ""};

/* xorshift64*: any spread of addresses will do. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1d;
}

static struct result make_result(uint64_t index, uint64_t random)
{
    static const char banner[] = "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n<html>";
    struct result result = {.kind = RESULT_STATUS,
                            .status = RESULT_OPEN,
                            .time = 1700000000 + index / 100000,
                            .ip = ip_from_v4((uint32_t)random),
                            .port = (uint16_t)(random >> 32),
                            .protocol = RESULT_TCP,
                            .reason = 0x12,
                            .ttl = (uint8_t)(random >> 48)};
    if (index % 10 == 8) {
        result.ip.version = 6;
        memcpy(result.ip.bytes + 8, &random, sizeof random);
    }
    if (index % 10 == 9) {
        result.kind = RESULT_BANNER;
        result.app = APP_HTTP;
        result.banner = (const uint8_t *)banner;
        result.banner_length = sizeof banner - 1;
    }
    return result;
}

static int give(void *context, const struct result *result, struct error *err)
{
    return output_set_record(context, result, err);
}

static int open_set(struct output_set *set, const char *format, const char *path, struct error *err)
{
    char notice[256];
    const struct writer_ops *writer = writer_find(format);
    const struct store_ops *store = store_find(format);
    static struct store_setup setup;
    setup = (struct store_setup){.place = path, .facts = &no_ports};
    set->filter = (struct output_filter){true, true, true};
    if (store != NULL)
        return output_set_add_store(set, store, &setup, notice, err);
    if (writer == NULL)
        return error_set(err, "no format '%s'", format);
    return output_set_add(set, writer, path, OUTPUT_REPLACE, &no_ports, notice, err);
}

static int make(const char *path, uint64_t count, struct error *err)
{
    struct output_set set = {0};
    uint64_t state = 88172645463325252;
    int outcome = open_set(&set, "binary", path, err);
    for (uint64_t i = 0; outcome >= 0 && i < count; i++) {
        struct result result = make_result(i, next_random(&state));
        outcome = output_set_record(&set, &result, err);
    }
    int closed = output_set_close(&set, no_ports.start_time, outcome < 0 ? NULL : err);
    return outcome < 0 ? outcome : closed;
}

static int convert(const char *from, const char *format, const char *to, struct error *err)
{
    struct output_set set = {0};
    struct binary_file_facts facts = {0};
    uint64_t start = clock_monotonic_ns();
    int outcome = open_set(&set, format, to, err);
    if (outcome >= 0)
        outcome = binary_read_file(from, give, &set, &facts, err);
    int closed = output_set_close(&set, no_ports.start_time, outcome < 0 ? NULL : err);
    double seconds = (double)(clock_monotonic_ns() - start) / NS_PER_SECOND;
    fprintf(stderr, "%s: %llu records, %.3f s, %.2f million/s\n", format,
            (unsigned long long)facts.records, seconds, (double)facts.records / seconds / 1e6);
    return outcome < 0 ? outcome : closed;
}

int main(int argc, char **argv)
{
    struct error err = {.text = "usage: output_bench make FILE RECORDS | convert FILE FORMAT OUT"};
    int outcome = -1;
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        outcome = make(argv[2], strtoull(argv[3], NULL, 10), &err);
    else if (argc == 5 && strcmp(argv[1], "convert") == 0)
        outcome = convert(argv[2], argv[3], argv[4], &err);
    if (outcome < 0)
        fprintf(stderr, "%s\n", err.text);
    return outcome < 0;
}

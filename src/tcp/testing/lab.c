/* A table of connections under a magnifying glass; see lab.h. */
#include "tcp/testing/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { LOCAL_PORT = 40000, LARGEST = 16384 };

uint8_t tcp_lab_byte(uint64_t offset)
{
    return (uint8_t)(offset * 7 + (offset >> 8) * 3 + 1);
}

void tcp_lab_fill(uint8_t *bytes, uint64_t offset, size_t length)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = tcp_lab_byte(offset + i);
}

static void emit(void *context, const struct tcp_segment *segment)
{
    struct tcp_lab *lab = context;
    assert_true(lab->last_sent - lab->first_sent < LAB_SEGMENTS);
    uint32_t offset = segment->sequence - lab->ours;
    for (size_t i = 0; i < segment->payload_length; i++)
        assert_int_equal(segment->payload[i], tcp_lab_byte(offset + i));
    lab->sent[lab->last_sent++ % LAB_SEGMENTS] = (struct lab_segment){lab->now_ns, *segment};
}

static void data(void *context, struct tcp_handle connection, const uint8_t *bytes, size_t length)
{
    struct tcp_lab *lab = context;
    (void)connection;
    assert_true(length > 0);
    for (size_t i = 0; i < length; i++)
        assert_int_equal(bytes[i], tcp_lab_byte(lab->delivered + i));
    lab->delivered += length;
    void (*react)(struct tcp_lab *) = lab->on_data;
    lab->on_data = NULL;
    if (react != NULL)
        react(lab);
}

static void assert_tuple(const struct tcp_lab *lab, struct tcp_handle connection)
{
    struct tcp_tuple tuple;
    assert_true(tcp_find_tuple(lab->table, connection, &tuple));
    assert_true(ip_number_equal(tuple.local, lab->client));
    assert_true(ip_number_equal(tuple.remote, lab->server));
    assert_int_equal(tuple.local_port, LOCAL_PORT);
}

static void event(void *context, struct tcp_handle connection, enum tcp_event event)
{
    struct tcp_lab *lab = context;
    assert_tuple(lab, connection);
    lab->events[event]++;
}

static void gone(void *context, struct tcp_handle connection, enum tcp_end end)
{
    struct tcp_lab *lab = context;
    assert_tuple(lab, connection);
    lab->gone++;
    lab->end = end;
}

void tcp_lab_init(struct tcp_lab *lab, const struct tcp_setup *setup, uint32_t ours,
                  uint32_t theirs)
{
    *lab = (struct tcp_lab){.client = ip_number_v4(0x0a000001),
                            .server = ip_number_v4(0x0a000002),
                            .ours = ours,
                            .theirs = theirs,
                            .now_ns = 8000000000};
    struct tcp_setup own = *setup;
    own.callbacks = (struct tcp_callbacks){lab, emit, data, event, gone};
    struct error err;
    lab->table = tcp_new(&own, lab->now_ns, &err);
    assert_non_null(lab->table);
}

void tcp_lab_use_ipv6(struct tcp_lab *lab)
{
    lab->client = (struct ip_number){0x20010db800000000, 1};
    lab->server = (struct ip_number){0x20010db800010000, 0xfedcba9876543210};
}

void tcp_lab_fini(struct tcp_lab *lab)
{
    const struct tcp_counters *counters = tcp_counters(lab->table);
    lab->first_sent = lab->last_sent;
    uint32_t left = tcp_connections(lab->table);
    assert_true(left <= LAB_SEGMENTS);
    for (uint32_t position = 0; tcp_abort_next(lab->table, &position);)
        continue;
    assert_int_equal(lab->last_sent - lab->first_sent, left);
    assert_int_equal(lab->gone, counters->opened);
    assert_int_equal(tcp_connections(lab->table), 0);
    assert_int_equal(tcp_chunks_used(lab->table), 0);
    assert_true(tcp_next_tick_ns(lab->table) == UINT64_MAX);
    tcp_free(lab->table);
}

struct tcp_opening tcp_lab_opening(struct tcp_lab *lab, uint16_t port, uint8_t *hello,
                                   size_t length)
{
    tcp_lab_fill(hello, 0, length);
    lab->given = length;
    return (struct tcp_opening){.tuple = {lab->client, lab->server, LOCAL_PORT, port},
                                .our_sequence = lab->ours,
                                .their_sequence = lab->theirs - 1,
                                .window = 65535,
                                .mss = 1000,
                                .hello = hello,
                                .hello_length = length};
}

void tcp_lab_receive(struct tcp_lab *lab, uint16_t port, uint8_t flags, uint32_t sequence,
                     uint32_t acknowledgement, size_t length, uint16_t window)
{
    uint8_t bytes[LARGEST];
    assert_true(length <= sizeof bytes);
    tcp_lab_fill(bytes, sequence, length);
    struct tcp_segment segment = {.source = lab->server,
                                  .destination = lab->client,
                                  .source_port = port,
                                  .destination_port = LOCAL_PORT,
                                  .sequence = lab->theirs + sequence,
                                  .acknowledgement = lab->ours + acknowledgement,
                                  .flags = flags,
                                  .window = window,
                                  .payload = bytes,
                                  .payload_length = length};
    tcp_receive(lab->table, &segment, lab->now_ns);
}

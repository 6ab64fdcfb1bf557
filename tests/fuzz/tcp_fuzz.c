/* Any segments, times and calls in any order: connections stay sound, and end with nothing left.
 *
 * The input is a program: each operation is a byte, and takes its arguments from the bytes behind
 * it. Numbers are near those that the connection knows, so that most segments are nearly right. */
#include "tcp/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "fuzz_target.h"
#include "tcp/sequence.h"

enum { PORTS = 4, LARGEST = 2048 };

/* The connections of odd ports are of IPv6. */
static const struct ends {
    struct ip_number local, remote;
} ends[] = {{IP_NUMBER_V4(0x0a000001), IP_NUMBER_V4(0x0a000002)},
            {{0x20010db800000000, 1}, {0x20010db800000000, 2}}};

struct fuzz {
    struct reader input;
    struct tcp_table *table;
    uint64_t now_ns;
    struct tcp_handle connections[PORTS];
    uint32_t their_first[PORTS];
    uint64_t delivered[PORTS];
    uint64_t opened, gone;
    uint8_t reaction; /* what the next callback does */
};

static void check_list(const struct tcp_table *table, const struct tcb *tcb)
{
    uint32_t count = 0, end = tcb->next_expected;
    for (uint32_t at = tcb->held.first; at != CHUNK_NONE; at = chunk_at(&table->pool, at)->next) {
        const struct chunk *chunk = chunk_at(&table->pool, at);
        check(!sequence_before(chunk->sequence, end) && chunk->length > 0);
        end = chunk->sequence + chunk->length;
        count++;
    }
    check(!sequence_before(tcb->window_edge, end));
    check(count == tcb->held.count && count <= HELD_CHUNKS_MAX);
}

static void check_tcb(const struct tcp_table *table, const struct tcb *tcb)
{
    uint32_t unsent_fin = tcb_fin_to_send(tcb);
    uint32_t in_flight = tcb->maximum_sent - tcb->unacknowledged;
    check(tcb->state < TCB_STATES);
    check(in_flight <= tcb->queue.bytes + unsent_fin);
    check(tcb->next_to_send - tcb->unacknowledged <= in_flight);
    check(tcb->queue.bytes <= SEND_QUEUE_MAX);
    check(tcb->window_edge - tcb->next_expected <= UINT16_MAX);
    check(tcb->tries <= table->setup.tries);
    check(in_flight == 0 || tcb->retransmit_ns != 0);
    check(tcb->end_ns != 0 && !tcb->ack_owed);
    check(!tcb->their_fin || !sequence_before(tcb->their_fin_sequence + 1, tcb->next_expected));
    check(table->wheel.links[tcb - table->tcbs].armed);
    check_list(table, tcb);
}

static uint32_t chunks_of(const struct tcp_table *table, const struct tcb *tcb)
{
    uint32_t count = tcb->held.count;
    for (uint32_t at = tcb->queue.first; at != CHUNK_NONE; at = chunk_at(&table->pool, at)->next)
        count++;
    return count;
}

/* Between calls. */
static void check_table(const struct fuzz *fuzz)
{
    const struct tcp_table *table = fuzz->table;
    uint32_t count = 0, chunks = 0;
    for (uint32_t i = 0; i < table->touched; i++) {
        if (table->tcbs[i].state == TCB_FREE)
            continue;
        count++;
        check_tcb(table, &table->tcbs[i]);
        chunks += chunks_of(table, &table->tcbs[i]);
    }
    check(count == table->count && count == fuzz->opened - fuzz->gone);
    check(chunks == chunk_pool_used(&table->pool) && chunks <= table->setup.maximum_chunks);
}

static uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 7 + (offset >> 8));
}

static int number_of(const struct fuzz *fuzz, struct tcp_handle connection)
{
    for (int i = 0; i < PORTS; i++)
        if (memcmp(&fuzz->connections[i], &connection, sizeof connection) == 0)
            return i;
    abort();
}

static void emit(void *context, const struct tcp_segment *segment)
{
    (void)context;
    check(segment->payload_length <= OUR_MSS);
    for (size_t i = 0; i < segment->payload_length; i++)
        check(segment->payload[i] == 'x');
}

static void react(struct fuzz *fuzz, struct tcp_handle connection)
{
    uint8_t reaction = fuzz->reaction;
    fuzz->reaction = 0;
    if (reaction == 1)
        tcp_abort(fuzz->table, connection);
    else if (reaction == 2)
        tcp_close(fuzz->table, connection, fuzz->now_ns);
    else if (reaction == 3)
        tcp_send(fuzz->table, connection, (const uint8_t *)"xxxxxxxx", 8, fuzz->now_ns);
}

static void data(void *context, struct tcp_handle connection, const uint8_t *bytes, size_t length)
{
    struct fuzz *fuzz = context;
    int number = number_of(fuzz, connection);
    for (size_t i = 0; i < length; i++)
        check(bytes[i] == byte_at(fuzz->delivered[number] + i));
    fuzz->delivered[number] += length;
    react(fuzz, connection);
}

static void event(void *context, struct tcp_handle connection, enum tcp_event event)
{
    struct fuzz *fuzz = context;
    (void)event;
    (void)number_of(fuzz, connection);
    react(fuzz, connection);
}

static void gone(void *context, struct tcp_handle connection, enum tcp_end end)
{
    struct fuzz *fuzz = context;
    check(end < TCP_ENDS);
    fuzz->connections[number_of(fuzz, connection)] = (struct tcp_handle){0};
    fuzz->gone++;
}

static void do_accept(struct fuzz *fuzz, uint16_t port)
{
    static uint8_t hello[LARGEST];
    memset(hello, 'x', sizeof hello);
    uint32_t theirs = reader_be32(&fuzz->input);
    const struct tcp_opening opening = {
        .tuple = {ends[port % 2].local, ends[port % 2].remote, 40000, port},
        .our_sequence = reader_be32(&fuzz->input),
        .their_sequence = theirs - 1,
        .window = reader_be16(&fuzz->input),
        .mss = reader_be16(&fuzz->input),
        .hello = hello,
        .hello_length = reader_be16(&fuzz->input) % LARGEST};
    struct tcp_handle connection;
    if (tcp_accept(fuzz->table, &opening, fuzz->now_ns, &connection) != TCP_ACCEPTED)
        return;
    fuzz->connections[port] = connection;
    fuzz->their_first[port] = theirs;
    fuzz->delivered[port] = 0;
    fuzz->opened++;
}

static void do_receive(struct fuzz *fuzz, uint16_t port)
{
    const struct tcb *tcb = tcb_of(fuzz->table, fuzz->connections[port]);
    uint8_t bytes[LARGEST];
    uint8_t flags = reader_u8(&fuzz->input);
    int16_t sequence = (int16_t)reader_be16(&fuzz->input);
    int16_t acknowledgement = (int16_t)reader_be16(&fuzz->input);
    struct tcp_segment segment = {.source = ends[port % 2].remote,
                                  .destination = ends[port % 2].local,
                                  .source_port = port,
                                  .destination_port = 40000,
                                  .sequence = (uint32_t)sequence,
                                  .acknowledgement = (uint32_t)acknowledgement,
                                  .flags = flags,
                                  .window = reader_be16(&fuzz->input),
                                  .payload = bytes,
                                  .payload_length = reader_be16(&fuzz->input) % LARGEST};
    if (tcb != NULL) {
        segment.sequence += tcb->next_expected;
        segment.acknowledgement += tcb->maximum_sent;
    }
    uint32_t offset = segment.sequence - fuzz->their_first[port];
    for (size_t i = 0; i < segment.payload_length; i++)
        bytes[i] = byte_at(offset + i);
    if (!tcp_receive(fuzz->table, &segment, fuzz->now_ns))
        tcp_refuse(fuzz->table, &segment);
}

static void do_send(struct fuzz *fuzz, uint16_t port)
{
    uint8_t bytes[LARGEST];
    memset(bytes, 'x', sizeof bytes);
    size_t length = reader_be16(&fuzz->input) % LARGEST;
    check(tcp_send(fuzz->table, fuzz->connections[port], bytes, length, fuzz->now_ns) <= length);
}

static void do_close(struct fuzz *fuzz, uint16_t port)
{
    tcp_close(fuzz->table, fuzz->connections[port], fuzz->now_ns);
}

static void do_abort(struct fuzz *fuzz, uint16_t port)
{
    tcp_abort(fuzz->table, fuzz->connections[port]);
    check(tcb_of(fuzz->table, fuzz->connections[port]) == NULL);
}

static void do_timer(struct fuzz *fuzz, uint16_t port)
{
    uint64_t deadline_ns = fuzz->now_ns + reader_be16(&fuzz->input) * 1000000ull;
    tcp_set_timer(fuzz->table, fuzz->connections[port], deadline_ns);
}

static void do_tick(struct fuzz *fuzz, uint16_t port)
{
    (void)port;
    fuzz->now_ns += reader_be16(&fuzz->input) * 200000ull;
    while (tcp_tick(fuzz->table, fuzz->now_ns))
        ;
}

static void do_react(struct fuzz *fuzz, uint16_t port)
{
    fuzz->reaction = (uint8_t)port;
}

static void (*const operations[])(struct fuzz *, uint16_t) = {
    do_accept, do_receive, do_receive, do_send, do_close, do_abort, do_timer, do_tick, do_react};

static void open_table(struct fuzz *fuzz)
{
    struct tcp_setup setup = tcp_setup_default();
    setup.callbacks = (struct tcp_callbacks){fuzz, emit, data, event, gone};
    setup.maximum_connections = PORTS - 1;
    setup.maximum_chunks = 12;
    setup.window = 4000;
    fuzz->table = tcp_new(&setup, fuzz->now_ns, NULL);
    check(fuzz->table != NULL);
    fuzz->table->key = (struct siphash_key){1, 2}; /* so that each input does the same again */
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct fuzz fuzz = {.input = reader_over(input, size), .now_ns = 1000000000};
    open_table(&fuzz);
    while (reader_left(&fuzz.input) > 0 && !fuzz.input.failed) {
        uint8_t code = reader_u8(&fuzz.input);
        size_t count = sizeof operations / sizeof operations[0];
        operations[code / PORTS % count](&fuzz, code % PORTS);
        check_table(&fuzz);
    }
    /* Left alone, every connection ends by itself. */
    for (int i = 0; i < 3; i++) {
        fuzz.now_ns += 40000000000;
        while (tcp_tick(fuzz.table, fuzz.now_ns))
            ;
    }
    check(fuzz.opened == fuzz.gone && tcp_connections(fuzz.table) == 0);
    check(tcp_chunks_used(fuzz.table) == 0 && tcp_next_tick_ns(fuzz.table) == UINT64_MAX);
    tcp_free(fuzz.table);
    return 0;
}

/* The table: its limits and what is said at them, handles, and callbacks that call back. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "packet/decode.h"
#include "tcp/testing/lab.h"

enum { MANY = 5000, PORT = 443 };

static struct tcp_setup small_setup(void)
{
    struct tcp_setup setup = tcp_setup_default();
    setup.maximum_connections = 3;
    setup.maximum_chunks = 8;
    return setup;
}

static enum tcp_accepted open_port(struct tcp_lab *lab, uint16_t port, size_t length)
{
    static uint8_t hello[20000];
    struct tcp_opening opening = tcp_lab_opening(lab, port, hello, length);
    return tcp_accept(lab->table, &opening, lab->now_ns, &lab->connection);
}

static const struct tcp_segment *last_sent(const struct tcp_lab *lab)
{
    assert_true(lab->last_sent > lab->first_sent);
    return &lab->sent[(lab->last_sent - 1) % LAB_SEGMENTS].segment;
}

static void open_lab(struct tcp_lab *lab)
{
    struct tcp_setup setup = small_setup();
    tcp_lab_init(lab, &setup, 1000, 9000);
    assert_int_equal(open_port(lab, PORT, 0), TCP_ACCEPTED);
}

static void wrong_setups_are_refused(void **state)
{
    (void)state;
    struct tcp_setup setups[8];
    for (int i = 0; i < 8; i++)
        setups[i] = small_setup();
    setups[0].maximum_connections = 0;
    setups[1].maximum_connections = (1 << 24) + 1;
    setups[2].maximum_chunks = 0;
    setups[3].window = 535;
    setups[4].tries = 0;
    setups[5].lifetime_ns = 0;
    setups[6].linger_ns = 0;
    setups[7].time_wait_ns = UINT64_MAX;
    for (int i = 0; i < 8; i++) {
        struct error err = {.text = ""};
        assert_null(tcp_new(&setups[i], 0, &err));
        assert_non_null(strstr(err.text, "it must be"));
    }
}

static void a_full_table_says_so(void **state)
{
    (void)state;
    struct tcp_lab lab;
    open_lab(&lab);
    struct tcp_handle first = lab.connection;
    assert_int_equal(open_port(&lab, PORT, 0), TCP_ACCEPT_EXISTS);
    assert_int_equal(open_port(&lab, 2, 0), TCP_ACCEPTED);
    assert_int_equal(open_port(&lab, 3, 0), TCP_ACCEPTED);
    size_t sent = lab.last_sent;
    assert_int_equal(open_port(&lab, 4, 0), TCP_ACCEPT_TABLE_FULL);
    assert_int_equal(lab.last_sent, sent);
    assert_int_equal(tcp_counters(lab.table)->table_full, 1);
    tcp_abort(lab.table, first);
    assert_int_equal(open_port(&lab, 4, 0), TCP_ACCEPTED);
    assert_int_equal(lab.connection.index, first.index);
    tcp_lab_fini(&lab);
}

static void an_empty_pool_says_so(void **state)
{
    (void)state;
    struct tcp_lab lab;
    open_lab(&lab); /* 8 chunks of 502 bytes */
    assert_int_equal(open_port(&lab, 2, 5000), TCP_ACCEPT_POOL_EMPTY);
    assert_int_equal(tcp_connections(lab.table), 1);
    assert_int_equal(open_port(&lab, 2, 4016), TCP_ACCEPTED);
    uint8_t byte = tcp_lab_byte(4016);
    assert_int_equal(tcp_send(lab.table, lab.connection, &byte, 1, lab.now_ns), 0);
    assert_int_equal(tcp_counters(lab.table)->pool_empty, 2);
    tcp_lab_receive(&lab, PORT, TCP_ACK, 10, 0, 10, 1000);
    assert_int_equal(tcp_counters(lab.table)->dropped[TCP_DROP_POOL_EMPTY], 1);
    tcp_lab_receive(&lab, PORT, TCP_ACK, 0, 0, 20, 1000); /* in order it needs no memory */
    assert_int_equal(lab.delivered, 20);
    tcp_lab_fini(&lab);
}

static void stale_handles_are_refused(void **state)
{
    (void)state;
    struct tcp_lab lab;
    open_lab(&lab);
    struct tcp_handle stale = lab.connection, none = {0};
    tcp_abort(lab.table, stale);
    assert_int_equal(open_port(&lab, PORT, 0), TCP_ACCEPTED);
    assert_int_equal(lab.connection.index, stale.index);
    size_t sent = lab.last_sent;
    tcp_close(lab.table, stale, lab.now_ns);
    tcp_abort(lab.table, stale);
    tcp_abort(lab.table, none);
    tcp_set_timer(lab.table, stale, lab.now_ns);
    assert_int_equal(tcp_send(lab.table, stale, (const uint8_t *)"x", 1, lab.now_ns), 0);
    tcp_close(lab.table, (struct tcp_handle){99, 1}, lab.now_ns);
    assert_int_equal(lab.last_sent, sent);
    assert_int_equal(tcp_connections(lab.table), 1);
    tcp_lab_fini(&lab);
}

static void many_tiny_segments_cannot_eat_the_pool(void **state)
{
    (void)state;
    struct tcp_lab lab;
    struct tcp_setup setup = small_setup();
    setup.maximum_chunks = 1000;
    tcp_lab_init(&lab, &setup, 1000, 9000);
    assert_int_equal(open_port(&lab, PORT, 0), TCP_ACCEPTED);
    for (uint32_t i = 0; i < 100; i++) {
        lab.first_sent = lab.last_sent;
        tcp_lab_receive(&lab, PORT, TCP_ACK, 2 + 2 * i, 0, 1, 1000);
    }
    assert_int_equal(tcp_chunks_used(lab.table), 64);
    assert_int_equal(tcp_counters(lab.table)->dropped[TCP_DROP_HELD_LIMIT], 36);
    tcp_lab_receive(&lab, PORT, TCP_ACK, 0, 0, 202, 1000);
    assert_int_equal(lab.delivered, 202);
    assert_int_equal(tcp_chunks_used(lab.table), 0);
    tcp_lab_fini(&lab);
}

static void the_window_follows_the_pool_but_never_shrinks(void **state)
{
    (void)state;
    struct tcp_lab lab;
    open_lab(&lab);
    assert_int_equal(last_sent(&lab)->window, 8 * 502);
    assert_int_equal(open_port(&lab, 2, 4000), TCP_ACCEPTED); /* all of the pool */
    assert_int_equal(last_sent(&lab)->window, 536);
    tcp_lab_receive(&lab, PORT, TCP_ACK, 0, 0, 1000, 1000);
    assert_int_equal(last_sent(&lab)->window, 8 * 502 - 1000);
    tcp_lab_receive(&lab, PORT, TCP_ACK, 1000, 0, 3000, 1000);
    assert_int_equal(last_sent(&lab)->window, 536);
    tcp_lab_fini(&lab);
}

static void answer(struct tcp_lab *lab)
{
    uint8_t bytes[10];
    tcp_lab_fill(bytes, 0, sizeof bytes);
    assert_int_equal(tcp_send(lab->table, lab->connection, bytes, sizeof bytes, lab->now_ns), 10);
}

static void abort_it(struct tcp_lab *lab)
{
    tcp_abort(lab->table, lab->connection);
}

static void abort_and_open_again(struct tcp_lab *lab)
{
    struct tcp_handle old = lab->connection;
    tcp_abort(lab->table, old);
    assert_int_equal(open_port(lab, PORT, 0), TCP_ACCEPTED);
    assert_int_equal(lab->connection.index, old.index);
}

/* What the next connection says leaves though another one's segment is being taken in. */
static void open_again_and_speak(struct tcp_lab *lab)
{
    uint8_t word;
    size_t sent = lab->last_sent;
    tcp_lab_fill(&word, 0, 1);
    abort_and_open_again(lab);
    assert_int_equal(tcp_send(lab->table, lab->connection, &word, 1, lab->now_ns), 1);
    assert_int_equal(lab->last_sent, sent + 3); /* a reset, an ACK, the word */
}

static void close_it(struct tcp_lab *lab)
{
    tcp_close(lab->table, lab->connection, lab->now_ns);
}

static void an_answer_carries_the_ack(void **state)
{
    (void)state;
    struct tcp_lab lab;
    open_lab(&lab);
    lab.on_data = answer;
    size_t sent = lab.last_sent;
    tcp_lab_receive(&lab, PORT, TCP_ACK, 0, 0, 50, 1000);
    assert_int_equal(lab.last_sent, sent + 1);
    assert_int_equal(last_sent(&lab)->payload_length, 10);
    assert_int_equal(last_sent(&lab)->acknowledgement, 9050);
    tcp_lab_fini(&lab);
}

/* The callback of the first bytes ends the connection, while others are held behind them. */
static void data_may_end_the_connection(void **state)
{
    (void)state;
    void (*const reactions[])(struct tcp_lab *) = {abort_it, abort_and_open_again,
                                                   open_again_and_speak};
    for (int i = 0; i < 3; i++) {
        struct tcp_lab lab;
        open_lab(&lab);
        lab.on_data = reactions[i];
        tcp_lab_receive(&lab, PORT, TCP_ACK, 50, 0, 1000, 1000);
        assert_int_equal(tcp_chunks_used(lab.table), 2);
        tcp_lab_receive(&lab, PORT, TCP_ACK, 0, 0, 50, 1000);
        assert_int_equal(lab.delivered, 50);
        assert_int_equal(tcp_connections(lab.table), i > 0);
        assert_int_equal(tcp_chunks_used(lab.table),
                         i == 2); /* what was said is not acknowledged */
        tcp_lab_fini(&lab);
    }
}

static void data_with_fin_may_close(void **state)
{
    (void)state;
    struct tcp_lab lab;
    open_lab(&lab);
    lab.on_data = close_it;
    tcp_lab_receive(&lab, PORT, TCP_ACK | TCP_FIN, 0, 0, 50, 1000);
    assert_int_equal(lab.events[TCP_EVENT_FIN], 1);
    tcp_lab_receive(&lab, PORT, TCP_ACK, 51, 1, 0, 1000);
    lab.now_ns += 3000000000;
    while (tcp_tick(lab.table, lab.now_ns))
        ;
    assert_int_equal(lab.end, TCP_END_CLOSED);
    assert_int_equal(tcp_counters(lab.table)->ended[TCP_END_CLOSED], 1);
    tcp_lab_fini(&lab);
}

static void a_tick_is_bounded(void **state)
{
    (void)state;
    struct tcp_lab lab;
    struct tcp_setup setup = small_setup();
    setup.maximum_connections = MANY;
    tcp_lab_init(&lab, &setup, 1000, 9000);
    for (uint16_t port = 1; port <= MANY; port++) {
        lab.first_sent = lab.last_sent;
        assert_int_equal(open_port(&lab, port, 0), TCP_ACCEPTED);
        tcp_set_timer(lab.table, lab.connection, lab.now_ns + 100000000);
    }
    lab.now_ns += 200000000;
    assert_true(tcp_tick(lab.table, lab.now_ns));
    assert_in_range(lab.events[TCP_EVENT_TIMER], 1, 4096);
    assert_false(tcp_tick(lab.table, lab.now_ns));
    assert_int_equal(lab.events[TCP_EVENT_TIMER], MANY);
    for (uint16_t port = 1; port <= MANY; port++) {
        lab.first_sent = lab.last_sent;
        tcp_lab_receive(&lab, port, TCP_RST, 0, 0, 0, 0);
    }
    assert_int_equal(tcp_counters(lab.table)->ended[TCP_END_RESET], MANY);
    tcp_lab_fini(&lab);
}

static void strangers_are_refused(void **state)
{
    (void)state;
    struct tcp_lab lab;
    open_lab(&lab);
    struct tcp_segment segment = {.source = lab.server,
                                  .destination = lab.client,
                                  .source_port = 7,
                                  .destination_port = 40000,
                                  .sequence = 100,
                                  .acknowledgement = 555,
                                  .flags = TCP_FIN | TCP_ACK,
                                  .payload = (const uint8_t *)"abc",
                                  .payload_length = 3};
    assert_false(tcp_receive(lab.table, &segment, lab.now_ns));
    tcp_refuse(lab.table, &segment);
    assert_int_equal(last_sent(&lab)->flags, TCP_RST);
    assert_int_equal(last_sent(&lab)->sequence, 555);
    assert_int_equal(last_sent(&lab)->destination_port, 7);
    segment.flags = TCP_FIN;
    tcp_refuse(lab.table, &segment);
    assert_int_equal(last_sent(&lab)->flags, TCP_RST | TCP_ACK);
    assert_int_equal(last_sent(&lab)->acknowledgement, 104);
    size_t sent = lab.last_sent;
    segment.flags = TCP_RST;
    tcp_refuse(lab.table, &segment);
    assert_int_equal(lab.last_sent, sent);
    tcp_lab_fini(&lab);
}

/* Connections are told apart by all bits of both addresses, and by both ports. */
static void every_bit_of_a_tuple_counts(void **state)
{
    (void)state;
    struct tcp_lab lab;
    struct tcp_setup setup = tcp_setup_default();
    tcp_lab_init(&lab, &setup, 1000, 9000);
    tcp_lab_use_ipv6(&lab);
    const struct tcp_tuple first = {lab.client, lab.server, 40000, PORT};
    const struct tcp_tuple others[] = {
        {{first.local.high ^ 1, first.local.low}, first.remote, 40000, PORT},
        {{first.local.high, first.local.low ^ 1ull << 63}, first.remote, 40000, PORT},
        {first.local, {first.remote.high ^ 1ull << 63, first.remote.low}, 40000, PORT},
        {first.local, {first.remote.high, first.remote.low ^ 1}, 40000, PORT},
        {first.local, first.remote, 40001, PORT},
        {first.local, first.remote, 40000, PORT + 1},
        {ip_number_v4((uint32_t)first.local.low), ip_number_v4((uint32_t)first.remote.low), 40000,
         PORT},
    };
    struct tcp_opening opening = {.tuple = first, .window = 1000};
    struct tcp_handle connection;
    assert_int_equal(tcp_accept(lab.table, &opening, lab.now_ns, &connection), TCP_ACCEPTED);
    assert_int_equal(tcp_accept(lab.table, &opening, lab.now_ns, &connection), TCP_ACCEPT_EXISTS);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct tcp_tuple found;
        opening.tuple = others[i];
        assert_int_equal(tcp_accept(lab.table, &opening, lab.now_ns, &connection), TCP_ACCEPTED);
        assert_true(tcp_find_tuple(lab.table, connection, &found));
        assert_memory_equal(&found.remote, &others[i].remote, sizeof found.remote);
        assert_int_equal(tcp_accept(lab.table, &opening, lab.now_ns, &connection),
                         TCP_ACCEPT_EXISTS);
    }
    tcp_free(lab.table);
}

/* RFC 9293, MUST-15: what an end takes that did not say how much; and no more than fits into a
 * packet of ours, or of any way. */
static void the_largest_segment_depends_on_the_family(void **state)
{
    (void)state;
    static const struct {
        bool ipv6;
        uint16_t offered;
        size_t sent;
    } cases[] = {{false, 0, 536},
                 {true, 0, 1220},
                 {false, 9000, 1460},
                 {true, 9000, 1220},
                 {true, 1000, 1000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tcp_lab lab;
        struct tcp_setup setup = tcp_setup_default();
        tcp_lab_init(&lab, &setup, 1000, 9000);
        if (cases[i].ipv6)
            tcp_lab_use_ipv6(&lab);
        static uint8_t hello[2000];
        struct tcp_opening opening = tcp_lab_opening(&lab, PORT, hello, sizeof hello);
        opening.mss = cases[i].offered;
        assert_int_equal(tcp_accept(lab.table, &opening, lab.now_ns, &lab.connection),
                         TCP_ACCEPTED);
        assert_int_equal(lab.sent[0].segment.payload_length, cases[i].sent);
        tcp_lab_fini(&lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_setups_are_refused),
        cmocka_unit_test(a_full_table_says_so),
        cmocka_unit_test(an_empty_pool_says_so),
        cmocka_unit_test(stale_handles_are_refused),
        cmocka_unit_test(many_tiny_segments_cannot_eat_the_pool),
        cmocka_unit_test(the_window_follows_the_pool_but_never_shrinks),
        cmocka_unit_test(an_answer_carries_the_ack),
        cmocka_unit_test(data_may_end_the_connection),
        cmocka_unit_test(data_with_fin_may_close),
        cmocka_unit_test(a_tick_is_bounded),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(every_bit_of_a_tuple_counts),
        cmocka_unit_test(the_largest_segment_depends_on_the_family),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}

/* Random conversations over a wire that loses, repeats, delays and reorders, in simulated time from
 * a seed: every byte arrives in order exactly once, in both directions, and every connection ends
 * with nothing left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "packet/decode.h"
#include "tcp/tcp.h"
#include "tcp/testing/server.h"

enum { PEERS = 4, WIRE_MAX = 4096, RUNS = 300, MS = 1000000, STEPS_MAX = 1000000 };
#define TICK_NS (4ull * MS)

/* The two ends of the wire, by family. */
static const struct ends {
    struct ip_number client, server;
} ends_ipv4 = {IP_NUMBER_V4(0x0a000001), IP_NUMBER_V4(0x0a000100)},
  ends_ipv6 = {{0x20010db800000000, 1}, {0x20010db800000000, 0x100}};

/* What is run. */
struct harm {
    const struct ends *ends;
    unsigned loss_percent;
};

struct in_flight {
    bool used;
    uint64_t arrives_ns;
    struct tcp_segment segment;
    uint8_t payload[1460];
};

struct peer {
    struct server server;
    struct tcp_handle connection;
    bool open, half_closed;
    uint32_t given, delivered;
    uint32_t ours, theirs; /* of the client: its streams' first sequence numbers */
};

/* Of all runs of a case: so that one sees whether the wire was as bad as it should be. */
struct totals {
    uint64_t retransmitted, window_probes, held_none, outside;
};

struct world {
    struct tcp_table *table;
    uint64_t now_ns;
    uint64_t random;
    const struct harm *harm;
    unsigned ended[TCP_ENDS];
    struct peer peers[PEERS];
    struct in_flight wire[WIRE_MAX];
    size_t on_wire;
    uint64_t earliest_ns; /* no segment on the wire arrives before this */
};

/* xorshift64*, by S. Vigna. */
static uint32_t draw(struct world *world, uint32_t below)
{
    world->random ^= world->random >> 12;
    world->random ^= world->random << 25;
    world->random ^= world->random >> 27;
    return (uint32_t)((world->random * 0x2545f4914f6cdd1d) >> 33) % below;
}

static void put_on_wire(struct world *world, const struct tcp_segment *segment)
{
    size_t i = 0;
    while (i < WIRE_MAX && world->wire[i].used)
        i++;
    assert_true(i < WIRE_MAX);
    struct in_flight *flight = &world->wire[i];
    flight->used = true;
    flight->arrives_ns = world->now_ns + (10 + draw(world, 40)) * (uint64_t)MS;
    if (draw(world, 20) == 0)
        flight->arrives_ns += draw(world, 3000) * (uint64_t)MS; /* a straggler */
    flight->segment = *segment;
    assert_true(segment->payload_length <= sizeof flight->payload);
    memcpy(flight->payload, segment->payload, segment->payload_length);
    flight->segment.payload = flight->payload;
    world->on_wire++;
    if (flight->arrives_ns < world->earliest_ns)
        world->earliest_ns = flight->arrives_ns;
}

static void emit(void *context, const struct tcp_segment *segment)
{
    struct world *world = context;
    if (draw(world, 100) < world->harm->loss_percent)
        return;
    put_on_wire(world, segment);
    if (draw(world, 100) < 5)
        put_on_wire(world, segment);
}

static struct peer *peer_of(struct world *world, struct tcp_handle connection)
{
    for (size_t i = 0; i < PEERS; i++)
        if (world->peers[i].connection.index == connection.index &&
            world->peers[i].connection.generation == connection.generation)
            return &world->peers[i];
    return NULL;
}

/* Gives what there is still to send, and closes behind it. */
static void go_on(struct world *world, struct peer *peer)
{
    uint8_t bytes[3000];
    uint32_t left = peer->server.plan.to_receive - peer->given;
    uint32_t part = left < sizeof bytes ? left : (uint32_t)sizeof bytes;
    for (uint32_t i = 0; i < part; i++)
        bytes[i] = server_stream_byte(peer->ours, peer->given + i);
    peer->given += (uint32_t)tcp_send(world->table, peer->connection, bytes, part, world->now_ns);
    bool has_sent_all = peer->given == peer->server.plan.to_receive;
    bool has_all = peer->delivered == peer->server.plan.to_send;
    if (has_sent_all && (has_all || peer->half_closed))
        tcp_close(world->table, peer->connection, world->now_ns);
    else if (!has_sent_all)
        tcp_set_timer(world->table, peer->connection, world->now_ns + 300 * (uint64_t)MS);
}

static void data(void *context, struct tcp_handle connection, const uint8_t *bytes, size_t length)
{
    struct world *world = context;
    struct peer *peer = peer_of(world, connection);
    assert_non_null(peer);
    assert_true(peer->delivered + length <= peer->server.plan.to_send);
    for (uint32_t i = 0; i < length; i++)
        assert_int_equal(bytes[i], server_stream_byte(peer->theirs, peer->delivered + i));
    peer->delivered += (uint32_t)length;
    go_on(world, peer);
}

static void event(void *context, struct tcp_handle connection, enum tcp_event event)
{
    struct world *world = context;
    struct peer *peer = peer_of(world, connection);
    assert_non_null(peer);
    if (event == TCP_EVENT_FIN)
        assert_int_equal(peer->delivered, peer->server.plan.to_send);
    go_on(world, peer);
}

static void gone(void *context, struct tcp_handle connection, enum tcp_end end)
{
    struct world *world = context;
    struct peer *peer = peer_of(world, connection);
    assert_non_null(peer);
    assert_true(peer->open);
    peer->open = false;
    world->ended[end]++;
}

static void plan_server(struct world *world, struct server_plan *plan)
{
    static const uint32_t sizes[] = {1, 2, 700, 1500, 9000, SERVER_STREAM_MAX};
    *plan = (struct server_plan){.to_send = draw(world, sizes[draw(world, 6)]),
                                 .to_receive = draw(world, sizes[draw(world, 6)]),
                                 .window = (uint16_t)(300 + draw(world, 20000)),
                                 .keeps_early = draw(world, 2),
                                 .closes_first = draw(world, 2),
                                 .stalls = draw(world, 4) == 0};
}

static void open_peer(struct world *world, uint16_t number)
{
    struct peer *peer = &world->peers[number];
    *peer = (struct peer){.open = true,
                          .half_closed = draw(world, 2),
                          .ours = draw(world, 2) ? draw(world, UINT32_MAX) : -draw(world, 9000),
                          .theirs = draw(world, 2) ? draw(world, UINT32_MAX) : -draw(world, 9000)};
    struct server *server = &peer->server;
    plan_server(world, &server->plan);
    server->ours = peer->theirs;
    server->theirs = peer->ours;
    server->their_window = 536;
    server->again_ns = world->now_ns + 700 * (uint64_t)MS;
    server->emit = emit;
    server->context = world;
    const struct ends *ends = world->harm->ends;
    server->header = (struct tcp_segment){.source = ends->server,
                                          .destination = ends->client,
                                          .source_port = number,
                                          .destination_port = 4000};
    struct tcp_opening opening = {.tuple = {ends->client, ends->server, 4000, number},
                                  .our_sequence = peer->ours,
                                  .their_sequence = peer->theirs - 1,
                                  .window = server->plan.window,
                                  .mss = (uint16_t)(draw(world, 2) ? SERVER_MSS : 100)};
    assert_int_equal(tcp_accept(world->table, &opening, world->now_ns, &peer->connection),
                     TCP_ACCEPTED);
    go_on(world, peer);
}

static void arrive(struct world *world, struct in_flight *flight)
{
    /* A copy: what is sent in answer may take the place on the wire. */
    struct in_flight copy = *flight;
    copy.segment.payload = copy.payload;
    flight->used = false;
    world->on_wire--;
    if (ip_number_equal(copy.segment.source, world->harm->ends->server)) {
        if (!tcp_receive(world->table, &copy.segment, world->now_ns))
            tcp_refuse(world->table, &copy.segment);
    } else {
        server_receive(&world->peers[copy.segment.destination_port].server, &copy.segment,
                       world->now_ns);
    }
}

static void deliver_wire(struct world *world)
{
    if (world->now_ns < world->earliest_ns)
        return;
    for (size_t i = 0; i < WIRE_MAX && world->on_wire > 0; i++)
        if (world->wire[i].used && world->wire[i].arrives_ns <= world->now_ns)
            arrive(world, &world->wire[i]);
    world->earliest_ns = UINT64_MAX;
    for (size_t i = 0, seen = 0; seen < world->on_wire; i++)
        if (world->wire[i].used && ++seen && world->wire[i].arrives_ns < world->earliest_ns)
            world->earliest_ns = world->wire[i].arrives_ns;
}

/* The next moment at which anything can happen. */
static uint64_t next_moment(const struct world *world)
{
    uint64_t next = tcp_next_tick_ns(world->table);
    next = world->earliest_ns < next ? world->earliest_ns : next;
    for (size_t i = 0; i < PEERS; i++) {
        uint64_t again_ns = world->peers[i].server.again_ns;
        if (again_ns != 0 && again_ns < next)
            next = again_ns;
    }
    return next > world->now_ns ? next : world->now_ns + TICK_NS;
}

static void run_until_all_are_gone(struct world *world)
{
    size_t steps = 0;
    while (tcp_connections(world->table) > 0) {
        assert_true(++steps < STEPS_MAX);
        world->now_ns = next_moment(world);
        deliver_wire(world);
        while (tcp_tick(world->table, world->now_ns))
            ;
        for (size_t i = 0; i < PEERS; i++)
            server_tick(&world->peers[i].server, world->now_ns);
    }
}

static struct tcp_setup patient_setup(struct world *world)
{
    struct tcp_setup setup = tcp_setup_default();
    setup.callbacks = (struct tcp_callbacks){world, emit, data, event, gone};
    setup.maximum_connections = PEERS;
    setup.maximum_chunks = 8 + draw(world, 100); /* so that it is empty at times */
    setup.window = (uint16_t)(600 + draw(world, 16000));
    setup.tries = 255;
    setup.lifetime_ns = 24 * 3600ull * 1000 * MS;
    setup.linger_ns = 3600ull * 1000 * MS;
    return setup;
}

static void check_world(const struct world *world)
{
    const struct tcp_counters *counters = tcp_counters(world->table);
    assert_int_equal(tcp_connections(world->table), 0);
    assert_int_equal(tcp_chunks_used(world->table), 0);
    assert_true(tcp_next_tick_ns(world->table) == UINT64_MAX);
    assert_int_equal(counters->opened, PEERS);
    for (int end = 0; end < TCP_ENDS; end++)
        if (end != TCP_END_CLOSED && world->ended[end] > 0)
            fail_msg("%u connections ended otherwise: enum tcp_end %d", world->ended[end], end);
    assert_int_equal(world->ended[TCP_END_CLOSED], PEERS);
    uint64_t delivered = 0;
    for (size_t i = 0; i < PEERS; i++) {
        const struct peer *peer = &world->peers[i];
        assert_false(peer->open);
        assert_int_equal(peer->delivered, peer->server.plan.to_send);
        assert_true(peer->server.expected > peer->server.plan.to_receive);
        delivered += peer->delivered;
    }
    assert_int_equal(counters->delivered, delivered);
}

static void add_up(struct totals *totals, const struct tcp_counters *counters)
{
    totals->retransmitted += counters->retransmitted;
    totals->window_probes += counters->window_probes;
    totals->held_none += counters->dropped[TCP_DROP_POOL_EMPTY];
    totals->outside += counters->dropped[TCP_DROP_OUTSIDE];
}

static void run(struct world *world, struct totals *totals, uint64_t seed, const struct harm *harm)
{
    *world = (struct world){.random = seed * 0x9e3779b97f4a7c15 + 1,
                            .harm = harm,
                            .now_ns = 1000000000,
                            .earliest_ns = UINT64_MAX};
    struct tcp_setup setup = patient_setup(world);
    struct error err;
    world->table = tcp_new(&setup, world->now_ns, &err);
    assert_non_null(world->table);
    for (uint16_t i = 0; i < PEERS; i++)
        open_peer(world, i);
    run_until_all_are_gone(world);
    check_world(world);
    add_up(totals, tcp_counters(world->table));
    tcp_free(world->table);
}

static void every_byte_arrives_once(void **state)
{
    const struct harm *harm = *state;
    struct world *world = test_malloc(sizeof *world);
    struct totals totals = {0};
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        print_message("# loss %u %%, seed %llu\n", harm->loss_percent, (unsigned long long)seed);
        run(world, &totals, seed * 100 + harm->loss_percent, harm);
    }
    test_free(world);
    assert_true(totals.retransmitted > 0);
    assert_true(totals.window_probes > 0);
    assert_true(totals.held_none > 0);
    assert_true(totals.outside > 0);
}

int main(void)
{
    static struct harm ipv4[] = {
        {&ends_ipv4, 0}, {&ends_ipv4, 1}, {&ends_ipv4, 5}, {&ends_ipv4, 10}, {&ends_ipv4, 30}};
    static struct harm ipv6 = {&ends_ipv6, 10};
    const struct CMUnitTest tests[] = {
        {"every byte arrives once, no loss", every_byte_arrives_once, NULL, NULL, &ipv4[0]},
        {"every byte arrives once, 1 % loss", every_byte_arrives_once, NULL, NULL, &ipv4[1]},
        {"every byte arrives once, 5 % loss", every_byte_arrives_once, NULL, NULL, &ipv4[2]},
        {"every byte arrives once, 10 % loss", every_byte_arrives_once, NULL, NULL, &ipv4[3]},
        {"every byte arrives once, 30 % loss", every_byte_arrives_once, NULL, NULL, &ipv4[4]},
        {"every byte arrives once, IPv6, 10 % loss", every_byte_arrives_once, NULL, NULL, &ipv6},
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}

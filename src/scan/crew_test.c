/* Workers in threads, over transports in memory whose far end is a network that counts: whatever
 * their number, and whenever they are stopped, every pair is probed as often as it should be. */
#include "scan/crew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/port.h"
#include "packet/build.h"
#include "packet/decode.h"
#include "transport/mem.h"

enum { HOSTS = 20000, PORTS = 3, PAIRS = HOSTS * PORTS, FIRST_PORT = 80 };
static const uint32_t FIRST_HOST = 0x0a000000;

/* The far end: notes who was asked, and answers every SYN with a SYN-ACK. */
struct network {
    _Atomic unsigned probed[PAIRS];
    _Atomic unsigned resets;
};

static void answer(struct transport *transport, const struct packet *packet)
{
    const struct tcp_segment reply = {
        .source = packet_destination(packet),
        .destination = packet_source(packet),
        .source_port = packet->destination_port,
        .destination_port = packet->source_port,
        .sequence = 7,
        .acknowledgement = packet->tcp.sequence + 1,
        .flags = TCP_SYN | TCP_ACK,
        .ttl = 64,
    };
    const struct mac_address nobody = {{0}};
    const struct link_header link = link_header_ethernet(&nobody, &nobody, 0x0800);
    uint8_t bytes[PACKET_HEADERS_MAX];
    transport_mem_receive(transport, bytes, (uint32_t)packet_build_tcp(bytes, &link, &reply));
}

static void hear(void *context, struct transport *transport, const uint8_t *frame, uint32_t length)
{
    struct network *network = context;
    struct packet packet;
    assert_int_equal(packet_decode(&packet, frame, length, true), PACKET_OK);
    assert_int_equal(packet.kind, PACKET_TCP);
    if (packet.tcp.flags == TCP_RST) {
        atomic_fetch_add(&network->resets, 1);
        return;
    }
    uint32_t host = packet.destination - FIRST_HOST;
    uint32_t port = packet.destination_port - (uint32_t)FIRST_PORT;
    assert_in_range(host, 0, HOSTS - 1);
    assert_in_range(port, 0, PORTS - 1);
    atomic_fetch_add(&network->probed[host * PORTS + port], 1);
    answer(transport, &packet);
}

/* What all crews of a test have in common. */
struct rig {
    struct network network;
    struct target_space *space;
    struct adapter adapter;
    struct probe_setup probe_setup;
    struct probe_set *probes;
    struct transport_group transports;
    struct crew crew;
    struct scan_state state;
};

static struct target_space *make_space(void)
{
    struct range_set hosts, ports;
    range_set_init(&hosts);
    range_set_init(&ports);
    assert_int_equal(range_set_add(&hosts, FIRST_HOST, FIRST_HOST + HOSTS - 1, NULL), 0);
    assert_int_equal(range_set_add(&ports, port_code(PORT_TCP, FIRST_PORT),
                                   port_code(PORT_TCP, FIRST_PORT + PORTS - 1), NULL),
                     0);
    assert_int_equal(range_set_normalise(&hosts, NULL), 0);
    assert_int_equal(range_set_normalise(&ports, NULL), 0);
    struct target_space *space =
        target_space_new(&(struct address_set){.v4 = hosts}, &ports, 1, NULL);
    assert_non_null(space);
    range_set_fini(&hosts);
    range_set_fini(&ports);
    return space;
}

static struct rig *rig_new(void)
{
    struct rig *rig = aligned_alloc(64, (sizeof *rig + 63) / 64 * 64);
    const struct adapter_wish wish = {0};
    struct error err = {""};
    assert_non_null(rig);
    memset(rig, 0, sizeof *rig);
    rig->space = make_space();
    assert_int_equal(adapter_offline(&rig->adapter, &wish, &err), 0);
    rig->probe_setup = (struct probe_setup){
        .link = adapter_link_header(&rig->adapter),
        .source_address = rig->adapter.address,
        .source_port = rig->adapter.port,
        .ttl = 64,
        .key = {1, 2},
        .space = rig->space,
    };
    rig->probes = probe_set_new(&rig->probe_setup, &err);
    assert_non_null(rig->probes);
    return rig;
}

static void rig_free(struct rig *rig)
{
    probe_set_free(rig->probes);
    target_space_free(rig->space);
    free(rig);
}

/* Opens transports and starts workers on what the state of the rig says is left. */
static void start(struct rig *rig, unsigned workers, uint64_t stride, uint32_t tries, double rate)
{
    struct error err = {""};
    struct transport_setup link = adapter_transport_setup(&rig->adapter);
    link.instances = workers;
    assert_int_equal(transport_group_open(&rig->transports, &transport_mem, &link, &err), 0);
    assert_int_equal(rig->transports.count, workers);
    for (unsigned i = 0; i < workers; i++)
        transport_mem_connect(&rig->transports.member[i], hear, &rig->network);
    const struct crew_setup setup = {
        .space = rig->space,
        .run = {rig->state.next_index, stride, rig->state.fresh_left},
        .owed = rig->state.owed.extents,
        .owed_count = rig->state.owed.count,
        .tries = tries,
        .rate_pps = rate,
        .send_resets = true,
        .ttl = 64,
        .adapter = &rig->adapter,
        .transports = &rig->transports,
        .probes = rig->probes,
    };
    assert_int_equal(crew_init(&rig->crew, &setup, &err), 0);
    assert_int_equal(crew_start(&rig->crew, &err), 0);
}

/* As the output thread does; returns how many findings there were. */
static uint64_t drain(struct crew *crew)
{
    uint64_t findings = 0;
    for (unsigned i = 0; i < crew->count; i++) {
        size_t count = ring_filled(&crew->workers[i].findings);
        ring_pop(&crew->workers[i].findings, count);
        findings += count;
    }
    return findings;
}

static uint64_t attend_until(struct crew *crew, enum worker_phase phase)
{
    uint64_t findings = 0;
    while (crew_phase(crew) < phase) {
        findings += drain(crew);
        usleep(200);
    }
    assert_int_not_equal(crew_phase(crew), WORKER_FAILED);
    return findings;
}

/* Ends what is left of it, and closes. */
static uint64_t finish(struct rig *rig)
{
    uint64_t findings = attend_until(&rig->crew, WORKER_WAITING);
    crew_take_rest(&rig->crew, &rig->state);
    for (int i = 0; i < 20; i++) { /* what is on its way still comes */
        findings += drain(&rig->crew);
        usleep(500);
    }
    crew_command(&rig->crew, WORKER_QUIT);
    findings += attend_until(&rig->crew, WORKER_DONE);
    crew_join(&rig->crew);
    findings += drain(&rig->crew);
    crew_fini(&rig->crew);
    transport_group_close(&rig->transports);
    return findings;
}

static void assert_probed(const struct rig *rig, unsigned times)
{
    for (unsigned i = 0; i < PAIRS; i++)
        if (rig->network.probed[i] != times)
            fail_msg("pair %u was probed %u times, not %u", i, rig->network.probed[i], times);
}

static void set_whole(struct rig *rig, uint64_t stride, uint64_t shard)
{
    rig->state.next_index = shard;
    rig->state.fresh_left = (PAIRS - shard + stride - 1) / stride;
    rig->state.owed.count = 0;
}

static void any_number_of_workers_covers_all(void **state)
{
    (void)state;
    static const unsigned numbers[] = {1, 2, 3, 8};
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct rig *rig = rig_new();
        set_whole(rig, 1, 0);
        start(rig, numbers[i], 1, 1, 1e9);
        assert_int_equal(rig->crew.probes_total, PAIRS);
        assert_int_equal(finish(rig), PAIRS);
        assert_probed(rig, 1);
        assert_int_equal(rig->network.resets, PAIRS);
        assert_int_equal(rig->state.left, 0);
        rig_free(rig);
    }
}

static void counters_are_sums(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    set_whole(rig, 1, 0);
    start(rig, 3, 1, 1, 1e9);
    attend_until(&rig->crew, WORKER_WAITING);
    while (crew_count(&rig->crew, COUNT_PACKETS) < 2 * PAIRS)
        drain(&rig->crew);
    assert_int_equal(crew_count(&rig->crew, COUNT_RESETS), PAIRS);
    assert_int_equal(crew_count(&rig->crew, COUNT_PROBES), PAIRS);
    assert_int_equal(crew_count(&rig->crew, COUNT_REPLIES), PAIRS);
    assert_int_equal(crew_count(&rig->crew, COUNT_PACKETS), 2 * PAIRS);
    assert_int_equal(crew_count(&rig->crew, COUNT_FORGED), 0);
    finish(rig);
    rig_free(rig);
}

/* Stopped at a random moment, gone on with by another number of workers, and so on. */
static void stops_lose_and_repeat_nothing(void **state)
{
    (void)state;
    enum { STRIDE = 3, TRIES = 2 };
    srand(1);
    struct rig *rig = rig_new();
    for (uint64_t shard = 0; shard < STRIDE; shard++) {
        set_whole(rig, STRIDE, shard);
        for (unsigned part = 0; part < 4; part++) {
            start(rig, 1 + (unsigned)rand() % 5, STRIDE, TRIES, 200000);
            usleep((useconds_t)(rand() % 40000));
            if (part < 3)
                crew_command(&rig->crew, WORKER_STOP_SENDING);
            finish(rig);
        }
        assert_int_equal(rig->state.left, 0);
    }
    assert_probed(rig, TRIES);
    rig_free(rig);
}

/* What a snapshot counts as sent had been sent before it: going on from there skips nothing. */
static void snapshots_skip_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    set_whole(rig, 1, 0);
    start(rig, 4, 1, 1, 500000);
    usleep(40000);
    crew_ask_snapshot(&rig->crew);
    while (!crew_snapshot_ready(&rig->crew))
        drain(&rig->crew);
    struct scan_state *snapshot = malloc(sizeof *snapshot);
    assert_non_null(snapshot);
    crew_take_snapshot(&rig->crew, snapshot);
    assert_in_range(snapshot->left, 1, PAIRS - 1);
    crew_command(&rig->crew, WORKER_STOP_SENDING);
    finish(rig);
    assert_true(rig->state.left <= snapshot->left);
    rig->state = *snapshot;
    start(rig, 2, 1, 1, 1e9);
    finish(rig);
    for (unsigned i = 0; i < PAIRS; i++)
        assert_in_range(rig->network.probed[i], 1, 2);
    free(snapshot);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_workers_covers_all),
        cmocka_unit_test(counters_are_sums),
        cmocka_unit_test(stops_lose_and_repeat_nothing),
        cmocka_unit_test(snapshots_skip_nothing),
    };
    return cmocka_run_group_tests_name("crew", tests, NULL, NULL);
}

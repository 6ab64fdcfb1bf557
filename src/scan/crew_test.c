/* Workers in threads, over transports in memory whose far end is a network that counts: whatever
 * their number and that of their adapters, and whenever they are stopped, every pair is probed as
 * often as it should be, through an adapter that leads there. */
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

/* Three adapters: the first has 10.0.0.0/19 on its link and a router, the second 10.0.32.0/20 and
 * no router, the third nobody and a router. */
enum { ADAPTERS = 3, FIRST_NEAR = 8192, SECOND_NEAR = FIRST_NEAR + 4096 };

/* The far end: notes who was asked, and answers every SYN with a SYN-ACK. */
struct network {
    _Atomic unsigned probed[PAIRS];
    _Atomic unsigned resets;
    _Atomic unsigned astray; /* probes that came through an adapter that does not lead there */
};

/* Of an adapter, what its transports are connected to. */
struct side {
    struct network *network;
    unsigned adapter, adapters;
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

static bool leads_to(const struct side *side, uint32_t host)
{
    if (side->adapters == 1 || host < FIRST_NEAR)
        return side->adapter == 0;
    return host < SECOND_NEAR ? side->adapter == 1 : side->adapter != 1;
}

static void hear(void *context, struct transport *transport, const uint8_t *frame, uint32_t length)
{
    const struct side *side = context;
    struct network *network = side->network;
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
    if (!leads_to(side, host))
        atomic_fetch_add(&network->astray, 1);
    answer(transport, &packet);
}

/* What all crews of a test have in common. */
struct rig {
    struct network network;
    struct target_space *space;
    struct adapter adapters[ADAPTERS];
    struct probe_setup probe_setups[ADAPTERS];
    struct probe_set *probes[ADAPTERS];
    struct side sides[ADAPTERS];
    struct transport_group transports[ADAPTERS];
    unsigned adapter_count; /* of those that are in use */
    struct ways ways;
    struct crew crew;
    struct scan_state state;
};

static void add_hosts(struct address_set *set)
{
    assert_int_equal(range_set_add(&set->v4, FIRST_HOST, FIRST_HOST + HOSTS - 1, NULL), 0);
    assert_int_equal(address_set_normalise(set, NULL), 0);
}

static struct target_space *make_space(void)
{
    struct address_set hosts = {0};
    struct range_set ports;
    range_set_init(&ports);
    add_hosts(&hosts);
    assert_int_equal(range_set_add(&ports, port_code(PORT_TCP, FIRST_PORT),
                                   port_code(PORT_TCP, FIRST_PORT + PORTS - 1), NULL),
                     0);
    assert_int_equal(range_set_normalise(&ports, NULL), 0);
    struct target_space *space = target_space_new(&hosts, &ports, 1, NULL);
    assert_non_null(space);
    address_set_fini(&hosts);
    range_set_fini(&ports);
    return space;
}

static void make_adapter(struct rig *rig, unsigned number)
{
    const struct adapter_wish wish = {0};
    struct error err = {""};
    struct adapter *adapter = &rig->adapters[number];
    struct probe_setup *setup = &rig->probe_setups[number];
    assert_int_equal(adapter_offline(adapter, &wish, number, &err), 0);
    *setup = (struct probe_setup){
        .link = adapter_link_header(adapter),
        .source_address = (uint32_t)adapter->ipv4.source.low,
        .source_port = adapter->port,
        .ttl = 64,
        .key = {1, 2},
        .space = rig->space,
    };
    rig->probes[number] = probe_set_new(setup, &err);
    assert_non_null(rig->probes[number]);
}

/* The links that stand above. */
static void lay_links(struct rig *rig)
{
    struct interface *first = &rig->adapters[0].interface, *second = &rig->adapters[1].interface;
    first->address = FIRST_HOST + 1;
    first->prefix = 19;
    second->address = FIRST_HOST + FIRST_NEAR + 1;
    second->prefix = 20;
    rig->adapters[1].ipv4.router.has_mac = false;
}

static struct rig *rig_new(void)
{
    struct rig *rig = aligned_alloc(64, (sizeof *rig + 63) / 64 * 64);
    assert_non_null(rig);
    memset(rig, 0, sizeof *rig);
    rig->space = make_space();
    for (unsigned i = 0; i < ADAPTERS; i++)
        make_adapter(rig, i);
    lay_links(rig);
    return rig;
}

static void rig_free(struct rig *rig)
{
    for (unsigned i = 0; i < ADAPTERS; i++)
        probe_set_free(rig->probes[i]);
    target_space_free(rig->space);
    free(rig);
}

/* A link that takes what it likes of what it is offered, or nothing. */
static _Atomic bool is_stuck;

static int commit_some(void *state, const struct tx_slots *slots, struct error *err)
{
    struct tx_slots some = *slots;
    some.count = is_stuck ? 0 : slots->count - slots->count / 3;
    return transport_mem.tx_commit(state, &some, err);
}

static struct transport_ops moody_ops(void)
{
    struct transport_ops ops = transport_mem;
    ops.tx_commit = commit_some;
    return ops;
}

static void open_side(struct rig *rig, unsigned number, unsigned workers)
{
    static struct transport_ops moody;
    struct error err = {""};
    struct transport_group *transports = &rig->transports[number];
    struct transport_setup link = adapter_transport_setup(&rig->adapters[number]);
    moody = moody_ops();
    link.instances = workers;
    assert_int_equal(transport_group_open(transports, &transport_mem, &link, &err), 0);
    assert_int_equal(transports->count, workers);
    rig->sides[number] = (struct side){&rig->network, number, rig->adapter_count};
    for (unsigned i = 0; i < workers; i++) {
        transport_mem_connect(&transports->member[i], hear, &rig->sides[number]);
        if (number == 1)
            transports->member[i].ops = &moody;
    }
}

static void find_ways(struct rig *rig)
{
    const struct adapter *adapters[ADAPTERS];
    struct address_set hosts = {0};
    struct error err = {""};
    add_hosts(&hosts);
    for (unsigned i = 0; i < ADAPTERS; i++)
        adapters[i] = &rig->adapters[i];
    assert_int_equal(ways_init(&rig->ways, adapters, rig->adapter_count, &hosts, false, &err), 0);
    assert_int_equal(rig->ways.part, rig->adapter_count > 1);
    address_set_fini(&hosts);
}

/* Opens transports and starts workers, so many on each adapter, on what the state of the rig says
 * is left. */
static void start_several(struct rig *rig, unsigned adapters, unsigned workers, uint64_t stride,
                          uint32_t tries, double rate)
{
    struct error err = {""};
    struct crew_adapter each[ADAPTERS];
    rig->adapter_count = adapters;
    find_ways(rig);
    for (unsigned i = 0; i < adapters; i++) {
        open_side(rig, i, workers);
        each[i] = (struct crew_adapter){.adapter = &rig->adapters[i],
                                        .transports = &rig->transports[i],
                                        .probes = rig->probes[i]};
    }
    const struct crew_setup setup = {
        .space = rig->space,
        .run = {rig->state.next_index, stride, rig->state.fresh_left},
        .owed = rig->state.owed.extents,
        .owed_count = rig->state.owed.count,
        .tries = tries,
        .rate_pps = rate,
        .send_resets = true,
        .ttl = 64,
        .adapters = each,
        .adapter_count = adapters,
        .ways = &rig->ways,
    };
    assert_int_equal(crew_init(&rig->crew, &setup, &err), 0);
    assert_int_equal(crew_start(&rig->crew, &err), 0);
}

static void start(struct rig *rig, unsigned workers, uint64_t stride, uint32_t tries, double rate)
{
    start_several(rig, 1, workers, stride, tries, rate);
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
    for (unsigned i = 0; i < rig->adapter_count; i++)
        transport_group_close(&rig->transports[i]);
    ways_fini(&rig->ways);
    assert_int_equal(rig->network.astray, 0);
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

/* However late it is asked for. */
static void the_end_of_sending_is_when_the_last_probe_left(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    uint64_t began_ns = clock_monotonic_ns();
    set_whole(rig, 1, 0);
    start(rig, 3, 1, 1, 1e9);
    assert_true(crew_sending_end(&rig->crew).at_ns >= began_ns);
    attend_until(&rig->crew, WORKER_WAITING);
    uint64_t seen_ns = clock_monotonic_ns();
    const struct sending_end end = crew_sending_end(&rig->crew);
    assert_in_range(end.at_ns, began_ns, seen_ns);
    assert_in_range(end.packets, PAIRS, 2 * PAIRS);
    while (crew_count(&rig->crew, COUNT_PACKETS) < 2 * PAIRS)
        drain(&rig->crew);
    const struct sending_end again = crew_sending_end(&rig->crew);
    assert_memory_equal(&again, &end, sizeof end);
    finish(rig);
    rig_free(rig);
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

static void any_number_of_adapters_covers_all(void **state)
{
    (void)state;
    for (unsigned adapters = 2; adapters <= ADAPTERS; adapters++) {
        for (unsigned workers = 1; workers <= 3; workers++) {
            struct rig *rig = rig_new();
            set_whole(rig, 1, 0);
            start_several(rig, adapters, workers, 1, 1, 1e9);
            finish(rig);
            assert_probed(rig, 1);
            assert_int_equal(rig->state.left, 0);
            rig_free(rig);
        }
    }
}

/* How much the adapters counted together, and one of them. */
static void adapters_count_apart(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    set_whole(rig, 1, 0);
    start_several(rig, ADAPTERS, 1, 1, 1, 1e9);
    attend_until(&rig->crew, WORKER_WAITING);
    assert_int_equal(crew_count(&rig->crew, COUNT_PROBES), PAIRS);
    assert_int_equal(crew_count_of(&rig->crew, 1, COUNT_PROBES),
                     PORTS * (SECOND_NEAR - FIRST_NEAR));
    uint64_t first = crew_count_of(&rig->crew, 0, COUNT_PROBES);
    assert_true(first >= (uint64_t)PORTS * FIRST_NEAR);
    assert_int_equal(first + crew_count_of(&rig->crew, 2, COUNT_PROBES),
                     PAIRS - PORTS * (SECOND_NEAR - FIRST_NEAR));
    finish(rig);
    rig_free(rig);
}

/* Stopped at a random moment, now and then while a link takes nothing; gone on with through another
 * number of adapters. */
static void stops_lose_and_repeat_nothing_of_several(void **state)
{
    (void)state;
    enum { STRIDE = 2, TRIES = 3, PARTS = 6 };
    srand(2);
    struct rig *rig = rig_new();
    uint64_t given_back = 0;
    for (uint64_t shard = 0; shard < STRIDE; shard++) {
        set_whole(rig, STRIDE, shard);
        for (unsigned part = 0; part < PARTS; part++) {
            is_stuck = part % 2 == 1 && part < PARTS - 1;
            start_several(rig, 1 + (unsigned)rand() % ADAPTERS, 1 + (unsigned)rand() % 3, STRIDE,
                          TRIES, 100000);
            usleep((useconds_t)(5000 + rand() % 40000));
            if (part < PARTS - 1)
                crew_command(&rig->crew, WORKER_STOP_SENDING);
            attend_until(&rig->crew, WORKER_WAITING);
            for (unsigned i = 0; i < rig->crew.count; i++)
                for (unsigned k = 0; k < rig->crew.workers[i].handover.from_count; k++)
                    given_back += ring_filled(rig->crew.workers[i].handover.from[k]);
            finish(rig);
        }
        assert_int_equal(rig->state.left, 0);
    }
    assert_probed(rig, TRIES);
    assert_true(given_back > 0); /* or nothing was tested */
    rig_free(rig);
}

/* A snapshot does not hold while something that it counts as sent waits at another adapter; one
 * that holds skips nothing. */
static void snapshots_of_several_skip_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    set_whole(rig, 1, 0);
    is_stuck = true;
    start_several(rig, 2, 1, 1, 1, 500000);
    while (ring_filled(rig->crew.workers[1].handover.from[0]) == 0)
        drain(&rig->crew);
    crew_ask_snapshot(&rig->crew);
    while (!crew_snapshot_ready(&rig->crew))
        drain(&rig->crew);
    assert_false(crew_snapshot_holds(&rig->crew));
    is_stuck = false;
    while (!crew_snapshot_holds(&rig->crew))
        drain(&rig->crew);
    struct scan_state *snapshot = malloc(sizeof *snapshot);
    assert_non_null(snapshot);
    crew_take_snapshot(&rig->crew, snapshot);
    assert_in_range(snapshot->left, 1, PAIRS - 1);
    crew_command(&rig->crew, WORKER_STOP_SENDING);
    finish(rig);
    rig->state = *snapshot;
    start_several(rig, 3, 1, 1, 1, 1e9);
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
        cmocka_unit_test(the_end_of_sending_is_when_the_last_probe_left),
        cmocka_unit_test(counters_are_sums),
        cmocka_unit_test(stops_lose_and_repeat_nothing),
        cmocka_unit_test(snapshots_skip_nothing),
        cmocka_unit_test(any_number_of_adapters_covers_all),
        cmocka_unit_test(adapters_count_apart),
        cmocka_unit_test(stops_lose_and_repeat_nothing_of_several),
        cmocka_unit_test(snapshots_of_several_skip_nothing),
    };
    return cmocka_run_group_tests_name("crew", tests, NULL, NULL);
}

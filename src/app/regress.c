/* --regress: self-tests that need no network and no privileges.
 *
 * They are few and go through the whole program: the order of a scan covers its space exactly, and
 * a scan in memory, against a peer that knows the truth, writes a file that reads back as that
 * truth. */
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/port.h"
#include "base/random.h"
#include "base/siphash.h"
#include "output/binary_reader.h"
#include "packet/build.h"
#include "packet/decode.h"
#include "probe/probe.h"
#include "scan/scan.h"
#include "transport/mem.h"

enum { FIRST_PORT = 80, PORTS = 3, HOSTS = 1000, PAIRS = HOSTS * PORTS };
static const uint32_t FIRST_ADDRESS = 0x0a000001;

/* The truth about the network in memory. */
struct network {
    struct siphash_key key;
    uint8_t probed[PAIRS];
    uint8_t found[PAIRS];
};

static bool is_open(const struct network *network, uint32_t pair)
{
    return siphash_2_4(&network->key, &pair, sizeof pair) % 4 == 0;
}

static uint32_t pair_of(uint32_t address, uint32_t port)
{
    uint32_t host = address - FIRST_ADDRESS, which = port - FIRST_PORT;
    return host < HOSTS && which < PORTS ? host * PORTS + which : UINT32_MAX;
}

static int build_sets(struct address_set *addresses, struct range_set *ports, struct error *err)
{
    if (range_set_add(&addresses->v4, FIRST_ADDRESS, FIRST_ADDRESS + HOSTS - 1, err) < 0 ||
        range_set_add(ports, port_code(PORT_TCP, FIRST_PORT),
                      port_code(PORT_TCP, FIRST_PORT + PORTS - 1), err) < 0 ||
        address_set_normalise(addresses, err) < 0)
        return -1;
    return range_set_normalise(ports, err);
}

static struct target_space *build_space(struct error *err)
{
    struct address_set addresses;
    struct range_set ports;
    address_set_init(&addresses);
    range_set_init(&ports);
    struct target_space *space = NULL;
    if (build_sets(&addresses, &ports, err) == 0)
        space = target_space_new(&addresses, &ports, clock_wall_seconds(), err);
    address_set_fini(&addresses);
    range_set_fini(&ports);
    return space;
}

/* Seven shards together visit every pair once. */
static int check_order(const struct target_space *space, struct error *err)
{
    alignas(64) uint32_t address[BATCH_LANES], port[BATCH_LANES];
    uint8_t visits[PAIRS] = {0};
    for (uint64_t shard = 1; shard <= 7; shard++) {
        struct index_run run =
            shard_indices(target_space_size(space), (struct shard){shard, 7}, 0, 0);
        for (; run.count > 0; run.first += run.stride, run.count--) {
            target_space_batch(space, run.first, run.stride, 1, address, port);
            uint32_t pair = pair_of(address[0], port_code_number(port[0]));
            if (pair == UINT32_MAX || visits[pair]++ > 0)
                return error_set(err, "the order visits a pair twice, or one that is no target");
        }
    }
    for (uint32_t pair = 0; pair < PAIRS; pair++)
        if (visits[pair] != 1)
            return error_set(err, "the order leaves out a pair");
    return 0;
}

/* The far end: opens or refuses each SYN as the truth has it, and notes who was asked. */
static void answer(void *context, struct transport *transport, const uint8_t *frame,
                   uint32_t length)
{
    struct network *network = context;
    struct packet packet;
    if (packet_decode(&packet, frame, length, true) != PACKET_OK || packet.kind != PACKET_TCP ||
        packet.tcp.flags != TCP_SYN)
        return;
    uint32_t pair = pair_of(packet.destination, packet.destination_port);
    if (pair == UINT32_MAX)
        return;
    network->probed[pair]++;
    const struct tcp_segment reply = {
        .source = packet_destination(&packet),
        .destination = packet_source(&packet),
        .source_port = packet.destination_port,
        .destination_port = packet.source_port,
        .sequence = 1,
        .acknowledgement = packet.tcp.sequence + 1,
        .flags = is_open(network, pair) ? TCP_SYN | TCP_ACK : TCP_RST | TCP_ACK,
        .ttl = 64,
    };
    const struct mac_address nobody = {{0}};
    const struct link_header link = link_header_ethernet(&nobody, &nobody, 0x0800);
    uint8_t bytes[PACKET_HEADERS_MAX];
    transport_mem_receive(transport, bytes, (uint32_t)packet_build_tcp(bytes, &link, &reply));
}

static int scan_in_memory(const struct target_space *space, struct adapter *adapter,
                          struct network *network, struct output_set *outputs, struct error *err)
{
    struct transport_group transports;
    struct transport_setup link = adapter_transport_setup(adapter);
    if (transport_group_open(&transports, &transport_mem, &link, err) < 0)
        return -1;
    transport_mem_connect(&transports.member[0], answer, network);
    struct probe_setup probe_setup = {
        .link = adapter_link_header(adapter),
        .source_address = (uint32_t)adapter->ipv4.source.low,
        .source_port = adapter->port,
        .ttl = 64,
        .level = cpu_level_best(),
        .space = space,
    };
    int result = random_bytes(&probe_setup.key, sizeof probe_setup.key, err);
    struct probe_set *probes = result < 0 ? NULL : probe_set_new(&probe_setup, err);
    if (probes != NULL) {
        const struct crew_adapter only = {
            .adapter = adapter, .transports = &transports, .probes = probes};
        const struct scan_setup setup = {
            .crew = {.space = space,
                     .run = {0, 1, PAIRS},
                     .tries = 1,
                     .rate_pps = 100000,
                     .send_resets = true,
                     .ttl = 64,
                     .adapters = &only,
                     .adapter_count = 1},
            .outputs = outputs,
            .signal_fd = -1,
            .keyboard_fd = -1,
            .status_fd = -1,
        };
        struct scan_summary summary;
        result = scan_run(&setup, &summary, err);
    }
    probe_set_free(probes);
    transport_group_close(&transports);
    return probes ? result : -1;
}

static int write_results(const struct target_space *space, struct network *network,
                         const char *path, struct error *err)
{
    const struct scan_facts facts = {.start_time = clock_wall_seconds(), .version = APP_VERSION};
    struct output_set outputs = {.filter = {.open = true}};
    struct adapter adapter;
    const struct adapter_wish wish = {0};
    char notice[256];
    if (adapter_offline(&adapter, &wish, 0, err) < 0 ||
        output_set_add(&outputs, writer_find("binary"), path, OUTPUT_REPLACE, &facts, notice, err) <
            0)
        return -1;
    int result = scan_in_memory(space, &adapter, network, &outputs, err);
    if (output_set_close(&outputs, clock_wall_seconds(), result < 0 ? NULL : err) < 0)
        result = -1;
    adapter_fini(&adapter);
    return result;
}

static int note_found(void *context, const struct result *result, struct error *err)
{
    struct network *network = context;
    uint32_t pair = pair_of(ip_to_v4(&result->ip), result->port);
    if (pair == UINT32_MAX || result->status != RESULT_OPEN)
        return error_set(err, "the results hold something that was never scanned");
    network->found[pair]++;
    return 0;
}

static int compare(const struct network *network, struct error *err)
{
    for (uint32_t pair = 0; pair < PAIRS; pair++) {
        if (network->probed[pair] != 1)
            return error_set(err, "a pair was probed %u times", network->probed[pair]);
        if (network->found[pair] != is_open(network, pair))
            return error_set(err, "a port was reported %u times, but is %s", network->found[pair],
                             is_open(network, pair) ? "open" : "closed");
    }
    return 0;
}

static int check_scan(const struct target_space *space, const char *path, struct error *err)
{
    struct network network = {0};
    struct binary_file_facts facts;
    if (random_bytes(&network.key, sizeof network.key, err) < 0 ||
        write_results(space, &network, path, err) < 0 ||
        binary_read_file(path, note_found, &network, &facts, err) < 0)
        return -1;
    return compare(&network, err);
}

static int check_all(struct error *err)
{
    struct target_space *space = build_space(err);
    if (space == NULL)
        return -1;
    int result = check_order(space, err);
    char path[] = "/tmp/" APP_NAME "-regress.XXXXXX";
    int fd = result < 0 ? -1 : mkstemp(path);
    if (result == 0 && fd < 0)
        result = error_set(err, "cannot make a file in /tmp");
    if (fd >= 0) {
        close(fd);
        result = check_scan(space, path, err);
        unlink(path);
    }
    target_space_free(space);
    return result;
}

int app_regress(struct error *err)
{
    if (check_all(err) < 0) {
        fprintf(stderr, "regression test: failed: %s\n", err->text);
        return EXIT_USAGE;
    }
    fprintf(stderr, "regression test: success!\n");
    return EXIT_COMPLETE;
}

/* The BPF half of the simulator: loading, attaching, reading its maps. */
#include "network.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crc32c.h"
#include "pass.skel.h"
#include "sim.skel.h"

struct network {
    struct sim_bpf *bpf;
    int link;
    struct ring_buffer *events;
    void (*on_event)(void *context, const struct sim_event *event);
    void *context;
    uint64_t pairs;
    const struct sim_pair_block *blocks;
    size_t blocks_size;
    int processors;
    struct sim_counters *each; /* of each processor */
};

/* Warnings only: what the verifier says of a refused program is among them. */
static int print_warnings(enum libbpf_print_level level, const char *format, va_list args)
{
    return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

/* A bpf_link, so that the program leaves the interface with the process, however that ends. */
static int attach(struct bpf_program *program, const struct sim_options *options, struct error *err)
{
    LIBBPF_OPTS(bpf_link_create_opts, how,
                .flags = options->native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
    unsigned index = if_nametoindex(options->interface);
    if (index == 0)
        return error_sys(err, errno, "interface %s", options->interface);
    int link = bpf_link_create(bpf_program__fd(program), (int)index, BPF_XDP, &how);
    if (link < 0)
        return error_sys(err, -link, "cannot attach to %s", options->interface);
    return link;
}

static int list_ports(struct network *network, const struct sim_options *options, struct error *err)
{
    int map = bpf_map__fd(network->bpf->maps.port_places);
    for (uint32_t i = 0; i < options->ports_n; i++) {
        uint32_t place = i + 1;
        if (bpf_map_update_elem(map, &options->ports[i], &place, BPF_ANY) < 0)
            return error_sys(err, errno, "cannot list port code %u", options->ports[i]);
    }
    return 0;
}

static int map_pairs(struct network *network, struct error *err)
{
    const struct bpf_map *map = network->bpf->maps.pairs;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    network->blocks_size =
        (bpf_map__max_entries(map) * sizeof(struct sim_pair_block) + page - 1) / page * page;
    void *blocks = mmap(NULL, network->blocks_size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
    if (blocks == MAP_FAILED)
        return error_sys(err, errno, "cannot map the pair counters");
    network->blocks = blocks;
    return 0;
}

static int load(struct network *network, const struct sim_options *options, struct error *err)
{
    network->bpf = sim_bpf__open();
    if (network->bpf == NULL)
        return error_sys(err, errno, "cannot read the simulator's BPF object");
    *(struct sim_config *)&network->bpf->rodata->config = options->config;
    crc32c_fill((uint32_t *)network->bpf->rodata->crc_table);
    network->pairs = options->addresses * options->ports_n;
    uint64_t blocks = (network->pairs + SIM_PAIRS_PER_BLOCK - 1) / SIM_PAIRS_PER_BLOCK;
    if (blocks > 0)
        bpf_map__set_max_entries(network->bpf->maps.pairs, (uint32_t)blocks);
    int result = sim_bpf__load(network->bpf);
    if (result < 0)
        return error_sys(err, -result, "cannot load the simulator's BPF object");
    return 0;
}

static int hand_over(void *context, void *data, size_t size)
{
    struct network *network = context;
    (void)size;
    network->on_event(network->context, data);
    return 0;
}

static int open_events(struct network *network, struct error *err)
{
    int map = bpf_map__fd(network->bpf->maps.events);
    network->events = ring_buffer__new(map, hand_over, network, NULL);
    return network->events ? 0 : error_sys(err, errno, "cannot open the event ring");
}

static int start(struct network *network, const struct sim_options *options, struct error *err)
{
    network->processors = libbpf_num_possible_cpus();
    network->each = calloc((size_t)network->processors, sizeof *network->each);
    if (network->each == NULL)
        return error_set(err, "no memory for the counters");
    if (load(network, options, err) < 0 || list_ports(network, options, err) < 0 ||
        map_pairs(network, err) < 0 || open_events(network, err) < 0)
        return -1;
    network->link = attach(network->bpf->progs.simulate, options, err);
    return network->link < 0 ? -1 : 0;
}

struct network *network_new(const struct sim_options *options,
                            void (*on_event)(void *context, const struct sim_event *event),
                            void *context, struct error *err)
{
    struct network *network = calloc(1, sizeof *network);
    if (network == NULL) {
        error_set(err, "no memory for the network");
        return NULL;
    }
    libbpf_set_print(print_warnings);
    network->link = -1;
    network->on_event = on_event;
    network->context = context;
    if (start(network, options, err) < 0) {
        network_free(network);
        return NULL;
    }
    return network;
}

void network_free(struct network *network)
{
    if (network->link >= 0)
        close(network->link);
    if (network->events != NULL)
        ring_buffer__free(network->events);
    if (network->blocks != NULL)
        munmap((void *)network->blocks, network->blocks_size);
    sim_bpf__destroy(network->bpf);
    free(network->each);
    free(network);
}

int network_event_fd(const struct network *network)
{
    return ring_buffer__epoll_fd(network->events);
}

void network_dispatch(struct network *network)
{
    ring_buffer__consume(network->events);
}

struct sim_counters network_counters(const struct network *network)
{
    struct sim_counters sum = {0};
    uint32_t zero = 0;
    memset(network->each, 0, (size_t)network->processors * sizeof *network->each);
    bpf_map_lookup_elem(bpf_map__fd(network->bpf->maps.counters), &zero, network->each);
    for (int cpu = 0; cpu < network->processors; cpu++)
        for (int i = 0; i < SIM_COUNTERS_N; i++)
            sum.value[i] += network->each[cpu].value[i];
    return sum;
}

struct sim_peer network_peer(const struct network *network)
{
    struct sim_peer peer = {0};
    uint32_t zero = 0;
    bpf_map_lookup_elem(bpf_map__fd(network->bpf->maps.peers), &zero, &peer);
    return peer;
}

void network_count_pairs(const struct network *network, uint64_t times[NETWORK_TIMES])
{
    const uint8_t *counts = (const uint8_t *)network->blocks;
    memset(times, 0, NETWORK_TIMES * sizeof *times);
    for (uint64_t pair = 0; pair < network->pairs; pair++)
        times[counts[pair] < NETWORK_TIMES - 1 ? counts[pair] : NETWORK_TIMES - 1]++;
}

int network_pass(const struct sim_options *options, struct error *err)
{
    libbpf_set_print(print_warnings);
    struct pass_bpf *bpf = pass_bpf__open_and_load();
    if (bpf == NULL)
        return error_sys(err, errno, "cannot load the pass program");
    int link = attach(bpf->progs.pass, options, err);
    if (link >= 0) {
        pause();
        close(link);
    }
    pass_bpf__destroy(bpf);
    return link < 0 ? -1 : 0;
}

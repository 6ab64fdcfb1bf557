/* Are all frames of a large scan right?
 *
 *   frames_bench [PROBES]        a thousand million, unless said
 *
 * Makes so many frames of a scan of the Internet less 1,000 ranges, 100 ports, by the batch passes
 * at the best level of this processor and, one at a time, by the plain reference of the unit tests;
 * takes the sum of a digest of each frame, which does not depend on their order, and checks the
 * checksums of every 1,024th frame. Prints both sums, and how long each way took. One thread does
 * the batches, one the reference. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/port.h"
#include "scan/testing/plain_scan.h"
#include "target/space.h"
#include "transport/tx_frames.h"

enum { RANGES = 1000, PORTS = 100, SAMPLE = 1024, SEED = 1 };

struct bench {
    struct range_set addresses, ports;
    struct probe_setup setup;
    struct plain_scan plain;
    struct target_space *space;
    struct probe_set *probes;
    uint64_t probes_wanted;
    uint64_t batch_sum, plain_sum, sampled, wrong;
    double batch_seconds, plain_seconds;
    struct tx_frames frames;
};

static double since(uint64_t begin_ns)
{
    return (double)(clock_monotonic_ns() - begin_ns) / 1e9;
}

static void add_batch(struct bench *bench, uint64_t index, unsigned count)
{
    struct probe_batch batch = {.count = count};
    struct tx_slots slots;
    tx_frames_reserve(&bench->frames, &slots, count);
    target_space_batch(bench->space, index, 1, count, batch.address, batch.port);
    probe_set_write(bench->probes, &batch, slots.frame, slots.length);
    for (unsigned i = 0; i < count; i++) {
        bench->batch_sum += plain_scan_digest(slots.frame[i], slots.length[i]);
        if ((index + i) % SAMPLE != 0)
            continue;
        bench->sampled++;
        bench->wrong += !plain_scan_sums_hold(&bench->setup, slots.frame[i], slots.length[i]);
    }
}

static void *run_batches(void *argument)
{
    struct bench *bench = argument;
    uint64_t begin_ns = clock_monotonic_ns();
    for (uint64_t index = 0; index < bench->probes_wanted; index += BATCH_LANES) {
        uint64_t left = bench->probes_wanted - index;
        add_batch(bench, index, left < BATCH_LANES ? (unsigned)left : BATCH_LANES);
    }
    bench->batch_seconds = since(begin_ns);
    return NULL;
}

static void *run_plain(void *argument)
{
    struct bench *bench = argument;
    uint64_t begin_ns = clock_monotonic_ns(), sum = 0;
    for (uint64_t index = 0; index < bench->probes_wanted; index++) {
        uint8_t frame[PACKET_HEADERS_MAX + 4];
        sum += plain_scan_digest(frame, plain_scan_frame(&bench->plain, index, frame));
    }
    bench->plain_sum = sum;
    bench->plain_seconds = since(begin_ns);
    return NULL;
}

/* A tenth of each slice is left out. */
static int make_sets(struct bench *bench, struct error *err)
{
    const uint32_t step = UINT32_MAX / RANGES;
    for (uint32_t i = 0; i < RANGES; i++)
        if (range_set_add(&bench->addresses, i * step + step / 10, (i + 1) * step - 1, err) < 0)
            return -1;
    uint32_t first = port_code(PORT_TCP, 1);
    if (range_set_add(&bench->ports, first, first + PORTS - 1, err) < 0 ||
        range_set_normalise(&bench->addresses, err) < 0)
        return -1;
    return range_set_normalise(&bench->ports, err);
}

static int prepare(struct bench *bench, struct error *err)
{
    static const struct mac_address near = {{2, 0, 0, 0, 0, 1}}, far = {{2, 0, 0, 0, 0, 2}};
    if (make_sets(bench, err) < 0)
        return -1;
    bench->space =
        target_space_new(&(struct address_set){.v4 = bench->addresses}, &bench->ports, SEED, err);
    bench->setup = (struct probe_setup){
        .link = link_header_ethernet(&near, &far, 0x0800),
        .source_address = 0xc0000200,
        .source_port = 40000,
        .source_port_mask = 255,
        .ttl = 255,
        .tcp_mss = 1460,
        .key = {0x0123456789abcdef, 0xfedcba9876543210},
        .space = bench->space,
        .level = cpu_level_best(),
    };
    bench->probes = bench->space != NULL ? probe_set_new(&bench->setup, err) : NULL;
    return bench->probes == NULL ? -1
                                 : plain_scan_init(&bench->plain, &bench->addresses, &bench->ports,
                                                   SEED, &bench->setup, err);
}

static bool report(const struct bench *bench)
{
    bool same = bench->batch_sum == bench->plain_sum && bench->wrong == 0;
    printf("%llu probes at %s\n", (unsigned long long)bench->probes_wanted,
           cpu_level_name(bench->setup.level));
    printf("batches:   sum %016llx, %.1f s\n", (unsigned long long)bench->batch_sum,
           bench->batch_seconds);
    printf("reference: sum %016llx, %.1f s\n", (unsigned long long)bench->plain_sum,
           bench->plain_seconds);
    printf("checksums: %llu looked at, %llu wrong\n%s\n", (unsigned long long)bench->sampled,
           (unsigned long long)bench->wrong, same ? "the same" : "DIFFERENT");
    return same;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct error err = {""};
    pthread_t batches, plain;
    bench.probes_wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000000;
    if (prepare(&bench, &err) < 0)
        return fprintf(stderr, "%s\n", err.text), EXIT_FAILURE;
    if (pthread_create(&batches, NULL, run_batches, &bench) != 0 ||
        pthread_create(&plain, NULL, run_plain, &bench) != 0)
        return EXIT_FAILURE;
    pthread_join(batches, NULL);
    pthread_join(plain, NULL);
    bool same = report(&bench);
    plain_scan_fini(&bench.plain);
    probe_set_free(bench.probes);
    target_space_free(bench.space);
    range_set_fini(&bench.addresses);
    range_set_fini(&bench.ports);
    return same ? EXIT_SUCCESS : EXIT_FAILURE;
}

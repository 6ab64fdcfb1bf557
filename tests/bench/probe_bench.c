/* What one TCP probe costs, pass by pass and at each level of this processor: nanoseconds a probe,
 * the best of several rounds.
 *
 * The words pass always does all lanes while the emit pass writes `count` frames, so a patch of an
 * empty batch is the words pass alone, and emit is the difference. Rings of 256 frames, 64 bytes
 * apart (of IPv6 128), stay in the first-level cache; rings of 2048 frames do not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "probe/cookie.h"
#include "probe/probes.h"

enum { ROUNDS = 15, BATCHES = 2000, RING_FRAMES = 2048, STRIDE_MAX = 2048 + 64 };

struct bench {
    struct probe_setup setup;
    struct probe_batch batch;
    struct probe_lanes_ipv6 lanes;
    void *state;
    uint8_t *ring;
    size_t stride;
    size_t ring_frames;
    uint32_t length[BATCH_LANES];
};

typedef void pass(struct bench *bench, unsigned round);

bool target_space_contains(const struct target_space *space, struct ip_number address,
                           uint32_t port_code)
{
    (void)space, (void)address, (void)port_code;
    return true;
}

static void cookie_pass(struct bench *bench, unsigned round)
{
    bench->batch.address[0] = round;
    bench->lanes.address.low[0] = round;
    cookie_batch(&bench->setup, &bench->batch);
}

static void patch_pass(struct bench *bench, unsigned round)
{
    uint8_t *frame[BATCH_LANES];
    size_t first = (size_t)round * BATCH_LANES % bench->ring_frames;
    for (size_t i = 0; i < BATCH_LANES; i++)
        frame[i] = bench->ring + (first + i) * bench->stride;
    probe_tcp_syn.patch(bench->state, &bench->batch, frame, bench->length);
}

/* Nanoseconds a probe. */
static double measure(struct bench *bench, pass *run_pass)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = clock_monotonic_ns();
        for (unsigned i = 0; i < BATCHES; i++)
            run_pass(bench, i);
        double ns = (double)(clock_monotonic_ns() - start) / BATCHES / BATCH_LANES;
        best = ns < best ? ns : best;
    }
    return best;
}

static const char *family_of(const struct bench *bench)
{
    return bench->batch.ipv6 != NULL ? "IPv6" : "IPv4";
}

static void measure_emit(struct bench *bench, size_t stride, size_t ring_frames)
{
    bench->stride = stride;
    bench->ring_frames = ring_frames;
    bench->batch.count = 0;
    double words = measure(bench, patch_pass);
    bench->batch.count = BATCH_LANES;
    printf("emit, %s, %4zu frames %4zu bytes apart, %-9s %6.2f\n", family_of(bench), ring_frames,
           stride, cpu_level_name(bench->setup.level), measure(bench, patch_pass) - words);
}

static void whole_pass(struct bench *bench, unsigned round)
{
    cookie_pass(bench, round);
    patch_pass(bench, round);
}

static void run(struct bench *bench)
{
    const char *level = cpu_level_name(bench->setup.level);
    for (uint32_t i = 0; i < BATCH_LANES; i++) {
        bench->batch.address[i] = i * 2654435761u;
        bench->batch.port[i] = i * 251 & 0xffff;
        bench->lanes.address.high[i] = 0x20010db8ull << 32 | i;
        bench->lanes.address.low[i] = i * 0x9e3779b97f4a7c15ull;
    }
    printf("cookie, %s, %-9s %6.2f\n", family_of(bench), level, measure(bench, cookie_pass));
    bench->batch.count = 0;
    bench->ring_frames = BATCH_LANES;
    printf("words, %s, %-9s %6.2f\n", family_of(bench), level, measure(bench, patch_pass));
    const size_t nearest = bench->batch.ipv6 != NULL ? 128 : 64; /* blocks that a frame takes */
    measure_emit(bench, nearest, BATCH_LANES);
    measure_emit(bench, nearest, RING_FRAMES);
    measure_emit(bench, 2048, RING_FRAMES);
    measure_emit(bench, STRIDE_MAX, RING_FRAMES);
    printf("a probe as a whole, %s, %-9s %6.2f\n", family_of(bench), level,
           measure(bench, whole_pass));
}

int main(void)
{
    static struct bench bench = {
        .setup = {.source_address = 0xc0000200,
                  .source_address_mask = 3,
                  .source_port = 40000,
                  .source_port_mask = 255,
                  .ttl = 255,
                  .tcp_mss = 1460,
                  .source_ipv6 = {0x20010db8ull << 32, 16},
                  .source_ipv6_mask = 15,
                  .key = {0x0123456789abcdefull, 0xfedcba9876543210ull}},
    };
    struct error err;
    const struct mac_address mac = {{2, 0, 0, 0, 0, 1}};
    bench.setup.link = link_header_ethernet(&mac, &mac, 0x0800);
    bench.setup.link_ipv6 = link_header_ethernet(&mac, &mac, 0x86dd);
    bench.state = aligned_alloc(64, (probe_tcp_syn.state_size + 63) / 64 * 64);
    bench.ring = aligned_alloc(4096, (size_t)RING_FRAMES * STRIDE_MAX);
    if (bench.state == NULL || bench.ring == NULL ||
        probe_tcp_syn.init(bench.state, &bench.setup, &err))
        return 1;
    memset(bench.ring, 0, (size_t)RING_FRAMES * STRIDE_MAX);
    for (int level = (int)cpu_level_best(); level >= CPU_BASE; level--) {
        bench.setup.level = (enum cpu_level)level;
        bench.batch.ipv6 = NULL;
        run(&bench);
        bench.batch.ipv6 = &bench.lanes;
        run(&bench);
    }
    probe_tcp_syn.fini(bench.state);
    free(bench.state);
    free(bench.ring);
    return 0;
}

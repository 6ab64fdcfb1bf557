/* How fast the target room is: loading long lists, building a space, and computing batches of it
 * at each level of this processor.
 *
 * target-bench FILE... does that with list files, and says how much memory it took. Figures are the
 * best of several runs. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/port.h"
#include "target/parse.h"
#include "target/permutation.h"
#include "target/range_set.h"
#include "target/space.h"

enum { RUNS = 30, BATCHES = 1000 };

static void fail(const struct error *err)
{
    fprintf(stderr, "target-bench: %s\n", err->text);
    exit(1);
}

static double ms_since(uint64_t start_ns)
{
    return (double)(clock_monotonic_ns() - start_ns) / NS_PER_MS;
}

/* A small generator for test data (xorshift64*, Vigna 2014). */
static uint32_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)(*state * 0x2545f4914f6cdd1dull >> 32);
}

/* `count` ranges of 1 to `longest` addresses at random places. */
static void random_set(struct range_set *set, size_t count, uint32_t longest)
{
    struct error err;
    uint64_t state = 1;
    range_set_init(set);
    for (size_t i = 0; i < count; i++) {
        uint32_t first = next_random(&state), length = next_random(&state) % longest;
        uint32_t last = first > UINT32_MAX - length ? UINT32_MAX : first + length;
        if (range_set_add(set, first, last, &err) < 0)
            fail(&err);
    }
    uint64_t start = clock_monotonic_ns();
    if (range_set_normalise(set, &err) < 0)
        fail(&err);
    printf("%zu random ranges: normalise %.1f ms\n", count, ms_since(start));
}

static void take_batch(const struct target_space *space, uint64_t first, unsigned count)
{
    struct address_lanes wide;
    uint32_t address[BATCH_LANES], port[BATCH_LANES];
    if (target_space_has_ipv6(space))
        target_space_batch_wide(space, first, 1, count, &wide, port);
    else
        target_space_batch(space, first, 1, count, address, port);
}

static double batch_ns(const struct target_space *space)
{
    uint64_t size = target_space_size(space), best = UINT64_MAX;
    for (int run = 0; run < RUNS; run++) {
        uint64_t start = clock_monotonic_ns();
        for (uint64_t i = 0; i < BATCHES; i++) {
            uint64_t first = (i + (uint64_t)run * BATCHES) * BATCH_LANES % size;
            unsigned count = size - first < BATCH_LANES ? (unsigned)(size - first) : BATCH_LANES;
            take_batch(space, first, count);
        }
        uint64_t took = clock_monotonic_ns() - start;
        best = took < best ? took : best;
    }
    return (double)best / (BATCHES * BATCH_LANES);
}

static void bench_space(const struct address_set *addresses, const char *ports_text)
{
    struct error err;
    struct range_set ports = {0};
    if (target_parse_ports(&ports, ports_text, PORT_TCP, &err) < 0 ||
        range_set_normalise(&ports, &err) < 0)
        fail(&err);
    uint64_t start = clock_monotonic_ns();
    struct target_space *space = target_space_new(addresses, &ports, 1, &err);
    if (space == NULL)
        fail(&err);
    double new_ms = ms_since(start);
    for (int level = (int)cpu_level_best(); level >= CPU_BASE; level--) {
        target_space_use_level(space, (enum cpu_level)level);
        printf("  %llu addresses, ports %s, %s: new %.2f ms, batch %.2f ns/probe\n",
               (unsigned long long)address_set_size(addresses), ports_text,
               cpu_level_name((enum cpu_level)level), new_ms, batch_ns(space));
    }
    target_space_free(space);
    range_set_fini(&ports);
}

static void bench_permutation(enum cpu_level level)
{
    struct permutation p;
    struct error err;
    _Alignas(64) uint32_t major[BATCH_LANES], minor[BATCH_LANES];
    if (permutation_init(&p, 3702258432u, 1000, 1, &err) < 0)
        fail(&err);
    p.level = level;
    uint64_t best = UINT64_MAX;
    for (int run = 0; run < RUNS; run++) {
        uint64_t start = clock_monotonic_ns();
        for (uint64_t i = 0; i < BATCHES; i++)
            permutation_batch(&p, i * 3 * BATCH_LANES, 3, BATCH_LANES, major, minor);
        uint64_t took = clock_monotonic_ns() - start;
        best = took < best ? took : best;
    }
    printf("permutation, %s: %.2f ns/probe\n", cpu_level_name(level),
           (double)best / (BATCHES * BATCH_LANES));
}

/* The most memory that this process ever had, in MiB. */
static double peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* From a list to its first batches: what the start of a scan takes. */
static void bench_file(const char *path)
{
    struct error err;
    struct address_set set = {0};
    uint64_t start = clock_monotonic_ns();
    if (target_load_addresses(&set, path, &err) < 0)
        fail(&err);
    printf("%s: load %.0f ms", path, ms_since(start));
    start = clock_monotonic_ns();
    if (address_set_normalise(&set, &err) < 0)
        fail(&err);
    printf(", normalise %.0f ms, %zu ranges\n", ms_since(start), address_set_range_count(&set));
    bench_space(&set, "80");
    printf("  at most %.0f MiB were in memory\n", peak_mib());
    address_set_fini(&set);
}

/* `count` ranges within `networks` networks, of 1 to 2^(most_bits - 1) addresses; 1 if that is 0.
 */
static void random_set_ipv6(struct address_set *set, size_t count, uint32_t networks,
                            unsigned most_bits)
{
    struct error err;
    uint64_t state = 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t network = 0x20010000ull << 32 | (next_random(&state) % networks) * 0x9e37ull << 12;
        uint128 first =
            uint128_of(network, (uint64_t)next_random(&state) << 32 | next_random(&state));
        uint64_t more = most_bits == 0 ? 0 : (1ull << next_random(&state) % most_bits) - 1;
        if (range6_set_add(&set->v6, first, first + more, &err) < 0)
            fail(&err);
    }
    uint64_t start = clock_monotonic_ns();
    if (address_set_normalise(set, &err) < 0)
        fail(&err);
    printf("%zu random IPv6 ranges of up to 2^%u: normalise %.1f ms\n", count,
           most_bits == 0 ? 0 : most_bits - 1, ms_since(start));
}

static void bench_ipv6(void)
{
    static const struct {
        size_t ranges;
        unsigned most_bits;
    } shapes[] = {{1, 40}, {10, 30}, {3400, 21}, {1 << 20, 21}, {1 << 20, 0}, {5000000, 0}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct address_set set = {0};
        random_set_ipv6(&set, shapes[i].ranges, 5000, shapes[i].most_bits);
        bench_space(&set, "80");
        address_set_fini(&set);
    }
    struct address_set mixed = {0};
    random_set_ipv6(&mixed, 10, 10, 30);
    if (range_set_add(&mixed.v4, 0x0a000000, 0x0affffff, NULL) < 0)
        return;
    printf("with 10.0.0.0/8:\n");
    bench_space(&mixed, "80");
    address_set_fini(&mixed);
}

int main(int argc, char **argv)
{
    static const struct {
        size_t ranges;
        uint32_t longest;
    } shapes[] = {{1, 1}, {100, 1 << 16}, {3400, 1 << 20}, {1 << 20, 1 << 8}, {10000000, 1}};
    for (int i = 1; i < argc; i++)
        bench_file(argv[i]);
    if (argc > 1)
        return 0;
    for (int level = (int)cpu_level_best(); level >= CPU_BASE; level--)
        bench_permutation((enum cpu_level)level);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct address_set set = {0};
        random_set(&set.v4, shapes[i].ranges, shapes[i].longest);
        bench_space(&set, "80");
        bench_space(&set, "0-65535,U:1,U:7,U:53,U:123,U:161");
        address_set_fini(&set);
    }
    bench_ipv6();
    return 0;
}

/* The space: every pair once in any split, random over addresses and over ports, right at its ends.
 */
#include "target/space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "target/shard.h"

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

static struct range_set set_of(const struct range *ranges, size_t count)
{
    struct range_set set = {0};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(range_set_add(&set, ranges[i].first, ranges[i].last, NULL), 0);
    assert_int_equal(range_set_normalise(&set, NULL), 0);
    return set;
}

#define SET_OF(...)                                                                                \
    set_of((const struct range[]){__VA_ARGS__},                                                    \
           sizeof((const struct range[]){__VA_ARGS__}) / sizeof(struct range))

static struct target_space *made(const struct range_set *addresses, const struct range_set *ports,
                                 uint64_t seed)
{
    struct error err;
    struct target_space *space = target_space_new(addresses, ports, seed, &err);
    if (space == NULL)
        fail_msg("%s", err.text);
    target_space_use_level(space, level);
    return space;
}

/* How many elements of the normal set are below `value`. */
static uint64_t rank_of(const struct range_set *set, uint32_t value)
{
    uint64_t rank = 0;
    for (size_t i = 0; i < set->count && set->ranges[i].first <= value; i++) {
        struct range range = set->ranges[i];
        rank += (value <= range.last ? value : (uint64_t)range.last + 1) - range.first;
    }
    return rank;
}

struct visit {
    const struct target_space *space;
    const struct range_set *addresses, *ports;
    uint8_t *seen;
};

static void visit_batch(struct visit *v, uint64_t first, uint64_t stride, unsigned count)
{
    uint32_t address[BATCH_LANES], port[BATCH_LANES];
    uint64_t port_count = range_set_size(v->ports);
    target_space_batch(v->space, first, stride, count, address, port);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        if (!range_set_contains(v->addresses, address[i]) ||
            !range_set_contains(v->ports, port[i]) ||
            !target_space_contains(v->space, address[i], port[i]))
            fail_msg("a pair outside the sets");
        uint64_t pair = rank_of(v->addresses, address[i]) * port_count + rank_of(v->ports, port[i]);
        if (i < count && v->seen[pair]++)
            fail_msg("a pair twice");
    }
}

static void visit_run(struct visit *v, struct index_run run)
{
    while (run.count > 0) {
        unsigned count = run.count < BATCH_LANES ? (unsigned)run.count : BATCH_LANES;
        visit_batch(v, run.first, run.stride, count);
        run.first += count * run.stride;
        run.count -= count;
    }
}

static void check_each_pair_once(struct range_set addresses, struct range_set ports,
                                 uint64_t shards)
{
    struct target_space *space = made(&addresses, &ports, shards);
    uint64_t size = target_space_size(space);
    assert_int_equal(size, range_set_size(&addresses) * range_set_size(&ports));
    struct visit v = {space, &addresses, &ports, calloc(size, 1)};
    assert_non_null(v.seen);
    for (uint64_t number = 1; number <= shards; number++) {
        struct shard shard = {number, shards};
        visit_run(&v, shard_indices(size, shard, 0, size / 3 + 1));
        visit_run(&v, shard_indices(size, shard, size / 3 + 1, 0));
    }
    for (uint64_t i = 0; i < size; i++)
        assert_int_equal(v.seen[i], 1);
    free(v.seen);
    target_space_free(space);
    range_set_fini(&addresses);
    range_set_fini(&ports);
}

static void every_pair_comes_once_in_any_split(void **state)
{
    (void)state;
    static const uint64_t shards[] = {1, 2, 3, 7, 256, 1000};
    for (size_t i = 0; i < sizeof shards / sizeof shards[0]; i++) {
        uint64_t of = shards[i];
        check_each_pair_once(SET_OF({0x0a000000, 0x0a0000ff}), SET_OF({80, 80}), of);
        check_each_pair_once(SET_OF({0x0a000001, 0x0a000001}), SET_OF({0, 999}, {65589, 65589}),
                             of);
        check_each_pair_once(SET_OF({1, 1}), SET_OF({80, 80}), of);
        check_each_pair_once(SET_OF({0, 0}, {UINT32_MAX, UINT32_MAX}), SET_OF({80, 80}, {443, 443}),
                             of);
        check_each_pair_once(SET_OF({5, 9}, {100, 299}, {0xfffffff0, UINT32_MAX}),
                             SET_OF({1, 20}, {65536, 65540}), of);
    }
}

static void the_whole_internet_has_the_right_ends(void **state)
{
    (void)state;
    struct range_set all = SET_OF({0, UINT32_MAX}), ports = SET_OF({0, 262143});
    struct target_space *space = made(&all, &ports, 1);
    assert_int_equal(target_space_size(space), 1ull << 50);
    uint32_t address[BATCH_LANES], port[BATCH_LANES];
    target_space_batch(space, (1ull << 50) - 3, 1, 3, address, port);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        assert_true(target_space_contains(space, address[i], port[i]));
    target_space_free(space);
    range_set_fini(&all);
    range_set_fini(&ports);
}

static void membership_is_of_both_sets(void **state)
{
    (void)state;
    struct range_set addresses = SET_OF({10, 20}, {30, 30}),
                     ports = SET_OF({80, 80}, {65589, 65589});
    struct target_space *space = made(&addresses, &ports, 1);
    assert_true(target_space_contains(space, 10, 80));
    assert_true(target_space_contains(space, 30, 65589));
    assert_false(target_space_contains(space, 9, 80));
    assert_false(target_space_contains(space, 21, 80));
    assert_false(target_space_contains(space, 31, 80));
    assert_false(target_space_contains(space, 10, 53));
    assert_false(target_space_contains(space, 10, 81));
    target_space_free(space);
    range_set_fini(&addresses);
    range_set_fini(&ports);
}

static double excess(const uint32_t *counts, unsigned bins, double total)
{
    double chi_square = 0, expected = total / bins;
    for (unsigned i = 0; i < bins; i++)
        chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    return (chi_square - (bins - 1)) / sqrt(2.0 * (bins - 1));
}

/* The first pairs spread over addresses, over ports, and over both together. */
static void check_spread(uint32_t last_address, uint32_t last_port)
{
    enum { BATCHES = 64, PARTS = 16 };
    struct range_set addresses = SET_OF({0, last_address}), ports = SET_OF({0, last_port});
    struct target_space *space = made(&addresses, &ports, 77);
    uint32_t address[BATCH_LANES], port[BATCH_LANES];
    uint32_t of_address[PARTS] = {0}, of_port[PARTS] = {0}, of_both[PARTS * PARTS] = {0};
    for (uint64_t batch = 0; batch < BATCHES; batch++) {
        target_space_batch(space, batch * BATCH_LANES, 1, BATCH_LANES, address, port);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            uint32_t a = (uint32_t)((uint64_t)address[i] * PARTS / (last_address + 1ull));
            uint32_t p = (uint32_t)((uint64_t)port[i] * PARTS / (last_port + 1ull));
            of_address[a]++;
            of_port[p]++;
            of_both[a * PARTS + p]++;
        }
    }
    const double total = BATCHES * BATCH_LANES;
    assert_true(excess(of_address, PARTS, total) < 6);
    assert_true(excess(of_port, PARTS, total) < 6);
    assert_true(excess(of_both, PARTS * PARTS, total) < 6);
    target_space_free(space);
    range_set_fini(&addresses);
    range_set_fini(&ports);
}

static void the_order_is_random_over_addresses_and_ports(void **state)
{
    (void)state;
    check_spread(UINT32_MAX, 65535);
    check_spread(UINT32_MAX, 1023);
    check_spread(UINT32_MAX, 15);
    check_spread(0xffff, 65535);
    check_spread(0xff, 65535);
    check_spread(15, 262143);
}

/* The same sizes and seed give the same ranks, whatever the elements. */
static void the_order_follows_from_sizes_and_seed(void **state)
{
    (void)state;
    struct range_set low = SET_OF({0, 9999}), high = SET_OF({5000000, 5009999});
    struct range_set ports = SET_OF({1, 100});
    struct target_space *a = made(&low, &ports, 4), *b = made(&high, &ports, 4);
    struct target_space *c = made(&low, &ports, 5);
    uint32_t address[3][BATCH_LANES], port[3][BATCH_LANES];
    target_space_batch(a, 100, 3, BATCH_LANES, address[0], port[0]);
    target_space_batch(b, 100, 3, BATCH_LANES, address[1], port[1]);
    target_space_batch(c, 100, 3, BATCH_LANES, address[2], port[2]);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        assert_int_equal(address[0][i] + 5000000, address[1][i]);
        assert_int_equal(port[0][i], port[1][i]);
    }
    assert_memory_not_equal(address[0], address[2], sizeof address[0]);
    target_space_free(a);
    target_space_free(b);
    target_space_free(c);
    range_set_fini(&low);
    range_set_fini(&high);
    range_set_fini(&ports);
}

static void impossible_spaces_are_refused(void **state)
{
    (void)state;
    struct error err;
    struct range_set none = {0}, one = SET_OF({1, 1}), all = SET_OF({0, UINT32_MAX});
    struct range_set half = SET_OF({0, 0x7fffffff});
    assert_null(target_space_new(&none, &one, 0, &err));
    assert_string_equal(err.text, "nothing to scan: no address is left (want at least one address "
                                  "and one port)");
    assert_null(target_space_new(&one, &none, 0, &err));
    assert_null(target_space_new(&all, &all, 0, &err));
    assert_null(target_space_new(&all, &half, 0, &err));
    assert_non_null(strstr(err.text, "2^63"));
    range_set_fini(&one);
    range_set_fini(&all);
    range_set_fini(&half);
    target_space_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_comes_once_in_any_split),
        cmocka_unit_test(the_whole_internet_has_the_right_ends),
        cmocka_unit_test(membership_is_of_both_sets),
        cmocka_unit_test(the_order_is_random_over_addresses_and_ports),
        cmocka_unit_test(the_order_follows_from_sizes_and_seed),
        cmocka_unit_test(impossible_spaces_are_refused),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}

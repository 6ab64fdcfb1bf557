/* The space: every pair once in any split, random over addresses and over ports, right at its ends.
 */
#include "target/space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "target/parse.h"
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
    struct target_space *space =
        target_space_new(&(struct address_set){.v4 = *addresses}, ports, seed, &err);
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
            !target_space_contains(v->space, ip_number_v4(address[i]), port[i]))
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
        assert_true(target_space_contains(space, ip_number_v4(address[i]), port[i]));
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
    assert_true(target_space_contains(space, ip_number_v4(10), 80));
    assert_true(target_space_contains(space, ip_number_v4(30), 65589));
    assert_false(target_space_contains(space, ip_number_v4(9), 80));
    assert_false(target_space_contains(space, ip_number_v4(21), 80));
    assert_false(target_space_contains(space, ip_number_v4(31), 80));
    assert_false(target_space_contains(space, ip_number_v4(10), 53));
    assert_false(target_space_contains(space, ip_number_v4(10), 81));
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

/* Spaces of both families. */

struct mixed {
    struct address_set addresses;
    struct range_set ports;
    struct target_space *space;
    uint8_t *seen;
    struct space_ahead ahead;
    unsigned known; /* batches that `ahead` knew */
};

/* How many addresses of the set come before this one. */
static uint64_t rank_of_number(const struct address_set *set, struct ip_number address)
{
    uint64_t rank = 0;
    for (size_t i = 0; i < address_set_range_count(set); i++) {
        struct range6 range = address_set_range(set, i);
        uint128 value = ip_number_value(address);
        if (value >= range.first && value <= range.last)
            return rank + (uint64_t)(value - range.first);
        rank += (uint64_t)(range.last - range.first) + 1;
    }
    fail_msg("an address that is not in the set");
    return 0;
}

/* What looks ahead tells the same. */
static void check_ahead(struct mixed *m, uint64_t first, uint64_t stride, unsigned count,
                        const struct address_lanes *wanted, const uint32_t *wanted_port)
{
    struct address_lanes address;
    uint32_t port[BATCH_LANES];
    m->known += m->ahead.places != NULL && m->ahead.first == first && m->ahead.stride == stride;
    target_space_batch_ahead(m->space, &m->ahead, first, stride, count, &address, port);
    for (unsigned i = 0; i < count; i++) {
        assert_true(address.high[i] == wanted->high[i] && address.low[i] == wanted->low[i]);
        assert_int_equal(port[i], wanted_port[i]);
    }
    for (unsigned i = 0; m->ahead.places != NULL && i < BATCH_LANES; i++)
        (void)*(const volatile char *)m->ahead.places[i]; /* there is memory */
}

static void visit_mixed(struct mixed *m, uint64_t first, uint64_t stride, unsigned count)
{
    struct address_lanes address;
    uint32_t port[BATCH_LANES];
    target_space_batch_wide(m->space, first, stride, count, &address, port);
    check_ahead(m, first, stride, count, &address, port);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        struct ip_number lane = address_lane(&address, i);
        assert_true(target_space_contains(m->space, lane, port[i]));
        uint64_t pair = rank_of_number(&m->addresses, lane) * range_set_size(&m->ports) +
                        rank_of(&m->ports, port[i]);
        if (i < count && m->seen[pair]++)
            fail_msg("a pair twice");
    }
}

static void open_mixed(struct mixed *m, const char *text, uint32_t port_count)
{
    *m = (struct mixed){0};
    assert_int_equal(target_parse_addresses(&m->addresses, text, NULL), 0);
    assert_int_equal(address_set_normalise(&m->addresses, NULL), 0);
    m->ports = SET_OF({80, 79 + port_count});
    m->space = target_space_new(&m->addresses, &m->ports, 5, NULL);
    assert_non_null(m->space);
    target_space_use_level(m->space, level);
    assert_true(target_space_size(m->space) == address_set_size(&m->addresses) * port_count);
    m->seen = calloc(target_space_size(m->space), 1);
    assert_non_null(m->seen);
}

static void close_mixed(struct mixed *m)
{
    free(m->seen);
    target_space_free(m->space);
    address_set_fini(&m->addresses);
    range_set_fini(&m->ports);
}

/* All pairs, as three shards. Returns how many batches were known ahead. */
static unsigned check_mixed(const char *text, uint32_t port_count)
{
    struct mixed m;
    open_mixed(&m, text, port_count);
    uint64_t size = target_space_size(m.space);
    for (uint64_t shard = 1; shard <= 3; shard++) {
        struct index_run run = shard_indices(size, (struct shard){shard, 3}, 0, 0);
        for (; run.count > 0; run.first += BATCH_LANES * run.stride) {
            unsigned count = run.count < BATCH_LANES ? (unsigned)run.count : BATCH_LANES;
            visit_mixed(&m, run.first, run.stride, count);
            run.count -= count;
        }
    }
    for (uint64_t i = 0; i < size; i++)
        assert_int_equal(m.seen[i], 1);
    close_mixed(&m);
    return m.known;
}

/* More ranges than steps, in each family. */
static const char many_of_both[] =
    "10.0.0.1 10.0.0.3 10.0.0.5 10.0.0.7 10.0.0.9 10.0.0.11 10.0.0.13 10.0.0.15 10.0.0.17 "
    "10.0.0.19 10.0.0.21 10.0.0.23 10.0.0.25 10.0.0.27 ::1 ::3 ::5 ::7 ::9 ::b ::d ::f 1::1 "
    "1::3 1::5 1::7 1::9 1::b 1::d-1::f 2::-2::ff";

static void both_families_share_one_order(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "2001:db8::/120",
        "2001:db8::1",
        "192.0.2.0/24,2001:db8::/120",
        "192.0.2.7,2001:db8::/118,10.0.0.0/25",
        "10.0.0.0/24",
        many_of_both,
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        check_mixed(texts[i], 1);
        check_mixed(texts[i], 7);
        check_mixed(texts[i], 2000);
    }
}

/* Of three shards all batches are full but the last one, and all of them but the first known. */
static void long_lists_of_ipv6_are_looked_up_ahead(void **state)
{
    (void)state;
    static const char alone[] = "::1 ::3 ::5 ::7 ::9 ::b ::d ::f 1::1 1::3 1::5 1::7 1::9 1::b";
    static const char neighbours[] =
        "::1 ::3 ::5 ::7 ::9 ::b ::d ::f 1::1 1::3 1::5 1::7 1::9-1::c";
    assert_int_equal(check_mixed(alone, 3 * BATCH_LANES), 3 * (14 - 1));
    assert_int_equal(check_mixed(neighbours, 3 * BATCH_LANES), 3 * (16 - 1));
    assert_int_equal(check_mixed("2001:db8::/120", 3 * BATCH_LANES), 0);
    assert_int_equal(check_mixed(many_of_both, 3 * BATCH_LANES), 0);
}

/* A walk that goes elsewhere than was foreseen. */
static void what_comes_unforeseen_is_looked_up_anew(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, stride;
        unsigned count;
    } batches[] = {
        {0, 1, BATCH_LANES}, {7, 1, BATCH_LANES}, {7 + BATCH_LANES, 2, BATCH_LANES},
        {0, 1, 3},           {3, 1, BATCH_LANES}, {3 + BATCH_LANES, 1, 5},
    };
    struct mixed m;
    open_mixed(&m, "1::-1::fff 2::1 2::3 2::5 2::7 2::9 2::b 2::d 2::f 3::1 3::3 3::5 3::7 3::9",
               1);
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        memset(m.seen, 0, target_space_size(m.space));
        visit_mixed(&m, batches[i].first, batches[i].stride, batches[i].count);
    }
    assert_int_equal(m.known, 1);
    close_mixed(&m);
}

static void a_space_tells_its_families(void **state)
{
    (void)state;
    struct address_set set = {0};
    struct range_set port = SET_OF({80, 80});
    assert_int_equal(target_parse_addresses(&set, "192.0.2.1", NULL), 0);
    struct target_space *space = target_space_new(&set, &port, 1, NULL);
    assert_false(target_space_has_ipv6(space));
    assert_false(target_space_contains(space, ip_number_of(1), 80));
    target_space_free(space);
    address_set_fini(&set);
    assert_int_equal(target_parse_addresses(&set, "::1", NULL), 0);
    space = target_space_new(&set, &port, 1, NULL);
    assert_true(target_space_has_ipv6(space));
    assert_true(target_space_contains(space, ip_number_of(1), 80));
    assert_false(target_space_contains(space, ip_number_of(2), 80));
    assert_false(target_space_contains(space, ip_number_v4(1), 80));
    target_space_free(space);
    address_set_fini(&set);
    range_set_fini(&port);
}

/* A /66 has 2^62 addresses; the last that fits. */
static void the_largest_ipv6_block_fits(void **state)
{
    (void)state;
    struct error err;
    struct address_set set = {0};
    struct range_set one = SET_OF({80, 80}), two = SET_OF({80, 81});
    struct address_lanes address;
    uint32_t port[BATCH_LANES];
    assert_int_equal(target_parse_addresses(&set, "2001:db8::/66", NULL), 0);
    struct target_space *space = target_space_new(&set, &one, 1, &err);
    assert_non_null(space);
    assert_int_equal(target_space_size(space), 1ull << 62);
    target_space_batch_wide(space, (1ull << 62) - 3, 1, 3, &address, port);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        assert_true(target_space_contains(space, address_lane(&address, i), port[i]));
    target_space_free(space);
    assert_null(target_space_new(&set, &two, 1, &err));
    assert_string_equal(err.text,
                        "4611686018427387904 addresses x 2 ports is too much for one scan "
                        "(want fewer than 2^63 pairs: with so many ports no more than an "
                        "IPv6 /67)");
    address_set_fini(&set);
    assert_int_equal(target_parse_addresses(&set, "2001:db8::/64", NULL), 0);
    assert_null(target_space_new(&set, &one, 1, &err));
    assert_string_equal(err.text, "18446744073709551616 addresses x 1 port is too much for one "
                                  "scan (want fewer than 2^63 pairs: with so many ports no more "
                                  "than an IPv6 /66)");
    address_set_fini(&set);
    range_set_fini(&one);
    range_set_fini(&two);
}

static void impossible_spaces_are_refused(void **state)
{
    (void)state;
    struct error err;
    struct range_set none = {0}, one = SET_OF({1, 1}), all = SET_OF({0, UINT32_MAX});
    struct range_set half = SET_OF({0, 0x7fffffff});
    const struct address_set nobody = {0}, somebody = {.v4 = one}, everybody = {.v4 = all};
    assert_null(target_space_new(&nobody, &one, 0, &err));
    assert_string_equal(err.text, "nothing to scan: no address is left (want at least one address "
                                  "and one port)");
    assert_null(target_space_new(&somebody, &none, 0, &err));
    assert_null(target_space_new(&everybody, &all, 0, &err));
    assert_null(target_space_new(&everybody, &half, 0, &err));
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
        cmocka_unit_test(both_families_share_one_order),
        cmocka_unit_test(long_lists_of_ipv6_are_looked_up_ahead),
        cmocka_unit_test(what_comes_unforeseen_is_looked_up_anew),
        cmocka_unit_test(a_space_tells_its_families),
        cmocka_unit_test(the_largest_ipv6_block_fits),
        cmocka_unit_test(impossible_spaces_are_refused),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}

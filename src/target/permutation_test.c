/* The permutation: bijective, the same in batches as alone, right at the edges of its arithmetic,
 * and random to the eye of statistics that see through fewer rounds. */
#include "target/permutation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "target/permutation_round.h"

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

static struct permutation made(uint64_t majors, uint32_t minors, uint64_t seed)
{
    struct permutation p;
    struct error err;
    if (permutation_init(&p, majors, minors, seed, &err) < 0)
        fail_msg("%s", err.text);
    p.level = level;
    return p;
}

/* SplitMix64 again, as a source of test cases. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* 1 to 2^bits, of every magnitude. */
static uint64_t random_magnitude(uint64_t *state, unsigned bits)
{
    unsigned shift = 64 - (unsigned)(next_random(state) % bits) - 1;
    return (next_random(state) >> shift) + 1;
}

/* Bijection */

static void check_bijective(uint64_t majors, uint32_t minors, uint64_t seed, uint8_t *seen)
{
    struct permutation p = made(majors, minors, seed);
    uint32_t major[BATCH_LANES], minor[BATCH_LANES];
    memset(seen, 0, p.size);
    for (uint64_t first = 0; first < p.size; first += BATCH_LANES) {
        uint64_t left = p.size - first;
        unsigned count = left < BATCH_LANES ? (unsigned)left : BATCH_LANES;
        permutation_batch(&p, first, 1, count, major, minor);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            if (major[i] >= majors || minor[i] >= minors)
                fail_msg("%llu x %u: pair outside", (unsigned long long)majors, minors);
            if (i < count && seen[(uint64_t)major[i] * minors + minor[i]]++)
                fail_msg("%llu x %u: a pair comes twice", (unsigned long long)majors, minors);
        }
    }
}

static void every_small_shape_is_a_bijection(void **state)
{
    (void)state;
    enum { LIMIT = 3000 };
    uint8_t seen[LIMIT];
    for (uint32_t majors = 1; majors <= LIMIT; majors++) {
        for (uint32_t minors = 1; majors * minors <= LIMIT; minors++)
            check_bijective(majors, minors, majors ^ (uint64_t)minors << 32, seen);
    }
}

static void larger_shapes_are_bijections(void **state)
{
    (void)state;
    static const struct {
        uint32_t majors, minors;
    } shapes[] = {{1000000, 1}, {1, 999983},  {999983, 1}, {65536, 15}, {65537, 16},
                  {1024, 1024}, {1021, 1019}, {333333, 3}, {10007, 97}, {1048575, 1},
                  {1048577, 1}, {2, 500000},  {500000, 2}, {4099, 251}, {3, 333331}};
    uint8_t *seen = malloc(1100000);
    assert_non_null(seen);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        check_bijective(shapes[i].majors, shapes[i].minors, i, seen);
    free(seen);
}

/* Inverse: what makes a bijection of the largest shapes believable. */

static void undo_rounds(const struct permutation *p, unsigned rounds, uint32_t *left,
                        uint32_t *right)
{
    while (rounds-- > 0) {
        uint32_t *changed = rounds % 2 == 0 ? left : right;
        uint32_t other = rounds % 2 == 0 ? *right : *left;
        uint32_t size = rounds % 2 == 0 ? p->left_size : p->right_size;
        uint64_t sum = (uint64_t)*changed + multiply_high(round_mix(other, p->keys[rounds]), size);
        *changed = (uint32_t)(sum % size);
    }
}

static uint64_t index_of_pair(const struct permutation *p, uint64_t major, uint32_t minor)
{
    uint64_t index = major * p->minors + minor;
    uint32_t left = (uint32_t)(index / p->right_size), right = (uint32_t)(index % p->right_size);
    do {
        undo_rounds(p, PERMUTATION_ROUNDS, &left, &right);
        index = (uint64_t)left * p->right_size + right;
    } while (index >= p->size);
    return index;
}

static void check_round_trip(const struct permutation *p, uint64_t majors, uint64_t index)
{
    uint64_t major;
    uint32_t minor;
    permutation_pair(p, index, &major, &minor);
    assert_true(major < majors);
    assert_true(minor < p->minors);
    assert_int_equal(index_of_pair(p, major, minor), index);
}

static void check_edges(uint64_t majors, uint32_t minors, uint64_t *random)
{
    struct permutation p = made(majors, minors, next_random(random));
    for (uint64_t i = 0; i < 20; i++) {
        check_round_trip(&p, majors, i % p.size);
        check_round_trip(&p, majors, p.size - 1 - i % p.size);
        check_round_trip(&p, majors, next_random(random) % p.size);
        check_round_trip(&p, majors, (p.right_size - 1 + i) % p.size);
    }
}

static void the_largest_shapes_can_be_undone(void **state)
{
    (void)state;
    const uint64_t most = 1ull << 63;
    const uint32_t minors_most = (1u << 31) - 1;
    static const uint32_t minors[] = {1, 2, 3, 1000, 65535, 65536, 65537, 327680, 0x3fffffff};
    uint64_t random = 3;
    for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++) {
        for (uint64_t less = 0; less < 5; less++)
            check_edges(most / minors[i] - less, minors[i], &random);
    }
    check_edges(most / minors_most, minors_most, &random);
    check_edges(1ull << 32, minors_most, &random);
    check_edges((1ull << 32) - 1, minors_most, &random);
    check_edges(1, minors_most, &random);
    check_edges(minors_most, minors_most, &random);
}

static void check_halves(uint64_t majors, uint32_t minors)
{
    struct permutation p = made(majors, minors, 0);
    unsigned __int128 product = (unsigned __int128)p.left_size * p.right_size;
    assert_true(p.left_size >= 1);
    assert_int_equal(p.right_size, (uint64_t)p.row * minors);
    assert_true(product >= p.size);
    assert_true(product - p.size < p.right_size);
    assert_int_equal((uint64_t)(p.left_size - 1) * p.right_size + p.last_right, p.size);
    if (majors >= minors) {
        assert_true(p.left_size <= 2.0 * sqrt((double)p.size) + 2);
        assert_true(p.right_size <= 2.0 * sqrt((double)p.size) + 2);
    }
}

static void halves_fit_and_exceed_the_set_by_less_than_one_row(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 200000; i++) {
        uint32_t minors = (uint32_t)random_magnitude(&random, 31);
        minors = minors < 1u << 31 ? minors : minors - 1;
        uint64_t most = (1ull << 63) / minors;
        uint64_t majors = random_magnitude(&random, 63);
        check_halves(majors < most ? majors : most, minors);
        check_halves(most, minors);
    }
}

static void sizes_out_of_range_are_refused(void **state)
{
    (void)state;
    struct permutation p;
    struct error err;
    assert_int_equal(permutation_init(&p, 0, 1, 0, &err), -1);
    assert_int_equal(permutation_init(&p, 1, 0, 0, &err), -1);
    assert_int_equal(permutation_init(&p, 1, 1u << 31, 0, &err), -1);
    assert_int_equal(permutation_init(&p, (1ull << 63) + 1, 1, 0, &err), -1);
    assert_int_equal(permutation_init(&p, (1ull << 62) + 1, 2, 0, &err), -1);
    assert_int_equal(permutation_init(&p, 1ull << 63, 1, 0, &err), 0);
}

/* Batches */

/* The batch of either form; the plain one where majors have 32 bits. */
static void make_batch(const struct permutation *p, uint64_t majors, uint64_t first,
                       uint64_t stride, unsigned count, uint64_t *major, uint32_t *minor)
{
    uint32_t narrow[BATCH_LANES], narrow_minor[BATCH_LANES];
    permutation_batch_wide(p, first, stride, count, major, minor);
    if (majors > 1ull << 32)
        return;
    permutation_batch(p, first, stride, count, narrow, narrow_minor);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        assert_int_equal(narrow[i], major[i]);
    assert_memory_equal(narrow_minor, minor, sizeof narrow_minor);
}

static void check_batch(const struct permutation *p, uint64_t majors, uint64_t first,
                        uint64_t stride, unsigned count)
{
    uint64_t major[BATCH_LANES];
    uint32_t minor[BATCH_LANES];
    make_batch(p, majors, first, stride, count, major, minor);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint64_t expected_major;
        uint32_t expected_minor;
        if (major[i] >= majors || minor[i] >= p->minors)
            fail_msg("lane %u of %u outside", i, count);
        if (i >= count)
            continue;
        permutation_pair(p, first + i * stride, &expected_major, &expected_minor);
        if (major[i] != expected_major || minor[i] != expected_minor)
            fail_msg("lane %u differs: first %llu, stride %llu, %llu x %u", i,
                     (unsigned long long)first, (unsigned long long)stride,
                     (unsigned long long)majors, p->minors);
    }
}

static void batches_equal_the_reference(void **state)
{
    (void)state;
    uint64_t random = 2;
    for (int i = 0; i < 20000; i++) {
        uint32_t minors = (uint32_t)random_magnitude(&random, 30);
        uint64_t majors = random_magnitude(&random, i % 2 == 0 ? 32 : 62);
        majors = majors < (1ull << 63) / minors ? majors : (1ull << 63) / minors;
        struct permutation p = made(majors, minors, next_random(&random));
        uint64_t first = next_random(&random) % p.size;
        uint64_t stride = random_magnitude(&random, 63);
        uint64_t fit = (p.size - 1 - first) / stride + 1;
        unsigned count = fit < BATCH_LANES ? (unsigned)fit : BATCH_LANES;
        check_batch(&p, majors, first, stride, count);
        check_batch(&p, majors, first, stride, (unsigned)(next_random(&random) % count) + 1);
    }
}

static void batches_run_to_the_last_index(void **state)
{
    (void)state;
    const uint64_t majors = 1ull << 32;
    const uint32_t minors = (1u << 31) - 1;
    struct permutation p = made(majors, minors, 9);
    uint64_t stride = p.size / BATCH_LANES;
    check_batch(&p, majors, p.size - 1, 1, 1);
    check_batch(&p, majors, p.size - BATCH_LANES, 1, BATCH_LANES);
    check_batch(&p, majors, p.size - 1 - 255 * stride, stride, BATCH_LANES);
    check_batch(&p, majors, p.size - 2, UINT64_MAX, 1);
}

/* Randomness */

static void seeds_give_different_orders_and_one_seed_the_same(void **state)
{
    (void)state;
    enum { SEEDS = 100 };
    uint32_t major[2][BATCH_LANES], minor[2][BATCH_LANES];
    uint64_t firsts[SEEDS];
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct permutation p = made(1u << 31, 1000, seed), again = made(1u << 31, 1000, seed);
        permutation_batch(&p, 0, 1, BATCH_LANES, major[0], minor[0]);
        permutation_batch(&again, 0, 1, BATCH_LANES, major[1], minor[1]);
        assert_memory_equal(major[0], major[1], sizeof major[0]);
        assert_memory_equal(minor[0], minor[1], sizeof minor[0]);
        firsts[seed] = (uint64_t)major[0][0] << 32 | minor[0][0];
        for (uint64_t other = 0; other < seed; other++)
            assert_true(firsts[seed] != firsts[other]);
    }
}

enum { BINS = 256 };

/* How many standard deviations chi-square lies above what uniform bins give. */
static double excess(const uint32_t counts[BINS], unsigned bins)
{
    double total = 0, chi_square = 0;
    for (unsigned i = 0; i < bins; i++)
        total += counts[i];
    for (unsigned i = 0; i < bins; i++) {
        double expected = total / bins;
        chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return (chi_square - (bins - 1)) / sqrt(2.0 * (bins - 1));
}

/* The limit for `excess`: with the keys fixed, the largest seen with six rounds is 3.4. */
static const double limit = 6;

static void over_the_seeds_any_pair_may_come_first(void **state)
{
    (void)state;
    uint32_t first[BINS] = {0}, second[BINS] = {0}, gap[BINS] = {0};
    for (uint64_t seed = 0; seed < 60000; seed++) {
        struct permutation p = made(80, 3, seed);
        uint64_t major, next_major;
        uint32_t minor, next_minor;
        permutation_pair(&p, 0, &major, &minor);
        permutation_pair(&p, 1, &next_major, &next_minor);
        uint64_t position = major * 3 + minor, next = next_major * 3 + next_minor;
        first[position]++;
        second[next]++;
        gap[(next + 240 - position) % 240 - 1]++;
    }
    assert_true(excess(first, 240) < limit);
    assert_true(excess(second, 240) < limit);
    assert_true(excess(gap, 239) < limit);
}

/* A pair of halves. */
struct halves {
    uint32_t left, right;
};

/* What the statistics look at, for one index. */
struct sample {
    const struct permutation *p;
    struct halves out;
    struct halves previous;  /* the output of the index before */
    struct halves neighbour; /* the output where the left half of the input is one more */
    uint32_t boomerang;
};

static uint32_t difference(uint32_t x, uint32_t y, uint32_t size)
{
    return x >= y ? x - y : x + (size - y);
}

/* The upper part of x, below `size`, as one of `parts`. */
static unsigned part(uint64_t x, uint64_t size, unsigned parts)
{
    return (unsigned)((unsigned __int128)x * parts / size);
}

static uint64_t position(const struct sample *s, struct halves h)
{
    return (uint64_t)h.left * s->p->right_size + h.right;
}

static uint64_t positions(const struct sample *s)
{
    return (uint64_t)s->p->left_size * s->p->right_size;
}

static unsigned bin_position(const struct sample *s)
{
    return part(position(s, s->out), positions(s), BINS);
}

static unsigned bin_halves(const struct sample *s)
{
    return part(s->out.left, s->p->left_size, 16) * 16 + part(s->out.right, s->p->right_size, 16);
}

static unsigned bin_serial(const struct sample *s)
{
    return part(position(s, s->previous), positions(s), 16) * 16 +
           part(position(s, s->out), positions(s), 16);
}

static unsigned bin_difference(const struct sample *s, struct halves a, struct halves b)
{
    uint32_t left = difference(a.left, b.left, s->p->left_size);
    uint32_t right = difference(a.right, b.right, s->p->right_size);
    return part(left, s->p->left_size, 16) * 16 + part(right, s->p->right_size, 16);
}

static unsigned bin_step(const struct sample *s)
{
    return bin_difference(s, s->out, s->previous);
}

static unsigned bin_neighbour(const struct sample *s)
{
    return bin_difference(s, s->neighbour, s->out);
}

static unsigned bin_boomerang(const struct sample *s)
{
    return part(s->boomerang, s->p->right_size, BINS);
}

static const struct {
    const char *name;
    unsigned (*bin)(const struct sample *s);
} statistics[] = {
    {"position", bin_position}, {"halves", bin_halves},       {"serial", bin_serial},
    {"step", bin_step},         {"neighbour", bin_neighbour}, {"boomerang", bin_boomerang},
};

enum { STATISTICS = sizeof statistics / sizeof statistics[0], SAMPLES = 8192 };

/* Wagner's boomerang (1999), in the form that breaks three Feistel rounds for certain: x and x'
 * have the same right half, lefts one apart; y is x's output with its left half one more, taken
 * back. Over three rounds right(y) + right(out') = right(out) + right(x). */
static uint32_t boomerang(const struct permutation *p, unsigned rounds, struct halves in,
                          struct halves out, struct halves neighbour)
{
    struct halves back = {(out.left + 1) % p->left_size, out.right};
    undo_rounds(p, rounds, &back.left, &back.right);
    uint64_t sum = (uint64_t)back.right + neighbour.right;
    uint64_t other = (uint64_t)in.right + out.right;
    return (uint32_t)((sum + 2ull * p->right_size - other) % p->right_size);
}

static struct sample take_sample(const struct permutation *p, unsigned rounds, uint64_t index,
                                 struct halves previous)
{
    struct halves in = {(uint32_t)(index / p->right_size), (uint32_t)(index % p->right_size)};
    struct halves out = in, neighbour = {in.left + 1, in.right};
    permute_rounds(p, rounds, &out.left, &out.right);
    permute_rounds(p, rounds, &neighbour.left, &neighbour.right);
    return (struct sample){p, out, previous, neighbour, boomerang(p, rounds, in, out, neighbour)};
}

/* How many of the statistics see that this is no random permutation. */
static unsigned failures(const struct permutation *p, unsigned rounds)
{
    static uint32_t counts[STATISTICS][BINS];
    memset(counts, 0, sizeof counts);
    struct sample sample = take_sample(p, rounds, 0, (struct halves){0});
    for (uint64_t index = 1; index <= SAMPLES; index++) {
        sample = take_sample(p, rounds, index, sample.out);
        for (unsigned i = 0; i < STATISTICS; i++)
            counts[i][statistics[i].bin(&sample)]++;
    }
    unsigned failed = 0;
    for (unsigned i = 0; i < STATISTICS; i++)
        failed += excess(counts[i], BINS) > limit;
    return failed;
}

static const struct {
    uint64_t majors;
    uint32_t minors;
} statistics_shapes[] = {{1 << 20, 1}, {1 << 16, 1 << 8}, {1ull << 32, 1}, {3702258432u, 1000}};

enum { SHAPES = sizeof statistics_shapes / sizeof statistics_shapes[0], KEYS = 40 };

static unsigned failing_keys(unsigned shape, unsigned rounds)
{
    unsigned failing = 0;
    for (uint64_t key = 0; key < KEYS; key++) {
        struct permutation p = made(statistics_shapes[shape].majors,
                                    statistics_shapes[shape].minors, key * 0x123456789 + rounds);
        failing += failures(&p, rounds) > 0;
    }
    return failing;
}

static void statistics_find_nothing_in_the_order(void **state)
{
    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++)
        assert_int_equal(failing_keys(shape, PERMUTATION_ROUNDS), 0);
}

static void statistics_see_through_one_to_three_rounds(void **state)
{
    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        for (unsigned rounds = 1; rounds <= 3; rounds++)
            assert_int_equal(failing_keys(shape, rounds), KEYS);
    }
}

int main(void)
{
    const struct CMUnitTest theory[] = {
        cmocka_unit_test(the_largest_shapes_can_be_undone),
        cmocka_unit_test(halves_fit_and_exceed_the_set_by_less_than_one_row),
        cmocka_unit_test(sizes_out_of_range_are_refused),
        cmocka_unit_test(over_the_seeds_any_pair_may_come_first),
        cmocka_unit_test(statistics_find_nothing_in_the_order),
        cmocka_unit_test(statistics_see_through_one_to_three_rounds),
    };
    const struct CMUnitTest batches[] = {
        cmocka_unit_test(every_small_shape_is_a_bijection),
        cmocka_unit_test(larger_shapes_are_bijections),
        cmocka_unit_test(batches_equal_the_reference),
        cmocka_unit_test(batches_run_to_the_last_index),
        cmocka_unit_test(seeds_give_different_orders_and_one_seed_the_same),
    };
    int failed = cmocka_run_group_tests_name("permutation", theory, NULL, NULL);
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), batches, NULL, NULL);
    return failed;
}

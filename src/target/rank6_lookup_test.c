/* Ranks to 128-bit elements: both edges of every range, of sets of every form. */
#include "target/rank6_lookup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull; /* xorshift64* */
}

/* Ranks and the elements they should give, put to the lookup a batch at a time. */
struct questions {
    const struct rank6_lookup *lookup;
    uint64_t rank[BATCH_LANES];
    uint128 element[BATCH_LANES];
    unsigned count;
};

static void put_all(struct questions *q)
{
    uint64_t rank[BATCH_LANES], high[BATCH_LANES], low[BATCH_LANES];
    for (unsigned i = 0; i < BATCH_LANES; i++)
        rank[i] = i < q->count ? q->rank[i] : 0;
    rank6_lookup_batch(q->lookup, rank, high, low);
    for (unsigned i = 0; i < q->count; i++)
        if (uint128_of(high[i], low[i]) != q->element[i])
            fail_msg("rank %llu gives a wrong element", (unsigned long long)q->rank[i]);
    q->count = 0;
}

static void ask(struct questions *q, uint64_t rank, uint128 element)
{
    q->rank[q->count] = rank;
    q->element[q->count++] = element;
    if (q->count == BATCH_LANES)
        put_all(q);
}

/* Asks for the ranks at both ends of every range, and one between. */
static void check_set(struct range6_set *set, enum rank6_form form)
{
    struct rank6_lookup lookup;
    assert_int_equal(range6_set_normalise(set, NULL), 0);
    assert_int_equal(rank6_lookup_init(&lookup, set, NULL), 0);
    assert_int_equal(lookup.form, form);
    assert_true(lookup.size == range6_set_size(set));
    lookup.level = level;
    struct questions q = {.lookup = &lookup};
    uint64_t rank = 0, random = 1;
    for (size_t i = 0; i < set->count; i++) {
        struct range6 range = set->ranges[i];
        uint64_t more = (uint64_t)(range.last - range.first);
        uint64_t between = more == UINT64_MAX ? 0 : next_random(&random) % (more + 1);
        ask(&q, rank, range.first);
        ask(&q, rank + more, range.last);
        ask(&q, rank + between, range.first + between);
        rank += more + 1;
    }
    put_all(&q);
    rank6_lookup_fini(&lookup);
    range6_set_fini(set);
}

static void add(struct range6_set *set, uint128 first, uint128 last)
{
    assert_int_equal(range6_set_add(set, first, last, NULL), 0);
}

static void few_ranges(void **state)
{
    (void)state;
    struct range6_set set = {0};
    add(&set, 5, 5);
    check_set(&set, RANK6_STEPS);
    add(&set, UINT128_MAX - UINT64_MAX / 2 + 1, UINT128_MAX);
    check_set(&set, RANK6_STEPS);
    add(&set, uint128_of(1, UINT64_MAX - 5), uint128_of(2, 5));
    add(&set, 0, 0);
    add(&set, UINT128_MAX, UINT128_MAX);
    check_set(&set, RANK6_STEPS);
    for (unsigned i = 0; i < RANK6_STEPS_MOST; i++)
        add(&set, uint128_of(i * 7, UINT64_MAX - i), uint128_of(i * 7 + 1, 1ull << (i * 4)));
    check_set(&set, RANK6_STEPS);
}

static void addresses_that_stand_alone(void **state)
{
    (void)state;
    struct range6_set set = {0};
    uint64_t random = 2;
    for (unsigned i = 0; i < 100000; i++) {
        uint128 value = uint128_of(next_random(&random), next_random(&random));
        add(&set, value, value);
    }
    check_set(&set, RANK6_SINGLES);
}

/* `count` ranges, of lengths that differ by up to `bits` bits. */
static void check_random(unsigned count, unsigned bits)
{
    struct range6_set set = {0};
    uint64_t random = count + bits;
    for (unsigned i = 0; i < count; i++) {
        uint128 first = uint128_of(next_random(&random) >> 1, next_random(&random));
        add(&set, first, first + (next_random(&random) >> 1 >> (63 - next_random(&random) % bits)));
    }
    check_set(&set, RANK6_ANCHORS);
}

static void ranges_of_all_lengths(void **state)
{
    (void)state;
    static const unsigned counts[] = {13, 14, 100, 4097, 65536, 65537, 200000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        check_random(counts[i], 2);
        check_random(counts[i], 20);
        check_random(counts[i], 44);
    }
}

/* One range has nearly all of the ranks, so that all others are in one bucket. */
static void a_crowd_beside_a_giant(void **state)
{
    (void)state;
    for (unsigned where = 0; where < 2; where++) {
        struct range6_set set = {0};
        for (unsigned i = 0; i < 70000; i++)
            add(&set, uint128_of(0x2001, i * 3ull), uint128_of(0x2001, i * 3ull + i % 2));
        uint128 giant = uint128_of(where == 0 ? 0x1000 : 0x3000, 0);
        add(&set, giant, giant + (1ull << 62));
        check_set(&set, RANK6_ANCHORS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_ranges),
        cmocka_unit_test(addresses_that_stand_alone),
        cmocka_unit_test(ranges_of_all_lengths),
        cmocka_unit_test(a_crowd_beside_a_giant),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}

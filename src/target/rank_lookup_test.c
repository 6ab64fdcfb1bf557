/* Ranks to elements: both edges of every range, of sets of many shapes. */
#include "target/rank_lookup.h"

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
    return *state * 0x2545f4914f6cdd1dull >> 16; /* xorshift64* */
}

/* Ranks and the elements they should give, put to the lookup a batch at a time. */
struct questions {
    const struct rank_lookup *lookup;
    uint32_t rank[BATCH_LANES], element[BATCH_LANES];
    unsigned count;
};

static void put_all(struct questions *q)
{
    uint32_t values[BATCH_LANES];
    for (unsigned i = 0; i < BATCH_LANES; i++)
        values[i] = i < q->count ? q->rank[i] : 0;
    rank_lookup_batch(q->lookup, values);
    for (unsigned i = 0; i < q->count; i++) {
        if (values[i] != q->element[i])
            fail_msg("rank %u gives %#x, not %#x", q->rank[i], values[i], q->element[i]);
    }
    q->count = 0;
}

static void ask(struct questions *q, uint64_t rank, uint64_t element)
{
    q->rank[q->count] = (uint32_t)rank;
    q->element[q->count++] = (uint32_t)element;
    if (q->count == BATCH_LANES)
        put_all(q);
}

/* Asks for up to `depth` ranks from both ends of every range, and about the elements around. */
static void check_set(struct range_set *set, uint64_t depth)
{
    struct rank_lookup lookup;
    assert_int_equal(range_set_normalise(set, NULL), 0);
    assert_int_equal(rank_lookup_init(&lookup, set, NULL), 0);
    assert_int_equal(lookup.size, range_set_size(set));
    lookup.level = level;
    struct questions q = {.lookup = &lookup};
    uint64_t rank = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct range range = set->ranges[i];
        uint64_t length = (uint64_t)range.last - range.first + 1;
        for (uint64_t k = 0; k < depth && k < length; k++) {
            ask(&q, rank + k, range.first + k);
            ask(&q, rank + length - 1 - k, range.last - k);
        }
        bool joined =
            rank_lookup_contains(&lookup, range.first) && rank_lookup_contains(&lookup, range.last);
        bool spills = (range.first > 0 && rank_lookup_contains(&lookup, range.first - 1)) ||
                      (range.last < UINT32_MAX && rank_lookup_contains(&lookup, range.last + 1));
        if (!joined || spills)
            fail_msg("wrong membership around range %zu", i);
        rank += length;
    }
    put_all(&q);
    rank_lookup_fini(&lookup);
}

static void check_ranges(const struct range *ranges, size_t count, uint64_t depth)
{
    struct range_set set = {0};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(range_set_add(&set, ranges[i].first, ranges[i].last, NULL), 0);
    check_set(&set, depth);
    range_set_fini(&set);
}

static void single_ranges(void **state)
{
    (void)state;
    static const struct range ranges[] = {
        {0, 0},
        {UINT32_MAX, UINT32_MAX},
        {0x0a000001, 0x0a000001},
        {0, UINT32_MAX},
        {0, 1},
        {UINT32_MAX - 1, UINT32_MAX},
        {0x0a000000, 0x0affffff},
        {1, UINT32_MAX},
        {0, UINT32_MAX - 1},
        {0x7fffffff, 0x80000000},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        check_ranges(&ranges[i], 1, 5000);
}

static void the_two_ends_of_the_address_space(void **state)
{
    (void)state;
    check_ranges((struct range[]){{0, 0}, {UINT32_MAX, UINT32_MAX}}, 2, 1);
    check_ranges((struct range[]){{0, 0x7ffffffe}, {0x80000000, UINT32_MAX}}, 2, 3000);
    check_ranges((struct range[]){{0, 0}, {2, UINT32_MAX}}, 2, 3000);
    check_ranges((struct range[]){{0, UINT32_MAX - 2}, {UINT32_MAX, UINT32_MAX}}, 2, 3000);
}

/* `count` ranges at random places, of up to `longest` elements. */
static void random_set(struct range_set *set, size_t count, uint32_t longest, uint64_t *random)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t first = (uint32_t)next_random(random);
        uint32_t more = (uint32_t)next_random(random) % longest;
        uint32_t last = first > UINT32_MAX - more ? UINT32_MAX : first + more;
        assert_int_equal(range_set_add(set, first, last, NULL), 0);
    }
}

static void random_sets_of_many_sizes(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        uint32_t longest;
    } shapes[] = {{2, 3},          {10, 1 << 28},     {100, 1},        {100, 1000},
                  {3400, 1 << 20}, {5000, 1 << 8},    {4096, 1 << 16}, {60000, 1 << 14},
                  {70000, 2},      {300000, 1 << 10}, {400000, 1},     {1000000, 1 << 8}};
    uint64_t random = 1;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct range_set set = {0};
        random_set(&set, shapes[i].count, shapes[i].longest, &random);
        check_set(&set, 3);
        range_set_fini(&set);
    }
}

static void small_sets_rank_by_rank(void **state)
{
    (void)state;
    uint64_t random = 2;
    for (uint32_t i = 0; i < 200; i++) {
        struct range_set set = {0};
        random_set(&set, 1 + next_random(&random) % 200, 1 + i * 4, &random);
        check_set(&set, UINT64_MAX);
        range_set_fini(&set);
    }
}

/* All the edges fall into few buckets: one long range, and many short ones close together. */
static void edges_crowded_into_one_place(void **state)
{
    (void)state;
    struct range_set set = {0};
    for (uint32_t i = 0; i < 20000; i++)
        assert_int_equal(range_set_add(&set, 0x1000 + 2 * i, 0x1000 + 2 * i, NULL), 0);
    assert_int_equal(range_set_add(&set, 0x40000000, 0xefffffff, NULL), 0);
    for (uint32_t i = 0; i < 20000; i++)
        assert_int_equal(range_set_add(&set, 0xf0001000 + 3 * i, 0xf0001001 + 3 * i, NULL), 0);
    check_set(&set, 70000);
    range_set_fini(&set);
}

/* The element of a rank, range by range. */
static uint32_t element_of(const struct range_set *set, uint64_t rank)
{
    size_t i = 0;
    for (; rank > (uint64_t)set->ranges[i].last - set->ranges[i].first; i++)
        rank -= (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
    return (uint32_t)(set->ranges[i].first + rank);
}

/* Random ranks, and all those around `middle`. */
static void check_ranks(struct range_set *set, uint64_t middle, uint64_t *random)
{
    struct rank_lookup lookup;
    assert_int_equal(range_set_normalise(set, NULL), 0);
    assert_int_equal(rank_lookup_init(&lookup, set, NULL), 0);
    lookup.level = level;
    struct questions q = {.lookup = &lookup};
    for (uint64_t i = 0; i < 300; i++) {
        uint64_t rank = next_random(random) % lookup.size;
        ask(&q, rank, element_of(set, rank));
        rank = (middle + i) % lookup.size;
        ask(&q, rank, element_of(set, rank));
    }
    put_all(&q);
    rank_lookup_fini(&lookup);
}

/* Ranges that fall everywhere, into a part of the space, and into ever smaller ones: lines with
 * room, crowded lines, and crowded narrow lines. */
static void crowds_of_every_density(void **state)
{
    (void)state;
    uint64_t random = 3;
    for (unsigned narrower = 0; narrower <= 16; narrower++) {
        struct range_set set = {0};
        for (uint32_t i = 0; i < 3000; i++) {
            uint32_t first = 0x50000000 + ((uint32_t)next_random(&random) >> narrower);
            assert_int_equal(range_set_add(&set, first, first + i % 3, NULL), 0);
        }
        assert_int_equal(range_set_add(&set, 0x10000000, 0x4fffff00, NULL), 0);
        check_set(&set, 5);
        check_ranks(&set, 0x4fffff00 - 0x10000000, &random);
        range_set_fini(&set);
    }
}

/* The largest set that has a hole, and holes at the edges of lines and positions. */
static void holes_at_the_edges_of_lines(void **state)
{
    (void)state;
    uint64_t random = 4;
    for (unsigned shift = 13; shift <= 24; shift++) {
        struct range_set holes = {0}, set = {0};
        for (uint32_t i = 1; i < 120; i++) {
            uint32_t edge = (i << shift) + i % 5 - 2;
            assert_int_equal(range_set_add(&holes, edge, edge + (i % 3 == 0), NULL), 0);
        }
        assert_int_equal(range_set_normalise(&holes, NULL), 0);
        assert_int_equal(range_set_add(&set, 0, UINT32_MAX, NULL), 0);
        assert_int_equal(range_set_subtract(&set, &holes, NULL), 0);
        check_set(&set, 20);
        check_ranks(&set, 60u << shift, &random);
        range_set_fini(&holes);
        range_set_fini(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_ranges),
        cmocka_unit_test(the_two_ends_of_the_address_space),
        cmocka_unit_test(random_sets_of_many_sizes),
        cmocka_unit_test(small_sets_rank_by_rank),
        cmocka_unit_test(edges_crowded_into_one_place),
        cmocka_unit_test(crowds_of_every_density),
        cmocka_unit_test(holes_at_the_edges_of_lines),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}

/* Sets of ranges against plain arrays of booleans, and at the edges of 32 bits. */
#include "target/range_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void add(struct range_set *set, uint32_t first, uint32_t last)
{
    assert_int_equal(range_set_add(set, first, last, NULL), 0);
}

static void assert_ranges(const struct range_set *set, const struct range *expected, size_t count)
{
    assert_int_equal(set->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(set->ranges[i].first, expected[i].first);
        assert_int_equal(set->ranges[i].last, expected[i].last);
    }
}

static uint32_t next_random(uint32_t *state)
{
    return *state = *state * 1664525u + 1013904223u; /* Numerical Recipes; use the upper bits */
}

static void an_empty_set_is_empty(void **state)
{
    (void)state;
    struct range_set zeroed = {0}, set;
    range_set_init(&set);
    assert_int_equal(range_set_size(&zeroed), 0);
    assert_false(range_set_contains(&zeroed, 0));
    assert_int_equal(range_set_normalise(&zeroed, NULL), 0);
    assert_true(zeroed.normal);
    assert_int_equal(range_set_subtract(&set, &zeroed, NULL), 0);
    assert_int_equal(range_set_add_all(&set, &zeroed, NULL), 0);
    assert_int_equal(set.count, 0);
    range_set_fini(&set);
}

static void ascending_additions_join_and_stay_normal(void **state)
{
    (void)state;
    struct range_set set = {0};
    for (uint32_t i = 100; i < 200; i++)
        add(&set, i, i);
    add(&set, 150, 160);
    add(&set, 199, 250);
    add(&set, 252, 300);
    assert_true(set.normal);
    assert_ranges(&set, (struct range[]){{100, 250}, {252, 300}}, 2);
    add(&set, 10, 10);
    assert_false(set.normal);
    assert_int_equal(range_set_normalise(&set, NULL), 0);
    assert_true(set.normal);
    assert_ranges(&set, (struct range[]){{10, 10}, {100, 250}, {252, 300}}, 3);
    assert_int_equal(range_set_size(&set), 1 + 151 + 49);
    range_set_fini(&set);
}

static void the_edges_of_32_bits_do_not_wrap(void **state)
{
    (void)state;
    struct range_set set = {0}, removed = {0};
    add(&set, UINT32_MAX, UINT32_MAX);
    add(&set, 0, 0);
    assert_int_equal(range_set_normalise(&set, NULL), 0);
    assert_ranges(&set, (struct range[]){{0, 0}, {UINT32_MAX, UINT32_MAX}}, 2);
    add(&set, 0, UINT32_MAX);
    assert_int_equal(range_set_normalise(&set, NULL), 0);
    assert_ranges(&set, (struct range[]){{0, UINT32_MAX}}, 1);
    assert_int_equal(range_set_size(&set), 1ull << 32);
    add(&removed, 0, 0);
    add(&removed, 5, 5);
    add(&removed, UINT32_MAX, UINT32_MAX);
    assert_int_equal(range_set_subtract(&set, &removed, NULL), 0);
    assert_ranges(&set, (struct range[]){{1, 4}, {6, UINT32_MAX - 1}}, 2);
    assert_true(set.normal);
    range_set_fini(&removed);
    add(&removed, 0, UINT32_MAX);
    assert_int_equal(range_set_subtract(&set, &removed, NULL), 0);
    assert_int_equal(set.count, 0);
    range_set_fini(&set);
    range_set_fini(&removed);
}

enum { UNIVERSE = 512 };

/* Random ranges, in the set and in the array; `base` shifts the universe. */
static void fill_both(struct range_set *set, bool *present, uint32_t base, uint32_t *random)
{
    unsigned ranges = (next_random(random) >> 16) % 40;
    for (unsigned i = 0; i < ranges; i++) {
        uint32_t first = (next_random(random) >> 16) % UNIVERSE;
        uint32_t last = first + (next_random(random) >> 16) % 16;
        last = last < UNIVERSE ? last : UNIVERSE - 1;
        add(set, base + first, base + last);
        memset(present + first, true, last - first + 1);
    }
    assert_int_equal(range_set_normalise(set, NULL), 0);
}

static void assert_same(const struct range_set *set, const bool *present, uint32_t base)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < UNIVERSE; i++) {
        size += present[i];
        if (range_set_contains(set, base + i) != present[i])
            fail_msg("%u is %sin the set", i, present[i] ? "not " : "");
    }
    assert_int_equal(range_set_size(set), size);
    for (size_t i = 1; i < set->count; i++)
        assert_true(set->ranges[i].first > set->ranges[i - 1].last + 1);
}

static void random_sets_equal_arrays_of_booleans(void **state)
{
    (void)state;
    static const uint32_t bases[] = {0, 0x00fffff0, 0x7fffff00, UINT32_MAX - UNIVERSE + 1};
    uint32_t random = 1;
    for (unsigned i = 0; i < 2000; i++) {
        uint32_t base = bases[i % 4];
        bool present[UNIVERSE] = {0}, absent[UNIVERSE] = {0};
        struct range_set set = {0}, removed = {0};
        fill_both(&set, present, base, &random);
        assert_same(&set, present, base);
        fill_both(&removed, absent, base, &random);
        assert_int_equal(range_set_subtract(&set, &removed, NULL), 0);
        for (unsigned k = 0; k < UNIVERSE; k++)
            present[k] &= !absent[k];
        assert_same(&set, present, base);
        assert_int_equal(range_set_add_all(&set, &removed, NULL), 0);
        assert_int_equal(range_set_normalise(&set, NULL), 0);
        for (unsigned k = 0; k < UNIVERSE; k++)
            present[k] |= absent[k];
        assert_same(&set, present, base);
        range_set_fini(&set);
        range_set_fini(&removed);
    }
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void many_single_values_come_out_sorted_once_each(void **state)
{
    (void)state;
    enum { COUNT = 300000 };
    uint32_t *values = malloc(COUNT * sizeof *values);
    struct range_set set = {0};
    uint32_t random = 5;
    assert_non_null(values);
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = next_random(&random) ^ next_random(&random) >> 16;
        add(&set, values[i], values[i]);
    }
    assert_int_equal(range_set_normalise(&set, NULL), 0);
    qsort(values, COUNT, sizeof *values, by_value);
    size_t at = 0;
    for (size_t i = 0; i < set.count; i++) {
        for (uint64_t value = set.ranges[i].first; value <= set.ranges[i].last; value++) {
            assert_true(at < COUNT && values[at] == value);
            while (at < COUNT && values[at] == value)
                at++;
        }
    }
    assert_int_equal(at, COUNT);
    free(values);
    range_set_fini(&set);
}

static void adding_a_set_to_itself_changes_nothing(void **state)
{
    (void)state;
    struct range_set set = {0};
    add(&set, 5, 6);
    add(&set, 9, 9);
    assert_int_equal(range_set_add_all(&set, &set, NULL), 0);
    assert_ranges(&set, (struct range[]){{5, 6}, {9, 9}}, 2);
    range_set_fini(&set);
}

static void counts_what_lies_between(void **state)
{
    (void)state;
    struct range_set set = {0};
    add(&set, 10, 19);
    add(&set, 30, 39);
    add(&set, UINT32_MAX - 9, UINT32_MAX);
    assert_int_equal(range_set_normalise(&set, NULL), 0);
    assert_int_equal(range_set_count_between(&set, 0, UINT32_MAX), 30);
    assert_int_equal(range_set_count_between(&set, 15, 34), 10);
    assert_int_equal(range_set_count_between(&set, 19, 30), 2);
    assert_int_equal(range_set_count_between(&set, 20, 29), 0);
    assert_int_equal(range_set_count_between(&set, UINT32_MAX, UINT32_MAX), 1);
    range_set_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_what_lies_between),
        cmocka_unit_test(an_empty_set_is_empty),
        cmocka_unit_test(ascending_additions_join_and_stay_normal),
        cmocka_unit_test(the_edges_of_32_bits_do_not_wrap),
        cmocka_unit_test(random_sets_equal_arrays_of_booleans),
        cmocka_unit_test(many_single_values_come_out_sorted_once_each),
        cmocka_unit_test(adding_a_set_to_itself_changes_nothing),
    };
    return cmocka_run_group_tests_name("range_set", tests, NULL, NULL);
}

/* Sets of 128-bit ranges against plain arrays of booleans, and at the edges of 128 bits. What they
 * share with sets of 32 bits is tested there. */
#include "target/range6_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNIVERSE = 300, MANY = 200000 };

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull >> 8; /* xorshift64* */
}

static void fill_both(struct range6_set *set, bool *present, uint128 base, uint64_t *random)
{
    unsigned ranges = (unsigned)(next_random(random) % 60);
    for (unsigned i = 0; i < ranges; i++) {
        unsigned first = (unsigned)(next_random(random) % UNIVERSE);
        unsigned last = first + (unsigned)(next_random(random) % 8);
        last = last < UNIVERSE ? last : UNIVERSE - 1;
        assert_int_equal(range6_set_add(set, base + first, base + last, NULL), 0);
        memset(present + first, true, last - first + 1);
    }
    assert_int_equal(range6_set_normalise(set, NULL), 0);
}

static void assert_same(const struct range6_set *set, const bool *present, uint128 base)
{
    uint64_t size = 0;
    for (unsigned i = 0; i < UNIVERSE; i++) {
        size += present[i];
        if (range6_set_contains(set, base + i) != present[i])
            fail_msg("%u is %sin the set", i, present[i] ? "not " : "");
    }
    assert_true(range6_set_size(set) == size);
    for (size_t i = 1; i < set->count; i++)
        assert_true(set->ranges[i].first > set->ranges[i - 1].last + 1);
}

static void random_sets_equal_arrays_of_booleans(void **state)
{
    (void)state;
    const uint128 bases[] = {0, uint128_of(0, UINT64_MAX - 100), uint128_of(5, 0xfffffff0),
                             uint128_of(0x7fffffffffffffff, UINT64_MAX - 9),
                             UINT128_MAX - UNIVERSE + 1};
    uint64_t random = 1;
    for (unsigned i = 0; i < 2000; i++) {
        uint128 base = bases[i % 5];
        bool present[UNIVERSE] = {0}, absent[UNIVERSE] = {0};
        struct range6_set set = {0}, removed = {0};
        fill_both(&set, present, base, &random);
        assert_same(&set, present, base);
        fill_both(&removed, absent, base, &random);
        assert_int_equal(range6_set_subtract(&set, &removed, NULL), 0);
        for (unsigned k = 0; k < UNIVERSE; k++)
            present[k] &= !absent[k];
        assert_same(&set, present, base);
        assert_int_equal(range6_set_add_all(&set, &removed, NULL), 0);
        assert_int_equal(range6_set_normalise(&set, NULL), 0);
        for (unsigned k = 0; k < UNIVERSE; k++)
            present[k] |= absent[k];
        assert_same(&set, present, base);
        range6_set_fini(&set);
        range6_set_fini(&removed);
    }
}

static void the_whole_space_is_one_short(void **state)
{
    (void)state;
    struct range6_set set = {0};
    assert_int_equal(range6_set_add(&set, 0, UINT128_MAX, NULL), 0);
    assert_true(range6_set_size(&set) == UINT128_MAX);
    assert_true(range6_set_count_between(&set, 5, 9) == 5);
    assert_true(range6_set_count_between(&set, 0, UINT128_MAX) == UINT128_MAX);
    range6_set_fini(&set);
    assert_true(range6_set_size(&set) == 0);
    assert_true(range6_set_count_between(&set, 0, UINT128_MAX) == 0);
}

static int by_value(const void *a, const void *b)
{
    uint128 x = *(const uint128 *)a, y = *(const uint128 *)b;
    return (x > y) - (x < y);
}

/* Values that agree in their first `common` digits, and below have few different digits, so that
 * parts of every size come up at every depth. */
static void check_sorting(unsigned common, uint64_t digit_mask)
{
    uint128 *values = malloc(MANY * sizeof *values);
    struct range6_set set = {0};
    uint64_t random = common + 1;
    assert_non_null(values);
    for (size_t i = 0; i < MANY; i++) {
        uint64_t high = next_random(&random) & digit_mask, low = next_random(&random) & digit_mask;
        values[i] = uint128_of(high, low) >> 8 * common | (uint128)0x20 << 120;
        assert_int_equal(range6_set_add(&set, values[i], values[i], NULL), 0);
    }
    assert_int_equal(range6_set_normalise(&set, NULL), 0);
    qsort(values, MANY, sizeof *values, by_value);
    size_t at = 0;
    for (size_t i = 0; i < set.count; i++) {
        for (uint128 value = set.ranges[i].first; value <= set.ranges[i].last; value++) {
            assert_true(at < MANY && values[at] == value);
            while (at < MANY && values[at] == value)
                at++;
        }
    }
    assert_int_equal(at, MANY);
    free(values);
    range6_set_fini(&set);
}

static void many_values_come_out_sorted_once_each(void **state)
{
    (void)state;
    check_sorting(0, UINT64_MAX);
    check_sorting(5, UINT64_MAX);
    check_sorting(13, UINT64_MAX);
    check_sorting(0, 0x0101010101010101);
    check_sorting(8, 0x0f00000000000f01);
    check_sorting(1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sets_equal_arrays_of_booleans),
        cmocka_unit_test(the_whole_space_is_one_short),
        cmocka_unit_test(many_values_come_out_sorted_once_each),
    };
    return cmocka_run_group_tests_name("range6_set", tests, NULL, NULL);
}

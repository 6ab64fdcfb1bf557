/* Shards and windows: complete and disjoint by brute force, and no overflow where numbers are huge.
 */
#include "target/shard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_run(struct index_run run, uint64_t first, uint64_t stride, uint64_t count)
{
    assert_int_equal(run.count, count);
    assert_int_equal(run.stride, stride);
    if (count > 0)
        assert_int_equal(run.first, first);
}

/* Is every index of the window, and no other, in the run, ascending? */
static void check_run(uint64_t size, struct shard shard, uint64_t from, uint64_t count)
{
    struct index_run run = shard_indices(size, shard, from, count);
    uint64_t taken = 0;
    for (uint64_t i = 0; i < size; i++) {
        if (i < from || (count != 0 && i >= from + count) || i % shard.of != shard.number - 1)
            continue;
        assert_true(taken < run.count);
        assert_int_equal(run.first + taken * run.stride, i);
        taken++;
    }
    assert_int_equal(taken, run.count);
}

static void every_small_split_is_complete_and_disjoint(void **state)
{
    (void)state;
    for (uint64_t size = 0; size <= 12; size++) {
        for (uint64_t of = 1; of <= 14; of++) {
            for (uint64_t number = 1; number <= of; number++) {
                for (uint64_t from = 0; from <= size + 1; from++) {
                    for (uint64_t count = 0; count <= size + 1; count++)
                        check_run(size, (struct shard){number, of}, from, count);
                }
            }
        }
    }
}

static void huge_numbers_do_not_overflow(void **state)
{
    (void)state;
    const uint64_t most = (1ull << 63) - 1;
    const struct shard whole = {1, 1};
    assert_run(shard_indices(most, whole, 0, 0), 0, 1, most);
    assert_run(shard_indices(most, whole, most - 1, UINT64_MAX), most - 1, 1, 1);
    assert_run(shard_indices(most, whole, most, 0), 0, 1, 0);
    assert_run(shard_indices(most, whole, UINT64_MAX, UINT64_MAX), 0, 1, 0);
    assert_run(shard_indices(most, whole, 5, UINT64_MAX - 2), 5, 1, most - 5);
    assert_run(shard_indices(most, (struct shard){3, 3}, most - 10, 0), most - 8, 3, 3);
    assert_run(shard_indices(most, (struct shard){most, most}, 0, 0), most - 1, most, 1);
    assert_run(shard_indices(most, (struct shard){UINT64_MAX, UINT64_MAX}, 7, 0), 0, UINT64_MAX, 0);
    assert_run(shard_indices(most, (struct shard){9, UINT64_MAX}, 7, 0), 8, UINT64_MAX, 1);
    assert_run(shard_indices(most, (struct shard){2, UINT64_MAX}, 7, 0), 0, UINT64_MAX, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_split_is_complete_and_disjoint),
        cmocka_unit_test(huge_numbers_do_not_overflow),
    };
    return cmocka_run_group_tests_name("shard", tests, NULL, NULL);
}

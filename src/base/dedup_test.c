/* De-duplication: exact while it fits, bounded when it does not. */
#include "base/dedup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void every_key_is_new_once(void **state)
{
    (void)state;
    struct dedup dedup;
    assert_int_equal(dedup_init(&dedup, 64, NULL), 0);
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < 300000; i++) {
            uint64_t key = dedup_key(i, i % 70000, i % 3);
            assert_int_equal(dedup_contains(&dedup, key), pass);
            assert_int_equal(dedup_insert(&dedup, key, NULL), !pass);
        }
    assert_int_equal(dedup.forgotten, 0);
    dedup_fini(&dedup);
}

static void address_port_and_status_all_count(void **state)
{
    (void)state;
    struct dedup dedup;
    assert_int_equal(dedup_init(&dedup, 1, NULL), 0);
    assert_int_equal(dedup_insert(&dedup, dedup_key(0, 0, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, dedup_key(1, 0, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, dedup_key(0, 1, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, dedup_key(0, 0, 1), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, dedup_key(0, 1 << 16, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, dedup_key(0, 0, 0), NULL), 0);
    dedup_fini(&dedup);
}

static void at_the_maximum_the_latest_are_still_known(void **state)
{
    (void)state;
    struct dedup dedup;
    assert_int_equal(dedup_init(&dedup, 1, NULL), 0); /* two generations of 65,536 slots */
    enum { MANY = 500000, LATEST = 49152 };
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(dedup_insert(&dedup, dedup_key(i, 80, 0), NULL), 1);
    assert_true(dedup.forgotten > 0);
    assert_true(dedup.current.capacity <= 65536);
    for (uint32_t i = MANY - LATEST; i < MANY; i++) {
        assert_true(dedup_contains(&dedup, dedup_key(i, 80, 0)));
        assert_int_equal(dedup_insert(&dedup, dedup_key(i, 80, 0), NULL), 0);
    }
    dedup_fini(&dedup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_new_once),
        cmocka_unit_test(address_port_and_status_all_count),
        cmocka_unit_test(at_the_maximum_the_latest_are_still_known),
    };
    return cmocka_run_group_tests_name("dedup", tests, NULL, NULL);
}

/* Slots do not overlap, all can be had, and each again when it was given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/slots.h"

enum { MAXIMUM = 100, SIZE = 13 };

static void every_slot_is_ones_own(void **state)
{
    (void)state;
    struct slots slots;
    assert_int_equal(slots_init(&slots, SIZE, MAXIMUM, NULL), 0);
    uint32_t taken[MAXIMUM];
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < MAXIMUM; i++) {
            taken[i] = slots_take(&slots);
            assert_true(taken[i] < MAXIMUM);
            memset(slots_at(&slots, taken[i]), (int)i, SIZE);
        }
        assert_int_equal(slots_take(&slots), SLOT_NONE);
        assert_int_equal(slots.used, MAXIMUM);
        for (unsigned i = 0; i < MAXIMUM; i++)
            for (unsigned at = 0; at < SIZE; at++)
                assert_int_equal(((uint8_t *)slots_at(&slots, taken[i]))[at], i);
        for (unsigned i = 0; i < MAXIMUM; i++)
            slots_give_back(&slots, taken[(i * 37) % MAXIMUM]);
        assert_int_equal(slots.used, 0);
    }
    slots_fini(&slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_slot_is_ones_own)};
    return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}

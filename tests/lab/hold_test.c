/* Tests of the frames held back: whatever goes in comes out once, in the order it is due. */
#include "hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 5000 };

static void nothing_is_due_in_an_empty_hold(void **state)
{
    struct hold hold = {0};
    (void)state;
    assert_true(hold_next_due(&hold) == UINT64_MAX);
    assert_null(hold_take(&hold, UINT64_MAX));
    hold_free(&hold);
}

static void frames_come_out_when_due(void **state)
{
    struct hold hold = {0};
    uint64_t last = 0;
    unsigned char seen[MANY] = {0};
    (void)state;
    srand48(1);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(hold_add(&hold, (uint64_t)(lrand48() % 1000), &i, sizeof i), 0);
    for (unsigned n = 0; n < MANY; n++) {
        struct held_frame *frame = hold_take(&hold, 1000);
        unsigned i;
        assert_non_null(frame);
        assert_true(frame->due_ns >= last);
        last = frame->due_ns;
        assert_int_equal(frame->length, sizeof i);
        memcpy(&i, frame->bytes, sizeof i);
        assert_in_range(i, 0, MANY - 1);
        assert_int_equal(seen[i]++, 0);
        free(frame);
    }
    assert_null(hold_take(&hold, 1000));
    hold_free(&hold);
}

static void early_frames_stay(void **state)
{
    struct hold hold = {0};
    (void)state;
    hold_add(&hold, 20, "b", 1);
    hold_add(&hold, 10, "a", 1);
    assert_null(hold_take(&hold, 9));
    assert_int_equal(hold_next_due(&hold), 10);
    struct held_frame *frame = hold_take(&hold, 10);
    assert_non_null(frame);
    assert_memory_equal(frame->bytes, "a", 1);
    free(frame);
    assert_int_equal(hold_next_due(&hold), 20);
    hold_free(&hold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_due_in_an_empty_hold),
        cmocka_unit_test(frames_come_out_when_due),
        cmocka_unit_test(early_frames_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

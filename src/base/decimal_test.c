/* Decimal text against printf: all small numbers, and both sides of every power of ten and of two.
 */
#include "base/decimal.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_agrees(uint64_t number)
{
    char plain[32], ours[32];
    snprintf(plain, sizeof plain, "%" PRIu64, number);
    *decimal_write(ours, number) = '\0';
    assert_string_equal(ours, plain);
}

static void agrees_with_printf(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 100000; number++)
        assert_agrees(number);
    for (uint64_t power = 10; power < UINT64_MAX / 10; power *= 10)
        for (uint64_t number = power - 2; number < power + 3; number++)
            assert_agrees(number);
    for (int bit = 0; bit < 64; bit++)
        for (uint64_t off = 0; off < 3; off++)
            assert_agrees((1ull << bit) + off - 1);
    assert_agrees(UINT64_MAX);
}

static void small_numbers_agree_with_printf(void **state)
{
    (void)state;
    char plain[32], ours[32];
    for (unsigned number = 0; number < 65536; number++) {
        snprintf(plain, sizeof plain, "%u", number);
        *decimal_write_u16(ours, (uint16_t)number) = '\0';
        assert_string_equal(ours, plain);
    }
    for (unsigned number = 0; number < 256; number++) {
        snprintf(plain, sizeof plain, "%u.", number);
        decimal_write_byte(ours, (uint8_t)number)[1] = '\0';
        assert_string_equal(ours, plain);
    }
}

/* Callers give the stated room, not more. */
static void nothing_is_touched_behind_the_room(void **state)
{
    (void)state;
    char text[DECIMAL_U16_ROOM + 1];
    for (unsigned number = 0; number < 65536; number++) {
        text[DECIMAL_U16_ROOM] = '!';
        decimal_write_u16(text, (uint16_t)number);
        assert_int_equal(text[DECIMAL_U16_ROOM], '!');
        text[DECIMAL_BYTE_ROOM] = '!';
        decimal_write_byte(text, (uint8_t)number);
        assert_int_equal(text[DECIMAL_BYTE_ROOM], '!');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_printf),
        cmocka_unit_test(small_numbers_agree_with_printf),
        cmocka_unit_test(nothing_is_touched_behind_the_room),
    };
    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}

/* The bounded reader: values, and that nothing beyond the end is ever given out. */
#include "base/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void reads_big_endian_values_in_order(void **state)
{
    (void)state;
    struct reader r = reader_over(bytes, sizeof bytes);
    assert_int_equal(reader_u8(&r), 1);
    assert_int_equal(reader_be16(&r), 0x0203);
    assert_int_equal(reader_be32(&r), 0x04050607);
    assert_int_equal(reader_left(&r), 1);
    assert_false(r.failed);
}

static void a_read_past_the_end_gives_zero_and_stays_failed(void **state)
{
    (void)state;
    struct reader r = reader_over(bytes, 3);
    assert_int_equal(reader_be32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(reader_u8(&r), 0);
    assert_null(reader_bytes(&r, 1));
}

static void limit_shortens_but_never_lengthens(void **state)
{
    (void)state;
    struct reader r = reader_over(bytes, sizeof bytes);
    reader_limit(&r, 2);
    assert_int_equal(reader_left(&r), 2);
    reader_limit(&r, 100);
    assert_int_equal(reader_left(&r), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_big_endian_values_in_order),
        cmocka_unit_test(a_read_past_the_end_gives_zero_and_stays_failed),
        cmocka_unit_test(limit_shortens_but_never_lengthens),
    };
    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}

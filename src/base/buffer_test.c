/* The growing buffer: content, its maximum, and what a failed append leaves. */
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void appends_of_every_kind_line_up(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1 << 20);
    buffer_text(&buffer, "a");
    buffer_char(&buffer, ' ');
    buffer_decimal(&buffer, 0);
    buffer_decimal(&buffer, UINT64_MAX);
    buffer_printf(&buffer, " %04x", 0xbeef);
    assert_string_equal(buffer_string(&buffer), "a 018446744073709551615 beef");
    assert_false(buffer.failed);
    buffer_fini(&buffer);
}

static void grows_to_the_maximum_and_no_further(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    uint8_t chunk[100];
    memset(chunk, 'x', sizeof chunk);
    for (int i = 0; i < 10; i++)
        buffer_append(&buffer, chunk, sizeof chunk);
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, 1000);
    buffer_char(&buffer, 'y');
    assert_true(buffer.failed);
    assert_int_equal(buffer.length, 1000);
    buffer_clear(&buffer);
    assert_false(buffer.failed);
    buffer_char(&buffer, 'y');
    assert_int_equal(buffer.length, 1);
    buffer_fini(&buffer);
}

static void dropping_keeps_the_rest(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    buffer_drop(&buffer, 0);
    buffer_text(&buffer, "abcdef");
    buffer_drop(&buffer, 0);
    assert_string_equal(buffer_string(&buffer), "abcdef");
    buffer_drop(&buffer, 2);
    buffer_text(&buffer, "g");
    assert_string_equal(buffer_string(&buffer), "cdefg");
    buffer_drop(&buffer, 5);
    assert_string_equal(buffer_string(&buffer), "");
    buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_of_every_kind_line_up),
        cmocka_unit_test(grows_to_the_maximum_and_no_further),
        cmocka_unit_test(dropping_keeps_the_rest),
    };
    return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}

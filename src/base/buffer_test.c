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

static bool sink_drain(void *context, const uint8_t *bytes, size_t length)
{
    struct buffer *taken = context;
    buffer_append(taken, bytes, length);
    return !taken->failed;
}

static void a_drain_gets_all_in_order(void **state)
{
    (void)state;
    struct buffer taken, buffer;
    buffer_init(&taken, 1 << 20);
    buffer_init_drained(&buffer, 10, sink_drain, &taken);
    for (int i = 0; i < 100; i++)
        buffer_printf(&buffer, "%03d", i);
    assert_int_equal(buffer_total(&buffer), 300);
    assert_true(buffer_flush(&buffer));
    assert_int_equal(buffer_total(&buffer), 300);
    assert_int_equal(taken.length, 300);
    for (int i = 0; i < 100; i++)
        assert_int_equal(strtol((char[4]){(char)taken.bytes[3 * i], (char)taken.bytes[3 * i + 1],
                                          (char)taken.bytes[3 * i + 2]},
                                NULL, 10),
                         i);
    buffer_text(&buffer, "longer than ten");
    assert_true(buffer.failed);
    assert_false(buffer_flush(&buffer));
    buffer_fini(&buffer);
    buffer_fini(&taken);
}

static void a_drain_that_fails_fails_the_buffer(void **state)
{
    (void)state;
    struct buffer taken, buffer;
    buffer_init(&taken, 25);
    buffer_init_drained(&buffer, 10, sink_drain, &taken);
    for (int i = 0; i < 10; i++)
        buffer_text(&buffer, "0123456789");
    assert_true(buffer.failed);
    assert_int_equal(buffer_total(&buffer), 30);
    assert_false(buffer_flush(&buffer));
    assert_int_equal(taken.length, 20);
    buffer_fini(&buffer);
    buffer_fini(&taken);
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
        cmocka_unit_test(a_drain_gets_all_in_order),
        cmocka_unit_test(a_drain_that_fails_fails_the_buffer),
        cmocka_unit_test(dropping_keeps_the_rest),
    };
    return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}

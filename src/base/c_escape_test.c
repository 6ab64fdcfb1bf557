/* Every escape, and what is none. */
#include "base/c_escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *text, int byte, size_t length)
{
    size_t found;
    assert_int_equal(c_escape_byte(text, text + strlen(text), &found), byte);
    if (byte >= 0)
        assert_int_equal(found, length);
}

static void knows_every_escape(void **state)
{
    (void)state;
    static const char letters[] = "0abfnrtv", bytes[] = "\0\a\b\f\n\r\t\v";
    for (size_t i = 0; i < sizeof letters - 1; i++)
        check((const char[]){letters[i], '1', '\0'}, bytes[i], 1);
    check("\"", '"', 1);
    check("\\n", '\\', 1);
    check("x00", 0, 3);
    check("xfFf", 255, 3);
    check("x9a", 0x9a, 3);
}

static void refuses_others(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "q", "1", "x", "x1", "xg0", "x0g", "N"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check(wrong[i], -1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_escape),
        cmocka_unit_test(refuses_others),
    };
    return cmocka_run_group_tests_name("c_escape", tests, NULL, NULL);
}

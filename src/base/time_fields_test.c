/* File names with fields of the time. */
#include "base/time_fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { TIME = 1700000000, TEXT_MAX = 4096 };

static void check(const char *text, const char *expected)
{
    struct error err;
    struct buffer out;
    buffer_init(&out, TEXT_MAX);
    if (time_fields_fill(&out, text, TIME, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    assert_string_equal(buffer_string(&out), expected);
    buffer_fini(&out);
}

static void fields_are_filled_in(void **state)
{
    (void)state;
    check("", "");
    check("plain.xml", "plain.xml");
    check("scan-%Y-%m-%d.xml", "scan-2023-11-14.xml");
    check("%H%M%S", "171320"); /* five hours west of Greenwich, where it is 22:13:20 */
    check("100%%", "100%");
    check("%%Y", "%Y");
    check("%s/%F", "1700000000/2023-11-14");
}

static void check_refused(const char *text, const char *words)
{
    struct error err;
    struct buffer out;
    buffer_init(&out, TEXT_MAX);
    assert_true(time_fields_fill(&out, text, TIME, &err) < 0);
    if (strstr(err.text, words) == NULL)
        fail_msg("%s: %s", text, err.text);
    buffer_fini(&out);
}

static void unknown_fields_are_named(void **state)
{
    (void)state;
    check_refused("a%Qb", "\"%Q\" is no field");
    check_refused("%D", "\"%D\" is no field"); /* it has slashes */
    check_refused("%e", "\"%e\" is no field"); /* it may begin with a blank */
    check_refused("100%", "a percent sign ends it");
}

static void a_text_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char text[TEXT_MAX + 2];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    check_refused(text, "too long");
}

static void what_is_escaped_comes_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "a", "%", "%Y", "100%%", "%%%"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer escaped;
        buffer_init(&escaped, TEXT_MAX);
        time_fields_escape(&escaped, texts[i]);
        check(buffer_string(&escaped), texts[i]);
        buffer_fini(&escaped);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_filled_in),
        cmocka_unit_test(unknown_fields_are_named),
        cmocka_unit_test(a_text_that_is_too_long_is_refused),
        cmocka_unit_test(what_is_escaped_comes_back),
    };
    setenv("TZ", "XXX5", 1);
    tzset();
    return cmocka_run_group_tests_name("time_fields", tests, NULL, NULL);
}

/* Text for roff. */
#include "manual/roff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void signs_are_escaped(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 1000);
    roff_escape(&out, "a-b\\n 'x' ~/^`", 14);
    assert_string_equal(buffer_string(&out), "a\\-b\\en \\(aqx\\(aq \\(ti/\\(ha\\(ga");
    buffer_fini(&out);
}

static void prose_is_cut_into_lines(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"One. Two", "One.\nTwo\n"},
        {"Use --rate, or -p (--ports) or - or 5-6.",
         "Use \\fB\\-\\-rate\\fR, or \\fB\\-p\\fR (\\fB\\-\\-ports\\fR) or \\- or 5\\-6.\n"},
        {".hidden 'file", "\\&.hidden \\(aqfile\n"},
        {"", ""},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out;
        buffer_init(&out, 1000);
        roff_prose(&out, cases[i][0]);
        assert_string_equal(buffer_string(&out), cases[i][1]);
        buffer_fini(&out);
    }
}

static void no_line_is_long(void **state)
{
    (void)state;
    struct buffer text, out;
    buffer_init(&text, 10000);
    buffer_init(&out, 20000);
    for (unsigned i = 0; i < 500; i++)
        buffer_printf(&text, "%.*s ", (int)(i % 11), "abcdefghijk");
    roff_prose(&out, buffer_string(&text));
    const char *line = buffer_string(&out);
    for (; *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 1, 80);
    buffer_fini(&text);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_are_escaped),
        cmocka_unit_test(prose_is_cut_into_lines),
        cmocka_unit_test(no_line_is_long),
    };
    return cmocka_run_group_tests_name("roff", tests, NULL, NULL);
}

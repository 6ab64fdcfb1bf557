/* Completion scripts offer what works and nothing else, and know what each value is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "manual/manual.h"
#include "manual/values.h"

static const struct option *row(const char *name)
{
    const struct option *option = option_find(name, strlen(name));
    assert_non_null(option);
    return option;
}

static void values_have_kinds(void **state)
{
    (void)state;
    assert_int_equal(value_kind_of(row("adapter")), VALUE_INTERFACE);
    assert_int_equal(value_kind_of(row("excludefile")), VALUE_FILE);
    assert_int_equal(value_kind_of(row("readscan")), VALUE_FILE);
    assert_int_equal(value_kind_of(row("rotate-dir")), VALUE_DIRECTORY);
    assert_int_equal(value_kind_of(row("packet-io")), VALUE_WORD);
    assert_int_equal(value_kind_of(row("rate")), VALUE_FREE);
    assert_int_equal(value_kind_of(row("hello-file")), VALUE_FILE);
    assert_int_equal(value_kind_of(row("nmap-service-probes")), VALUE_FILE);
    assert_int_equal(value_kind_of(row("hello")), VALUE_WORD);
    assert_int_equal(value_kind_of(row("nocapture")), VALUE_WORD);
    assert_int_equal(value_kind_of(row("sni")), VALUE_FREE);
    assert_int_equal(value_kind_of(row("ping")), VALUE_NONE);
    assert_int_equal(value_kind_of(row("top-ports")), VALUE_NONE);
}

/* What stands for a long and for a short option in each script: one or the other. */
static const struct {
    void (*complete)(struct buffer *out);
    const char *long_forms[2], *short_forms[2];
} scripts[] = {
    {completion_bash, {"--%s ", "--%s'"}, {" -%s ", " -%s'"}},
    {completion_zsh, {"'*--%s[", "'*--%s=["}, {"'*-%s[", "'*-%s["}},
    {completion_fish, {" -l %s ", " -l %s "}, {" -o '%s'", " -s '%s'"}},
};

static bool has(const char *script, const char *form, const char *name)
{
    char wanted[2 * OPTION_NAME_SIZE];
    snprintf(wanted, sizeof wanted, form, name);
    return strstr(script, wanted) != NULL;
}

static void all_options_are_offered(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct buffer out;
        buffer_init(&out, 1 << 20);
        scripts[i].complete(&out);
        assert_false(out.failed);
        for (unsigned n = 0; n < option_count; n++) {
            const struct option *option = &option_table[n];
            bool is_short = option_is_short(option);
            const char *const *forms = is_short ? scripts[i].short_forms : scripts[i].long_forms;
            bool offered = has(buffer_string(&out), forms[0], option->name) ||
                           has(buffer_string(&out), forms[1], option->name);
            if (!offered)
                fail_msg("script %u: %s is not offered", i, option->name);
        }
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_kinds),
        cmocka_unit_test(all_options_are_offered),
    };
    return cmocka_run_group_tests_name("completion", tests, NULL, NULL);
}

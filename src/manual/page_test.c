/* The manual page: it says every option, and a wrong template is an error. */
#include "manual/manual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/option.h"

#define ALL_PARTS "@OPTIONS@\n.SH BETWEEN\n@NMAP_TAKEN@\n@NMAP_REFUSED@\n"

static struct buffer page_of(const char *template)
{
    struct buffer out;
    struct error err;
    buffer_init(&out, 1 << 20);
    if (manual_page(&out, template, &err) < 0)
        fail_msg("%s", err.text);
    return out;
}

/* Writes a name as it stands in the page, in bold. */
static void bold(char *text, size_t size, const char *dashes, const char *name, size_t length)
{
    size_t used = (size_t)snprintf(text, size, "\\fB");
    for (; *dashes != '\0'; dashes++)
        used += (size_t)snprintf(text + used, size - used, "\\-");
    for (size_t i = 0; i < length; i++)
        used += (size_t)snprintf(text + used, size - used, name[i] == '-' ? "\\%c" : "%c", name[i]);
    snprintf(text + used, size - used, "\\fR");
}

static void expect_names(const char *page, const char *dashes, const char *list)
{
    const char *name;
    size_t length;
    while ((name = option_next_word(&list, &length)) != NULL) {
        char text[3 * OPTION_NAME_SIZE];
        bold(text, sizeof text, dashes, name, length);
        if (strstr(page, text) == NULL)
            fail_msg("%.*s is not in the page", (int)length, name);
    }
}

/* Before BETWEEN, where @OPTIONS@ was. */
static void every_option_is_in_the_page(void **state)
{
    (void)state;
    struct buffer page = page_of(ALL_PARTS);
    char *options = (char *)(uintptr_t)buffer_string(&page);
    char *rest = strstr(options, ".SH BETWEEN\n");
    assert_non_null(rest);
    *rest = '\0';
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        expect_names(options, "-", option->shorts);
        expect_names(options, "--", option->aliases);
        if (!option_is_short(option))
            expect_names(options, "--", option->name);
    }
    buffer_fini(&page);
}

static void defaults_and_values_are_said(void **state)
{
    (void)state;
    struct buffer page = page_of(ALL_PARTS);
    const char *text = buffer_string(&page);
    assert_non_null(strstr(text, ".TP\n\\fB\\-\\-rate\\fR, \\fB\\-\\-max\\-rate\\fR "
                                 "\\fI<packets>\\fR\n"));
    assert_non_null(strstr(text, "The default is \\fB100\\fR.\n"));
    assert_non_null(strstr(text, ".SS Targets\n"));
    assert_non_null(strstr(text, ".SS Operations\n"));
    assert_non_null(strstr(text, "\\fB\\-T*\\fR, \\fB\\-\\-min\\-hostgroup\\fR"));
    buffer_fini(&page);
}

static void the_template_is_kept(void **state)
{
    (void)state;
    struct buffer page = page_of(".TH X 8\nTo a@b.c @\n@@\n" ALL_PARTS "the end");
    const char *text = buffer_string(&page);
    assert_ptr_equal(strstr(text, ".TH X 8\nTo a@b.c @\n@@\n.SS "), text);
    assert_string_equal(text + strlen(text) - 9, "\nthe end\n");
    buffer_fini(&page);
}

static void a_wrong_template_is_an_error(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {ALL_PARTS "@OPTION@\n", "the template has an unknown line: @OPTION@"},
        {"@OPTIONS@\n@NMAP_REFUSED@\n", "the template lacks a line: @NMAP_TAKEN@"},
        {"", "the template lacks a line: @OPTIONS@"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out;
        struct error err = {0};
        buffer_init(&out, 1 << 20);
        assert_int_equal(manual_page(&out, cases[i][0], &err), -1);
        assert_string_equal(err.text, cases[i][1]);
        buffer_fini(&out);
    }
    struct buffer small;
    struct error err;
    buffer_init(&small, 100);
    assert_int_equal(manual_page(&small, ALL_PARTS, &err), -1);
    buffer_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_is_in_the_page),
        cmocka_unit_test(defaults_and_values_are_said),
        cmocka_unit_test(the_template_is_kept),
        cmocka_unit_test(a_wrong_template_is_an_error),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}

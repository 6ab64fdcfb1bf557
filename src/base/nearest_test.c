/* Mistyped words and what they may have been meant for. */
#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void distances_count_single_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *word;
        unsigned distance;
    } cases[] = {
        {"http", "http", 1},     {"htp", "http", 1},     {"htttp", "http", 1}, {"hxtp", "http", 1},
        {"htpt", "http", 1},     {"ftp", "http", 2},     {"", "ssl", 3},       {"sslx", "", 4},
        {"mem", "memcached", 1}, {"me", "memcached", 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(nearest_distance(cases[i].typed, cases[i].word), cases[i].distance);
}

static void assert_nearest(const char *typed, const char *expected)
{
    static const char *const words[] = {"telnet", "http", "ftp", "ntp", "smtp", "snmp", "title"};
    struct nearest nearest = {.typed = typed};
    char text[NEAREST_TEXT_SIZE];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        nearest_offer(&nearest, words[i], strlen(words[i]), nearest_distance(typed, words[i]));
    assert_string_equal(nearest_text(&nearest, "+", text), expected);
}

static void the_nearest_are_named_nearest_first(void **state)
{
    (void)state;
    assert_nearest("telnt", "+telnet");
    assert_nearest("tp", "");
    assert_nearest("xtp", "+ftp or +ntp");
    assert_nearest("stp", "+ftp, +ntp or +smtp");
    assert_nearest("ttp", "+http, +ftp or +ntp"); /* and no fourth */
    assert_nearest("gopher", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_count_single_mistakes),
        cmocka_unit_test(the_nearest_are_named_nearest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

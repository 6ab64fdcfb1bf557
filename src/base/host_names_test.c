/* Names by address: found whatever the order they came in, the first one of an address, none of
 * strangers. */
#include "base/host_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void finds_each_name(void **state)
{
    (void)state;
    enum { NAMES = 1000 };
    struct host_names names = {0};
    char text[32];
    for (uint32_t i = 0; i < NAMES; i++) {
        uint32_t number = i * 7919 % NAMES;
        snprintf(text, sizeof text, "host%u", number);
        assert_int_equal(host_names_add(&names, ip_number_v4(2 * number), text, strlen(text), NULL),
                         0);
    }
    host_names_sort(&names);
    for (uint32_t i = 0; i < NAMES; i++) {
        snprintf(text, sizeof text, "host%u", i);
        assert_string_equal(host_names_find(&names, ip_number_v4(2 * i)), text);
        assert_null(host_names_find(&names, ip_number_v4(2 * i + 1)));
    }
    host_names_fini(&names);
}

static void the_first_name_of_an_address_counts(void **state)
{
    (void)state;
    struct host_names names = {0};
    const struct ip_number v6 = {0x20010db800000000, 1};
    assert_int_equal(host_names_add(&names, v6, "first.example", 13, NULL), 0);
    assert_int_equal(host_names_add(&names, ip_number_v4(1), "other.example, cut", 13, NULL), 0);
    assert_int_equal(host_names_add(&names, v6, "second", 6, NULL), 0);
    host_names_sort(&names);
    assert_int_equal(names.count, 2);
    assert_string_equal(host_names_find(&names, v6), "first.example");
    assert_string_equal(host_names_find(&names, ip_number_v4(1)), "other.example");
    host_names_fini(&names);
    assert_null(host_names_find(&names, v6));
    assert_null(host_names_find(NULL, v6));
}

static void only_plain_names_are_names(void **state)
{
    (void)state;
    static const char *const plain[] = {"a", "www.example.org", "x-1_2", "3com"};
    static const char *const others[] = {"", "10.0.0.1", "a b", "a/b", "a:b", "\xc3\xa4", "a\n"};
    char longest[HOST_NAME_LONGEST + 2];
    memset(longest, 'a', sizeof longest);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        assert_true(host_name_is_plain(plain[i], strlen(plain[i])));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(host_name_is_plain(others[i], strlen(others[i])));
    assert_true(host_name_is_plain(longest, HOST_NAME_LONGEST));
    assert_false(host_name_is_plain(longest, HOST_NAME_LONGEST + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_name),
        cmocka_unit_test(the_first_name_of_an_address_counts),
        cmocka_unit_test(only_plain_names_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

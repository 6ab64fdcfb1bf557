/* Addresses to text and back. */
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void ip_text_goes_there_and_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"0.0.0.0", "192.0.2.10", "255.255.255.255", "2001:db8::1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct ip_address address;
        char text[IP_TEXT_SIZE];
        assert_true(ip_parse(&address, texts[i], strlen(texts[i])));
        assert_string_equal(ip_format(&address, text), texts[i]);
    }
}

static void wrong_ip_text_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",         "1.2.3",   "1.2.3.256",
                                        "1.2.3.4x", "a.b.c.d", "1.2.3.4.5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct ip_address address;
        assert_false(ip_parse(&address, texts[i], strlen(texts[i])));
    }
}

static void v4_values_are_host_order(void **state)
{
    (void)state;
    struct ip_address address = ip_from_v4(0xc000020a);
    char text[IP_TEXT_SIZE];
    assert_string_equal(ip_format(&address, text), "192.0.2.10");
    assert_int_equal(ip_to_v4(&address), 0xc000020a);
}

static void the_fast_form_agrees_with_the_plain_one(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 300000; i++) {
        uint32_t value = i < 256 ? i * 0x01010101u : i * 2654435761u;
        struct ip_address address = ip_from_v4(value);
        char plain[IP_TEXT_SIZE], fast[IP_TEXT_SIZE];
        *ip_v4_write(fast, value) = '\0';
        assert_string_equal(fast, ip_format(&address, plain));
    }
}

static void mac_text_with_every_separator(void **state)
{
    (void)state;
    static const char *const texts[] = {"66-55-44-33-22-1a", "66:55:44:33:22:1A", "66554433221a"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct mac_address mac;
        char text[MAC_TEXT_SIZE];
        assert_true(mac_parse(&mac, texts[i]));
        assert_string_equal(mac_format(&mac, text), "66-55-44-33-22-1a");
    }
    struct mac_address mac;
    assert_false(mac_parse(&mac, "66-55-44-33-22"));
    assert_false(mac_parse(&mac, "66-55-44-33-22-11-00"));
    assert_false(mac_parse(&mac, "66-55-44-33-22-gg"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ip_text_goes_there_and_back),
        cmocka_unit_test(wrong_ip_text_is_refused),
        cmocka_unit_test(v4_values_are_host_order),
        cmocka_unit_test(the_fast_form_agrees_with_the_plain_one),
        cmocka_unit_test(mac_text_with_every_separator),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}

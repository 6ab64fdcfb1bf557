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

/* Addresses whose groups are zero, small or anything, in every combination. */
static struct ip_number patterned(uint32_t pattern, uint64_t random)
{
    uint64_t words[2] = {0, 0};
    for (unsigned group = 0; group < 8;
         group++, pattern /= 3, random = random << 7 | random >> 57) {
        uint64_t value = pattern % 3 == 0 ? 0 : pattern % 3 == 1 ? random & 0xf : random & 0xffff;
        words[group / 4] = words[group / 4] << 16 | value;
    }
    return (struct ip_number){words[0], words[1]};
}

static void ipv6_is_written_as_the_c_library_writes_it(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (uint32_t i = 0; i < 6561 * 30; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        struct ip_number number = patterned(i % 6561, random >> 9);
        struct ip_address address = ip_from_number(number);
        char plain[IP_TEXT_SIZE], fast[IP_TEXT_SIZE];
        *ip_number_write(fast, number) = '\0';
        assert_string_equal(fast, ip_format(&address, plain));
    }
}

static void numbers_are_addresses_of_both_families(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0.0.0.0", "192.0.2.10",  "255.255.255.255",
        "::",      "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct ip_address address, back;
        char text[IP_TEXT_SIZE];
        assert_true(ip_parse(&address, texts[i], strlen(texts[i])));
        struct ip_number number = ip_number_from(&address);
        assert_int_equal(ip_number_is_v4(number), address.version == 4);
        back = ip_from_number(number);
        assert_true(ip_equal(&address, &back));
        *ip_number_write(text, number) = '\0';
        assert_string_equal(text, texts[i]);
        assert_true(ip_number_equal(number, ip_number_of(ip_number_value(number))));
    }
}

static void numbers_of_128_bits_as_text(void **state)
{
    (void)state;
    char text[UINT128_TEXT_SIZE];
    assert_string_equal(uint128_text(text, 0), "0");
    assert_string_equal(uint128_text(text, (uint128)1 << 64), "18446744073709551616");
    assert_string_equal(uint128_text(text, UINT128_MAX), "340282366920938463463374607431768211455");
    assert_int_equal(uint128_leading_zeros(0), 128);
    assert_int_equal(uint128_leading_zeros(1), 127);
    assert_int_equal(uint128_leading_zeros((uint128)1 << 64), 63);
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
        cmocka_unit_test(ipv6_is_written_as_the_c_library_writes_it),
        cmocka_unit_test(numbers_are_addresses_of_both_families),
        cmocka_unit_test(numbers_of_128_bits_as_text),
        cmocka_unit_test(mac_text_with_every_separator),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}

/* Sets as text: the form, and that the parsers read the same set back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/port.h"
#include "target/parse.h"

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 32);
}

static void ranges_have_their_plainest_form(void **state)
{
    (void)state;
    static const struct {
        struct range range;
        const char *text;
    } cases[] = {
        {{0x01020304, 0x01020304}, "1.2.3.4"},
        {{0x0a000000, 0x0affffff}, "10.0.0.0/8"},
        {{0x0a000000, 0x0a000001}, "10.0.0.0/31"},
        {{0x0a000001, 0x0a000002}, "10.0.0.1-10.0.0.2"},
        {{0x0a000001, 0x0affffff}, "10.0.0.1-10.255.255.255"},
        {{0x0a000000, 0x0afffffe}, "10.0.0.0-10.255.255.254"},
        {{0, UINT32_MAX}, "0.0.0.0/0"},
        {{0x80000000, UINT32_MAX}, "128.0.0.0/1"},
        {{0x40000000, 0xbfffffff}, "64.0.0.0-191.255.255.255"},
        {{UINT32_MAX, UINT32_MAX}, "255.255.255.255"},
        {{0, 0}, "0.0.0.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer text;
        buffer_init(&text, 100);
        target_format_range(&text, address_range_v4(cases[i].range));
        assert_string_equal(buffer_string(&text), cases[i].text);
        buffer_fini(&text);
    }
}

/* The blocks of a range follow each other without a gap, and are as few as can be: no two
 * neighbours of one size make a block together. */
static void check_blocks(struct range6 range)
{
    uint128 next = range.first, size_before = 0;
    while (next <= range.last) {
        struct range6 block = target_first_block((struct range6){next, range.last});
        uint128 size = block.last - block.first + 1;
        assert_true(block.first == next);
        assert_true(block.last <= range.last);
        assert_true((size & (size - 1)) == 0 && block.first % size == 0);
        assert_false(size == size_before && (block.first - size) % (2 * size) == 0);
        size_before = size;
        next = block.last + 1;
    }
    assert_true(next == range.last + 1);
}

static void ranges_are_cut_into_the_fewest_blocks(void **state)
{
    (void)state;
    const uint128 ones = UINT64_MAX;
    const uint128 bases[] = {ip_number_value(ip_number_v4(0)),
                             ip_number_value(ip_number_v4(0x0a0000e0)),
                             ip_number_value(ip_number_v4(UINT32_MAX - 63)),
                             0,
                             ones - 31,
                             UINT128_MAX - 64};
    for (unsigned i = 0; i < sizeof bases / sizeof bases[0]; i++)
        for (uint32_t first = 0; first < 64; first++)
            for (uint32_t last = first; last < 64; last++)
                check_blocks((struct range6){bases[i] + first, bases[i] + last});
    check_blocks(address_range_v4((struct range){0, UINT32_MAX}));
    check_blocks(address_range_v4((struct range){1, UINT32_MAX - 1}));
    check_blocks((struct range6){1, UINT128_MAX - 1});
    struct range6 all = target_first_block((struct range6){0, UINT128_MAX});
    assert_true(all.first == 0 && all.last == UINT128_MAX);
}

static void check_read_back(struct range6 range)
{
    struct buffer text;
    struct address_set set = {0};
    buffer_init(&text, 200);
    target_format_range(&text, range);
    assert_int_equal(target_parse_addresses(&set, buffer_string(&text), NULL), 0);
    assert_int_equal(address_set_range_count(&set), 1);
    struct range6 again = address_set_range(&set, 0);
    assert_memory_equal(&again, &range, sizeof range);
    address_set_fini(&set);
    buffer_fini(&text);
}

static void ranges_read_back(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) {
        uint32_t host_bits = (uint32_t)((1ull << next_random(&random) % 33) - 1);
        struct range range = {next_random(&random), next_random(&random)};
        if (i % 2 == 0)
            range = (struct range){range.first & ~host_bits, range.first | host_bits};
        else if (range.first > range.last)
            range = (struct range){range.last, range.first};
        check_read_back(address_range_v4(range));
    }
}

static uint128 random_ipv6(uint64_t *random)
{
    uint128 value = 0x2000 | next_random(random) % 0x2000;
    for (int group = 1; group < 8; group++)
        value = value << 16 | (next_random(random) % 3 == 0 ? 0 : next_random(random) & 0xffff);
    return value;
}

static void ipv6_ranges_read_back(void **state)
{
    (void)state;
    uint64_t random = 3;
    for (int i = 0; i < 20000; i++) {
        uint128 host_bits = i % 128 == 0 ? 0 : UINT128_MAX >> (128 - i % 128);
        struct range6 range = {random_ipv6(&random), random_ipv6(&random)};
        if (i % 2 == 0 && i % 128 < 120)
            range = (struct range6){range.first & ~host_bits, range.first | host_bits};
        else if (range.first > range.last)
            range = (struct range6){range.last, range.first};
        check_read_back(range);
    }
    check_read_back((struct range6){1, 1});
    check_read_back((struct range6){UINT128_MAX, UINT128_MAX});
}

static void ipv6_ranges_have_their_plainest_form(void **state)
{
    (void)state;
    const uint128 documentation = uint128_of(0x20010db800000000, 0);
    const struct {
        struct range6 range;
        const char *text;
    } cases[] = {
        {{documentation + 1, documentation + 1}, "2001:db8::1"},
        {{documentation, documentation + UINT64_MAX}, "2001:db8::/64"},
        {{documentation + 1, documentation + 2}, "2001:db8::1-2001:db8::2"},
        {{0, UINT128_MAX}, "::/0"},
        {{0, 0}, "::"},
        {{1, UINT128_MAX}, "::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer text;
        buffer_init(&text, 200);
        target_format_range(&text, cases[i].range);
        assert_string_equal(buffer_string(&text), cases[i].text);
        buffer_fini(&text);
    }
}

static uint32_t random_port(uint64_t *random)
{
    static const uint32_t limits[PORT_CLASSES] = {65536, 65536, 65536, 2, 256, 1};
    enum port_class class = (enum port_class)(next_random(random) % PORT_CLASSES);
    uint32_t number = next_random(random);
    bool is_edge = number % 4 == 0; /* the last of a class touches the first of the next */
    return port_code(class, is_edge ? limits[class] - 1 : (number >> 8) % limits[class]);
}

static void ports_read_back(void **state)
{
    (void)state;
    uint64_t random = 2;
    for (int i = 0; i < 5000; i++) {
        struct range_set set = {0}, again = {0};
        for (uint32_t left = next_random(&random) % 8; left > 0; left--) {
            uint32_t first = random_port(&random), last = random_port(&random);
            bool same_class = port_code_class(first) == port_code_class(last) && first <= last;
            assert_int_equal(range_set_add(&set, first, same_class ? last : first, NULL), 0);
        }
        assert_int_equal(range_set_add(&set, 65535, 65536 + i % 2, NULL), 0);
        assert_int_equal(range_set_normalise(&set, NULL), 0);
        struct buffer text;
        buffer_init(&text, 1000);
        target_format_ports(&text, &set);
        assert_int_equal(target_parse_ports(&again, buffer_string(&text), PORT_TCP, NULL), 0);
        assert_int_equal(range_set_normalise(&again, NULL), 0);
        assert_int_equal(again.count, set.count);
        assert_memory_equal(again.ranges, set.ranges, set.count * sizeof set.ranges[0]);
        buffer_fini(&text);
        range_set_fini(&set);
        range_set_fini(&again);
    }
}

static void an_empty_set_of_ports_is_no_text(void **state)
{
    (void)state;
    struct range_set set = {0};
    struct buffer text;
    buffer_init(&text, 100);
    target_format_ports(&text, &set);
    assert_int_equal(text.length, 0);
    buffer_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_have_their_plainest_form),
        cmocka_unit_test(ranges_are_cut_into_the_fewest_blocks),
        cmocka_unit_test(ranges_read_back),
        cmocka_unit_test(ipv6_ranges_have_their_plainest_form),
        cmocka_unit_test(ipv6_ranges_read_back),
        cmocka_unit_test(ports_read_back),
        cmocka_unit_test(an_empty_set_of_ports_is_no_text),
    };
    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}

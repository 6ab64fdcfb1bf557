/* De-duplication: exact while it fits, bounded when it does not. */
#include "base/dedup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t key_of(const struct dedup *dedup, uint32_t address, uint32_t port, unsigned status)
{
    return dedup_key(dedup, ip_number_v4(address), port, status);
}

static void every_key_is_new_once(void **state)
{
    (void)state;
    struct dedup dedup;
    assert_int_equal(dedup_init(&dedup, 64, NULL), 0);
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < 300000; i++) {
            uint64_t key = key_of(&dedup, i, i % 70000, i % 3);
            assert_int_equal(dedup_contains(&dedup, key), pass);
            assert_int_equal(dedup_insert(&dedup, key, NULL), !pass);
        }
    assert_int_equal(dedup.forgotten, 0);
    dedup_fini(&dedup);
}

static void address_port_and_status_all_count(void **state)
{
    (void)state;
    struct dedup dedup;
    assert_int_equal(dedup_init(&dedup, 1, NULL), 0);
    assert_int_equal(dedup_insert(&dedup, key_of(&dedup, 0, 0, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, key_of(&dedup, 1, 0, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, key_of(&dedup, 0, 1, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, key_of(&dedup, 0, 0, 1), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, key_of(&dedup, 0, 1 << 16, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, key_of(&dedup, 0, 0, 0), NULL), 0);
    dedup_fini(&dedup);
}

static void at_the_maximum_the_latest_are_still_known(void **state)
{
    (void)state;
    struct dedup dedup;
    assert_int_equal(dedup_init(&dedup, 1, NULL), 0); /* two generations of 65,536 slots */
    enum { MANY = 500000, LATEST = 49152 };
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(dedup_insert(&dedup, key_of(&dedup, i, 80, 0), NULL), 1);
    assert_true(dedup.forgotten > 0);
    assert_true(dedup.current.capacity <= 65536);
    for (uint32_t i = MANY - LATEST; i < MANY; i++) {
        assert_true(dedup_contains(&dedup, key_of(&dedup, i, 80, 0)));
        assert_int_equal(dedup_insert(&dedup, key_of(&dedup, i, 80, 0), NULL), 0);
    }
    dedup_fini(&dedup);
}

/* Every bit of what is reported makes another report, over IPv6 and IPv4 alike. */
static void every_bit_counts_over_ipv6(void **state)
{
    (void)state;
    struct dedup dedup;
    const struct ip_number address = {0x20010db800000000, 1};
    const uint32_t port = 0x1bb;
    assert_int_equal(dedup_init(&dedup, 1, NULL), 0);
    assert_int_equal(dedup_insert(&dedup, dedup_key(&dedup, address, port, 0), NULL), 1);
    for (int bit = 0; bit < 128 + 19 + 7; bit++) {
        struct ip_number other = address;
        other.high ^= bit < 64 ? 1ull << bit : 0;
        other.low ^= bit >= 64 && bit < 128 ? 1ull << (bit - 64) : 0;
        uint32_t other_port = port ^ (bit >= 128 && bit < 147 ? 1u << (bit - 128) : 0);
        unsigned status = bit >= 147 ? 1u << (bit - 147) : 0;
        uint64_t key = dedup_key(&dedup, other, other_port, status);
        assert_int_equal(dedup_insert(&dedup, key, NULL), 1);
        assert_int_equal(dedup_insert(&dedup, key, NULL), 0);
    }
    for (uint32_t i = 0; i < 20000; i++)
        assert_int_equal(dedup_insert(&dedup, key_of(&dedup, i, port, 0), NULL), 1);
    assert_int_equal(dedup_insert(&dedup, dedup_key(&dedup, address, port, 0), NULL), 0);
    dedup_fini(&dedup);
}

/* What stands for IPv6 does not crowd the table: hosts beside each other are far apart in it. */
static void neighbours_over_ipv6_are_new_once(void **state)
{
    (void)state;
    struct dedup dedup;
    assert_int_equal(dedup_init(&dedup, 64, NULL), 0);
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < 300000; i++) {
            const struct ip_number address = {0x20010db800000000 + i % 3, i};
            uint64_t key = dedup_key(&dedup, address, i % 5, 1);
            assert_int_equal(dedup_insert(&dedup, key, NULL), !pass);
        }
    assert_int_equal(dedup.forgotten, 0);
    dedup_fini(&dedup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_new_once),
        cmocka_unit_test(address_port_and_status_all_count),
        cmocka_unit_test(at_the_maximum_the_latest_are_still_known),
        cmocka_unit_test(every_bit_counts_over_ipv6),
        cmocka_unit_test(neighbours_over_ipv6_are_new_once),
    };
    return cmocka_run_group_tests_name("dedup", tests, NULL, NULL);
}

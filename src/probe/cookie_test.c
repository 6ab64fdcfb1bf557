/* Cookies: the batch against the hash of base/, and what the tag makes of the source ranges. */
#include "probe/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/siphash.h"

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

static const struct siphash_key keys[] = {
    {0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull},
    {0, 0},
    {UINT64_MAX, UINT64_MAX},
    {0x8000000000000001ull, 0x123456789abcdef0ull},
};

/* Addresses and port codes with every bit set somewhere, and the extremes. */
static void fill(struct probe_batch *batch, uint32_t seed)
{
    for (uint32_t i = 0; i < BATCH_LANES; i++) {
        seed = seed * 1664525u + 1013904223u;
        batch->address[i] = seed ^ seed >> 15;
        batch->port[i] = port_code((enum port_class)(i % PORT_CLASSES), seed >> 7 & 0xffff);
    }
    batch->address[0] = 0;
    batch->port[0] = 0;
    batch->address[255] = UINT32_MAX;
    batch->port[255] = port_code(PORT_IP_PROTO, 0xffff);
}

/* The message as the design has it: address, number, class, byte by byte. */
static uint64_t reference_hash(const struct siphash_key *key, uint32_t address, uint32_t port)
{
    const uint32_t number = port_code_number(port);
    const uint8_t message[7] = {
        (uint8_t)(address % 256),         (uint8_t)(address / 256 % 256),
        (uint8_t)(address / 65536 % 256), (uint8_t)(address / 16777216),
        (uint8_t)(number % 256),          (uint8_t)(number / 256),
        (uint8_t)port_code_class(port),
    };
    return siphash_2_4(key, message, sizeof message);
}

static void every_lane_is_siphash(void **state)
{
    (void)state;
    static struct probe_batch batch;
    for (uint32_t round = 0; round < 40; round++) {
        struct probe_setup setup = {.level = level, .key = keys[round % 4]};
        fill(&batch, round);
        batch.count = round; /* of no meaning here: all lanes are computed */
        cookie_batch(&setup, &batch);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            uint64_t hash = reference_hash(&setup.key, batch.address[i], batch.port[i]);
            assert_int_equal(batch.cookie[i], (uint32_t)hash);
            assert_int_equal(batch.tag[i], (uint32_t)(hash >> 32));
        }
    }
}

static void one_agrees_with_the_batch(void **state)
{
    (void)state;
    static struct probe_batch batch;
    for (unsigned bits = 0; bits <= 16; bits++) {
        struct probe_setup setup = {.level = level,
                                    .key = keys[0],
                                    .source_address = 0x0a000000,
                                    .source_address_mask = (1u << bits * 3 / 2) - 1,
                                    .source_port = 0,
                                    .source_port_mask = (uint16_t)((1u << bits) - 1)};
        fill(&batch, bits);
        cookie_batch(&setup, &batch);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            struct cookie cookie = cookie_of(&setup, ip_number_v4(batch.address[i]), batch.port[i]);
            assert_int_equal(cookie.cookie, batch.cookie[i]);
            assert_int_equal(cookie.tag, batch.tag[i]);
            assert_true(cookie_left_from(&cookie, ip_number_v4(batch.source_address[i]),
                                         (uint16_t)batch.source_port[i]));
            assert_in_range(batch.source_address[i] - setup.source_address, 0,
                            setup.source_address_mask);
            assert_in_range(batch.source_port[i], 0, setup.source_port_mask);
        }
    }
}

/* The message of an IPv6 pair, byte by byte: the address from its last byte to its first, number,
 * class. The batch and the single cookie agree with it, and with each other about the source. */
static void ipv6_lanes_are_siphash_too(void **state)
{
    (void)state;
    static struct probe_batch batch;
    static struct probe_lanes_ipv6 lanes;
    batch.ipv6 = &lanes;
    for (uint32_t round = 0; round < 40; round++) {
        struct probe_setup setup = {.level = level,
                                    .key = keys[round % 4],
                                    .source_ipv6 = {0x20010db8ull << 32, 0xfffffffffff00000},
                                    .source_ipv6_mask = (1u << round % 20) - 1,
                                    .source_port = 1000,
                                    .source_port_mask = 255};
        fill(&batch, round);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            lanes.address.high[i] = batch.address[i] * 0x9e3779b97f4a7c15ull;
            lanes.address.low[i] = batch.address[i] * 0xbf58476d1ce4e5b9ull + i;
        }
        cookie_batch(&setup, &batch);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            uint8_t message[19];
            struct ip_number number = address_lane(&lanes.address, i);
            struct ip_address address = ip_from_number(number);
            for (unsigned k = 0; k < 16; k++)
                message[k] = address.bytes[15 - k];
            message[16] = (uint8_t)batch.port[i];
            message[17] = (uint8_t)(batch.port[i] >> 8);
            message[18] = (uint8_t)port_code_class(batch.port[i]);
            uint64_t hash = siphash_2_4(&setup.key, message, sizeof message);
            struct cookie cookie = cookie_of(&setup, number, batch.port[i]);
            assert_int_equal(batch.cookie[i], (uint32_t)hash);
            assert_int_equal(batch.tag[i], (uint32_t)(hash >> 32));
            assert_int_equal(cookie.cookie, batch.cookie[i]);
            assert_int_equal(cookie.tag, batch.tag[i]);
            assert_true(cookie_left_from(
                &cookie, (struct ip_number){setup.source_ipv6.high, lanes.source_low[i]},
                (uint16_t)batch.source_port[i]));
            assert_true(lanes.source_low[i] - setup.source_ipv6.low <= setup.source_ipv6_mask);
        }
    }
    batch.ipv6 = NULL;
}

static void a_single_source_is_used_as_it_is(void **state)
{
    (void)state;
    static struct probe_batch batch;
    const struct probe_setup setup = {
        .level = level, .key = keys[3], .source_address = UINT32_MAX, .source_port = 65535};
    fill(&batch, 1);
    cookie_batch(&setup, &batch);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        assert_int_equal(batch.source_address[i], UINT32_MAX);
        assert_int_equal(batch.source_port[i], 65535);
    }
}

/* Ranges that together need 16 bits: address and port take each bit of the tag's upper half once.
 */
static void address_and_port_share_no_bit(void **state)
{
    (void)state;
    static struct probe_batch batch;
    for (unsigned bits = 0; bits <= 16; bits++) {
        const struct probe_setup setup = {.level = level,
                                          .key = keys[0],
                                          .source_address_mask = (1u << bits) - 1,
                                          .source_port_mask = (uint16_t)((1u << (16 - bits)) - 1)};
        fill(&batch, bits);
        cookie_batch(&setup, &batch);
        for (unsigned i = 0; i < BATCH_LANES; i++)
            assert_int_equal(batch.source_port[i] << bits | batch.source_address[i],
                             batch.tag[i] >> 16);
    }
}

/* Counts how often each (address, port) of the ranges is chosen in 2^18 probes. */
static unsigned *count_sources(const struct probe_setup *setup)
{
    static struct probe_batch batch;
    size_t ports = setup->source_port_mask + 1u;
    unsigned *uses = calloc((setup->source_address_mask + 1u) * ports, sizeof *uses);
    assert_non_null(uses);
    for (uint32_t round = 0; round < 1024; round++) {
        for (uint32_t i = 0; i < BATCH_LANES; i++) {
            batch.address[i] = round * BATCH_LANES + i;
            batch.port[i] = 80;
        }
        cookie_batch(setup, &batch);
        for (unsigned i = 0; i < BATCH_LANES; i++)
            uses[(batch.source_address[i] - setup->source_address) * ports +
                 (batch.source_port[i] - setup->source_port)]++;
    }
    return uses;
}

/* 16 addresses x 64 ports, 10 bits: 256 uses of each pair on average, standard deviation 16. */
static void sources_are_used_evenly_and_independently(void **state)
{
    (void)state;
    const struct probe_setup setup = {.level = level,
                                      .key = keys[0],
                                      .source_address = 0xc0000207,
                                      .source_address_mask = 15,
                                      .source_port = 40001,
                                      .source_port_mask = 63};
    unsigned *uses = count_sources(&setup);
    for (size_t i = 0; i < 16 * 64; i++)
        assert_in_range(uses[i], 256 - 6 * 16, 256 + 6 * 16);
    free(uses);
}

/* 4096 addresses x 256 ports take 20 bits: not all pairs can occur, but all addresses and ports. */
static void beyond_sixteen_bits_every_address_and_port_is_used(void **state)
{
    (void)state;
    enum { ADDRESSES = 4096, PORTS = 256 };
    const struct probe_setup setup = {.level = level,
                                      .key = keys[0],
                                      .source_address_mask = ADDRESSES - 1,
                                      .source_port_mask = PORTS - 1};
    unsigned *uses = count_sources(&setup);
    unsigned by_address[ADDRESSES] = {0}, by_port[PORTS] = {0};
    for (size_t i = 0; i < (size_t)ADDRESSES * PORTS; i++) {
        by_address[i / PORTS] += uses[i];
        by_port[i % PORTS] += uses[i];
    }
    for (size_t i = 0; i < ADDRESSES; i++)
        assert_in_range(by_address[i], 64 - 6 * 8, 64 + 6 * 8);
    for (size_t i = 0; i < PORTS; i++)
        assert_in_range(by_port[i], 1024 - 6 * 32, 1024 + 6 * 32);
    free(uses);
}

/* More than 2^16 addresses: the upper bits vary too. */
static void large_ranges_are_used_to_the_end(void **state)
{
    (void)state;
    const struct probe_setup setup = {
        .level = level, .key = keys[0], .source_address_mask = (1u << 20) - 1};
    unsigned *uses = count_sources(&setup);
    unsigned by_block[16] = {0};
    for (size_t i = 0; i <= setup.source_address_mask; i++)
        by_block[i >> 16] += uses[i];
    for (size_t i = 0; i < 16; i++)
        assert_in_range(by_block[i], 16384 - 6 * 128, 16384 + 6 * 128);
    free(uses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lane_is_siphash),
        cmocka_unit_test(one_agrees_with_the_batch),
        cmocka_unit_test(ipv6_lanes_are_siphash_too),
        cmocka_unit_test(a_single_source_is_used_as_it_is),
        cmocka_unit_test(address_and_port_share_no_bit),
        cmocka_unit_test(sources_are_used_evenly_and_independently),
        cmocka_unit_test(beyond_sixteen_bits_every_address_and_port_is_used),
        cmocka_unit_test(large_ranges_are_used_to_the_end),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}

/* The checksums against published values and against plain definitions of the same sums. */
#include "packet/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void fill(uint8_t *bytes, size_t length, uint32_t seed)
{
    for (size_t i = 0; i < length; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

/* The checksum by its definition: the number the bytes make, modulo 2^16 - 1. */
static uint16_t by_definition(const uint8_t *bytes, size_t length)
{
    uint32_t remainder = 0;
    bool all_zero = true;
    for (size_t i = 0; i < length; i++) {
        uint32_t word = i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
        remainder = (remainder + word) % 65535;
        all_zero &= word == 0;
    }
    /* One's complement has two zeros; only sums of nothing but zeros give the positive one. */
    if (remainder == 0 && !all_zero)
        remainder = 65535;
    return (uint16_t)~remainder;
}

static void sums_the_example_of_rfc_1071(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    assert_int_equal(checksum_finish(checksum_add(0, bytes, sizeof bytes)), 0x220d);
}

static void sums_an_ipv4_header(void **state)
{
    (void)state;
    const uint8_t header[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                              0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
    assert_int_equal(checksum_finish(checksum_add(0, header, sizeof header)), 0xb861);
}

static void sums_every_length(void **state)
{
    (void)state;
    uint8_t bytes[600];
    for (size_t length = 0; length <= sizeof bytes; length++) {
        fill(bytes, length, (uint32_t)length);
        assert_int_equal(checksum_finish(checksum_add(0, bytes, length)),
                         by_definition(bytes, length));
    }
}

static void sums_in_parts(void **state)
{
    (void)state;
    uint8_t bytes[101];
    fill(bytes, sizeof bytes, 7);
    uint16_t whole = by_definition(bytes, sizeof bytes);
    for (size_t cut = 0; cut < sizeof bytes; cut += 2) {
        uint32_t sum = checksum_add(0, bytes, cut);
        assert_int_equal(checksum_finish(checksum_add(sum, bytes + cut, sizeof bytes - cut)),
                         whole);
    }
}

static void does_not_overflow(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20];
    memset(bytes, 0xff, sizeof bytes);
    uint32_t sum = 0xffffffff;
    for (int i = 0; i < 16; i++)
        sum = checksum_add(sum, bytes, sizeof bytes);
    assert_int_equal(checksum_finish(sum), 0);
    bytes[1] = 0xfe;
    assert_int_equal(checksum_finish(checksum_add(0xffffffff, bytes, sizeof bytes)), 1);
}

static void sums_the_pseudo_header(void **state)
{
    (void)state;
    const uint8_t header[] = {0xff, 0xfe, 0xfd, 0xfc, 0x0a, 0x80,
                              0xff, 0x01, 0x00, 0x11, 0xff, 0xe3};
    uint32_t sum = checksum_pseudo_ipv4(0xfffefdfc, 0x0a80ff01, 0x11, 0xffe3);
    assert_int_equal(checksum_finish(sum), by_definition(header, sizeof header));
}

static uint32_t crc32c_bitwise(const uint8_t *bytes, size_t length)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
    }
    return ~crc;
}

/* RFC 3720, B.4, and the check value of the CRC catalogues. */
static void crc_matches_published_values(void **state)
{
    (void)state;
    uint8_t bytes[32] = {0};
    assert_int_equal(crc32c("", 0), 0);
    assert_int_equal(crc32c("123456789", 9), 0xe3069283);
    assert_int_equal(crc32c(bytes, sizeof bytes), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(crc32c(bytes, sizeof bytes), 0x62a8ab43);
    for (uint8_t i = 0; i < sizeof bytes; i++)
        bytes[i] = i;
    assert_int_equal(crc32c(bytes, sizeof bytes), 0x46dd794e);
    for (uint8_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(31 - i);
    assert_int_equal(crc32c(bytes, sizeof bytes), 0x113fdb5c);
}

static void crc_matches_bit_by_bit(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (size_t length = 0; length <= sizeof bytes; length++) {
        fill(bytes, length, (uint32_t)(length * 3 + 1));
        assert_int_equal(crc32c(bytes, length), crc32c_bitwise(bytes, length));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_the_example_of_rfc_1071),
        cmocka_unit_test(sums_an_ipv4_header),
        cmocka_unit_test(sums_every_length),
        cmocka_unit_test(sums_in_parts),
        cmocka_unit_test(does_not_overflow),
        cmocka_unit_test(sums_the_pseudo_header),
        cmocka_unit_test(crc_matches_published_values),
        cmocka_unit_test(crc_matches_bit_by_bit),
    };
    return cmocka_run_group_tests_name("checksum", tests, NULL, NULL);
}

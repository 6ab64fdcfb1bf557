/* The table of UDP requests: each row holds what the probe relies on. */
#include "probe/udp_payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void rows_are_sound(void **state)
{
    (void)state;
    assert_in_range(udp_payload_count, 1, 255);
    for (size_t i = 0; i < udp_payload_count; i++) {
        const struct udp_payload *row = &udp_payload_table[i];
        assert_in_range(row->length, 1, 1472);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(row->port, udp_payload_table[j].port);
        if (row->id_offset == UDP_PAYLOAD_NO_ID)
            continue;
        assert_in_range(row->id_offset, 0, row->length - 2);
        assert_int_equal(row->bytes[row->id_offset], 0);
        assert_int_equal(row->bytes[row->id_offset + 1], 0);
    }
}

/* The query by RFC 1035: one question that ends where the payload ends. */
static void dns_asks_for_the_version(void **state)
{
    (void)state;
    const struct udp_payload *dns = &udp_payload_table[0];
    const uint8_t question[] = "\7version\4bind\0\0\20\0\3";
    assert_int_equal(dns->port, 53);
    assert_int_equal(dns->id_offset, 0);
    assert_int_equal(dns->length, 12 + sizeof question - 1);
    assert_memory_equal(dns->bytes, "\0\0\1\0\0\1\0\0\0\0\0\0", 12);
    assert_memory_equal(dns->bytes + 12, question, sizeof question - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(dns_asks_for_the_version),
    };
    return cmocka_run_group_tests_name("udp_payload", tests, NULL, NULL);
}

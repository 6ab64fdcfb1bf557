/* The table of UDP requests: each row holds what the probe relies on. */
#include "probe/udp_payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/payload_set.h"

static void check_id(const struct udp_payload *payload)
{
    static const uint8_t zeros[UDP_ID_HEX];
    const struct udp_id *id = &payload->id;
    if (id->width == 0)
        return;
    assert_true(id->width == 1 || id->width == 2 || id->width == 4 || id->width == UDP_ID_HEX);
    assert_in_range(id->at + id->width, 0, payload->length);
    assert_memory_equal(payload->bytes + id->at, zeros, id->width);
    if (id->at > 0 && id->width == UDP_ID_HEX)
        assert_int_not_equal(payload->bytes[id->at - 1], 0);
    if (id->marker != NULL)
        assert_int_equal(id->reply_at, 0);
}

/* A reply that brings the request's text back bears the id behind the marker. */
static void markers_stand_in_front_of_ids(void **state)
{
    (void)state;
    unsigned markers = 0;
    for (size_t i = 0; i < udp_request_count; i++) {
        const struct udp_payload *payload = &udp_request_table[i].payload;
        if (payload->id.marker == NULL || payload->id.marker[0] == 'R') /* of WS-Discovery */
            continue;
        size_t length = strlen(payload->id.marker);
        assert_in_range(length, 1, payload->id.at);
        assert_memory_equal(payload->bytes + payload->id.at - length, payload->id.marker, length);
        markers++;
    }
    assert_in_range(markers, 3, 100);
}

static void rows_are_sound(void **state)
{
    (void)state;
    static bool taken[PAYLOAD_PORTS];
    for (size_t i = 0; i < udp_request_count; i++) {
        const struct udp_request *row = &udp_request_table[i];
        assert_true(row->name[0] != '\0' && row->source[0] != '\0' && row->ports[0] != 0);
        assert_in_range(row->payload.length, 1, PAYLOAD_MAX);
        for (unsigned k = 0; k < UDP_REQUEST_PORTS && row->ports[k] != 0; k++) {
            assert_false(taken[row->ports[k]]);
            taken[row->ports[k]] = true;
        }
        check_id(&row->payload);
    }
}

/* What the existing tool has a request for must not go without. */
static void no_port_of_the_existing_tool_is_missing(void **state)
{
    (void)state;
    static const uint16_t ports[] = {7,    17,   19,   53,   69,   111,  123,   137,
                                     138,  161,  443,  500,  520,  1645, 1646,  1701,
                                     1812, 1813, 1900, 2049, 5060, 5683, 11211, 27960};
    struct payload_set set;
    assert_int_equal(payload_set_init(&set, NULL), 0);
    assert_int_equal(payload_set_add_own(&set, NULL), 0);
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        assert_int_not_equal(set.of_port[ports[i]], 0);
    assert_int_equal(payload_set_get(&set, 9)->length, 0);
    payload_set_fini(&set);
}

/* The query by RFC 1035: one question that ends where the payload ends. */
static void dns_asks_for_the_version(void **state)
{
    (void)state;
    struct payload_set set;
    assert_int_equal(payload_set_init(&set, NULL), 0);
    assert_int_equal(payload_set_add_own(&set, NULL), 0);
    const struct udp_payload *dns = payload_set_get(&set, 53);
    const uint8_t question[] = "\7version\4bind\0\0\20\0\3";
    assert_int_equal(dns->id.width, 2);
    assert_int_equal(dns->length, 12 + sizeof question - 1);
    assert_memory_equal(dns->bytes, "\0\0\1\0\0\1\0\0\0\0\0\0", 12);
    assert_memory_equal(dns->bytes + 12, question, sizeof question - 1);
    payload_set_fini(&set);
}

static void a_payload_takes_the_place_of_another(void **state)
{
    (void)state;
    struct payload_set set;
    struct error err;
    static const uint8_t bytes[PAYLOAD_MAX + 1] = "new";
    assert_int_equal(payload_set_init(&set, &err), 0);
    assert_int_equal(payload_set_add_own(&set, &err), 0);
    assert_int_equal(payload_set_put(&set, 53, 65535, bytes, 3, &err), 0);
    assert_memory_equal(payload_set_get(&set, 53)->bytes, "new", 3);
    assert_int_equal(payload_set_get(&set, 53)->id.width, 0);
    assert_int_equal(payload_set_get(&set, 65535)->length, 3);
    assert_int_equal(payload_set_get(&set, 52)->length, 0);
    assert_int_equal(payload_set_put(&set, 1, 1, bytes, PAYLOAD_MAX, &err), 0);
    assert_int_equal(payload_set_put(&set, 1, 1, bytes, sizeof bytes, &err), -1);
    assert_string_equal(err.text,
                        "the payload for UDP port 1 has 1473 bytes; at most 1472 can be sent");
    payload_set_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(markers_stand_in_front_of_ids),
        cmocka_unit_test(no_port_of_the_existing_tool_is_missing),
        cmocka_unit_test(dns_asks_for_the_version),
        cmocka_unit_test(a_payload_takes_the_place_of_another),
    };
    return cmocka_run_group_tests_name("udp_payload", tests, NULL, NULL);
}

/* UDP with requests of every shape, over IPv4 and IPv6: this test brings payloads of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/checksum.h"
#include "probe/cookie.h"
#include "probe/payload_set.h"
#include "probe/probes.h"
#include "probe/test_space.h"

static const uint8_t odd_id[] = {0xff, 0, 0, 0xee, 0xdd};
static const uint8_t id_at_the_end[] = {1, 2, 3, 4, 5, 6, 7, 0, 0};
static const uint8_t long_request[PAYLOAD_MAX] = {
    [0] = 9, [70] = 8, [PAYLOAD_MAX_IPV6 - 1] = 6, [PAYLOAD_MAX - 1] = 7};
static const uint8_t marked[] = {9, 9, 2, 4, 7, 8, 0, 0};

/* By port, from FIRST_PORT on; the first is empty. */
static struct udp_payload payloads[] = {
    {0},
    {odd_id, sizeof odd_id, {.width = 2, .at = 1, .reply_at = 1}},
    {id_at_the_end, sizeof id_at_the_end, {.width = 2, .at = 7, .reply_at = 7}},
    {long_request, sizeof long_request, {0}},
    {long_request, sizeof long_request, {.width = 2, .at = 1000, .reply_at = 1000}},
    {long_request, sizeof long_request, {.width = 4, .at = 40, .reply_at = 24}},
    {long_request, sizeof long_request, {.width = 4, .at = 33, .reply_at = 7}},
    {marked, sizeof marked, {.width = 2, .at = 6, .marker = "\2\4\7\x08"}},
    {long_request, sizeof long_request, {.width = 1, .at = 2, .reply_at = 1}},
    {long_request, sizeof long_request, {.width = 1, .at = 3, .reply_at = 0}},
    {long_request, sizeof long_request, {.width = UDP_ID_HEX, .at = 50, .reply_at = 10}},
    {long_request, sizeof long_request, {.width = UDP_ID_HEX, .at = 51, .reply_at = 9}},
};

enum { FIRST_TARGET = 0xc6336400, FRAME_ROOM = 2048, PORTS = 12, FIRST_PORT = 99, MARKED = 106 };

static const struct ip_number first_ipv6 = {0x20010db8000000aa, 0xfffffffffffff000};
static const struct ip_number source_ipv6 = {0x20010db800000001, 0xfff0};

/* The level that the tests run at, and the family: each in turn. */
static enum cpu_level level;
static bool is_ipv6;

struct rig {
    struct target_space space;
    struct probe_setup setup;
    struct payload_set payloads;
    struct probe_batch batch;
    struct probe_lanes_ipv6 lanes;
    void *state;
    uint8_t frames[BATCH_LANES][FRAME_ROOM];
    uint8_t *frame[BATCH_LANES];
    uint32_t length[BATCH_LANES];
};

static struct ip_number target(unsigned number)
{
    return is_ipv6 ? (struct ip_number){first_ipv6.high, first_ipv6.low + number}
                   : ip_number_v4(FIRST_TARGET + number);
}

static void set_target(struct rig *rig, unsigned lane, struct ip_number address)
{
    rig->batch.address[lane] = is_ipv6 ? 0 : (uint32_t)address.low;
    rig->lanes.address.high[lane] = address.high;
    rig->lanes.address.low[lane] = address.low;
}

static struct ip_number target_of(const struct rig *rig, unsigned lane)
{
    return (struct ip_number){rig->lanes.address.high[lane], rig->lanes.address.low[lane]};
}

static void set_space(struct rig *rig, struct ip_number first, unsigned count)
{
    rig->space.first = is_ipv6 ? 1 : (uint32_t)first.low;
    rig->space.last = is_ipv6 ? 0 : (uint32_t)first.low + count - 1;
    uint128 value = ip_number_value(first);
    if (is_ipv6)
        rig->space.ipv6 = (struct range6){value, value + count - 1};
}

/* The long ones are as long as the family allows. */
static void cut_payloads(void)
{
    for (unsigned i = 0; i < PORTS; i++)
        if (payloads[i].bytes == long_request)
            payloads[i].length = is_ipv6 ? PAYLOAD_MAX_IPV6 : PAYLOAD_MAX;
}

static struct rig *rig_new(void)
{
    cut_payloads();
    struct rig *rig = aligned_alloc(64, sizeof *rig);
    assert_non_null(rig);
    memset(rig, 0, sizeof *rig);
    set_space(rig, target(0), BATCH_LANES);
    test_space_add_ports(&rig->space, port_code(PORT_UDP, FIRST_PORT),
                         port_code(PORT_UDP, FIRST_PORT + PORTS - 1));
    rig->setup = (struct probe_setup){.source_address = 0xc0000201,
                                      .source_port = 40000,
                                      .ttl = 64,
                                      .key = {3, 4},
                                      .level = level,
                                      .space = &rig->space,
                                      .payloads = &rig->payloads};
    if (is_ipv6)
        rig->setup.source_ipv6 = source_ipv6;
    rig->payloads.payloads = payloads;
    rig->payloads.count = PORTS;
    for (uint32_t i = 0; i < PORTS; i++)
        rig->payloads.of_port[FIRST_PORT + i] = i;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        rig->frame[i] = rig->frames[i];
        set_target(rig, i, target(i));
        rig->batch.port[i] = port_code(PORT_UDP, FIRST_PORT + i % PORTS);
    }
    rig->batch.count = BATCH_LANES;
    rig->batch.ipv6 = is_ipv6 ? &rig->lanes : NULL;
    cookie_batch(&rig->setup, &rig->batch);
    rig->state = aligned_alloc(64, (probe_udp.state_size + 63) / 64 * 64);
    assert_non_null(rig->state);
    assert_int_equal(probe_udp.init(rig->state, &rig->setup, NULL), 0);
    return rig;
}

static void rig_free(struct rig *rig)
{
    probe_udp.fini(rig->state);
    free(rig->state);
    free(rig);
}

static uint16_t udp_sum(const uint8_t *ip, size_t length)
{
    size_t header = is_ipv6 ? 40 : 20, addresses = is_ipv6 ? 32 : 8;
    uint32_t sum = 17 + (uint32_t)(length - header);
    return checksum_finish(checksum_add(sum, ip + header - addresses, length - header + addresses));
}

/* The end of the cookie, as wide as the id, or its digits. */
static void put_id(uint8_t *at, const struct udp_id *id, uint32_t cookie)
{
    char digits[UDP_ID_HEX + 1];
    (void)snprintf(digits, sizeof digits, "%08x", cookie);
    for (unsigned i = 0; i < id->width; i++)
        at[i] = id->width == UDP_ID_HEX ? (uint8_t)digits[i]
                                        : (uint8_t)(cookie >> 8 * (id->width - 1u - i));
}

static void check_payload(const struct packet *packet, uint32_t number, uint32_t cookie)
{
    const struct udp_payload *row = &payloads[number - FIRST_PORT];
    static uint8_t expected[PAYLOAD_MAX];
    assert_int_equal(packet->payload_length, row->length);
    if (row->length == 0)
        return;
    memcpy(expected, row->bytes, row->length);
    put_id(expected + row->id.at, &row->id, cookie);
    assert_memory_equal(packet->payload, expected, row->length);
}

static void requests_of_every_shape_are_valid(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    probe_udp.patch(rig->state, &rig->batch, rig->frame, rig->length);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        struct packet packet;
        assert_int_equal(packet_decode(&packet, rig->frame[i], rig->length[i], false), PACKET_OK);
        if (!is_ipv6)
            assert_int_equal(checksum_finish(checksum_add(0, rig->frame[i], 20)), 0);
        assert_true(ip_number_equal(packet_destination(&packet), target_of(rig, i)));
        assert_int_equal(udp_sum(rig->frame[i], rig->length[i]), 0);
        check_payload(&packet, port_code_number(rig->batch.port[i]), rig->batch.cookie[i]);
    }
    rig_free(rig);
}

/* All source ports: for one of them the sum comes out as 0, which must be sent as 0xffff. */
static void a_checksum_is_never_zero(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    unsigned all_ones = 0;
    for (uint32_t first = 0; first < 65536; first += BATCH_LANES) {
        for (uint32_t i = 0; i < BATCH_LANES; i++) {
            set_target(rig, i, target(0));
            rig->batch.port[i] = port_code(PORT_UDP, FIRST_PORT);
            rig->batch.source_port[i] = first + i;
        }
        probe_udp.patch(rig->state, &rig->batch, rig->frame, rig->length);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            const uint8_t *udp = rig->frame[i] + (is_ipv6 ? 40 : 20);
            uint32_t checksum = (uint32_t)(udp[6] << 8 | udp[7]);
            assert_int_not_equal(checksum, 0);
            assert_int_equal(udp_sum(rig->frame[i], rig->length[i]), 0);
            all_ones += checksum == 0xffff;
        }
    }
    assert_in_range(all_ones, 1, 2);
    rig_free(rig);
}

static void set_addresses(struct packet *packet, struct ip_number from, struct ip_number to)
{
    packet->version = is_ipv6 ? 6 : 4;
    if (is_ipv6) {
        packet->source_ipv6 = from;
        packet->destination_ipv6 = to;
    } else {
        packet->source = (uint32_t)from.low;
        packet->destination = (uint32_t)to.low;
    }
}

static struct ip_number source_of(const struct rig *rig)
{
    return is_ipv6 ? source_ipv6 : ip_number_v4(rig->setup.source_address);
}

static enum probe_verdict judge(const struct rig *rig, unsigned lane, const uint8_t *payload,
                                size_t length)
{
    struct packet packet = {
        .kind = PACKET_UDP,
        .protocol = 17,
        .source_port = (uint16_t)rig->batch.port[lane],
        .destination_port = rig->setup.source_port,
        .payload = payload,
        .payload_length = length,
    };
    set_addresses(&packet, target_of(rig, lane), source_of(rig));
    struct probe_reply reply;
    return probe_udp.match(rig->state, &packet, &reply);
}

/* A right id is taken; one that is cut off, or wrong in any bit, is not. */
static void check_id(const struct rig *rig, unsigned lane, uint8_t *reply, size_t at,
                     const struct udp_id *id)
{
    put_id(reply + at, id, rig->batch.cookie[lane]);
    size_t end = at + id->width;
    assert_int_equal(judge(rig, lane, reply, end), PROBE_OPEN);
    for (size_t length = 0; length < end; length++)
        assert_int_equal(judge(rig, lane, reply, length), PROBE_FORGED);
    for (unsigned bit = 0; bit < 8u * id->width; bit++) {
        reply[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(judge(rig, lane, reply, end), PROBE_FORGED);
        reply[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(reply + at, 0, id->width);
}

static void the_id_is_looked_for_where_it_is_repeated(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    uint8_t reply[1002] = {0};
    for (unsigned lane = 0; lane < BATCH_LANES; lane++) {
        uint32_t number = port_code_number(rig->batch.port[lane]);
        const struct udp_id *id = &payloads[number - FIRST_PORT].id;
        if (id->width == 0)
            assert_int_equal(judge(rig, lane, reply, 0), PROBE_OPEN);
        else if (number != MARKED)
            check_id(rig, lane, reply, id->reply_at, id);
    }
    rig_free(rig);
}

/* Wherever the marker stands first. */
static void a_marker_shows_where_the_id_is(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    const unsigned lane = MARKED - FIRST_PORT;
    uint8_t reply[100];
    for (size_t at = 0; at <= sizeof reply - 6; at++) {
        memset(reply, 0, sizeof reply);
        memcpy(reply + at, marked + 2, 4);
        check_id(rig, lane, reply, at + 4, &payloads[lane].id);
    }
    memcpy(reply, marked + 2, 4);
    memcpy(reply + 40, marked + 2, 4);
    put_id(reply + 44, &payloads[lane].id, rig->batch.cookie[lane]);
    assert_int_equal(judge(rig, lane, reply, sizeof reply), PROBE_FORGED);
    rig_free(rig);
}

/* What is missing is not 0: the pair is one whose id is 0. */
static void a_missing_id_is_not_zero(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    const uint32_t port = port_code(PORT_UDP, 100);
    struct ip_number address = is_ipv6 ? first_ipv6 : ip_number_v4(0);
    while ((uint16_t)cookie_of(&rig->setup, address, port).cookie != 0)
        address = ip_number_of(ip_number_value(address) + 1);
    const uint8_t reply[3] = {0};
    set_space(rig, address, 1);
    set_target(rig, 0, address);
    rig->batch.port[0] = port;
    assert_int_equal(judge(rig, 0, reply, 3), PROBE_OPEN);
    assert_int_equal(judge(rig, 0, reply, 2), PROBE_FORGED);
    rig_free(rig);
}

/* A datagram from `from` to the place that the probe of (address, `asked`) left from. */
static enum probe_verdict judge_from(struct rig *rig, uint16_t asked, uint16_t from,
                                     const char *payload, size_t length, struct probe_reply *reply)
{
    const struct ip_number address = target(0);
    struct cookie cookie = cookie_of(&rig->setup, address, port_code(PORT_UDP, asked));
    struct packet packet = {
        .kind = PACKET_UDP,
        .protocol = 17,
        .source_port = from,
        .destination_port = cookie.source_port,
        .payload = (const uint8_t *)payload,
        .payload_length = length,
    };
    set_addresses(&packet, address, cookie.source_address);
    return probe_udp.match(rig->state, &packet, reply);
}

#define JUDGE_FROM(rig, asked, from, text, reply)                                                  \
    judge_from(rig, asked, from, text, sizeof(text) - 1, reply)

/* Only what has the form of such an answer, and only if the service was asked. */
static void services_may_answer_from_elsewhere(void **state)
{
    (void)state;
    static const char error[] = "\0\5\0\1not found\0";
    static const char found[] = "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n";
    struct probe_reply reply;
    struct rig *rig = rig_new();
    assert_int_equal(JUDGE_FROM(rig, 69, 50000, error, &reply), PROBE_IGNORE);
    test_space_add_ports(&rig->space, port_code(PORT_UDP, 1900), port_code(PORT_UDP, 1900));
    assert_int_equal(JUDGE_FROM(rig, 1900, 50000, found, &reply), PROBE_OPEN);
    assert_int_equal(reply.port, port_code(PORT_UDP, 1900));
    assert_int_equal(JUDGE_FROM(rig, 1900, 50000, error, &reply), PROBE_IGNORE);
    assert_int_equal(JUDGE_FROM(rig, 1900, 50000, "HTTP/1.1 400", &reply), PROBE_IGNORE);
    assert_int_equal(JUDGE_FROM(rig, 1900, FIRST_PORT, found, &reply), PROBE_OPEN);
    assert_int_equal(reply.port, port_code(PORT_UDP, 1900));
    rig_free(rig);
}

/* A payload that only IPv4 has room for is refused where the scan would send it to IPv6. */
static void too_long_for_ipv6_is_refused(void **state)
{
    (void)state;
    struct error err;
    struct rig *rig = rig_new();
    probe_udp.fini(rig->state);
    payloads[4].length = PAYLOAD_MAX_IPV6 + 1;
    int status = probe_udp.init(rig->state, &rig->setup, &err);
    assert_int_equal(status, is_ipv6 ? -1 : 0);
    if (is_ipv6)
        assert_string_equal(err.text, "the payload for UDP port 103 has 1453 bytes; at most 1452 "
                                      "can be sent to IPv6 targets over this link (leave the port "
                                      "out, or give it another payload)");
    else
        probe_udp.fini(rig->state);
    const struct range6 ipv6 = rig->space.ipv6;
    rig->space.ipv6 = (struct range6){0}; /* an IPv6 source alone asks nobody */
    assert_int_equal(probe_udp.init(rig->state, &rig->setup, &err), 0);
    probe_udp.fini(rig->state);
    rig->space.ipv6 = ipv6;
    rig->payloads.of_port[FIRST_PORT + 4] = 0;
    rig->payloads.of_port[FIRST_PORT + PORTS] = 4; /* which is not probed */
    assert_int_equal(probe_udp.init(rig->state, &rig->setup, &err), 0);
    rig_free(rig);
}

static int run_level(const struct CMUnitTest *tests, size_t count)
{
    int failed = 0;
    for (int family = 0; family < 2; family++) {
        char name[64];
        is_ipv6 = family == 1;
        (void)snprintf(name, sizeof name, "%s, %s", cpu_level_name(level),
                       is_ipv6 ? "IPv6" : "IPv4");
        failed += _cmocka_run_group_tests(name, tests, count, NULL, NULL);
    }
    return failed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_every_shape_are_valid),
        cmocka_unit_test(a_checksum_is_never_zero),
        cmocka_unit_test(a_missing_id_is_not_zero),
        cmocka_unit_test(the_id_is_looked_for_where_it_is_repeated),
        cmocka_unit_test(a_marker_shows_where_the_id_is),
        cmocka_unit_test(services_may_answer_from_elsewhere),
        cmocka_unit_test(too_long_for_ipv6_is_refused),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += run_level(tests, sizeof tests / sizeof *tests);
    return failed;
}

/* UDP with requests of every shape: this test brings a table of its own in place of the real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/checksum.h"
#include "probe/cookie.h"
#include "probe/probes.h"
#include "probe/test_space.h"
#include "probe/udp_payload.h"

static const uint8_t odd_id[] = {0xff, 0, 0, 0xee, 0xdd};
static const uint8_t id_at_the_end[] = {1, 2, 3, 4, 5, 6, 7, 0, 0};
static const uint8_t long_request[1472] = {[0] = 9, [70] = 8, [1471] = 7};

const struct udp_payload udp_payload_table[] = {
    {100, sizeof odd_id, 1, odd_id},
    {101, sizeof id_at_the_end, 7, id_at_the_end},
    {102, sizeof long_request, UDP_PAYLOAD_NO_ID, long_request},
    {103, sizeof long_request, 1000, long_request},
};
const size_t udp_payload_count = sizeof udp_payload_table / sizeof udp_payload_table[0];

enum { FIRST_TARGET = 0xc6336400, FRAME_ROOM = 2048, PORTS = 5, FIRST_PORT = 99 };

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

struct rig {
    struct target_space space;
    struct probe_setup setup;
    struct probe_batch batch;
    void *state;
    uint8_t frames[BATCH_LANES][FRAME_ROOM];
    uint8_t *frame[BATCH_LANES];
    uint32_t length[BATCH_LANES];
};

static struct rig *rig_new(void)
{
    struct rig *rig = aligned_alloc(64, sizeof *rig);
    assert_non_null(rig);
    memset(rig, 0, sizeof *rig);
    rig->space.first = FIRST_TARGET;
    rig->space.last = FIRST_TARGET + 255;
    test_space_add_ports(&rig->space, port_code(PORT_UDP, FIRST_PORT),
                         port_code(PORT_UDP, FIRST_PORT + PORTS - 1));
    rig->setup = (struct probe_setup){.source_address = 0xc0000201,
                                      .source_port = 40000,
                                      .ttl = 64,
                                      .key = {3, 4},
                                      .level = level,
                                      .space = &rig->space};
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        rig->frame[i] = rig->frames[i];
        rig->batch.address[i] = FIRST_TARGET + i;
        rig->batch.port[i] = port_code(PORT_UDP, FIRST_PORT + i % PORTS);
    }
    rig->batch.count = BATCH_LANES;
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
    uint32_t sum = checksum_add(0, ip + 12, 8) + 17 + (uint32_t)(length - 20);
    return checksum_finish(checksum_add(sum, ip + 20, length - 20));
}

static void check_payload(const struct packet *packet, uint32_t number, uint16_t id)
{
    if (number == FIRST_PORT) {
        assert_int_equal(packet->payload_length, 0);
        return;
    }
    const struct udp_payload *row = &udp_payload_table[number - FIRST_PORT - 1];
    static uint8_t expected[1472];
    memcpy(expected, row->bytes, row->length);
    if (row->id_offset != UDP_PAYLOAD_NO_ID) {
        expected[row->id_offset] = (uint8_t)(id >> 8);
        expected[row->id_offset + 1] = (uint8_t)id;
    }
    assert_int_equal(packet->payload_length, row->length);
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
        assert_int_equal(checksum_finish(checksum_add(0, rig->frame[i], 20)), 0);
        assert_int_equal(udp_sum(rig->frame[i], rig->length[i]), 0);
        check_payload(&packet, port_code_number(rig->batch.port[i]),
                      (uint16_t)rig->batch.cookie[i]);
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
            rig->batch.address[i] = FIRST_TARGET;
            rig->batch.port[i] = port_code(PORT_UDP, FIRST_PORT);
            rig->batch.source_port[i] = first + i;
        }
        probe_udp.patch(rig->state, &rig->batch, rig->frame, rig->length);
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            uint32_t checksum = (uint32_t)(rig->frame[i][26] << 8 | rig->frame[i][27]);
            assert_int_not_equal(checksum, 0);
            assert_int_equal(udp_sum(rig->frame[i], rig->length[i]), 0);
            all_ones += checksum == 0xffff;
        }
    }
    assert_in_range(all_ones, 1, 2);
    rig_free(rig);
}

static enum probe_verdict judge(const struct rig *rig, unsigned lane, const uint8_t *payload,
                                size_t length)
{
    const struct packet packet = {
        .kind = PACKET_UDP,
        .protocol = 17,
        .source = rig->batch.address[lane],
        .destination = rig->setup.source_address,
        .source_port = (uint16_t)rig->batch.port[lane],
        .destination_port = rig->setup.source_port,
        .payload = payload,
        .payload_length = length,
    };
    struct probe_reply reply;
    return probe_udp.match(rig->state, &packet, &reply);
}

static void the_id_is_looked_for_where_it_was_sent(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    uint8_t reply[1002] = {0};
    for (unsigned lane = 0; lane < BATCH_LANES; lane++) {
        uint32_t number = port_code_number(rig->batch.port[lane]);
        if (number == FIRST_PORT || number == 102) {
            assert_int_equal(judge(rig, lane, reply, 0), PROBE_OPEN);
            continue;
        }
        size_t at = udp_payload_table[number - FIRST_PORT - 1].id_offset;
        reply[at] = (uint8_t)(rig->batch.cookie[lane] >> 8);
        reply[at + 1] = (uint8_t)rig->batch.cookie[lane];
        assert_int_equal(judge(rig, lane, reply, at + 2), PROBE_OPEN);
        assert_int_equal(judge(rig, lane, reply, at + 1), PROBE_FORGED);
        assert_int_equal(judge(rig, lane, reply, 0), PROBE_FORGED);
        reply[at + 1] ^= 1;
        assert_int_equal(judge(rig, lane, reply, at + 2), PROBE_FORGED);
        reply[at + 1] ^= 1;
        reply[at] ^= 0x80;
        assert_int_equal(judge(rig, lane, reply, at + 2), PROBE_FORGED);
        memset(reply, 0, sizeof reply);
    }
    rig_free(rig);
}

/* What is missing is not 0: the pair is one whose id is 0. */
static void a_missing_id_is_not_zero(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    const uint32_t port = port_code(PORT_UDP, 100);
    uint32_t address = 0;
    while ((uint16_t)cookie_of(&rig->setup, ip_number_v4(address), port).cookie != 0)
        address++;
    const uint8_t reply[3] = {0};
    rig->space.first = rig->space.last = rig->batch.address[0] = address;
    rig->batch.port[0] = port;
    assert_int_equal(judge(rig, 0, reply, 3), PROBE_OPEN);
    assert_int_equal(judge(rig, 0, reply, 2), PROBE_FORGED);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_every_shape_are_valid),
        cmocka_unit_test(a_checksum_is_never_zero),
        cmocka_unit_test(a_missing_id_is_not_zero),
        cmocka_unit_test(the_id_is_looked_for_where_it_was_sent),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}

/* From the index of a scan to its frames: whatever the shape of the scan, its shard and the level
 * of the processor, the batch passes make the same frames as a plain reference, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/port.h"
#include "scan/testing/plain_scan.h"
#include "target/space.h"
#include "transport/tx_frames.h"

enum { FRAMES = 40000, SEED = 5 };

struct shape {
    const char *name;
    uint32_t first, last;       /* addresses */
    unsigned holes;             /* ranges left out of them */
    unsigned first_port, ports; /* TCP */
    uint64_t shard, of;
};

static const struct shape shapes[] = {
    {"a network, thirty ports", 0x0a000000, 0x0affffff, 0, 80, 30, 0, 1},
    {"one host, all ports", 0x0a000001, 0x0a000001, 0, 0, 65536, 0, 1},
    {"a small network, many ports", 0x0a000000, 0x0a0000ff, 3, 1, 1000, 0, 1},
    {"the Internet with holes", 0, 0xffffffff, 1000, 443, 1, 0, 1},
    {"many holes, a shard", 0x01000000, 0xdfffffff, 30000, 1, 100, 4, 7},
};

/* Everything of one shape. */
struct rig {
    struct range_set addresses, ports;
    struct probe_setup setup;
    struct plain_scan plain;
    struct target_space *space;
    struct probe_set *probes;
    struct tx_frames frames;
};

static void add_addresses(struct rig *rig, const struct shape *shape)
{
    uint32_t step = (shape->last - shape->first) / (shape->holes + 1), from = shape->first;
    for (unsigned i = 0; i < shape->holes; i++) {
        uint32_t hole = shape->first + (i + 1) * step;
        assert_int_equal(range_set_add(&rig->addresses, from, hole - 1, NULL), 0);
        from = hole + 1 + i % 7 * (step / 16);
    }
    assert_int_equal(range_set_add(&rig->addresses, from, shape->last, NULL), 0);
    assert_int_equal(range_set_normalise(&rig->addresses, NULL), 0);
}

static struct rig *rig_new(const struct shape *shape)
{
    static const struct mac_address near = {{2, 0, 0, 0, 0, 1}}, far = {{2, 0, 0, 0, 0, 2}};
    struct error err = {""};
    struct rig *rig = aligned_alloc(64, (sizeof *rig + 63) / 64 * 64);
    assert_non_null(rig);
    memset(rig, 0, sizeof *rig);
    add_addresses(rig, shape);
    uint32_t first = port_code(PORT_TCP, shape->first_port);
    assert_int_equal(range_set_add(&rig->ports, first, first + shape->ports - 1, &err), 0);
    assert_int_equal(range_set_normalise(&rig->ports, &err), 0);
    rig->space =
        target_space_new(&(struct address_set){.v4 = rig->addresses}, &rig->ports, SEED, &err);
    assert_non_null(rig->space);
    rig->setup = (struct probe_setup){
        .link = link_header_ethernet(&near, &far, 0x0800),
        .source_address = 0xc0000200,
        .source_address_mask = 3,
        .source_port = 40000,
        .source_port_mask = 255,
        .ttl = 64,
        .tcp_mss = 1460,
        .key = {0x0123456789abcdef, 0xfedcba9876543210},
        .space = rig->space,
    };
    assert_int_equal(
        plain_scan_init(&rig->plain, &rig->addresses, &rig->ports, SEED, &rig->setup, &err), 0);
    rig->probes = probe_set_new(&rig->setup, &err);
    assert_non_null(rig->probes);
    return rig;
}

static void rig_free(struct rig *rig)
{
    plain_scan_fini(&rig->plain);
    probe_set_free(rig->probes);
    target_space_free(rig->space);
    range_set_fini(&rig->addresses);
    range_set_fini(&rig->ports);
    free(rig);
}

/* As the sending line does it: `count` frames from an index on. */
static void write_batch(struct rig *rig, struct tx_slots *slots, uint64_t index, uint64_t stride,
                        unsigned count)
{
    struct probe_batch batch = {.count = count};
    tx_frames_reserve(&rig->frames, slots, count);
    target_space_batch(rig->space, index, stride, count, batch.address, batch.port);
    probe_set_write(rig->probes, &batch, slots->frame, slots->length);
}

static void compare(struct rig *rig, const struct tx_slots *slots, uint64_t index, uint64_t stride)
{
    for (unsigned i = 0; i < slots->count; i++) {
        uint8_t plain[PACKET_HEADERS_MAX + 4];
        size_t length = plain_scan_frame(&rig->plain, index + i * stride, plain);
        assert_int_equal(slots->length[i], length);
        assert_memory_equal(slots->frame[i], plain, length);
        assert_true(plain_scan_sums_hold(&rig->setup, slots->frame[i], length));
    }
}

static void check_shape(const struct shape *shape, enum cpu_level level)
{
    struct rig *rig = rig_new(shape);
    uint64_t size = target_space_size(rig->space);
    rig->setup.level = level;
    target_space_use_level(rig->space, level);
    /* Batches of every size, spread over all of the scan. */
    unsigned count = 0;
    for (uint64_t done = 0; done < FRAMES; done += count) {
        struct tx_slots slots;
        count = 1 + (unsigned)(done * 7 % BATCH_LANES);
        uint64_t last = (size - 1 - shape->shard) / shape->of;
        if (count > last)
            count = (unsigned)last;
        uint64_t position = done * 0x9e3779b97f4a7c15 % (last - count + 1);
        uint64_t index = shape->shard + position * shape->of;
        write_batch(rig, &slots, index, shape->of, count);
        compare(rig, &slots, index, shape->of);
    }
    rig_free(rig);
}

static void frames_are_those_of_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        for (int level = CPU_BASE; level <= (int)cpu_level_best(); level++)
            check_shape(&shapes[i], (enum cpu_level)level);
}

/* The sum over a whole scan does not depend on the order, nor on how it is cut into batches. */
static void the_sum_of_a_whole_scan_is_that_of_the_reference(void **state)
{
    (void)state;
    static const struct shape whole = {"", 0x0a000000, 0x0a000fff, 5, 20, 7, 0, 1};
    struct rig *rig = rig_new(&whole);
    uint64_t size = target_space_size(rig->space), batches = 0, plain = 0;
    uint8_t frame[PACKET_HEADERS_MAX + 4];
    for (uint64_t index = size; index-- > 0;) {
        size_t length = plain_scan_frame(&rig->plain, index, frame);
        plain += plain_scan_digest(frame, length);
    }
    for (uint64_t index = 0; index < size; index += BATCH_LANES) {
        struct tx_slots slots;
        uint64_t left = size - index;
        write_batch(rig, &slots, index, 1, left < BATCH_LANES ? (unsigned)left : BATCH_LANES);
        for (unsigned i = 0; i < slots.count; i++)
            batches += plain_scan_digest(slots.frame[i], slots.length[i]);
    }
    assert_true(batches == plain);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_those_of_the_reference),
        cmocka_unit_test(the_sum_of_a_whole_scan_is_that_of_the_reference),
    };
    return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}

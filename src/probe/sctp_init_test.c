/* SCTP beyond the conformance suite: the CRC by tables at every byte's extremes, and the tag that
 * may not be 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/checksum.h"
#include "probe/probes.h"
#include "probe/test_space.h"

enum { FRAME_ROOM = 128, IP = 20, SCTP = 32 };

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

struct rig {
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
    rig->setup = (struct probe_setup){.ttl = 64, .level = level};
    for (unsigned i = 0; i < BATCH_LANES; i++)
        rig->frame[i] = rig->frames[i];
    rig->batch.count = BATCH_LANES;
    rig->state = aligned_alloc(64, (probe_sctp_init.state_size + 63) / 64 * 64);
    assert_non_null(rig->state);
    assert_int_equal(probe_sctp_init.init(rig->state, &rig->setup, NULL), 0);
    return rig;
}

static void rig_free(struct rig *rig)
{
    probe_sctp_init.fini(rig->state);
    free(rig->state);
    free(rig);
}

static void check_crcs(const struct rig *rig)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint8_t sctp[SCTP];
        memcpy(sctp, rig->frame[i] + IP, SCTP);
        uint32_t crc = sctp[8] | sctp[9] << 8 | sctp[10] << 16 | (uint32_t)sctp[11] << 24;
        memset(sctp + 8, 0, 4);
        assert_int_equal(crc, crc32c(sctp, SCTP));
    }
}

/* Every value of every byte of the ports and the cookie. */
static void the_crc_holds_for_every_byte(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    for (unsigned byte = 0; byte < 8; byte++) {
        for (uint32_t i = 0; i < BATCH_LANES; i++) {
            uint64_t word = 0x0123456789abcdefull ^ (uint64_t)i << (8 * byte);
            rig->batch.cookie[i] = (uint32_t)word;
            rig->batch.source_port[i] = (uint32_t)(word >> 48);
            rig->batch.port[i] = port_code(PORT_SCTP, (uint32_t)(word >> 32 & 0xffff));
        }
        probe_sctp_init.patch(rig->state, &rig->batch, rig->frame, rig->length);
        check_crcs(rig);
    }
    rig_free(rig);
}

static void the_initiate_tag_is_never_zero(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->batch.cookie[1] = 1;
    rig->batch.cookie[2] = UINT32_MAX;
    probe_sctp_init.patch(rig->state, &rig->batch, rig->frame, rig->length);
    check_crcs(rig);
    assert_memory_equal(rig->frame[0] + IP + 16, "\0\0\0\1", 4);
    assert_memory_equal(rig->frame[1] + IP + 16, "\0\0\0\1", 4);
    assert_memory_equal(rig->frame[2] + IP + 16, "\xff\xff\xff\xff", 4);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_crc_holds_for_every_byte),
        cmocka_unit_test(the_initiate_tag_is_never_zero),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}

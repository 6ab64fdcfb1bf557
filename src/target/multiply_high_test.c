/* The upper halves of products, at every level: each lane, each extreme. */
#include "target/multiply_high.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* The level that the tests run at: each in turn. */
static enum cpu_level level;

static const uint32_t extremes[] = {
    0,       1,          2,          3,           0x7fff,     0x8000,     0xffff,     0x10000,
    0x10001, 0x7ffffffe, 0x7fffffff, 0x80000000u, 0x80000001, 0xaaaaaaaa, 0xfffffffe, 0xffffffff,
};
enum { EXTREMES = sizeof extremes / sizeof extremes[0] };

static void check(const uint32_t from[BATCH_LANES], uint32_t factor)
{
    uint32_t to[BATCH_LANES];
    multiply_high_batch(level, to, from, factor);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t expected = (uint32_t)((uint64_t)from[i] * factor >> 32);
        if (to[i] != expected)
            fail_msg("lane %u: %u x %u gives %u, not %u", i, from[i], factor, to[i], expected);
    }
}

/* Every extreme in every lane. */
static void extremes_meet_in_every_lane(void **state)
{
    (void)state;
    uint32_t from[BATCH_LANES];
    for (unsigned turn = 0; turn < EXTREMES; turn++) {
        for (unsigned i = 0; i < BATCH_LANES; i++)
            from[i] = extremes[(i + i / EXTREMES + turn) % EXTREMES];
        for (unsigned i = 0; i < EXTREMES; i++)
            check(from, extremes[i]);
    }
}

static void any_numbers_will_do(void **state)
{
    (void)state;
    uint32_t from[BATCH_LANES], seed = 1;
    for (unsigned round = 0; round < 2000; round++) {
        for (unsigned i = 0; i < BATCH_LANES; i++) {
            seed = seed * 1664525u + 1013904223u;
            from[i] = seed ^ seed >> 15;
        }
        check(from, from[round % BATCH_LANES] >> round % 32);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extremes_meet_in_every_lane),
        cmocka_unit_test(any_numbers_will_do),
    };
    int failed = 0;
    for (level = CPU_BASE; level <= cpu_level_best(); level++)
        failed += cmocka_run_group_tests_name(cpu_level_name(level), tests, NULL, NULL);
    return failed;
}

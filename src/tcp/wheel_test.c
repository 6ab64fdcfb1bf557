/* The timer wheel, against a plain array of deadlines. */
#include "tcp/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TIMERS = 200, ROUNDS = 20000 };

struct world {
    struct wheel wheel;
    uint64_t now_ns;
    uint64_t deadlines[TIMERS]; /* 0: not armed */
    unsigned seed;
};

static uint64_t draw(struct world *world, uint64_t below)
{
    uint64_t high = (uint64_t)rand_r(&world->seed);
    return (high << 31 | (uint64_t)rand_r(&world->seed)) % below;
}

/* As a user of the wheel has to: what comes up early is armed again. */
static void expire(struct world *world)
{
    size_t work = 100000;
    uint32_t index;
    while ((index = wheel_expire(&world->wheel, world->now_ns, &work)) != WHEEL_NONE) {
        assert_true(world->deadlines[index] != 0);
        if (world->deadlines[index] > world->now_ns)
            wheel_arm(&world->wheel, index, world->deadlines[index]);
        else
            world->deadlines[index] = 0;
    }
    assert_true(work > 0);
}

static void check_deadlines(const struct world *world)
{
    uint64_t earliest = UINT64_MAX;
    for (int i = 0; i < TIMERS; i++)
        if (world->deadlines[i] != 0 && world->deadlines[i] < earliest)
            earliest = world->deadlines[i];
    uint64_t next = wheel_next_ns(&world->wheel);
    if (earliest == UINT64_MAX) {
        assert_true(next == UINT64_MAX);
        return;
    }
    assert_true(earliest + WHEEL_TICK_NS > world->now_ns);
    assert_true(next < earliest + 2 * WHEEL_TICK_NS);
}

static void timers_come_in_time(void **state)
{
    (void)state;
    static const uint64_t spans[] = {1, WHEEL_TICK_NS, 100000000, 10000000000, 100000000000};
    struct world *world = test_calloc(1, sizeof *world);
    world->now_ns = 123456789;
    assert_int_equal(wheel_init(&world->wheel, TIMERS, world->now_ns, NULL), 0);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t index = (uint32_t)draw(world, TIMERS);
        if (draw(world, 4) == 0) {
            wheel_cancel(&world->wheel, index);
            world->deadlines[index] = 0;
        } else {
            uint64_t deadline = world->now_ns + draw(world, spans[draw(world, 5)]);
            world->deadlines[index] = deadline;
            wheel_arm(&world->wheel, index, deadline);
        }
        world->now_ns += draw(world, spans[draw(world, round % 100 ? 3 : 5)]);
        expire(world);
        check_deadlines(world);
    }
    wheel_fini(&world->wheel);
    test_free(world);
}

static void work_is_bounded(void **state)
{
    (void)state;
    struct world *world = test_calloc(1, sizeof *world);
    assert_int_equal(wheel_init(&world->wheel, TIMERS, 0, NULL), 0);
    for (uint32_t i = 0; i < TIMERS; i++)
        wheel_arm(&world->wheel, i, 1000000000);
    int seen = 0;
    for (int call = 0; call < TIMERS; call++) {
        size_t work = 2;
        while (wheel_expire(&world->wheel, 2000000000, &work) != WHEEL_NONE)
            seen++;
        assert_true(seen <= 2 * (call + 1));
    }
    assert_int_equal(seen, TIMERS);
    assert_true(wheel_next_ns(&world->wheel) == UINT64_MAX);
    wheel_fini(&world->wheel);
    test_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_come_in_time),
        cmocka_unit_test(work_is_bounded),
    };
    return cmocka_run_group_tests_name("wheel", tests, NULL, NULL);
}

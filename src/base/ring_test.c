/* The single-producer single-consumer ring: full, empty, order, and two real threads. */
#include "base/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CROSSINGS = 200000 };

static void refuses_when_full_and_keeps_order(void **state)
{
    (void)state;
    struct ring ring;
    assert_int_equal(ring_init(&ring, 4, sizeof(uint64_t), NULL), 0);
    assert_int_equal(ring_filled(&ring), 0);
    assert_int_equal(ring_capacity(&ring), 4);
    uint64_t in = 0, out = 0, extra = 99;
    for (unsigned round = 1; round <= 4; round++) { /* pops of every size, across the end, too */
        while (in - out < 4)
            assert_true(ring_push(&ring, &(uint64_t){in++}));
        assert_int_equal(ring_room(&ring), 0);
        assert_false(ring_push(&ring, &extra));
        assert_int_equal(ring_filled(&ring), 4);
        for (uint64_t i = 0; i < 4; i++)
            assert_int_equal(*(const uint64_t *)ring_at(&ring, i), out + i);
        ring_pop(&ring, round);
        out += round;
    }
    assert_int_equal(ring_filled(&ring), 0);
    assert_int_equal(ring_room(&ring), 4);
    ring_fini(&ring);
}

static void tells_what_has_been_popped(void **state)
{
    (void)state;
    struct ring ring;
    assert_int_equal(ring_init(&ring, 4, sizeof(uint64_t), NULL), 0);
    assert_true(ring_has_popped(&ring, ring_pushed(&ring)));
    for (uint64_t i = 0; i < 3; i++)
        assert_true(ring_push(&ring, &i));
    size_t pushed = ring_pushed(&ring);
    assert_int_equal(pushed, 3);
    ring_pop(&ring, 2);
    assert_true(ring_has_popped(&ring, 2));
    assert_false(ring_has_popped(&ring, pushed));
    assert_true(ring_push(&ring, &(uint64_t){3}));
    ring_pop(&ring, 2);
    assert_true(ring_has_popped(&ring, pushed)); /* and more */
    ring_fini(&ring);
}

static void *produce(void *argument)
{
    struct ring *ring = argument;
    for (uint64_t i = 0; i < CROSSINGS;) {
        if (ring_push(ring, &i))
            i++;
        else
            sched_yield();
    }
    return NULL;
}

static void two_threads_see_every_element_once_in_order(void **state)
{
    (void)state;
    struct ring ring;
    assert_int_equal(ring_init(&ring, 64, sizeof(uint64_t), NULL), 0);
    pthread_t producer;
    assert_int_equal(pthread_create(&producer, NULL, produce, &ring), 0);
    for (uint64_t expected = 0; expected < CROSSINGS;) {
        size_t count = ring_filled(&ring);
        if (count == 0) {
            sched_yield();
            continue;
        }
        for (size_t i = 0; i < count; i++)
            assert_int_equal(*(const uint64_t *)ring_at(&ring, i), expected + i);
        ring_pop(&ring, count);
        expected += count;
    }
    pthread_join(producer, NULL);
    ring_fini(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_when_full_and_keeps_order),
        cmocka_unit_test(tells_what_has_been_popped),
        cmocka_unit_test(two_threads_see_every_element_once_in_order),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}

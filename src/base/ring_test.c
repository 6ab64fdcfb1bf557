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
    assert_null(ring_peek(&ring));
    for (uint64_t i = 0; i < 4; i++)
        assert_true(ring_push(&ring, &i));
    uint64_t extra = 99;
    assert_int_equal(ring_room(&ring), 0);
    assert_false(ring_push(&ring, &extra));
    for (uint64_t i = 0; i < 4; i++) {
        const uint64_t *element = ring_peek(&ring);
        assert_int_equal(*element, i);
        ring_pop(&ring);
    }
    assert_null(ring_peek(&ring));
    assert_int_equal(ring_room(&ring), 4);
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
        const uint64_t *element = ring_peek(&ring);
        if (element == NULL) {
            sched_yield();
            continue;
        }
        assert_int_equal(*element, expected);
        ring_pop(&ring);
        expected++;
    }
    pthread_join(producer, NULL);
    ring_fini(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_when_full_and_keeps_order),
        cmocka_unit_test(two_threads_see_every_element_once_in_order),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}

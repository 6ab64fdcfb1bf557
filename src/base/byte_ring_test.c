/* Records of every length through small rings, full rings, and two threads. */
#include "base/byte_ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SMALL = 256, LONGEST = SMALL - 4, THREADED = 1 << 12, RECORDS = 200000 };

/* The record number `n`: its length and bytes follow from it. */
static size_t make(uint8_t *bytes, unsigned n, size_t longest)
{
    size_t length = (n * 2654435761u >> 7) % (longest + 1);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(n * 31 + i);
    return length;
}

static bool put(struct byte_ring *ring, unsigned n, size_t longest)
{
    uint8_t bytes[THREADED];
    size_t length = make(bytes, n, longest), first = n % (length + 1);
    return byte_ring_put(ring, bytes, first, bytes + first, length - first);
}

static bool is_record(const uint8_t *got, ptrdiff_t length, unsigned n, size_t longest)
{
    uint8_t wanted[THREADED];
    size_t wanted_length = make(wanted, n, longest);
    return length == (ptrdiff_t)wanted_length && memcmp(got, wanted, wanted_length) == 0;
}

/* Puts until it is full, takes until it is empty, so that records begin and break everywhere. */
static void records_of_every_length_at_every_place(void **state)
{
    (void)state;
    struct byte_ring ring;
    uint8_t got[SMALL];
    unsigned in = 0, out = 0;
    assert_int_equal(byte_ring_init(&ring, SMALL, NULL), 0);
    while (in < 20000) {
        while (put(&ring, in, in % 3 ? 20 : LONGEST))
            in++;
        assert_true(byte_ring_room(&ring) < SMALL);
        for (ptrdiff_t length; (length = byte_ring_take(&ring, got)) >= 0; out++)
            assert_true(is_record(got, length, out, out % 3 ? 20 : LONGEST));
        assert_int_equal(in, out);
        assert_true(byte_ring_is_empty(&ring));
        assert_int_equal(byte_ring_room(&ring), SMALL);
    }
    byte_ring_fini(&ring);
}

static void a_full_ring_changes_nothing(void **state)
{
    (void)state;
    struct byte_ring ring;
    uint8_t bytes[LONGEST + 1] = {1, 2, 3}, got[SMALL];
    assert_int_equal(byte_ring_init(&ring, SMALL, NULL), 0);
    assert_false(byte_ring_put(&ring, bytes, LONGEST, bytes, 1));
    assert_true(byte_ring_put(&ring, bytes, LONGEST, NULL, 0));
    assert_int_equal(byte_ring_room(&ring), 0);
    assert_false(byte_ring_put(&ring, NULL, 0, NULL, 0));
    assert_int_equal(byte_ring_take(&ring, got), LONGEST);
    assert_memory_equal(got, bytes, LONGEST);
    assert_true(byte_ring_put(&ring, NULL, 0, NULL, 0));
    assert_int_equal(byte_ring_take(&ring, got), 0);
    assert_int_equal(byte_ring_take(&ring, got), -1);
    byte_ring_fini(&ring);
}

static void *produce(void *argument)
{
    for (unsigned n = 0; n < RECORDS; n++)
        while (!put(argument, n, 100))
            sched_yield();
    return NULL;
}

static void two_threads(void **state)
{
    (void)state;
    struct byte_ring ring;
    pthread_t producer;
    uint8_t got[THREADED];
    assert_int_equal(byte_ring_init(&ring, THREADED, NULL), 0);
    assert_int_equal(pthread_create(&producer, NULL, produce, &ring), 0);
    unsigned wrong = 0;
    for (unsigned n = 0; n < RECORDS; n++) {
        ptrdiff_t length;
        while ((length = byte_ring_take(&ring, got)) < 0)
            sched_yield();
        wrong += !is_record(got, length, n, 100);
    }
    pthread_join(producer, NULL);
    assert_int_equal(wrong, 0);
    byte_ring_fini(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_every_length_at_every_place),
        cmocka_unit_test(a_full_ring_changes_nothing),
        cmocka_unit_test(two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

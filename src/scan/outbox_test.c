/* Frames come out of an outbox as they went in, in their order, however full it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan/outbox.h"

enum { CAPACITY = 4096, FRAMES = 20000, LONGEST = 1514 };

static size_t length_of(unsigned number)
{
    return 1 + number * 2654435761u % LONGEST;
}

static bool put(struct outbox *outbox, unsigned number)
{
    size_t length = length_of(number);
    uint8_t *frame = outbox_reserve(outbox, length);
    if (frame == NULL)
        return false;
    memset(frame, (int)(number % 251), length);
    outbox_put(outbox, length);
    return true;
}

static void check(const struct tx_slots *slots, unsigned first)
{
    for (unsigned i = 0; i < slots->count; i++) {
        assert_int_equal(slots->length[i], length_of(first + i));
        for (uint32_t at = 0; at < slots->length[i]; at++)
            assert_int_equal(slots->frame[i][at], (first + i) % 251);
    }
}

static void frames_come_out_in_order(void **state)
{
    (void)state;
    static uint8_t memory[TRANSPORT_BATCH][LONGEST];
    struct tx_slots slots;
    struct outbox outbox;
    assert_int_equal(outbox_init(&outbox, CAPACITY, NULL), 0);
    for (unsigned i = 0; i < TRANSPORT_BATCH; i++)
        slots.frame[i] = memory[i];
    unsigned given = 0, taken = 0, refused = 0;
    while (taken < FRAMES) {
        while (given < FRAMES && put(&outbox, given))
            given++;
        refused += given < FRAMES;
        assert_int_equal(outbox.waiting, given - taken);
        slots.count = outbox.waiting;
        outbox_copy(&outbox, &slots);
        check(&slots, taken);
        unsigned left = given < FRAMES ? 1 + taken % slots.count : slots.count;
        outbox_drop(&outbox, left);
        taken += left;
    }
    assert_true(refused > 0);
    assert_int_equal(outbox.waiting, 0);
    outbox_fini(&outbox);
}

/* A reservation that is not used changes nothing, and a shorter frame may be put. */
static void room_need_not_be_used(void **state)
{
    (void)state;
    static uint8_t memory[LONGEST];
    struct tx_slots slots = {.frame = {memory}, .count = 1};
    struct outbox outbox;
    assert_int_equal(outbox_init(&outbox, CAPACITY, NULL), 0);
    for (unsigned i = 0; i < 100; i++) {
        assert_non_null(outbox_reserve(&outbox, LONGEST));
        uint8_t *frame = outbox_reserve(&outbox, LONGEST);
        memcpy(frame, "frame", 5);
        outbox_put(&outbox, 5);
        outbox_copy(&outbox, &slots);
        assert_int_equal(slots.length[0], 5);
        assert_memory_equal(memory, "frame", 5);
        outbox_drop(&outbox, 1);
    }
    assert_null(outbox_reserve(&outbox, CAPACITY));
    outbox_fini(&outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_out_in_order),
        cmocka_unit_test(room_need_not_be_used),
    };
    return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}

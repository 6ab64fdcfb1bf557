/* What an observer sees of a transport: what was taken to be sent, and each arrival once. */
#include "transport/observed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transport/mem.h"

enum { SEEN_MAX = 4096 };

struct seen {
    uint8_t sent[SEEN_MAX], received[SEEN_MAX]; /* the first byte of each frame */
    unsigned sent_count, received_count;
    unsigned instance;
    bool shut;
};

static void see_sent(void *context, unsigned instance, const uint8_t *frame, uint32_t length)
{
    struct seen *seen = context;
    assert_int_equal(length, 60);
    seen->instance = instance;
    seen->sent[seen->sent_count++] = frame[0];
}

static void see_received(void *context, unsigned instance, const uint8_t *frame, uint32_t length)
{
    struct seen *seen = context;
    (void)instance;
    assert_int_equal(length, 60);
    seen->received[seen->received_count++] = frame[0];
}

static bool is_open(void *context, unsigned instance)
{
    const struct seen *seen = context;
    (void)instance;
    return !seen->shut;
}

/* A transport over another one that takes at most three frames at a time. */
static int take_three(void *state, const struct tx_slots *slots, struct error *err)
{
    struct tx_slots three = *slots;
    three.count = slots->count < 3 ? slots->count : 3;
    return transport_mem.tx_commit(state, &three, err);
}

static void reflect(void *context, struct transport *transport, const uint8_t *frame,
                    uint32_t length)
{
    (void)context;
    transport_mem_receive(transport, frame, length);
}

static struct transport_group open_group(const struct transport_ops *ops, unsigned count,
                                         const struct transport_observer *observer)
{
    struct transport_group group;
    const struct transport_setup setup = {.instances = count};
    assert_int_equal(transport_group_open(&group, ops, &setup, NULL), 0);
    for (unsigned i = 0; i < count; i++)
        transport_mem_connect(&group.member[i], reflect, NULL);
    assert_int_equal(transport_group_observe(&group, observer, NULL), 0);
    return group;
}

static int send_frames(struct transport *transport, unsigned count, uint8_t first)
{
    struct tx_slots slots;
    assert_int_equal(transport->ops->tx_reserve(transport->state, &slots, count, NULL), 0);
    for (unsigned i = 0; i < slots.count; i++) {
        memset(slots.frame[i], (uint8_t)(first + i), 60);
        slots.length[i] = 60;
    }
    return slots.count == 0 ? 0 : transport->ops->tx_commit(transport->state, &slots, NULL);
}

static unsigned peek(struct transport *transport)
{
    struct rx_frames frames;
    assert_int_equal(transport->ops->rx_peek(transport->state, &frames, NULL), 0);
    return frames.count;
}

static void only_what_was_taken_counts_as_sent(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct transport_ops slow = transport_mem;
    slow.tx_commit = take_three;
    const struct transport_observer observer = {&seen, NULL, see_sent, see_received};
    struct transport_group group = open_group(&slow, 2, &observer);
    assert_int_equal(send_frames(&group.member[1], 5, 10), 3);
    assert_int_equal(send_frames(&group.member[1], 2, 13), 2);
    assert_int_equal(seen.sent_count, 5);
    assert_int_equal(seen.instance, 1);
    assert_memory_equal(seen.sent, ((uint8_t[]){10, 11, 12, 13, 14}), 5);
    assert_string_equal(group.member[0].ops->name, "mem");
    transport_group_close(&group);
}

static void each_arrival_is_shown_once(void **state)
{
    (void)state;
    struct seen seen = {0};
    const struct transport_observer observer = {.context = &seen, .received = see_received};
    struct transport_group group = open_group(&transport_mem, 1, &observer);
    struct transport *transport = &group.member[0];
    send_frames(transport, 4, 1);
    assert_int_equal(peek(transport), 4);
    assert_int_equal(peek(transport), 4); /* the same again */
    send_frames(transport, 2, 5);
    assert_int_equal(peek(transport), 6); /* the same, and more */
    assert_int_equal(seen.received_count, 6);
    transport->ops->rx_release(transport->state);
    assert_int_equal(peek(transport), 0);
    send_frames(transport, 1, 7);
    assert_int_equal(peek(transport), 1);
    assert_int_equal(seen.received_count, 7);
    assert_memory_equal(seen.received, ((uint8_t[]){1, 2, 3, 4, 5, 6, 7}), 7);
    transport_group_close(&group);
}

static void an_observer_can_hold_sending_back(void **state)
{
    (void)state;
    struct seen seen = {.shut = true};
    const struct transport_observer observer = {&seen, is_open, see_sent, NULL};
    struct transport_group group = open_group(&transport_mem, 1, &observer);
    assert_int_equal(send_frames(&group.member[0], 4, 1), 0);
    seen.shut = false;
    assert_int_equal(send_frames(&group.member[0], 4, 1), 4);
    assert_int_equal(seen.sent_count, 4);
    transport_group_close(&group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_was_taken_counts_as_sent),
        cmocka_unit_test(each_arrival_is_shown_once),
        cmocka_unit_test(an_observer_can_hold_sending_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is particular to the transport in memory: the peer, the bounded queue, and no peer. */
#include "transport/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct transport open_mem(void)
{
    struct transport transport;
    struct transport_setup setup = {0};
    assert_int_equal(transport_open(&transport, &transport_mem, &setup, NULL), 0);
    return transport;
}

static void send_bytes(struct transport *transport, unsigned count, uint8_t first)
{
    struct tx_slots slots;
    transport->ops->tx_reserve(transport->state, &slots, count, NULL);
    for (unsigned i = 0; i < slots.count; i++) {
        slots.frame[i][0] = (uint8_t)(first + i);
        slots.length[i] = 1;
    }
    assert_int_equal(transport->ops->tx_commit(transport->state, &slots, NULL), count);
}

static unsigned receive(struct transport *transport, struct rx_frames *frames)
{
    assert_int_equal(transport->ops->rx_peek(transport->state, frames, NULL), 0);
    return frames->count;
}

static struct transport_stats stats_of(struct transport *transport)
{
    struct transport_stats stats;
    transport->ops->stats(transport->state, &stats);
    return stats;
}

/* Answers each frame with two: the byte, and the byte with its top bit set. */
static void answer_twice(void *context, struct transport *transport, const uint8_t *frame,
                         uint32_t length)
{
    unsigned *calls = context;
    assert_int_equal(length, 1);
    uint8_t answers[2] = {frame[0], (uint8_t)(frame[0] | 0x80)};
    transport_mem_receive(transport, &answers[0], 1);
    transport_mem_receive(transport, &answers[1], 1);
    ++*calls;
}

static void without_peer_frames_go_nowhere(void **state)
{
    (void)state;
    struct transport transport = open_mem();
    struct rx_frames frames;
    send_bytes(&transport, 200, 0);
    assert_int_equal(receive(&transport, &frames), 0);
    assert_int_equal(stats_of(&transport).sent, 200);
    transport_close(&transport);
}

static void the_peer_sees_each_frame_and_may_answer(void **state)
{
    (void)state;
    struct transport transport = open_mem();
    struct rx_frames frames;
    unsigned calls = 0;
    transport_mem_connect(&transport, answer_twice, &calls);
    send_bytes(&transport, 5, 10);
    assert_int_equal(calls, 5);
    assert_int_equal(receive(&transport, &frames), 10);
    for (unsigned i = 0; i < frames.count; i++)
        assert_int_equal(frames.frame[i][0], (10 + i / 2) | (i % 2 ? 0x80 : 0));
    transport.ops->rx_release(transport.state);
    transport_mem_connect(&transport, NULL, NULL);
    send_bytes(&transport, 5, 10);
    assert_int_equal(calls, 5);
    assert_int_equal(receive(&transport, &frames), 0);
    transport_close(&transport);
}

static void the_queue_is_bounded_and_given_out_frames_count(void **state)
{
    (void)state;
    struct transport transport = open_mem();
    struct rx_frames frames;
    uint16_t number;
    for (number = 0; number < TRANSPORT_MEM_QUEUE; number++)
        assert_true(transport_mem_receive(&transport, (uint8_t *)&number, sizeof number));
    assert_false(transport_mem_receive(&transport, (uint8_t *)&number, sizeof number));
    assert_int_equal(receive(&transport, &frames), TRANSPORT_BATCH);
    assert_false(transport_mem_receive(&transport, (uint8_t *)&number, sizeof number));
    assert_int_equal(memcmp(frames.frame[0], &(uint16_t){0}, 2), 0);
    transport.ops->rx_release(transport.state);
    assert_true(transport_mem_receive(&transport, (uint8_t *)&number, sizeof number));
    uint16_t expected = TRANSPORT_BATCH;
    while (receive(&transport, &frames) > 0) {
        for (unsigned i = 0; i < frames.count; i++, expected++)
            assert_memory_equal(frames.frame[i], &expected, sizeof expected);
        transport.ops->rx_release(transport.state);
    }
    assert_int_equal(expected, TRANSPORT_MEM_QUEUE + 1);
    struct transport_stats stats = stats_of(&transport);
    assert_int_equal(stats.ring_dropped, 2);
    assert_int_equal(stats.received, TRANSPORT_MEM_QUEUE + 1);
    transport_close(&transport);
}

static void received_frames_are_copies_cut_to_size(void **state)
{
    (void)state;
    struct transport transport = open_mem();
    struct rx_frames frames;
    static uint8_t large[TRANSPORT_FRAME_SIZE + 100];
    memset(large, 7, sizeof large);
    assert_true(transport_mem_receive(&transport, large, sizeof large));
    memset(large, 8, sizeof large);
    assert_int_equal(receive(&transport, &frames), 1);
    assert_int_equal(frames.length[0], TRANSPORT_FRAME_SIZE);
    for (unsigned i = 0; i < frames.length[0]; i++)
        assert_int_equal(frames.frame[0][i], 7);
    transport_close(&transport);
}

/* First-level caches of today have 64 sets of 64-byte lines. */
static void first_lines_of_slots_spread_over_cache_sets(void **state)
{
    (void)state;
    struct transport transport = open_mem();
    struct tx_slots slots;
    unsigned lines_in_set[64] = {0};
    transport.ops->tx_reserve(transport.state, &slots, TRANSPORT_BATCH, NULL);
    for (unsigned i = 0; i < slots.count; i++) {
        assert_int_equal((uintptr_t)slots.frame[i] % 64, 0);
        lines_in_set[(uintptr_t)slots.frame[i] / 64 % 64]++;
    }
    for (unsigned set = 0; set < 64; set++)
        assert_int_equal(lines_in_set[set], TRANSPORT_BATCH / 64);
    transport_close(&transport);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_peer_frames_go_nowhere),
        cmocka_unit_test(the_peer_sees_each_frame_and_may_answer),
        cmocka_unit_test(the_queue_is_bounded_and_given_out_frames_count),
        cmocka_unit_test(received_frames_are_copies_cut_to_size),
        cmocka_unit_test(first_lines_of_slots_spread_over_cache_sets),
    };
    return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}

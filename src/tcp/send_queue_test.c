/* Bytes on their way to the far end, against a plain array. */
#include "tcp/send_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint8_t byte_at(size_t offset)
{
    return (uint8_t)(offset * 13 + (offset >> 8));
}

static size_t append(struct chunk_pool *pool, struct send_queue *queue, size_t offset,
                     size_t length)
{
    uint8_t bytes[SEND_QUEUE_MAX + 1];
    for (size_t i = 0; i < length; i++)
        bytes[i] = byte_at(offset + i);
    return send_queue_append(pool, queue, bytes, length);
}

static void a_queue_is_a_stream(void **state)
{
    (void)state;
    struct chunk_pool pool;
    struct send_queue queue = send_queue_empty();
    assert_int_equal(chunk_pool_init(&pool, 40, NULL), 0);
    size_t start = 0, end = 0; /* of what the queue holds, in the stream */
    unsigned seed = 7;
    for (int round = 0; round < 20000; round++) {
        end += append(&pool, &queue, end, (size_t)rand_r(&seed) % 900);
        size_t dropped = (size_t)rand_r(&seed) % 900;
        dropped = dropped < end - start ? dropped : end - start;
        send_queue_drop(&pool, &queue, dropped);
        start += dropped;
        assert_int_equal(queue.bytes, end - start);
        if (start == end)
            continue;
        uint8_t copy[300];
        size_t offset = (size_t)rand_r(&seed) % (end - start);
        size_t length = (size_t)rand_r(&seed) % sizeof copy;
        length = length < end - start - offset ? length : end - start - offset;
        send_queue_copy(&pool, &queue, offset, copy, length);
        for (size_t i = 0; i < length; i++)
            assert_int_equal(copy[i], byte_at(start + offset + i));
    }
    send_queue_drop(&pool, &queue, queue.bytes);
    assert_int_equal(chunk_pool_used(&pool), 0);
    chunk_pool_fini(&pool);
}

static void limits_are_kept(void **state)
{
    (void)state;
    struct chunk_pool pool;
    struct send_queue queue = send_queue_empty();
    assert_int_equal(chunk_pool_init(&pool, 40, NULL), 0);
    assert_int_equal(append(&pool, &queue, 0, SEND_QUEUE_MAX + 1), SEND_QUEUE_MAX);
    assert_int_equal(append(&pool, &queue, 0, 1), 0);
    struct send_queue other = send_queue_empty();
    size_t left = chunk_pool_left(&pool);
    assert_int_equal(append(&pool, &other, 0, SEND_QUEUE_MAX), left * CHUNK_BYTES);
    assert_int_equal(chunk_take(&pool), CHUNK_NONE);
    send_queue_drop(&pool, &queue, queue.bytes);
    send_queue_drop(&pool, &other, other.bytes);
    assert_int_equal(chunk_pool_used(&pool), 0);
    chunk_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_is_a_stream),
        cmocka_unit_test(limits_are_kept),
    };
    return cmocka_run_group_tests_name("send_queue", tests, NULL, NULL);
}

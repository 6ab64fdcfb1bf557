/* Bytes that arrived too early, against a plain map of bytes. */
#include "tcp/held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WINDOW = 12000, ROUNDS = 400 };

static uint8_t byte_at(uint32_t offset)
{
    return (uint8_t)(offset * 31 + (offset >> 7));
}

static enum held_result insert(struct chunk_pool *pool, struct held_list *list, uint32_t base,
                               uint32_t offset, uint32_t length)
{
    uint8_t bytes[WINDOW];
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = byte_at(offset + i);
    return held_insert(pool, list, base + offset, bytes, length);
}

/* Takes all out, and checks that it is what the map says, in order. */
static void check_all(struct chunk_pool *pool, struct held_list *list, uint32_t base,
                      const bool *held)
{
    uint32_t offset = 0;
    while (list->first != CHUNK_NONE) {
        uint32_t start = chunk_at(pool, list->first)->sequence;
        assert_int_equal(held_take(pool, list, start - 1), CHUNK_NONE);
        uint32_t index = held_take(pool, list, start);
        const struct chunk *chunk = chunk_at(pool, index);
        assert_true(chunk->length > 0);
        for (; offset < start - base; offset++)
            assert_false(held[offset]);
        for (uint32_t i = 0; i < chunk->length; i++, offset++) {
            assert_true(held[offset]);
            assert_int_equal(chunk->bytes[i], byte_at(offset));
        }
        chunk_release(pool, index);
    }
    for (; offset < WINDOW; offset++)
        assert_false(held[offset]);
    assert_int_equal(list->count, 0);
    assert_int_equal(chunk_pool_used(pool), 0);
}

static void random_segments_are_held_once(void **state)
{
    (void)state;
    struct chunk_pool pool;
    assert_int_equal(chunk_pool_init(&pool, HELD_CHUNKS_MAX, NULL), 0);
    unsigned seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        bool held[WINDOW] = {false};
        uint32_t base = (uint32_t)rand_r(&seed) % 2 ? -(uint32_t)(rand_r(&seed) % WINDOW) : 77;
        struct held_list list = held_empty();
        for (int i = 0; i < 12; i++) {
            uint32_t offset = (uint32_t)rand_r(&seed) % WINDOW;
            uint32_t length = (uint32_t)rand_r(&seed) % (round % 2 ? 1460 : 5);
            length = length < WINDOW - offset ? length : WINDOW - offset;
            assert_int_equal(insert(&pool, &list, base, offset, length), HELD_ALL);
            memset(held + offset, true, length);
        }
        check_all(&pool, &list, base, held);
    }
    chunk_pool_fini(&pool);
}

static void neighbours_share_a_chunk(void **state)
{
    (void)state;
    struct chunk_pool pool;
    assert_int_equal(chunk_pool_init(&pool, 4, NULL), 0);
    struct held_list list = held_empty();
    for (uint32_t i = 0; i < CHUNK_BYTES; i++)
        assert_int_equal(insert(&pool, &list, 0, 10 + i, 1), HELD_ALL);
    assert_int_equal(chunk_pool_used(&pool), 1);
    held_release(&pool, &list);
    assert_int_equal(chunk_pool_used(&pool), 0);
    chunk_pool_fini(&pool);
}

static void limits_keep_the_first_part(void **state)
{
    (void)state;
    struct chunk_pool pool;
    bool held[WINDOW] = {false};
    assert_int_equal(chunk_pool_init(&pool, 2, NULL), 0);
    struct held_list list = held_empty();
    assert_int_equal(insert(&pool, &list, 5, 100, 3 * CHUNK_BYTES), HELD_POOL_EMPTY);
    assert_int_equal(insert(&pool, &list, 5, 50, 10), HELD_POOL_EMPTY);
    memset(held + 100, true, 2 * CHUNK_BYTES);
    check_all(&pool, &list, 5, held);
    chunk_pool_fini(&pool);

    assert_int_equal(chunk_pool_init(&pool, 2 * HELD_CHUNKS_MAX, NULL), 0);
    for (uint32_t i = 0; i < HELD_CHUNKS_MAX; i++)
        assert_int_equal(insert(&pool, &list, 5, 100 + 2 * i, 1), HELD_ALL);
    assert_int_equal(insert(&pool, &list, 5, 5000, 1), HELD_LIST_FULL);
    assert_int_equal(chunk_pool_used(&pool), HELD_CHUNKS_MAX);
    held_release(&pool, &list);
    chunk_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_segments_are_held_once),
        cmocka_unit_test(neighbours_share_a_chunk),
        cmocka_unit_test(limits_keep_the_first_part),
    };
    return cmocka_run_group_tests_name("held", tests, NULL, NULL);
}

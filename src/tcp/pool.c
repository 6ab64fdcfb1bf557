/* The memory that all connections of a table share; see pool.h. */
#include "tcp/pool.h"

int chunk_pool_init(struct chunk_pool *pool, uint32_t maximum, struct error *err)
{
    if (slots_init(&pool->slots, sizeof(struct chunk), maximum, err) < 0)
        return error_set(err, "out of memory for %u chunks of connections' data", maximum);
    return 0;
}

void chunk_pool_fini(struct chunk_pool *pool)
{
    slots_fini(&pool->slots);
}

uint32_t chunk_take(struct chunk_pool *pool)
{
    uint32_t index = slots_take(&pool->slots);
    if (index == CHUNK_NONE)
        return CHUNK_NONE;
    chunk_at(pool, index)->next = CHUNK_NONE;
    chunk_at(pool, index)->length = 0;
    return index;
}

void chunk_release(struct chunk_pool *pool, uint32_t index)
{
    slots_give_back(&pool->slots, index);
}

/* The memory that all connections of a table share; see pool.h. */
#include "tcp/pool.h"

#include <stdlib.h>

int chunk_pool_init(struct chunk_pool *pool, uint32_t maximum, struct error *err)
{
    *pool = (struct chunk_pool){.maximum = maximum, .first_free = CHUNK_NONE};
    pool->chunks = calloc(maximum, sizeof *pool->chunks);
    if (pool->chunks == NULL)
        return error_set(err, "out of memory for %u chunks of connections' data", maximum);
    return 0;
}

void chunk_pool_fini(struct chunk_pool *pool)
{
    free(pool->chunks);
    *pool = (struct chunk_pool){0};
}

uint32_t chunk_take(struct chunk_pool *pool)
{
    uint32_t index = pool->first_free;
    if (index != CHUNK_NONE)
        pool->first_free = pool->chunks[index].next;
    else if (pool->touched < pool->maximum)
        index = pool->touched++;
    else
        return CHUNK_NONE;
    pool->chunks[index].next = CHUNK_NONE;
    pool->chunks[index].length = 0;
    pool->used++;
    return index;
}

void chunk_release(struct chunk_pool *pool, uint32_t index)
{
    pool->chunks[index].next = pool->first_free;
    pool->first_free = index;
    pool->used--;
}

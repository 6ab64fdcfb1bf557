/* The memory that all connections of a table share for bytes they must hold: chunks of one size.
 *
 * Chunks are named by index, so nothing can dangle by being moved. Memory that was never used costs
 * nothing: fresh chunks come from the end of what has been touched. */
#ifndef TCP_POOL_H
#define TCP_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slots.h"

enum { CHUNK_BYTES = 502 };
#define CHUNK_NONE SLOT_NONE

struct chunk {
    uint32_t next;     /* of its list; CHUNK_NONE ends it */
    uint32_t sequence; /* of the first byte, where the list is a held_list */
    uint16_t length;   /* bytes filled */
    uint8_t bytes[CHUNK_BYTES];
};
_Static_assert(sizeof(struct chunk) == 512, "a chunk is eight cache lines");

struct chunk_pool {
    struct slots slots;
};

int chunk_pool_init(struct chunk_pool *pool, uint32_t maximum, struct error *err);
void chunk_pool_fini(struct chunk_pool *pool);

/* An empty chunk that belongs to the caller until chunk_release; CHUNK_NONE if none is left. */
uint32_t chunk_take(struct chunk_pool *pool);
void chunk_release(struct chunk_pool *pool, uint32_t index);

static inline struct chunk *chunk_at(const struct chunk_pool *pool, uint32_t index)
{
    return slots_at(&pool->slots, index);
}

static inline uint32_t chunk_pool_left(const struct chunk_pool *pool)
{
    return pool->slots.maximum - pool->slots.used;
}

static inline uint32_t chunk_pool_used(const struct chunk_pool *pool)
{
    return pool->slots.used;
}

#endif

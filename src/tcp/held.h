/* Bytes that arrived before those in front of them: chunks in order of sequence, without overlap.
 *
 * What is held first stays: a later segment only fills the gaps. All sequence numbers of a list lie
 * within one window. */
#ifndef TCP_HELD_H
#define TCP_HELD_H

#include "tcp/pool.h"

enum { HELD_CHUNKS_MAX = 64 }; /* of one connection, so that tiny segments cannot eat the pool */

struct held_list {
    uint32_t first; /* chunk */
    uint32_t count; /* of chunks */
};

enum held_result { HELD_ALL, HELD_LIST_FULL, HELD_POOL_EMPTY };

static inline struct held_list held_empty(void)
{
    return (struct held_list){.first = CHUNK_NONE};
}

/* Keeps what is new of the bytes. If not all find room, the first part of them is kept. */
enum held_result held_insert(struct chunk_pool *pool, struct held_list *list, uint32_t sequence,
                             const uint8_t *bytes, size_t length);

/* Takes out the first chunk if it begins at `sequence` or before: the caller's then, to release.
 * CHUNK_NONE if there is a gap, or nothing. */
uint32_t held_take(struct chunk_pool *pool, struct held_list *list, uint32_t sequence);

void held_release(struct chunk_pool *pool, struct held_list *list);

#endif

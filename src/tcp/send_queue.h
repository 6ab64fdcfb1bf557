/* Bytes that were given to be sent and are not acknowledged yet, in chunks, oldest first. */
#ifndef TCP_SEND_QUEUE_H
#define TCP_SEND_QUEUE_H

#include "base/banner_limits.h"
#include "tcp/pool.h"

/* Bytes of one connection: every hello can be given at once. */
enum { SEND_QUEUE_MAX = BANNER_HELLO_MAX };

struct send_queue {
    uint32_t first, last; /* chunks */
    uint16_t skip;        /* bytes of the first chunk that are acknowledged */
    uint16_t bytes;       /* that the queue holds */
};

static inline struct send_queue send_queue_empty(void)
{
    return (struct send_queue){.first = CHUNK_NONE, .last = CHUNK_NONE};
}

/* Copies bytes to the end; returns how many, fewer than `length` where the queue is at its maximum
 * or the pool empty. */
size_t send_queue_append(struct chunk_pool *pool, struct send_queue *queue, const uint8_t *bytes,
                         size_t length);

/* Copies out `length` bytes from `offset` on; the queue must hold them. */
void send_queue_copy(const struct chunk_pool *pool, const struct send_queue *queue, size_t offset,
                     uint8_t *out, size_t length);

/* Forgets the oldest `length` bytes (at most those there are). */
void send_queue_drop(struct chunk_pool *pool, struct send_queue *queue, size_t length);

#endif

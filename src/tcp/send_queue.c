/* Bytes on their way to the far end; see send_queue.h. */
#include "tcp/send_queue.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The chunk that takes the next byte, NULL if there is none. */
static struct chunk *chunk_with_room(struct chunk_pool *pool, struct send_queue *queue)
{
    if (queue->last != CHUNK_NONE && chunk_at(pool, queue->last)->length < CHUNK_BYTES)
        return chunk_at(pool, queue->last);
    uint32_t index = chunk_take(pool);
    if (index == CHUNK_NONE)
        return NULL;
    if (queue->last == CHUNK_NONE)
        queue->first = index;
    else
        chunk_at(pool, queue->last)->next = index;
    queue->last = index;
    return chunk_at(pool, index);
}

size_t send_queue_append(struct chunk_pool *pool, struct send_queue *queue, const uint8_t *bytes,
                         size_t length)
{
    size_t wanted = smaller(length, (size_t)(SEND_QUEUE_MAX - queue->bytes));
    size_t taken = 0;
    while (taken < wanted) {
        struct chunk *chunk = chunk_with_room(pool, queue);
        if (chunk == NULL)
            break;
        size_t part = smaller(wanted - taken, (size_t)(CHUNK_BYTES - chunk->length));
        memcpy(chunk->bytes + chunk->length, bytes + taken, part);
        chunk->length = (uint16_t)(chunk->length + part);
        queue->bytes = (uint16_t)(queue->bytes + part);
        taken += part;
    }
    return taken;
}

void send_queue_copy(const struct chunk_pool *pool, const struct send_queue *queue, size_t offset,
                     uint8_t *out, size_t length)
{
    offset += queue->skip;
    uint32_t index = queue->first;
    while (length > 0) {
        const struct chunk *chunk = chunk_at(pool, index);
        if (offset < chunk->length) {
            size_t part = smaller(length, chunk->length - offset);
            memcpy(out, chunk->bytes + offset, part);
            out += part;
            length -= part;
            offset += part;
        }
        offset -= chunk->length;
        index = chunk->next;
    }
}

void send_queue_drop(struct chunk_pool *pool, struct send_queue *queue, size_t length)
{
    while (length > 0) {
        uint32_t index = queue->first;
        struct chunk *chunk = chunk_at(pool, index);
        size_t part = smaller(length, (size_t)(chunk->length - queue->skip));
        queue->skip = (uint16_t)(queue->skip + part);
        queue->bytes = (uint16_t)(queue->bytes - part);
        length -= part;
        if (queue->skip < chunk->length)
            return;
        queue->first = chunk->next;
        queue->skip = 0;
        chunk_release(pool, index);
    }
    if (queue->first == CHUNK_NONE)
        queue->last = CHUNK_NONE;
}

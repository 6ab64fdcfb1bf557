/* A single-producer single-consumer ring of records of any length: the length, then the bytes, both
 * broken where the memory ends. */
#include "base/byte_ring.h"

#include <stdlib.h>
#include <string.h>

int byte_ring_init(struct byte_ring *ring, size_t capacity, struct error *err)
{
    memset(ring, 0, sizeof *ring);
    ring->bytes = malloc(capacity);
    if (ring->bytes == NULL)
        return error_set(err, "out of memory for a ring of %zu bytes", capacity);
    ring->capacity = capacity;
    return 0;
}

void byte_ring_fini(struct byte_ring *ring)
{
    free(ring->bytes);
    ring->bytes = NULL;
}

size_t byte_ring_room(const struct byte_ring *ring)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    return ring->capacity - (head - tail);
}

/* How much of `length` bytes at `position` lies before the end of the memory. */
static size_t before_end(const struct byte_ring *ring, size_t position, size_t length)
{
    size_t left = ring->capacity - (position & (ring->capacity - 1));
    return length < left ? length : left;
}

static size_t copy_in(struct byte_ring *ring, size_t position, const void *bytes, size_t length)
{
    size_t part = before_end(ring, position, length);
    if (part > 0)
        memcpy(ring->bytes + (position & (ring->capacity - 1)), bytes, part);
    if (part < length)
        memcpy(ring->bytes, (const uint8_t *)bytes + part, length - part);
    return position + length;
}

static size_t copy_out(const struct byte_ring *ring, size_t position, void *bytes, size_t length)
{
    size_t part = before_end(ring, position, length);
    memcpy(bytes, ring->bytes + (position & (ring->capacity - 1)), part);
    memcpy((uint8_t *)bytes + part, ring->bytes, length - part);
    return position + length;
}

bool byte_ring_put(struct byte_ring *ring, const void *first, size_t first_length,
                   const void *second, size_t second_length)
{
    uint32_t length = (uint32_t)(first_length + second_length);
    if (byte_ring_room(ring) < sizeof length + length)
        return false;
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    head = copy_in(ring, head, &length, sizeof length);
    head = copy_in(ring, head, first, first_length);
    head = copy_in(ring, head, second, second_length);
    atomic_store_explicit(&ring->head, head, memory_order_release);
    return true;
}

size_t byte_ring_filled(const struct byte_ring *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_acquire) -
           atomic_load_explicit(&ring->tail, memory_order_relaxed);
}

bool byte_ring_is_empty(const struct byte_ring *ring)
{
    return byte_ring_filled(ring) == 0;
}

ptrdiff_t byte_ring_take(struct byte_ring *ring, void *record)
{
    if (byte_ring_is_empty(ring))
        return -1;
    uint32_t length;
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    tail = copy_out(ring, tail, &length, sizeof length);
    tail = copy_out(ring, tail, record, length);
    atomic_store_explicit(&ring->tail, tail, memory_order_release);
    return (ptrdiff_t)length;
}

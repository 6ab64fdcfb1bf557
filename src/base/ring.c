/* A single-producer single-consumer ring of fixed-size elements. */
#include "base/ring.h"

#include <stdlib.h>
#include <string.h>

int ring_init(struct ring *ring, size_t capacity, size_t element_size, struct error *err)
{
    memset(ring, 0, sizeof *ring);
    ring->elements = calloc(capacity, element_size);
    if (ring->elements == NULL)
        return error_set(err, "out of memory for a ring of %zu elements", capacity);
    ring->element_size = element_size;
    ring->mask = capacity - 1;
    return 0;
}

void ring_fini(struct ring *ring)
{
    free(ring->elements);
    ring->elements = NULL;
}

size_t ring_room(struct ring *ring)
{
    ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
    size_t used = atomic_load_explicit(&ring->head, memory_order_relaxed) - ring->tail_seen;
    return ring->mask + 1 - used;
}

bool ring_push(struct ring *ring, const void *element)
{
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head - ring->tail_seen > ring->mask && ring_room(ring) == 0)
        return false;
    memcpy(ring->elements + (head & ring->mask) * ring->element_size, element, ring->element_size);
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return true;
}

size_t ring_filled(struct ring *ring)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    return atomic_load_explicit(&ring->head, memory_order_acquire) - tail;
}

void ring_pop(struct ring *ring, size_t count)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    atomic_store_explicit(&ring->tail, tail + count, memory_order_release);
}

/* A single-producer single-consumer ring of fixed-size elements.
 *
 * One thread pushes, one other thread pops; neither locks nor waits. The consumer looks at the
 * producer's position once a batch, the producer keeps a copy of the consumer's and refreshes it
 * only when the ring looks full, so a crossing costs about one cache-line transfer a batch. Source
 * of the scheme: L. Lamport (1983); cached positions as in MCRingBuffer (Lee, Bu, Chandranmenon,
 * 2010). */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct ring {
    alignas(64) _Atomic size_t head; /* written by the producer */
    size_t tail_seen;
    alignas(64) _Atomic size_t tail; /* written by the consumer */
    alignas(64) uint8_t *elements;
    size_t element_size;
    size_t mask;
};

/* Room for `capacity` (a power of two) elements of `element_size` bytes each. */
int ring_init(struct ring *ring, size_t capacity, size_t element_size, struct error *err);
void ring_fini(struct ring *ring);

static inline size_t ring_capacity(const struct ring *ring)
{
    return ring->mask + 1;
}

/* Producer: how many elements can be pushed now without fail; the true number may be higher. */
size_t ring_room(struct ring *ring);

/* Producer: copies one element in; false if the ring is full (nothing changes). */
bool ring_push(struct ring *ring, const void *element);

/* Producer: how many elements have been pushed so far. */
static inline size_t ring_pushed(const struct ring *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_relaxed);
}

/* Any thread: has the consumer popped the first `pushed` elements? */
static inline bool ring_has_popped(const struct ring *ring, size_t pushed)
{
    size_t behind = pushed - atomic_load_explicit(&ring->tail, memory_order_acquire);
    return behind == 0 || behind > SIZE_MAX / 2;
}

/* Consumer: how many elements there are; the true number may be higher. */
size_t ring_filled(struct ring *ring);

/* Consumer: the oldest element but `index` (below ring_filled), valid until it is popped. */
static inline const void *ring_at(const struct ring *ring, size_t index)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    return ring->elements + ((tail + index) & ring->mask) * ring->element_size;
}

/* Consumer: removes the oldest `count` elements. */
void ring_pop(struct ring *ring, size_t count);

#endif

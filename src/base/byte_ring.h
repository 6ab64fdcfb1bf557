/* A single-producer single-consumer ring of records of any length, in memory of a fixed size.
 *
 * One thread puts, one other thread takes; neither locks nor waits. As ring.h, for what differs in
 * length. */
#ifndef BASE_BYTE_RING_H
#define BASE_BYTE_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct byte_ring {
    alignas(64) _Atomic size_t head; /* bytes ever put; written by the producer */
    alignas(64) _Atomic size_t tail; /* bytes ever taken; written by the consumer */
    alignas(64) uint8_t *bytes;
    size_t capacity; /* a power of two */
};

enum { BYTE_RING_EXTRA = 4 }; /* bytes that each record takes beside its own */

/* Room for `capacity` (a power of two) bytes. */
int byte_ring_init(struct byte_ring *ring, size_t capacity, struct error *err);
void byte_ring_fini(struct byte_ring *ring);

/* Producer: how many bytes are free; the true number may be higher. */
size_t byte_ring_room(const struct byte_ring *ring);

/* Producer: puts one record made of two parts; false if there is no room (nothing changes). */
bool byte_ring_put(struct byte_ring *ring, const void *first, size_t first_length,
                   const void *second, size_t second_length);

/* Consumer: moves the oldest record to `record` and returns its length, or -1 if there is none. The
 * caller has room for the longest that is ever put. */
ptrdiff_t byte_ring_take(struct byte_ring *ring, void *record);

/* Consumer: how many bytes there are to take, lengths included; the true number may be higher. */
size_t byte_ring_filled(const struct byte_ring *ring);

/* Is there nothing to take? */
bool byte_ring_is_empty(const struct byte_ring *ring);

#endif

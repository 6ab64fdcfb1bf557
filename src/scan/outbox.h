/* Frames that wait until the pace lets them leave: a queue in memory of a fixed size, of one
 * thread. */
#ifndef SCAN_OUTBOX_H
#define SCAN_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "transport/transport.h"

struct outbox {
    uint8_t *bytes;
    uint32_t capacity;   /* a power of two */
    uint32_t head, tail; /* bytes ever taken and ever put; head is the oldest frame's record */
    unsigned waiting;    /* frames */
};

/* `capacity` in bytes, a power of two; each frame takes two bytes more than its length, and up to
 * seven to be aligned. */
int outbox_init(struct outbox *outbox, uint32_t capacity, struct error *err);
void outbox_fini(struct outbox *outbox);

/* Room for a frame of at most `length` bytes, to be written and then put; NULL if there is none. */
uint8_t *outbox_reserve(struct outbox *outbox, size_t length);

/* Puts the frame that was written into the room reserved last. */
void outbox_put(struct outbox *outbox, size_t length);

/* Copies the oldest `slots->count` frames, of which there are so many. */
void outbox_copy(const struct outbox *outbox, struct tx_slots *slots);

/* The oldest `count` frames have left. */
void outbox_drop(struct outbox *outbox, unsigned count);

#endif

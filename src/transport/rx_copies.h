/* Received frames, copied.
 *
 * For libraries that lend a frame only until they are asked for the next one. */
#ifndef TRANSPORT_RX_COPIES_H
#define TRANSPORT_RX_COPIES_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/filter.h"
#include "transport/transport.h"

enum {
    RX_COPIES_LONGEST = FILTER_SNAP_LENGTH,
    /* A batch of TRANSPORT_FRAME_SIZE each, and the longest frame there is. */
    RX_COPIES_SIZE = TRANSPORT_BATCH * TRANSPORT_FRAME_SIZE + RX_COPIES_LONGEST,
};

struct rx_copies {
    struct rx_frames held;
    size_t used; /* bytes */
    alignas(64) uint8_t bytes[RX_COPIES_SIZE];
};

/* How many more frames there is room for, even if they are of the longest. */
unsigned rx_copies_room(const struct rx_copies *copies);

/* Copies a frame behind those that are held; there must be room. Of a frame longer than
 * RX_COPIES_LONGEST the end is cut off. */
void rx_copies_add(struct rx_copies *copies, const uint8_t *frame, uint32_t length);

/* Gives the room of all frames back. */
void rx_copies_release(struct rx_copies *copies);

#endif

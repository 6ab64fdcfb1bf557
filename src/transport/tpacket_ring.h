/* The receive ring that a packet socket shares with the kernel (TPACKET_V3). */
#ifndef TRANSPORT_TPACKET_RING_H
#define TRANSPORT_TPACKET_RING_H

#include "transport/transport.h"

struct tpacket_ring {
    uint8_t *map;
    size_t block_size;
    unsigned blocks;
    unsigned current;    /* the block that is read, or the next one the kernel will hand over */
    uint32_t released;   /* frames of it that were given out and released */
    uint32_t held;       /* given out, not yet released */
    const uint8_t *next; /* the first frame not yet released; NULL at the start of a block */
    const uint8_t *behind_held;
};

/* Makes the ring of a packet socket that is not bound yet, of `size` bytes (a power of two from
 * 2 MiB on) or less where memory is short, and maps it. */
int tpacket_ring_map(struct tpacket_ring *ring, int socket, size_t size, struct error *err);
void tpacket_ring_unmap(struct tpacket_ring *ring);

/* Whether the kernel has handed over a block that is not used up. */
bool tpacket_ring_ready(const struct tpacket_ring *ring);

/* As rx_peek and rx_release; one peek stays inside one block. */
void tpacket_ring_peek(struct tpacket_ring *ring, struct rx_frames *frames);
void tpacket_ring_release(struct tpacket_ring *ring);

#endif

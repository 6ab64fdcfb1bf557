/* The memory of one batch of frames to send.
 *
 * A slot offers TRANSPORT_FRAME_SIZE bytes, yet most frames are a probe of one cache line. Slots
 * 2048 bytes apart would put all those lines into two of the 64 sets of a first-level cache, which
 * then holds 16 of them; 64 bytes more from slot to slot spread 256 lines evenly over all sets,
 * four in each, so that the working set of a batch stays in the cache. */
#ifndef TRANSPORT_TX_FRAMES_H
#define TRANSPORT_TX_FRAMES_H

#include <stdalign.h>
#include <stdint.h>

#include "transport/transport.h"

enum { ETHERNET_HEADER = 14, TX_FRAME_STRIDE = TRANSPORT_FRAME_SIZE + 64 };

struct tx_frames {
    alignas(64) uint8_t slot[TRANSPORT_BATCH][TX_FRAME_STRIDE];
};

/* Hands out the first `wanted` slots, at most TRANSPORT_BATCH. */
static inline void tx_frames_reserve(struct tx_frames *frames, struct tx_slots *slots,
                                     unsigned wanted)
{
    slots->count = wanted < TRANSPORT_BATCH ? wanted : TRANSPORT_BATCH;
    for (unsigned i = 0; i < slots->count; i++)
        slots->frame[i] = frames->slot[i];
}

/* The longest frame of an Ethernet link, with its tag if it has one. */
static inline uint32_t tx_longest_frame(uint32_t mtu, const struct transport_setup *setup)
{
    uint32_t longest = mtu + ETHERNET_HEADER;
    longest = longest < TRANSPORT_FRAME_SIZE ? longest : TRANSPORT_FRAME_SIZE;
    return setup->vlan != 0 ? longest + TRANSPORT_TAG : longest;
}

/* For ways that would take any length and send nothing: an error if a frame is longer than
 * `longest`, which is what the interface's MTU allows, or has no Ethernet header. */
int tx_slots_check(const struct tx_slots *slots, uint32_t longest, const char *interface_name,
                   struct error *err);

#endif

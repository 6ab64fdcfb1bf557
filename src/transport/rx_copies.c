/* Received frames, copied one behind the other, each from a cache line of its own. */
#include "transport/rx_copies.h"

#include <assert.h>
#include <string.h>

enum { CACHE_LINE = 64 };

static_assert(TRANSPORT_FRAME_SIZE % CACHE_LINE == 0, "a batch must fit with its gaps");

unsigned rx_copies_room(const struct rx_copies *copies)
{
    size_t longest = (RX_COPIES_SIZE - copies->used) / RX_COPIES_LONGEST;
    unsigned slots = TRANSPORT_BATCH - copies->held.count;
    return longest < slots ? (unsigned)longest : slots;
}

void rx_copies_add(struct rx_copies *copies, const uint8_t *frame, uint32_t length)
{
    uint8_t *copy = copies->bytes + copies->used;
    if (length > RX_COPIES_LONGEST)
        length = RX_COPIES_LONGEST;
    memcpy(copy, frame, length);
    copies->held.frame[copies->held.count] = copy;
    copies->held.length[copies->held.count++] = length;
    copies->used += (length + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

void rx_copies_release(struct rx_copies *copies)
{
    copies->held.count = 0;
    copies->used = 0;
}

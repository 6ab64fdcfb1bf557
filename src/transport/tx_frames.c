/* The memory of one batch of frames to send: what may be in it. */
#include "transport/tx_frames.h"

int tx_slots_check(const struct tx_slots *slots, uint32_t longest, const char *interface_name,
                   struct error *err)
{
    for (unsigned i = 0; i < slots->count; i++) {
        if (slots->length[i] > longest)
            return error_set(err, "a frame of %u bytes is longer than the MTU of %s allows",
                             slots->length[i], interface_name);
        if (slots->length[i] < ETHERNET_HEADER)
            return error_set(err, "cannot send a frame of %u bytes on %s: too short",
                             slots->length[i], interface_name);
    }
    return 0;
}

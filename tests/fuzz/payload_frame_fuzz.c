/* Any bytes may stand in a capture: a datagram that is found lies inside its frame. The first byte
 * is the link type. */
#include "probe/payload_frame.h"

#include "fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LINUX_SLL2 = 276 };
    struct payload_datagram found;
    if (size == 0)
        return 0;
    int link = data[0] == 255 ? LINUX_SLL2 : data[0];
    if (payload_frame_find(link, data + 1, size - 1, &found) == PAYLOAD_FRAME_UDP)
        check(found.bytes > data && found.bytes + found.length <= data + size);
    return 0;
}

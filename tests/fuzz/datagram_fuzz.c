/* Any datagram may come as a reply: every parser stays inside it, and something is told once. The
 * first byte chooses the protocol. */
#include "banner/datagram.h"

#include "fuzz_target.h"

static void take_field(void *context, uint16_t app, const uint8_t *text, size_t length)
{
    unsigned *count = context;
    check(app < APP_COUNT && length > 0 && length <= BANNER_TEXT_MAX && text != NULL);
    ++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned count = 0;
    struct banner_talk talk = {.field = take_field, .context = &count};
    if (size == 0)
        return 0;
    const struct datagram_ops *ops = datagram_protocols[data[0] % datagram_protocol_count];
    struct reader reader = reader_over(data + 1, size - 1);
    check(ops->understand(&reader, &talk) == (count == 1));
    count = 0;
    datagram_read(ops->ports[0], data + 1, size - 1, &talk);
    check(count == (size > 1));
    return 0;
}

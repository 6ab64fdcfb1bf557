/* Any bytes may come from a server: every parser stays inside its bounds and tells the same however
 * the stream is cut. The first byte chooses the protocol, the second how the rest is cut; whose it
 * is is asked, too. */
#include "banner/banner.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz_target.h"

/* What a run told, as one number: FNV-1a (G. Fowler, L. C. Noll, P. Vo). */
struct told {
    uint64_t hash;
    size_t length;
};

static void mix(struct told *told, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < length; i++)
        told->hash = (told->hash ^ at[i]) * 0x100000001b3;
}

static void take_field(void *context, uint16_t app, const uint8_t *text, size_t length)
{
    struct told *told = context;
    check(app < APP_COUNT && length > 0 && length <= BANNER_TEXT_MAX);
    mix(told, &app, sizeof app);
    mix(told, &length, sizeof length);
    mix(told, text, length);
    told->length += length;
}

/* In pieces of `piece` bytes. */
static struct told run(const struct banner_ops *ops, const uint8_t *bytes, size_t length,
                       size_t piece)
{
    static const struct banner_setup setup = {.html = true, .start_tls = true};
    struct told told = {0}, said = {0};
    struct banner *banner =
        malloc(banner_size(ops)); /* no more than it says: a byte beyond is seen */
    check(banner != NULL);
    banner_start(banner, ops);
    uint8_t send[BANNER_SEND_MAX];
    struct banner_talk talk = {.setup = &setup,
                               .field = take_field,
                               .context = &told,
                               .send = send,
                               .send_room = sizeof send};
    for (size_t at = 0; at < length; at += piece) {
        talk.sent = 0;
        enum banner_step step =
            banner_feed(banner, bytes + at, length - at < piece ? length - at : piece, &talk);
        check(talk.sent <= sizeof send && banner->over == (step >= BANNER_DONE));
        mix(&said, send, talk.sent);
        if (banner->over)
            break;
    }
    talk.sent = 0;
    banner_end(banner, &talk);
    check(talk.sent == 0);
    free(banner);
    mix(&told, &said.hash, sizeof said.hash);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct banner_ops *ops = banner_protocols[data[0] % banner_protocol_count];
    struct told whole = run(ops, data + 2, size - 2, size);
    struct told parts = run(ops, data + 2, size - 2, 1u + data[1]);
    check(whole.hash == parts.hash && whole.length == parts.length);
    check(whole.length <= 8192);
    check(banner_detect(data + 2, size - 2, ops, true) != NULL);
    (void)banner_detect(data + 2, size - 2, NULL, false);
    return 0;
}

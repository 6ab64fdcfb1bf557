/* What no protocol claims: its first bytes, as they are. */
#include "banner/protocols.h"
#include "banner/text.h"

struct unknown {
    uint16_t length;
    uint8_t bytes[1022];
};

static void end(void *state, struct banner_talk *talk)
{
    const struct unknown *unknown = state;
    banner_tell(talk, APP_UNKNOWN, unknown->bytes, unknown->length);
}

static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    struct unknown *unknown = state;
    for (size_t i = 0; i < length; i++)
        TEXT_PUT(unknown, bytes[i]);
    if (unknown->length < sizeof unknown->bytes)
        return BANNER_MORE;
    end(unknown, talk);
    return BANNER_DONE;
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    return BANNER_NO;
}

const struct banner_ops banner_unknown = {
    .name = "unknown",
    .source = "none",
    .apps = {APP_UNKNOWN},
    .state_size = sizeof(struct unknown),
    .match = match,
    .feed = feed,
    .end = end,
};

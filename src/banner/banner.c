/* What all protocols share: bounds, the end, and the little they say and tell. */
#include "banner/banner.h"

#include <string.h>

size_t banner_size(const struct banner_ops *ops)
{
    return offsetof(struct banner, state) + ops->state_size;
}

void banner_start(struct banner *banner, const struct banner_ops *ops)
{
    memset(banner, 0, banner_size(ops));
    banner->ops = ops;
}

void banner_end(struct banner *banner, struct banner_talk *talk)
{
    if (banner->over)
        return;
    banner->over = true;
    if (banner->ops->end)
        banner->ops->end(banner->state, talk);
}

enum banner_step banner_feed(struct banner *banner, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    if (banner->over)
        return BANNER_DONE;
    size_t left = BANNER_INPUT_MAX - banner->taken;
    if (length > left)
        length = left;
    banner->taken += (uint32_t)length;
    enum banner_step step = banner->ops->feed(banner->state, bytes, length, talk);
    if (step != BANNER_MORE) {
        banner->over = true;
        return step;
    }
    if (banner->taken == BANNER_INPUT_MAX) {
        banner_end(banner, talk);
        return BANNER_DONE;
    }
    return talk->sent > 0 ? BANNER_SEND : BANNER_MORE;
}

void banner_tell(const struct banner_talk *talk, uint16_t app, const void *text, size_t length)
{
    if (length > 0)
        talk->field(talk->context, app, text, length);
}

bool banner_say(struct banner_talk *talk, const void *bytes, size_t length)
{
    if (length > talk->send_room - talk->sent)
        return false;
    memcpy(talk->send + talk->sent, bytes, length);
    talk->sent += length;
    return true;
}

bool banner_say_text(struct banner_talk *talk, const char *text)
{
    return banner_say(talk, text, strlen(text));
}

enum banner_match banner_begins(const uint8_t *bytes, size_t length, const char *text)
{
    size_t wanted = strlen(text);
    size_t both = length < wanted ? length : wanted;
    if (memcmp(bytes, text, both) != 0)
        return BANNER_NO;
    return both == wanted ? BANNER_YES : BANNER_MAYBE;
}

enum banner_match banner_begins_any(const uint8_t *bytes, size_t length, const char *const texts[],
                                    unsigned count)
{
    enum banner_match best = BANNER_NO;
    for (unsigned i = 0; i < count; i++) {
        enum banner_match match = banner_begins(bytes, length, texts[i]);
        best = match > best ? match : best;
    }
    return best;
}

/* SSH: the identification line, RFC 4253, 4.2. Other lines may come before it. Versions 1.99 and up
 * speak version 2 (RFC 4253, 5.1). */
#include "banner/dialogue.h"
#include "banner/protocols.h"

/* Nobody sends more lines than these before its identification: a bound of ours. */
enum { LINES_BEFORE_MAX = 32 };

static void tell(const struct dialogue *dialogue, const struct banner_talk *talk)
{
    bool is_first = dialogue_begins(dialogue, "SSH-1.") && !dialogue_begins(dialogue, "SSH-1.99");
    banner_tell(talk, is_first ? APP_SSH1 : APP_SSH2, dialogue->line.bytes, dialogue->line.length);
}

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    if (dialogue_begins(dialogue, "SSH-")) {
        tell(dialogue, talk);
        return BANNER_DONE;
    }
    return ++dialogue->stage < LINES_BEFORE_MAX ? BANNER_MORE : BANNER_CLOSE;
}

/* Nothing is kept, so that the dialogue itself has nothing to tell. */
static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    return dialogue_feed(state, bytes, length, talk, APP_SSH2, look);
}

/* An identification that was cut off says something from its version on. */
static void end(void *state, struct banner_talk *talk)
{
    struct dialogue *dialogue = state;
    dialogue_trim(dialogue);
    if (dialogue_begins(dialogue, "SSH-1.99") || dialogue_begins(dialogue, "SSH-2."))
        tell(dialogue, talk);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "SSH-");
}

const struct banner_ops banner_ssh = {
    .name = "ssh",
    .source = "RFC 4253, 4.2",
    .apps = {APP_SSH2, APP_SSH1},
    .ports = {22, 2222},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .feed = feed,
    .end = end,
};

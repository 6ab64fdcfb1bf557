/* beanstalkd: its version and where it runs, from its statistics (beanstalkd doc/protocol.txt). */
#include "banner/dialogue.h"
#include "banner/protocols.h"

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    static const char *const kept[] = {"version:",  "pid:", "uptime:",   "draining:",
                                       "hostname:", "os:",  "platform:", "UNKNOWN_COMMAND"};
    (void)talk;
    for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++)
        if (dialogue_begins(dialogue, kept[i]))
            dialogue_keep(dialogue);
    bool is_last = dialogue->line.length == 0 || dialogue_begins(dialogue, "UNKNOWN_COMMAND");
    return is_last ? BANNER_DONE : BANNER_MORE;
}

static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    return dialogue_feed(state, bytes, length, talk, APP_BEANSTALKD, look);
}

/* Of the first line nothing is kept, so none is when it is broken off. */
static void end(void *state, struct banner_talk *talk)
{
    struct dialogue *dialogue = state;
    dialogue->partly = true;
    dialogue_end(dialogue, talk, APP_BEANSTALKD);
}

static bool hello(struct banner_talk *talk)
{
    return banner_say_text(talk, "stats\r\n");
}

/* "OK", how many bytes of YAML follow, and where it begins. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    enum banner_match match = banner_begins(bytes, length, "OK ");
    size_t at = 3;
    if (match != BANNER_YES)
        return match;
    while (at < length && at < 10 && bytes[at] >= '0' && bytes[at] <= '9')
        at++;
    return at == 3 && length > 3 ? BANNER_NO : banner_begins(bytes + at, length - at, "\r\n---\n");
}

const struct banner_ops banner_beanstalkd = {
    .name = "beanstalkd",
    .source = "beanstalkd doc/protocol.txt",
    .apps = {APP_BEANSTALKD},
    .ports = {11300},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};

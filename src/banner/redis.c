/* Redis: the replies to PING and INFO (Redis serialization protocol specification, RESP2). A server
 * that wants a password says so instead. */
#include "banner/dialogue.h"
#include "banner/protocols.h"

static bool is_worth_it(const struct dialogue *dialogue)
{
    static const char *const kept[] = {
        "+", "-", "redis_version:", "redis_mode:", "os:", "arch_bits:"};
    for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++)
        if (dialogue_begins(dialogue, kept[i]))
            return true;
    return false;
}

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    (void)talk;
    dialogue->partly = true;
    if (is_worth_it(dialogue))
        dialogue_keep(dialogue);
    bool is_error = dialogue_begins(dialogue, "-");
    bool is_section_over = dialogue->stage > 0 && dialogue->line.length == 0;
    if (dialogue_begins(dialogue, "# Server"))
        dialogue->stage = 1;
    return is_error || is_section_over ? BANNER_DONE : BANNER_MORE;
}

DIALOGUE_FUNCTIONS(APP_REDIS, look)

static bool hello(struct banner_talk *talk)
{
    return banner_say_text(talk, "PING\r\nINFO server\r\n");
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const replies[] = {"+PONG\r\n", "-NOAUTH ", "-DENIED Redis",
                                          "-ERR unknown c"};
    return banner_begins_any(bytes, length, replies, sizeof replies / sizeof *replies);
}

const struct banner_ops banner_redis = {
    .name = "redis",
    .source = "Redis serialization protocol specification",
    .apps = {APP_REDIS},
    .ports = {6379},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};

/* POP3: the greeting (RFC 1939, 4), CAPA (RFC 2449, 5), STLS (RFC 2595, 4). */
#include "banner/dialogue.h"
#include "banner/protocols.h"

enum { GREETING, CAPA, CAPABILITIES, STLS };

static enum banner_step list_is_over(struct dialogue *dialogue, struct banner_talk *talk)
{
    bool wants_tls = dialogue->flag && talk->setup->start_tls;
    return wants_tls ? dialogue_ask(dialogue, talk, STLS, "STLS\r\n") : BANNER_DONE;
}

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    bool is_ok = dialogue_begins(dialogue, "+OK");
    dialogue_keep(dialogue);
    switch (dialogue->stage) {
    case GREETING:
        return is_ok ? dialogue_ask(dialogue, talk, CAPA, "CAPA\r\n") : BANNER_DONE;
    case CAPA:
        dialogue->stage = CAPABILITIES;
        return is_ok ? BANNER_MORE : BANNER_DONE;
    case CAPABILITIES:
        if (text_is(dialogue->line.bytes, dialogue->line.length, "."))
            return list_is_over(dialogue, talk);
        if (text_is(dialogue->line.bytes, dialogue->line.length, "STLS"))
            dialogue->flag = true;
        return BANNER_MORE;
    default:
        return is_ok ? BANNER_START_TLS : BANNER_DONE;
    }
}

DIALOGUE_FUNCTIONS(APP_POP, look)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "+OK");
}

const struct banner_ops banner_pop3 = {
    .name = "pop3",
    .source = "RFC 1939, RFC 2449, RFC 2595",
    .apps = {APP_POP},
    .ports = {110},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .feed = feed,
    .end = end,
};

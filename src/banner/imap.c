/* IMAP: the greeting, CAPABILITY and STARTTLS (RFC 9051, 7.1, 6.1.1 and 6.2.1). */
#include "banner/dialogue.h"
#include "banner/protocols.h"

enum { GREETING, CAPABILITY, STARTTLS };

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    dialogue_keep(dialogue);
    switch (dialogue->stage) {
    case GREETING:
        return dialogue_begins(dialogue, "* OK")
                   ? dialogue_ask(dialogue, talk, CAPABILITY, "a001 CAPABILITY\r\n")
                   : BANNER_DONE;
    case CAPABILITY:
        if (dialogue_begins(dialogue, "* CAPABILITY") && dialogue_has(dialogue, " STARTTLS"))
            dialogue->flag = true;
        if (!dialogue_begins(dialogue, "a001 "))
            return BANNER_MORE;
        return dialogue->flag && talk->setup->start_tls
                   ? dialogue_ask(dialogue, talk, STARTTLS, "a002 STARTTLS\r\n")
                   : BANNER_DONE;
    default:
        if (!dialogue_begins(dialogue, "a002 "))
            return BANNER_MORE;
        return dialogue_begins(dialogue, "a002 OK") ? BANNER_START_TLS : BANNER_DONE;
    }
}

DIALOGUE_FUNCTIONS(APP_IMAP, look)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const greetings[] = {"* OK", "* PREAUTH", "* BYE"};
    return banner_begins_any(bytes, length, greetings, sizeof greetings / sizeof *greetings);
}

const struct banner_ops banner_imap = {
    .name = "imap",
    .source = "RFC 9051",
    .apps = {APP_IMAP},
    .ports = {143},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .feed = feed,
    .end = end,
};

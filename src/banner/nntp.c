/* NNTP: the greeting, then what the server can (RFC 3977, 5.1 and 5.2), and STARTTLS (RFC 4642). */
#include "banner/dialogue.h"
#include "banner/protocols.h"
#include "banner/reply_code.h"

enum { GREETING, CAPABILITIES, LIST, STARTTLS };

static enum banner_step list_is_over(struct dialogue *dialogue, struct banner_talk *talk)
{
    bool wants_tls = dialogue->flag && talk->setup->start_tls;
    return wants_tls ? dialogue_ask(dialogue, talk, STARTTLS, "STARTTLS\r\n") : BANNER_DONE;
}

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    bool last;
    int code = dialogue_code(dialogue, &last);
    dialogue_keep(dialogue);
    switch (dialogue->stage) {
    case GREETING: /* 200 and 201: with and without the right to post */
        return code == 200 || code == 201
                   ? dialogue_ask(dialogue, talk, CAPABILITIES, "CAPABILITIES\r\n")
                   : BANNER_DONE;
    case CAPABILITIES:
        dialogue->stage = LIST;
        return code == 101 ? BANNER_MORE : BANNER_DONE;
    case LIST:
        if (text_is(dialogue->line.bytes, dialogue->line.length, "."))
            return list_is_over(dialogue, talk);
        dialogue->flag |= text_is(dialogue->line.bytes, dialogue->line.length, "STARTTLS");
        return BANNER_MORE;
    default:
        return code == 382 ? BANNER_START_TLS : BANNER_DONE;
    }
}

DIALOGUE_FUNCTIONS(APP_NNTP, look)

/* Its codes are others' too: only words that news servers greet with make it clear. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const codes[] = {"200", "201", "400", "502", NULL};
    static const char *const words[] = {"nntp", "nnrp", "usenet", "news", "posting", NULL};
    enum banner_match match = reply_code_match(bytes, length, codes, words);
    return match == BANNER_LIKELY ? BANNER_NO : match;
}

const struct banner_ops banner_nntp = {
    .name = "nntp",
    .source = "RFC 3977, RFC 4642",
    .apps = {APP_NNTP},
    .ports = {119, 433},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .feed = feed,
    .end = end,
};

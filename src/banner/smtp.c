/* SMTP: the greeting, EHLO and what the server can do (RFC 5321, 4.1.1.1 and 4.2), STARTTLS (RFC
 * 3207). */
#include "banner/dialogue.h"
#include "banner/protocols.h"
#include "banner/reply_code.h"

enum { GREETING, EHLO, STARTTLS };

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    bool last;
    int code = dialogue_code(dialogue, &last);
    dialogue_keep(dialogue);
    if (dialogue->stage == EHLO && code == 250 && dialogue_has(dialogue, "STARTTLS"))
        dialogue->flag = true;
    if (!last)
        return BANNER_MORE;
    switch (dialogue->stage) {
    case GREETING:
        return code == 220 ? dialogue_ask(dialogue, talk, EHLO, "EHLO masscan\r\n") : BANNER_DONE;
    case EHLO:
        return dialogue->flag && talk->setup->start_tls
                   ? dialogue_ask(dialogue, talk, STARTTLS, "STARTTLS\r\n")
                   : BANNER_DONE;
    default:
        return code == 220 ? BANNER_START_TLS : BANNER_DONE;
    }
}

DIALOGUE_FUNCTIONS(APP_SMTP, look)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const codes[] = {"220", "421", "554", NULL};
    static const char *const words[] = {"smtp", "mail", "postfix", "exim", NULL};
    return reply_code_match(bytes, length, codes, words);
}

const struct banner_ops banner_smtp = {
    .name = "smtp",
    .source = "RFC 5321, RFC 3207",
    .apps = {APP_SMTP},
    .ports = {25, 587, 2525},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .feed = feed,
    .end = end,
};

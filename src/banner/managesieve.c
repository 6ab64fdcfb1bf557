/* ManageSieve: the capabilities that a server greets with, and STARTTLS (RFC 5804, 1.7 and 2.2). */
#include "banner/dialogue.h"
#include "banner/protocols.h"

enum { GREETING, STARTTLS };

static bool is_result(const struct dialogue *dialogue)
{
    return dialogue_begins(dialogue, "OK") || dialogue_begins(dialogue, "NO") ||
           dialogue_begins(dialogue, "BYE");
}

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    bool is_ok = dialogue_begins(dialogue, "OK");
    dialogue_keep(dialogue);
    dialogue->flag |= dialogue_begins(dialogue, "\"STARTTLS\"");
    if (!is_result(dialogue))
        return BANNER_MORE;
    if (dialogue->stage == STARTTLS)
        return is_ok ? BANNER_START_TLS : BANNER_DONE;
    bool wants_tls = is_ok && dialogue->flag && talk->setup->start_tls;
    return wants_tls ? dialogue_ask(dialogue, talk, STARTTLS, "STARTTLS\r\n") : BANNER_DONE;
}

DIALOGUE_FUNCTIONS(APP_MANAGESIEVE, look)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"\"IMPLEMENTATION\" ", "\"SIEVE\" ", "\"SASL\" ",
                                        "\"VERSION\" \"1"};
    return banner_begins_any(bytes, length, names, sizeof names / sizeof *names);
}

const struct banner_ops banner_managesieve = {
    .name = "managesieve",
    .source = "RFC 5804",
    .apps = {APP_MANAGESIEVE},
    .ports = {4190},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .feed = feed,
    .end = end,
};

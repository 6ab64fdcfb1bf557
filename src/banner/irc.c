/* IRC: what a server says to a stranger: notices while it looks him up, and that he has not
 * registered, behind its own name (RFC 1459, RFC 2812: 2.3.1, 3.4.3, 5.2; number 451). He never
 * registers, so nobody on the server sees him. */
#include <string.h>

#include "banner/dialogue.h"
#include "banner/protocols.h"

enum { LISTENING, ASKED };

enum { LINES_MAX = 16 }; /* a bound of ours */

static const char question[] = "VERSION\r\n";

/* A number that answers: the version itself, an unknown command, a stranger. */
static bool is_answer(const struct dialogue *dialogue)
{
    return dialogue_has(dialogue, " 351 ") || dialogue_has(dialogue, " 421 ") ||
           dialogue_has(dialogue, " 451 ") || dialogue_begins(dialogue, "ERROR ");
}

static bool is_ping(const struct dialogue *dialogue)
{
    return dialogue_begins(dialogue, "PING ");
}

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    if (!is_ping(dialogue))
        dialogue_keep(dialogue);
    if (is_answer(dialogue) || dialogue->kept.length == sizeof dialogue->kept.bytes ||
        dialogue->stage == LINES_MAX)
        return BANNER_DONE;
    if (dialogue->stage++ == LISTENING && !banner_say_text(talk, question))
        return BANNER_DONE;
    return BANNER_MORE;
}

DIALOGUE_FUNCTIONS(APP_IRC, look)

static bool hello(struct banner_talk *talk)
{
    return banner_say_text(talk, question);
}

/* ":server NOTICE ", ":server 451 " and others that come before a registration. */
static enum banner_match match_source(const uint8_t *bytes, size_t length)
{
    static const char *const words[] = {" NOTICE ", " 020 ", " 451 ", " 421 "};
    const uint8_t *blank = memchr(bytes, ' ', length);
    const uint8_t *end = memchr(bytes, '\n', length);
    size_t name = blank ? (size_t)(blank - bytes) : length;
    if (name > 64 || (end && (!blank || end < blank)))
        return BANNER_NO;
    return blank ? banner_begins_any(blank, length - name, words, 4) : BANNER_MAYBE;
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const begins[] = {"NOTICE AUTH :", "NOTICE * :", "ERROR :"};
    if (length > 0 && bytes[0] == ':')
        return match_source(bytes, length);
    return banner_begins_any(bytes, length, begins, 3);
}

const struct banner_ops banner_irc = {
    .name = "irc",
    .source = "RFC 1459, RFC 2812",
    .apps = {APP_IRC},
    .ports = {6667, 6666, 6668, 6669},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};

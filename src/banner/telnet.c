/* Telnet: what the server shows up to its prompt, without the negotiation of options (RFC 854, RFC
 * 855). Every option is refused, once each, so that servers go on to their login prompt. */
#include <string.h>

#include "banner/protocols.h"
#include "banner/text.h"

enum {
    SE = 240,
    SB = 250,
    WILL = 251,
    WONT = 252,
    DO = 253,
    DONT = 254,
    IAC = 255,
};

enum { ANSWERS_MAX = 64 }; /* of three bytes each: a server that asks for more gets no more */

enum mode { TEXT, COMMAND, OPTION, SUBNEGOTIATION, SUBNEGOTIATION_COMMAND };

struct telnet {
    uint8_t mode;
    uint8_t command; /* in OPTION: WILL, WONT, DO or DONT */
    uint8_t answers;
    struct {
        uint16_t length;
        uint8_t bytes[1022];
    } text;
};

static void answer(struct telnet *telnet, uint8_t option, struct banner_talk *talk)
{
    if (telnet->command == WONT || telnet->command == DONT || telnet->answers == ANSWERS_MAX)
        return;
    const uint8_t refusal[] = {IAC, telnet->command == WILL ? DONT : WONT, option};
    telnet->answers++;
    (void)banner_say(talk, refusal, sizeof refusal);
}

static void show(struct telnet *telnet, uint8_t byte)
{
    if (byte != 0)
        TEXT_PUT(&telnet->text, byte);
}

static void command(struct telnet *telnet, uint8_t byte)
{
    telnet->mode = TEXT;
    if (byte >= WILL && byte <= DONT) {
        telnet->mode = OPTION;
        telnet->command = byte;
    } else if (byte == SB) {
        telnet->mode = SUBNEGOTIATION;
    } else if (byte == IAC) {
        show(telnet, byte);
    }
}

static void take(struct telnet *telnet, uint8_t byte, struct banner_talk *talk)
{
    switch (telnet->mode) {
    case TEXT:
        if (byte == IAC)
            telnet->mode = COMMAND;
        else
            show(telnet, byte);
        break;
    case COMMAND:
        command(telnet, byte);
        break;
    case OPTION:
        answer(telnet, byte, talk);
        telnet->mode = TEXT;
        break;
    case SUBNEGOTIATION:
        if (byte == IAC)
            telnet->mode = SUBNEGOTIATION_COMMAND;
        break;
    default:
        telnet->mode = byte == SE ? TEXT : SUBNEGOTIATION;
    }
}

/* A prompt is the end: a line that asks for a name or a password. */
static bool has_prompt(const struct telnet *telnet)
{
    static const char *const prompts[] = {"login:", "username:", "user:", "password:"};
    for (unsigned i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        size_t wanted = strlen(prompts[i]);
        if (telnet->text.length >= wanted &&
            text_begins(telnet->text.bytes + telnet->text.length - wanted, wanted, prompts[i]))
            return true;
    }
    return false;
}

static void end(void *state, struct banner_talk *talk)
{
    const struct telnet *telnet = state;
    banner_tell(talk, APP_TELNET, telnet->text.bytes, telnet->text.length);
}

static enum banner_step feed(void *state, const uint8_t *bytes, size_t length,
                             struct banner_talk *talk)
{
    struct telnet *telnet = state;
    for (size_t i = 0; i < length; i++) {
        take(telnet, bytes[i], talk);
        bool is_prompt = bytes[i] == ':' && telnet->mode == TEXT && has_prompt(telnet);
        if (is_prompt || telnet->text.length == sizeof telnet->text.bytes) {
            end(telnet, talk);
            return BANNER_DONE;
        }
    }
    return BANNER_MORE;
}

/* A server that begins to negotiate at once; one that only shows a prompt is known by its port. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    if (length > 0 && bytes[0] != IAC)
        return BANNER_NO;
    if (length < 2)
        return BANNER_MAYBE;
    return bytes[1] >= SB && bytes[1] <= DONT ? BANNER_YES : BANNER_NO;
}

const struct banner_ops banner_telnet = {
    .name = "telnet",
    .source = "RFC 854, RFC 855",
    .apps = {APP_TELNET},
    .ports = {23, 2323},
    .state_size = sizeof(struct telnet),
    .takes_rest = true,
    .match = match,
    .feed = feed,
    .end = end,
};

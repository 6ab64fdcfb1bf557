/* STOMP: the head of the frame that answers a CONNECT without a name (STOMP 1.2). */
#include "banner/dialogue.h"
#include "banner/protocols.h"

DIALOGUE_FUNCTIONS(APP_STOMP, dialogue_keep_head)

static bool hello(struct banner_talk *talk)
{
    static const char connect[] = "CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\n\n"; /* and NUL */
    return banner_say(talk, connect, sizeof connect);
}

/* The name of the frame, and a header that it has. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    static const char *const connected[] = {
        "CONNECTED\nversion:",    "CONNECTED\nserver:",    "CONNECTED\nsession:",
        "CONNECTED\nheart-beat:", "CONNECTED\r\nversion:", "CONNECTED\r\nserver:",
        "ERROR\nmessage:",        "ERROR\ncontent-type:",  "ERROR\nversion:",
        "ERROR\nserver:"};
    return banner_begins_any(bytes, length, connected, sizeof connected / sizeof *connected);
}

const struct banner_ops banner_stomp = {
    .name = "stomp",
    .source = "STOMP 1.2",
    .apps = {APP_STOMP},
    .ports = {61613},
    .state_size = sizeof(struct dialogue),
    .match = match,
    .hello = hello,
    .feed = feed,
    .end = end,
};

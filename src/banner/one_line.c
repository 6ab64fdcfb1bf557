/* Services of which one line says it all: NATS, which speaks first (NATS client protocol, INFO),
 * ClamAV's daemon (clamd(8), VERSION), and the daemon of Network UPS Tools (RFC 9271, 4.1.3, VER).
 */
#include "banner/dialogue.h"
#include "banner/protocols.h"

static enum banner_step look(struct dialogue *dialogue, struct banner_talk *talk)
{
    (void)talk;
    dialogue_keep(dialogue);
    return BANNER_DONE;
}

DIALOGUE_FUNCTIONS_NAMED(feed_nats, end_nats, APP_NATS, look)
DIALOGUE_FUNCTIONS_NAMED(feed_clamd, end_clamd, APP_CLAMD, look)
DIALOGUE_FUNCTIONS_NAMED(feed_nut, end_nut, APP_NUT, look)

static enum banner_match match_nats(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "INFO {");
}

static bool hello_clamd(struct banner_talk *talk)
{
    return banner_say_text(talk, "nVERSION\n");
}

static enum banner_match match_clamd(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "ClamAV ");
}

static bool hello_nut(struct banner_talk *talk)
{
    return banner_say_text(talk, "VER\n");
}

static enum banner_match match_nut(const uint8_t *bytes, size_t length)
{
    return banner_begins(bytes, length, "Network UPS Tools upsd ");
}

const struct banner_ops banner_nats = {
    .name = "nats",
    .source = "NATS client protocol",
    .apps = {APP_NATS},
    .ports = {4222},
    .state_size = sizeof(struct dialogue),
    .match = match_nats,
    .feed = feed_nats,
    .end = end_nats,
};

const struct banner_ops banner_clamd = {
    .name = "clamd",
    .source = "clamd(8)",
    .apps = {APP_CLAMD},
    .ports = {3310},
    .state_size = sizeof(struct dialogue),
    .match = match_clamd,
    .hello = hello_clamd,
    .feed = feed_clamd,
    .end = end_clamd,
};

const struct banner_ops banner_nut = {
    .name = "nut",
    .source = "RFC 9271",
    .apps = {APP_NUT},
    .ports = {3493},
    .state_size = sizeof(struct dialogue),
    .match = match_nut,
    .hello = hello_nut,
    .feed = feed_nut,
    .end = end_nut,
};

/* MQTT: the CONNACK that answers a CONNECT without a name (MQTT 3.1.1, 3.1 and 3.2). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { CONNACK = 0x20, CONNACK_LENGTH = 4, CODES = 6 };

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    static const char *const meanings[CODES] = {
        "accepted",           "wrong protocol version",      "client id refused",
        "server unavailable", "wrong user name or password", "not authorized"};
    struct text text = {0};
    reader_skip(reader, 3);
    uint8_t code = reader_u8(reader);
    text_named_number(&text, "code", code);
    text_string(&text, " ");
    text_string(&text, code < CODES ? meanings[code] : "unknown");
    banner_tell(talk, APP_MQTT, text.bytes, text.length);
    return BANNER_DONE;
}

static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 1 || bytes[0] == CONNACK) && (length < 2 || bytes[1] == CONNACK_LENGTH - 2) &&
           (length < 3 || bytes[2] <= 1);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? CONNACK_LENGTH : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const uint8_t connect[] = {0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 0};
    return banner_say(talk, connect, sizeof connect);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, CONNACK_LENGTH, fits(bytes, length));
}

const struct banner_ops banner_mqtt = {
    .name = "mqtt",
    .source = "MQTT 3.1.1, 3.1 and 3.2",
    .apps = {APP_MQTT},
    .ports = {1883},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};

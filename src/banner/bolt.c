/* Bolt, which Neo4j and Memgraph speak: the version that a server chooses from four that are
 * offered (Bolt protocol, "Handshake specification"). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { ANSWER = 4 };

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, 2);
    uint8_t minor = reader_u8(reader), major = reader_u8(reader);
    if (major == 0) {
        text_string(&text, "no common version");
    } else {
        text_named_number(&text, "version", major);
        text_string(&text, ".");
        text_number(&text, minor);
    }
    banner_tell(talk, APP_BOLT, text.bytes, text.length);
    return BANNER_DONE;
}

/* One of those offered; nothing follows. */
static bool fits(const uint8_t *bytes, size_t length)
{
    bool is_version = length < 4 || (bytes[3] >= 3 && bytes[3] <= 5) || bytes[3] == 0;
    return (length < 1 || bytes[0] == 0) && (length < 2 || bytes[1] == 0) &&
           (length < 3 || bytes[2] <= 8) && is_version && length <= ANSWER;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? ANSWER : 0;
}

MESSAGE_FEED(size, read_message)

/* 5.8 and 8 before it, 4.4 and 2 before it, 4.1, 3.0. */
static bool hello(struct banner_talk *talk)
{
    static const uint8_t handshake[] = {0x60, 0x60, 0xb0, 0x17, 0, 8, 8, 5, 0, 2,
                                        4,    4,    0,    0,    1, 4, 0, 0, 0, 3};
    return banner_say(talk, handshake, sizeof handshake);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, ANSWER, fits(bytes, length));
}

const struct banner_ops banner_bolt = {
    .name = "bolt",
    .source = "Bolt protocol: handshake",
    .apps = {APP_BOLT},
    .ports = {7687},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};

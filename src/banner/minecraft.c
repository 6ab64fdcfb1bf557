/* Minecraft: the reply to a status request, JSON (Minecraft Java Edition protocol, "Server List
 * Ping"). A long one, such as with a picture, is cut. */
#include "banner/message.h"
#include "banner/protocols.h"

enum { VARINT_MAX = 5, STATUS_RESPONSE = 0 };

/* A number in groups of seven bits, the lowest first. */
static uint32_t read_varint(struct reader *reader)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < VARINT_MAX; i++) {
        uint8_t group = reader_u8(reader);
        value |= (uint64_t)(group & 0x7f) << 7 * i;
        if (group < 0x80)
            return (uint32_t)value;
    }
    reader->failed = true;
    return 0;
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    (void)read_varint(reader);
    if (read_varint(reader) != STATUS_RESPONSE)
        return BANNER_CLOSE;
    reader_limit(reader, read_varint(reader));
    if (!reader->failed)
        banner_tell(talk, APP_MINECRAFT, reader->at, reader_left(reader));
    return BANNER_DONE;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    struct reader reader = reader_over(bytes, length);
    uint32_t body = read_varint(&reader);
    if (reader.failed)
        return length < VARINT_MAX ? length + 1 : 0;
    return (size_t)(reader.at - bytes) + body;
}

MESSAGE_FEED(size, read_message)

/* A handshake (protocol 47, host "masscan", port 25565, next: status) and a status request. */
static bool hello(struct banner_talk *talk)
{
    static const uint8_t handshake[] = {13,  0,   47,  7,          'm',          'a', 's', 's',
                                        'c', 'a', 'n', 25565 >> 8, 25565 & 0xff, 1,   1,   0};
    return banner_say(talk, handshake, sizeof handshake);
}

/* A length, the packet's number 0, the length of the JSON. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    struct reader reader = reader_over(bytes, length);
    (void)read_varint(&reader);
    uint32_t id = read_varint(&reader);
    (void)read_varint(&reader);
    uint8_t first = reader_u8(&reader);
    if (reader.failed)
        return length <= 3 * VARINT_MAX ? BANNER_MAYBE : BANNER_NO;
    return id == STATUS_RESPONSE && first == '{' ? BANNER_YES : BANNER_NO;
}

const struct banner_ops banner_minecraft = {
    .name = "minecraft",
    .source = "Minecraft Java Edition protocol: Server List Ping",
    .apps = {APP_MINECRAFT},
    .ports = {25565},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};

/* X11: the reply to a connection setup without authorization (X Window System Protocol, version 11,
 * chapter 8 "Connection Setup"), in little-endian order as our hello asks for. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { REFUSED, ACCEPTED, WANTS_MORE };

enum { HEADER = 8, VENDOR_LENGTH_AT = 24, VENDOR_AT = 40, MAJOR = 11 };

static void read_server(struct reader *reader, struct text *text)
{
    struct reader length_reader = *reader;
    text_named_number(text, "release", message_le32(reader));
    reader_skip(&length_reader, VENDOR_LENGTH_AT - HEADER);
    uint16_t length = message_le16(&length_reader);
    reader_skip(reader, VENDOR_AT - HEADER - 4);
    text_named_bytes(text, "vendor", reader_bytes(reader, length), length);
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    uint8_t verdict = reader_u8(reader);
    uint8_t length = reader_u8(reader);
    text_named_number(&text, "version", message_le16(reader));
    text_string(&text, ".");
    text_number(&text, message_le16(reader));
    reader_skip(reader, 2);
    if (verdict == ACCEPTED)
        read_server(reader, &text);
    else if (verdict == REFUSED)
        text_named_bytes(&text, "refused", reader_bytes(reader, length), length);
    banner_tell(talk, APP_X11, text.bytes, text.length);
    return BANNER_DONE;
}

static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 1 || bytes[0] <= WANTS_MORE) && (length < 3 || bytes[2] == MAJOR) &&
           (length < 4 || bytes[3] == 0);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    if (!fits(bytes, length))
        return 0;
    if (length < HEADER)
        return HEADER;
    return HEADER + 4 * (bytes[6] | (size_t)bytes[7] << 8);
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const uint8_t setup[] = {'l', 0, MAJOR, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    return banner_say(talk, setup, sizeof setup);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, HEADER, fits(bytes, length));
}

const struct banner_ops banner_x11 = {
    .name = "x11",
    .source = "X Window System Protocol, version 11, chapter 8",
    .apps = {APP_X11},
    .ports = {6000, 6001, 6002},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};

/* PPTP: the reply to a request for a control connection, with the names of host and vendor (RFC
 * 2637, 2.1 and 2.2). No tunnel is asked for; the control connection ends with the TCP one. */
#include <string.h>

#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { MESSAGE = 156, NAME = 64, REPLY = 2 };

/* Length, the kind "control", the magic cookie; then which message it is, and two bytes of zero. */
static const uint8_t begin[] = {0, MESSAGE, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0};

enum { KIND = 9, VERSION = 12, RESULT = 14, FIRMWARE = 26 };

static void add_name(struct text *text, const char *name, struct reader *reader)
{
    const uint8_t *bytes = reader_bytes(reader, NAME);
    if (bytes)
        text_named_bytes(text, name, bytes, strnlen((const char *)bytes, NAME));
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, VERSION);
    uint8_t major = reader_u8(reader), minor = reader_u8(reader), result = reader_u8(reader);
    reader_skip(reader, FIRMWARE - RESULT - 1);
    uint16_t firmware = reader_be16(reader);
    text_named_number(&text, "version", major);
    text_string(&text, ".");
    text_number(&text, minor);
    text_named_number(&text, "result", result);
    text_named_number(&text, "firmware", firmware);
    add_name(&text, "host", reader);
    add_name(&text, "vendor", reader);
    banner_tell(talk, APP_PPTP, text.bytes, text.length);
    return BANNER_DONE;
}

static bool fits(const uint8_t *bytes, size_t length)
{
    return memcmp(bytes, begin, length < sizeof begin ? length : sizeof begin) == 0 &&
           (length <= KIND || bytes[KIND] == REPLY);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? MESSAGE : 0;
}

MESSAGE_FEED(size, read_message)

/* Version 1.0; any framing, any bearer; no name. */
static bool hello(struct banner_talk *talk)
{
    static const uint8_t request[MESSAGE] = {0, MESSAGE, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0,
                                             1, 0,       0, 0, 0,    0,    0,    3,    0, 0, 0, 3};
    return banner_say(talk, request, sizeof request);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, KIND + 1, fits(bytes, length));
}

const struct banner_ops banner_pptp = {
    .name = "pptp",
    .source = "RFC 2637",
    .apps = {APP_PPTP},
    .ports = {1723},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};

/* Java RMI: the acknowledgement of the stream protocol, which tells how the server sees us (Java
 * RMI specification, 10.2 "RMI Transport Protocol"). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { ACKNOWLEDGED = 0x4e, NOT_SUPPORTED = 0x4f };

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    static const char refused[] = "stream protocol not supported";
    struct text text = {0};
    if (reader_u8(reader) == NOT_SUPPORTED) {
        text_string(&text, refused);
    } else {
        uint16_t length = reader_be16(reader);
        const uint8_t *host = reader_bytes(reader, length);
        text_string(&text, "acknowledged");
        text_named_bytes(&text, "client", host, length);
    }
    banner_tell(talk, APP_JAVA_RMI, text.bytes, text.length);
    return BANNER_DONE;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    if (bytes[0] == NOT_SUPPORTED)
        return 1;
    return bytes[0] == ACKNOWLEDGED ? message_size_be(bytes, length, 1, 2, 3 + 4) : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const uint8_t header[] = {'J', 'R', 'M', 'I', 0, 2, 0x4b};
    return banner_say(talk, header, sizeof header);
}

/* The length of a host's name is below 256. */
static enum banner_match match(const uint8_t *bytes, size_t length)
{
    if (length > 0 && bytes[0] == NOT_SUPPORTED)
        return length == 1 ? BANNER_YES : BANNER_NO;
    bool fits = (length < 1 || bytes[0] == ACKNOWLEDGED) && (length < 2 || bytes[1] == 0);
    return banner_match_after(length, 2, fits);
}

const struct banner_ops banner_java_rmi = {
    .name = "java-rmi",
    .source = "Java RMI specification, 10.2",
    .apps = {APP_JAVA_RMI},
    .ports = {1099},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};

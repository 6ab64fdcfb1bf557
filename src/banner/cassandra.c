/* Cassandra and ScyllaDB: the versions and options that a server supports, or what it has against
 * the question (CQL binary protocol v3: 2, 4.1.3 OPTIONS, 4.2.4 SUPPORTED, 4.2.1 ERROR). Nobody
 * logs in. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { RESPONSE = 0x80, VERSION_LEAST = 3, VERSION_MOST = 6, HEADER = 9 };

enum { ERROR = 0, OPTIONS = 5, SUPPORTED = 6, LISTS_MAX = 16, VALUES_MAX = 64 };

/* "name=value,value" for every option. */
static void read_supported(struct reader *reader, struct text *text)
{
    uint16_t lists = reader_be16(reader);
    for (unsigned i = 0; i < lists && i < LISTS_MAX && !reader->failed; i++) {
        uint16_t name_length = reader_be16(reader);
        const uint8_t *name = reader_bytes(reader, name_length);
        uint16_t values = reader_be16(reader);
        if (reader->failed)
            return;
        text_blank(text);
        text_bytes(text, name, name_length);
        for (unsigned k = 0; k < values && k < VALUES_MAX && !reader->failed; k++) {
            uint16_t length = reader_be16(reader);
            const uint8_t *value = reader_bytes(reader, length);
            text_string(text, k == 0 ? "=" : value ? "," : "");
            text_bytes(text, value, value ? length : 0);
        }
    }
}

static void read_error(struct reader *reader, struct text *text)
{
    uint32_t code = reader_be32(reader);
    uint16_t length = reader_be16(reader);
    reader_limit(reader, length);
    if (reader->failed)
        return;
    text_named_number(text, "error", code);
    text_blank(text);
    text_bytes(text, reader->at, reader_left(reader));
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, 4);
    uint8_t opcode = reader_u8(reader);
    reader_skip(reader, 4);
    if (opcode == SUPPORTED)
        read_supported(reader, &text);
    else
        read_error(reader, &text);
    banner_tell(talk, APP_CASSANDRA, text.bytes, text.length);
    return BANNER_DONE;
}

/* Version, flags, stream 0, what it is, and a length below 64 KiB. An error comes in the version of
 * the server. */
static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 1 ||
            (bytes[0] >= (RESPONSE | VERSION_LEAST) && bytes[0] <= (RESPONSE | VERSION_MOST))) &&
           (length < 2 || bytes[1] < 0x20) && (length < 3 || bytes[2] == 0) &&
           (length < 4 || bytes[3] == 0) &&
           (length < 5 || bytes[4] == SUPPORTED || bytes[4] == ERROR) &&
           (length < 6 || bytes[5] == 0) && (length < 7 || bytes[6] == 0);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? message_size_be(bytes, length, 5, 4, HEADER) : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    static const uint8_t options[HEADER] = {VERSION_LEAST, 0, 0, 0, OPTIONS};
    return banner_say(talk, options, sizeof options);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, HEADER, fits(bytes, length));
}

const struct banner_ops banner_cassandra = {
    .name = "cassandra",
    .source = "CQL binary protocol v3",
    .apps = {APP_CASSANDRA},
    .ports = {9042},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};

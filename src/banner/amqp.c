/* AMQP: connection.start, or the protocol header of a server of another version (AMQP 0-9-1, 2.2.4,
 * 2.3.5 and 4.2; types of values as RabbitMQ's errata have them). */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

#include <string.h>

enum { FRAME_HEADER = 7, PROTOCOL_HEADER = 8 };

static const uint8_t hello_bytes[PROTOCOL_HEADER] = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

/* A value's bytes, by its type; text only where it is a long string. */
static const uint8_t *read_value(struct reader *reader, size_t *length)
{
    static const uint8_t sizes[128] = {
        ['t'] = 1, ['b'] = 1, ['B'] = 1, ['s'] = 2, ['u'] = 2, ['I'] = 4, ['i'] = 4,
        ['f'] = 4, ['D'] = 5, ['l'] = 8, ['L'] = 8, ['d'] = 8, ['T'] = 8};
    uint8_t type = reader_u8(reader);
    *length = 0;
    if (type == 'S') {
        *length = reader_be32(reader);
        return reader_bytes(reader, *length);
    }
    if (type == 'F' || type == 'A' || type == 'x')
        reader_skip(reader, reader_be32(reader));
    else if (type != 'V' && (type >= 128 || sizes[type] == 0))
        reader->failed = true; /* of unknown size: what follows cannot be read */
    else
        reader_skip(reader, sizes[type]);
    return NULL;
}

static void read_property(struct reader *table, struct text *text)
{
    static const char *const kept[] = {"product", "version", "platform"};
    uint8_t name_length = reader_u8(table);
    const uint8_t *name = reader_bytes(table, name_length);
    size_t length;
    const uint8_t *value = name ? read_value(table, &length) : NULL;
    for (unsigned i = 0; value && i < sizeof kept / sizeof *kept; i++)
        if (text_is(name, name_length, kept[i]))
            text_named_bytes(text, kept[i], value, length);
}

static void read_start(struct reader *reader, struct text *text)
{
    reader_skip(reader, FRAME_HEADER + 4);
    uint8_t major = reader_u8(reader), minor = reader_u8(reader);
    uint32_t length = reader_be32(reader);
    if (reader->failed)
        return;
    text_named_number(text, "protocol", major);
    text_string(text, "-");
    text_number(text, minor);
    reader_limit(reader, length);
    while (!reader->failed && reader_left(reader) > 0)
        read_property(reader, text);
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    if (reader->at[0] == 'A') {
        reader_skip(reader, 5);
        text_named_number(&text, "protocol", reader_u8(reader));
        text_string(&text, "-");
        text_number(&text, reader_u8(reader));
        text_string(&text, "-");
        text_number(&text, reader_u8(reader));
    } else {
        read_start(reader, &text);
    }
    banner_tell(talk, APP_AMQP, text.bytes, text.length);
    return BANNER_DONE;
}

/* A method frame on channel 0 of class 10, method 10. */
static bool fits_start(const uint8_t *bytes, size_t length)
{
    static const uint8_t wanted[] = {1, 0, 0}, method[] = {0, 10, 0, 10};
    if (memcmp(bytes, wanted, length < 3 ? length : 3) != 0)
        return false;
    size_t there = length > FRAME_HEADER ? length - FRAME_HEADER : 0;
    return there == 0 || memcmp(bytes + FRAME_HEADER, method, there > 4 ? 4 : there) == 0;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    if (bytes[0] == 'A')
        return banner_begins(bytes, length, "AMQP") == BANNER_NO ? 0 : PROTOCOL_HEADER;
    if (!fits_start(bytes, length))
        return 0;
    return message_size_be(bytes, length, 3, 4, FRAME_HEADER + 1);
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    return banner_say(talk, hello_bytes, sizeof hello_bytes);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    enum banner_match match = banner_begins(bytes, length, "AMQP");
    return match != BANNER_NO
               ? match
               : banner_match_after(length, FRAME_HEADER + 4, fits_start(bytes, length));
}

const struct banner_ops banner_amqp = {
    .name = "amqp",
    .source = "AMQP 0-9-1",
    .apps = {APP_AMQP},
    .ports = {5672},
    .state_size = sizeof(struct message),
    .match = match,
    .hello = hello,
    .feed = feed,
};

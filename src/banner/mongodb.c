/* MongoDB: the reply to isMaster (MongoDB wire protocol: OP_QUERY, OP_REPLY; BSON 1.1). The version
 * is told only after a login; maxWireVersion tells it by its major number. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

#include <string.h>

enum { OP_REPLY = 1, REPLY_HEADER = 36 };

static const char is_master[] =
    "\x3a\0\0\0\1\0\0\0\0\0\0\0\xd4\7\0\0" /* length, id, to, OP_QUERY */
    "\0\0\0\0admin.$cmd\0"
    "\0\0\0\0\xff\xff\xff\xff"
    "\x13\0\0\0\x10isMaster\0\1\0\0\0"; /* and the NUL of the string */

/* The bytes of a value, by its type; -1 if the type is of no use here. */
static long value_size(uint8_t type, const struct reader *reader)
{
    struct reader ahead = *reader;
    switch (type) {
    case 0x01: /* double, date, timestamp, 64-bit number */
    case 0x09:
    case 0x11:
    case 0x12:
        return 8;
    case 0x02: /* string: a length, then as many bytes */
        return (long)message_le32(&ahead) + 4;
    case 0x03: /* document, array: the length counts itself */
    case 0x04:
        return (long)message_le32(&ahead);
    case 0x05: /* binary: a length, a subtype, the bytes */
        return (long)message_le32(&ahead) + 5;
    case 0x07: /* object id */
        return 12;
    case 0x08: /* truth */
        return 1;
    case 0x0a: /* null */
        return 0;
    case 0x10: /* 32-bit number */
        return 4;
    default:
        return -1;
    }
}

static void add_value(struct text *text, const char *name, uint8_t type, const uint8_t *value,
                      size_t size)
{
    struct reader reader = reader_over(value, size);
    if (type == 0x02 && size > 4)
        text_named_bytes(text, name, value + 4, size - 5);
    else if (type == 0x10)
        text_named_number(text, name, message_le32(&reader));
    else if (type == 0x08)
        text_named_number(text, name, value[0]);
}

static bool read_element(struct reader *reader, struct text *text)
{
    static const char *const kept[] = {"ismaster", "maxWireVersion", "setName", "msg", "errmsg"};
    size_t length;
    uint8_t type = reader_u8(reader);
    const uint8_t *name = type ? message_string(reader, &length) : NULL;
    long size = name ? value_size(type, reader) : -1;
    const uint8_t *value = size >= 0 ? reader_bytes(reader, (size_t)size) : NULL;
    if (!value)
        return false;
    for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++)
        if (text_is(name, length, kept[i]))
            add_value(text, kept[i], type, value, (size_t)size);
    return true;
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, REPLY_HEADER + 4);
    while (read_element(reader, &text))
        continue;
    banner_tell(talk, APP_MONGODB, text.bytes, text.length);
    return BANNER_DONE;
}

static bool fits(const uint8_t *bytes, size_t length)
{
    static const uint8_t opcode[] = {OP_REPLY, 0, 0, 0};
    size_t there = length > 12 ? length - 12 : 0;
    return memcmp(bytes + (there ? 12 : 0), opcode, there > 4 ? 4 : there) == 0;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    struct reader reader = reader_over(bytes, length);
    uint32_t wanted = message_le32(&reader);
    if (reader.failed)
        return 4;
    return wanted > REPLY_HEADER && fits(bytes, length) ? wanted : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    return banner_say(talk, is_master, sizeof is_master);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, 16, fits(bytes, length));
}

const struct banner_ops banner_mongodb = {
    .name = "mongodb",
    .source = "MongoDB wire protocol; BSON 1.1",
    .apps = {APP_MONGODB},
    .ports = {27017},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};

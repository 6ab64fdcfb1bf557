/* Modbus over TCP: the objects by which a device names itself, or why it does not (Modbus
 * application protocol 1.1b3, 6.21 and 7; Modbus messaging on TCP/IP 1.0b, 3.1.3).
 *
 * There is no hello, and so no port: what sits there moves machines, much of it was never meant to
 * hear anything but its own master, and some is known to stop at a request it does not know. A scan
 * of a whole network must not be what finds out. Who has a device to ask gives the request himself
 * (docs/banners.md), and the answer is understood here. */
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { LENGTH_ENDS = 6, HEADER = 7, ENCAPSULATED = 0x2b, EXCEPTION = 0x80, IDENTIFICATION = 0x0e };

enum { BODY_MIN = 3, BODY_MAX = 254, CLEAR_AFTER = 9, OBJECTS_MAX = 16 };

static void read_objects(struct reader *reader, struct text *text)
{
    static const char *const names[] = {"vendor",  "product-code", "revision",   "url",
                                        "product", "model",        "application"};
    reader_skip(reader, 1 + 1 + 1 + 1 + 1); /* kind, code, conformity, more, next */
    uint8_t count = reader_u8(reader);
    for (unsigned i = 0; i < count && i < OBJECTS_MAX && !reader->failed; i++) {
        uint8_t id = reader_u8(reader), length = reader_u8(reader);
        const uint8_t *value = reader_bytes(reader, length);
        if (value && id < sizeof names / sizeof *names)
            text_named_bytes(text, names[id], value, length);
    }
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, HEADER - 1);
    text_named_number(&text, "unit", reader_u8(reader));
    if (reader_u8(reader) & EXCEPTION)
        text_named_number(&text, "exception", reader_u8(reader));
    else
        read_objects(reader, &text);
    banner_tell(talk, APP_MODBUS, text.bytes, text.length);
    return BANNER_DONE;
}

/* A transaction, protocol 0, a short length, a unit, the function that was asked for; then the kind
 * of question, or one of eleven exceptions. */
static bool fits(const uint8_t *bytes, size_t length)
{
    if ((length > 2 && bytes[2] != 0) || (length > 3 && bytes[3] != 0) ||
        (length > 4 && bytes[4] != 0) ||
        (length > 5 && (bytes[5] < BODY_MIN || bytes[5] > BODY_MAX)))
        return false;
    if (length > 7 && (bytes[7] & ~EXCEPTION) != ENCAPSULATED)
        return false;
    bool refuses = length > 7 && bytes[7] & EXCEPTION;
    if (refuses && bytes[5] != BODY_MIN)
        return false;
    if (length > 8)
        return refuses ? bytes[8] >= 1 && bytes[8] <= 11 : bytes[8] == IDENTIFICATION;
    return true;
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? message_size_be(bytes, length, 4, 2, LENGTH_ENDS) : 0;
}

MESSAGE_FEED(size, read_message)

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, CLEAR_AFTER, fits(bytes, length));
}

const struct banner_ops banner_modbus = {
    .name = "modbus",
    .source = "Modbus application protocol 1.1b3",
    .apps = {APP_MODBUS},
    .state_size = sizeof(struct message),
    .match = match,
    .feed = feed,
};

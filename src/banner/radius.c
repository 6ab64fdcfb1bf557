/* RADIUS: which answer came, and the text in it (RFC 2865, 3 and 5.18; RFC 2866; RFC 5997). */
#include "banner/datagrams.h"

enum { HEADER = 20, REPLY_MESSAGE = 18, ATTRIBUTES_MAX = 64 };

static const char *name_of(uint8_t code)
{
    switch (code) {
    case 2:
        return "Access-Accept";
    case 3:
        return "Access-Reject";
    case 5:
        return "Accounting-Response";
    case 11:
        return "Access-Challenge";
    default:
        return NULL;
    }
}

static void read_attributes(struct reader *reader, struct text *text)
{
    for (unsigned i = 0; i < ATTRIBUTES_MAX && reader_left(reader) > 0; i++) {
        uint8_t kind = reader_u8(reader), length = reader_u8(reader);
        const uint8_t *value = reader_bytes(reader, length >= 2 ? length - 2u : SIZE_MAX);
        if (value && kind == REPLY_MESSAGE)
            text_named_bytes(text, "message", value, length - 2u);
    }
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    size_t there = reader_left(datagram);
    const char *name = name_of(reader_u8(datagram));
    reader_skip(datagram, 1);
    uint16_t length = reader_be16(datagram);
    if (datagram->failed || !name || length < HEADER || length > there)
        return false;
    reader_limit(datagram, length - 4u);
    reader_skip(datagram, HEADER - 4);
    text_named_string(&text, "code", name);
    read_attributes(datagram, &text);
    return datagram_tell(talk, APP_RADIUS, &text);
}

const struct datagram_ops datagram_radius = {
    .name = "radius",
    .source = "RFC 2865, RFC 5997",
    .app = APP_RADIUS,
    .ports = {1645, 1646, 1812, 1813},
    .only_if_asked = true,
    .understand = understand,
};

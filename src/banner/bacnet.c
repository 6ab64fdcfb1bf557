/* BACnet/IP: the value of a property of a device, or why it is not told (ASHRAE 135: annex J, 6.2,
 * 20.1). */
#include "banner/datagrams.h"

enum { BVLL = 0x81, UNICAST = 0x0a, BROADCAST = 0x0b };

/* The network layer's head: to and from whom, where routers are on the way. */
static void skip_network(struct reader *reader)
{
    enum { DESTINATION = 0x20, SOURCE = 0x08 };
    reader_skip(reader, 1); /* version */
    uint8_t control = reader_u8(reader);
    if (control & DESTINATION) {
        reader_skip(reader, 2);
        reader_skip(reader, reader_u8(reader));
    }
    if (control & SOURCE) {
        reader_skip(reader, 2);
        reader_skip(reader, reader_u8(reader));
    }
    if (control & DESTINATION)
        reader_skip(reader, 1); /* hops */
}

/* The number of bytes of a value, behind its tag (20.2.1.3). */
static size_t value_length(struct reader *reader, uint8_t tag)
{
    enum { EXTENDED = 5, TWO_BYTES = 254 };
    size_t length = tag & 7;
    if (length != EXTENDED)
        return length;
    length = reader_u8(reader);
    return length == TWO_BYTES ? reader_be16(reader) : length;
}

static const char *property_name(uint8_t property)
{
    switch (property) {
    case 70:
        return "model-name";
    case 77:
        return "object-name";
    case 121:
        return "vendor-name";
    default:
        return "value";
    }
}

/* ReadProperty-ACK: the device, the property, and its value between brackets; of values texts in
 * UTF-8 are told. */
static void read_property(struct reader *reader, struct text *text)
{
    enum { OBJECT = 0x0c, PROPERTY = 0x19, OPENING = 0x3e, CHARACTERS = 7, UTF_8 = 0 };
    uint8_t object = reader_u8(reader);
    uint32_t instance = reader_be32(reader) & 0x3fffff;
    uint8_t tag = reader_u8(reader), property = reader_u8(reader), opening = reader_u8(reader);
    uint8_t kind = reader_u8(reader);
    size_t length = value_length(reader, kind);
    uint8_t charset = reader_u8(reader);
    if (reader->failed || object != OBJECT || tag != PROPERTY || opening != OPENING)
        return;
    text_named_number(text, "device", instance);
    const uint8_t *value = length > 0 ? reader_bytes(reader, length - 1) : NULL;
    if (value && kind >> 4 == CHARACTERS && charset == UTF_8)
        text_named_bytes(text, property_name(property), value, length - 1);
}

static void read_error(struct reader *reader, struct text *text)
{
    enum { ENUMERATED = 0x91 };
    uint8_t class_tag = reader_u8(reader), class = reader_u8(reader);
    uint8_t code_tag = reader_u8(reader), code = reader_u8(reader);
    if (reader->failed || class_tag != ENUMERATED || code_tag != ENUMERATED)
        return;
    text_named_number(text, "error-class", class);
    text_named_number(text, "error-code", code);
}

static void read_application(struct reader *reader, struct text *text)
{
    enum { COMPLEX_ACK = 3, ERROR = 5, REJECT = 6, ABORT = 7, READ_PROPERTY = 12 };
    uint8_t kind = reader_u8(reader) >> 4;
    reader_skip(reader, 1); /* invoke id */
    uint8_t choice = reader_u8(reader);
    if (reader->failed)
        return;
    if (kind == COMPLEX_ACK && choice == READ_PROPERTY)
        read_property(reader, text);
    else if (kind == ERROR)
        read_error(reader, text);
    else if (kind == REJECT || kind == ABORT)
        text_named_number(text, kind == REJECT ? "reject" : "abort", choice);
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    size_t there = reader_left(datagram);
    uint8_t link = reader_u8(datagram), function = reader_u8(datagram);
    uint16_t length = reader_be16(datagram);
    if (datagram->failed || link != BVLL || length != there ||
        (function != UNICAST && function != BROADCAST))
        return false;
    skip_network(datagram);
    read_application(datagram, &text);
    return datagram_tell(talk, APP_BACNET, &text);
}

const struct datagram_ops datagram_bacnet = {
    .name = "bacnet",
    .source = "ASHRAE 135",
    .app = APP_BACNET,
    .ports = {47808},
    .understand = understand,
};

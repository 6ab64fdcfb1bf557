/* STUN: the answer to a binding request: the software, or the error (RFC 8489, 5 and 14). Under
 * which address we are seen says nothing of the server, and is left out. */
#include "banner/datagrams.h"

enum {
    SUCCESS = 0x0101,
    ERROR = 0x0111,
    ERROR_CODE = 0x0009,
    SOFTWARE = 0x8022,
    ATTRIBUTES_MAX = 32
};
static const uint32_t MAGIC = 0x2112a442;

static void add_error(struct text *text, struct reader value)
{
    reader_skip(&value, 2);
    uint8_t class = reader_u8(&value), number = reader_u8(&value);
    if (!value.failed)
        text_named_number(text, "error", (class & 7u) * 100u + number);
}

static void read_attributes(struct reader *reader, struct text *text)
{
    for (unsigned i = 0; i < ATTRIBUTES_MAX && reader_left(reader) > 0; i++) {
        uint16_t kind = reader_be16(reader), length = reader_be16(reader);
        struct reader value = *reader;
        reader_skip(reader, length);
        if (reader->failed)
            return;
        reader_limit(&value, length);
        if (kind == SOFTWARE)
            text_named_bytes(text, "software", value.at, length);
        else if (kind == ERROR_CODE)
            add_error(text, value);
        reader_skip(reader, (4u - length % 4u) % 4u);
    }
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    uint16_t kind = reader_be16(datagram), length = reader_be16(datagram);
    uint32_t magic = reader_be32(datagram);
    reader_skip(datagram, 12); /* transaction */
    if (datagram->failed || (kind != SUCCESS && kind != ERROR) || magic != MAGIC ||
        length > reader_left(datagram))
        return false;
    reader_limit(datagram, length);
    text_named_string(&text, "binding", kind == SUCCESS ? "success" : "error");
    read_attributes(datagram, &text);
    return datagram_tell(talk, APP_STUN, &text);
}

const struct datagram_ops datagram_stun = {
    .name = "stun",
    .source = "RFC 8489",
    .app = APP_STUN,
    .ports = {3478, 19302},
    .understand = understand,
};

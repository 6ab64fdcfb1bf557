/* NetBIOS names over UDP: the answer to a node status request (RFC 1002, 4.2.18). */
#include "banner/datagrams.h"

enum { HEADER = 12, NAME = 34, TYPE_STATUS = 0x21, NAME_LENGTH = 15, MAC = 6, NAMES_MAX = 24 };

static void add_name(struct text *text, const uint8_t *name, uint8_t suffix, uint16_t flags)
{
    enum { GROUP = 0x8000 };
    size_t length = NAME_LENGTH;
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\0'))
        length--;
    text_blank(text);
    text_bytes(text, name, length);
    text_string(text, "<");
    text_hex(text, &suffix, 1);
    text_string(text, flags & GROUP ? ">/group" : ">");
}

static bool read_names(struct reader *reader, struct text *text)
{
    unsigned count = reader_u8(reader);
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *name = reader_bytes(reader, NAME_LENGTH);
        uint8_t suffix = reader_u8(reader);
        uint16_t flags = reader_be16(reader);
        if (reader->failed)
            return false;
        if (i < NAMES_MAX)
            add_name(text, name, suffix, flags);
    }
    return true;
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(datagram, 2);
    uint8_t flags = reader_u8(datagram);
    reader_skip(datagram, HEADER - 3 + NAME);
    uint16_t type = reader_be16(datagram);
    reader_skip(datagram, 2 + 4 + 2); /* class, time to live, length */
    if (datagram->failed || !(flags & 0x80) || type != TYPE_STATUS)
        return false;
    if (read_names(datagram, &text)) {
        const uint8_t *mac = reader_bytes(datagram, MAC);
        text_named_string(&text, "mac", "");
        text_hex(&text, mac, MAC);
    }
    return datagram_tell(talk, APP_NBTSTAT, &text);
}

const struct datagram_ops datagram_nbstat = {
    .name = "nbstat",
    .source = "RFC 1002",
    .app = APP_NBTSTAT,
    .ports = {137},
    .understand = understand,
};

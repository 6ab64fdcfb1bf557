/* TFTP: what comes back for a read request: an error with its text, data, or options (RFC 1350, 5;
 * RFC 2347). */
#include "banner/datagrams.h"

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    enum { DATA = 3, ERROR = 5, OPTIONS = 6 };
    struct text text = {0};
    uint16_t opcode = reader_be16(datagram);
    uint16_t number = opcode == OPTIONS ? 0 : reader_be16(datagram);
    size_t length = reader_left(datagram);
    if (datagram->failed)
        return false;
    switch (opcode) {
    case DATA:
        text_named_number(&text, "data", number);
        break;
    case ERROR:
        text_named_number(&text, "error", number);
        length -= length > 0 && datagram->at[length - 1] == '\0';
        break;
    case OPTIONS:
        text_string(&text, "options");
        break;
    default:
        return false;
    }
    if (length > 0)
        text_blank(&text);
    text_bytes(&text, datagram->at, length);
    return datagram_tell(talk, APP_TFTP, &text);
}

const struct datagram_ops datagram_tftp = {
    .name = "tftp",
    .source = "RFC 1350, RFC 2347",
    .app = APP_TFTP,
    .ports = {69},
    .only_if_asked = true,
    .understand = understand,
};

/* CoAP: the code of a response, and what a device lists at /.well-known/core (RFC 7252, RFC 6690).
 */
#include "banner/datagrams.h"

enum { VERSION = 1, RESPONSES = 2, CLASSES = 5, PAYLOAD = 0xff, OPTIONS_MAX = 64 };

/* Half a byte of an option's head, or what it says stands behind it (RFC 7252, 3.1). */
static size_t read_extended(struct reader *reader, uint8_t half)
{
    switch (half) {
    case 13:
        return 13u + reader_u8(reader);
    case 14:
        return 269u + reader_be16(reader);
    case 15:
        reader->failed = true;
        return 0;
    default:
        return half;
    }
}

/* Skips options; true if a payload follows. */
static bool skip_options(struct reader *reader)
{
    for (unsigned i = 0; i < OPTIONS_MAX && reader_left(reader) > 0 && !reader->failed; i++) {
        uint8_t head = reader_u8(reader);
        if (head == PAYLOAD)
            return true;
        (void)read_extended(reader, head >> 4);
        reader_skip(reader, read_extended(reader, head & 15));
    }
    return false;
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    enum { TOKEN_MAX = 8, RESET = 3 };
    struct text text = {0};
    uint8_t first = reader_u8(datagram), code = reader_u8(datagram);
    unsigned token = first & 15, class = code >> 5, detail = code & 31;
    bool is_reset = (first >> 4 & 3) == RESET && code == 0;
    reader_skip(datagram, 2 + (size_t)token);
    if (datagram->failed || first >> 6 != VERSION || token > TOKEN_MAX ||
        !(is_reset || (class >= RESPONSES && class <= CLASSES)))
        return false;
    text_named_number(&text, "code", class);
    text_string(&text, detail < 10 ? ".0" : ".");
    text_number(&text, detail);
    if (skip_options(datagram) && !datagram->failed) {
        text_blank(&text);
        text_bytes(&text, datagram->at, reader_left(datagram));
    }
    return datagram_tell(talk, APP_COAP, &text);
}

const struct datagram_ops datagram_coap = {
    .name = "coap",
    .source = "RFC 7252, RFC 6690",
    .app = APP_COAP,
    .ports = {5683},
    .only_if_asked = true,
    .understand = understand,
};

/* QUIC: the versions that a server knows (RFC 8999, 6; RFC 9000, 17.2.1; RFC 9369 for version 2).
 */
#include "banner/datagrams.h"

enum { LONG_HEADER = 0x80, VERSIONS_MAX = 32 };
static const uint32_t VERSION_2 = 0x6b3343cf;

static bool is_reserved(uint32_t version)
{
    return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}

static void add_version(struct text *text, uint32_t version)
{
    const uint8_t bytes[] = {(uint8_t)(version >> 24), (uint8_t)(version >> 16),
                             (uint8_t)(version >> 8), (uint8_t)version};
    if (version == 1 || version == VERSION_2) {
        text_number(text, version == 1 ? 1 : 2);
        return;
    }
    text_string(text, "0x");
    text_hex(text, bytes, sizeof bytes);
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    uint8_t first = reader_u8(datagram);
    uint32_t negotiation = reader_be32(datagram);
    reader_skip(datagram, reader_u8(datagram)); /* connection ids */
    reader_skip(datagram, reader_u8(datagram));
    if (datagram->failed || !(first & LONG_HEADER) || negotiation != 0 ||
        reader_left(datagram) % 4 != 0)
        return false;
    for (unsigned i = 0; i < VERSIONS_MAX && reader_left(datagram) > 0; i++) {
        uint32_t version = reader_be32(datagram);
        if (is_reserved(version)) /* which server send to keep the list from going stiff */
            continue;
        text_string(&text, text.length > 0 ? "," : "versions=");
        add_version(&text, version);
    }
    return datagram_tell(talk, APP_QUIC, &text);
}

const struct datagram_ops datagram_quic = {
    .name = "quic",
    .source = "RFC 8999, RFC 9000",
    .app = APP_QUIC,
    .ports = {80, 784, 853, 8443},
    .only_if_asked = true,
    .understand = understand,
};

/* DTLS: the server's first message: a request to come again with a cookie, its hello, or an alert
 * (RFC 6347, 4; RFC 5246, 7). */
#include "banner/datagrams.h"

enum { ALERT = 21, HANDSHAKE = 22, MAJOR = 0xfe };

/* 0xfeff is 1.0, 0xfefd 1.2: there was no 1.1. */
static void add_version(struct text *text, uint16_t version)
{
    text_named_number(text, "version", 1);
    text_string(text, ".");
    text_number(text, version == 0xfeff ? 0 : 255 - (version & 0xffu));
}

static void read_hello(struct reader *reader, struct text *text)
{
    enum { RANDOM = 32 };
    uint16_t version = reader_be16(reader);
    reader_skip(reader, RANDOM);
    reader_skip(reader, reader_u8(reader)); /* session */
    const uint8_t *suite = reader_bytes(reader, 2);
    if (!suite)
        return;
    text_named_string(text, "message", "ServerHello");
    add_version(text, version);
    text_named_string(text, "cipher", "0x");
    text_hex(text, suite, 2);
}

static void read_handshake(struct reader *reader, struct text *text)
{
    enum { SERVER_HELLO = 2, VERIFY_REQUEST = 3, REST = 11 };
    uint8_t kind = reader_u8(reader);
    reader_skip(reader, REST); /* lengths, sequence, offset */
    if (kind == SERVER_HELLO)
        read_hello(reader, text);
    if (kind != VERIFY_REQUEST)
        return;
    uint16_t version = reader_be16(reader);
    if (reader->failed)
        return;
    text_named_string(text, "message", "HelloVerifyRequest");
    add_version(text, version);
}

static void read_alert(struct reader *reader, struct text *text, uint16_t version)
{
    reader_skip(reader, 1); /* level */
    uint8_t description = reader_u8(reader);
    if (reader->failed)
        return;
    text_named_string(text, "message", "Alert");
    add_version(text, version);
    text_named_number(text, "alert", description);
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    uint8_t kind = reader_u8(datagram);
    uint16_t version = reader_be16(datagram);
    reader_skip(datagram, 2 + 6); /* epoch, sequence */
    reader_limit(datagram, reader_be16(datagram));
    if (datagram->failed || version >> 8 != MAJOR)
        return false;
    if (kind == HANDSHAKE)
        read_handshake(datagram, &text);
    else if (kind == ALERT)
        read_alert(datagram, &text, version);
    return datagram_tell(talk, APP_DTLS, &text);
}

const struct datagram_ops datagram_dtls = {
    .name = "dtls",
    .source = "RFC 6347",
    .app = APP_DTLS,
    .ports = {443, 3391, 4433, 4740, 5349, 5684, 10161},
    .understand = understand,
};

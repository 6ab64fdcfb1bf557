/* NTP: a server's answer (RFC 5905, 7.3), the variables of a control message (RFC 9327), and the
 * head of a private one (ntpd's own, mode 7). */
#include <ctype.h>

#include "banner/datagrams.h"

enum { PACKET = 48, SERVER = 4, CONTROL = 6, PRIVATE = 7, UNSYNCHRONIZED = 3 };

/* Of the first stratum four letters, behind it the address of the server's server. */
static void add_reference(struct text *text, uint8_t stratum, const uint8_t *id)
{
    size_t letters = 0;
    while (letters < 4 && isgraph(id[letters]))
        letters++;
    text_named_string(text, "refid", "");
    if (stratum > 1)
        text_ipv4(text, id);
    else
        text_bytes(text, id, letters);
}

static void read_server(struct reader *reader, uint8_t first, struct text *text)
{
    uint8_t stratum = reader_u8(reader);
    reader_skip(reader, 10); /* poll, precision, delay, dispersion */
    const uint8_t *reference = reader_bytes(reader, 4);
    reader_skip(reader, PACKET - 16);
    if (reader->failed)
        return;
    text_named_number(text, "version", first >> 3 & 7);
    text_named_number(text, "stratum", stratum);
    add_reference(text, stratum, reference);
    if (first >> 6 == UNSYNCHRONIZED)
        text_named_string(text, "leap", "unsynchronized");
}

/* A list of name=value, as it came. */
static void read_control(struct reader *reader, struct text *text)
{
    enum { RESPONSE = 0x80, ERROR = 0x40 };
    uint8_t operation = reader_u8(reader);
    reader_skip(reader, 2 + 2 + 2 + 2); /* sequence, status, association, offset */
    uint16_t length = reader_be16(reader);
    if (reader->failed || !(operation & RESPONSE))
        return;
    reader_limit(reader, length);
    text_named_number(text, "mode", CONTROL);
    if (operation & ERROR)
        text_named_string(text, "control", "error");
    text_blank(text);
    text_bytes(text, reader->at, reader_left(reader));
}

static void read_private(struct reader *reader, uint8_t first, struct text *text)
{
    enum { RESPONSE = 0x80 };
    reader_skip(reader, 1); /* sequence */
    uint8_t implementation = reader_u8(reader), request = reader_u8(reader);
    uint16_t error_items = reader_be16(reader);
    if (reader->failed || !(first & RESPONSE))
        return;
    text_named_number(text, "mode", PRIVATE);
    text_named_number(text, "implementation", implementation);
    text_named_number(text, "request", request);
    text_named_number(text, "error", error_items >> 12);
    text_named_number(text, "items", error_items & 0xfff);
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    uint8_t first = reader_u8(datagram);
    switch (first & 7) {
    case SERVER:
        read_server(datagram, first, &text);
        break;
    case CONTROL:
        read_control(datagram, &text);
        break;
    case PRIVATE:
        read_private(datagram, first, &text);
        break;
    default:
        return false;
    }
    return datagram_tell(talk, APP_NTP, &text);
}

const struct datagram_ops datagram_ntp = {
    .name = "ntp",
    .source = "RFC 5905, RFC 9327",
    .app = APP_NTP,
    .ports = {123},
    .only_if_asked = true,
    .understand = understand,
};

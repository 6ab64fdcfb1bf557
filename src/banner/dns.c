/* DNS over TCP and over UDP: what a server answers to version.bind, TXT, class CHAOS (RFC 1035, 4.1
 * and 4.2.2; RFC 4892, 3.1 on the name). */
#include "banner/datagrams.h"
#include "banner/message.h"
#include "banner/protocols.h"
#include "banner/text.h"

enum { TYPE_TXT = 16, FLAG_REPLY = 0x80, CODE = 0x0f };

static const uint8_t query[] = {0, 30,  0x6d, 0x73, 0,   0,   0,   1,        0,   0,   0,
                                0, 0,   0,    7,    'v', 'e', 'r', 's',      'i', 'o', 'n',
                                4, 'b', 'i',  'n',  'd', 0,   0,   TYPE_TXT, 0,   3};

/* Labels up to the root, or up to a pointer, which is not followed. */
static void skip_name(struct reader *reader)
{
    for (uint8_t label = reader_u8(reader); label != 0; label = reader_u8(reader)) {
        if (label >= 0xc0) {
            reader_skip(reader, 1);
            return;
        }
        reader_skip(reader, label);
    }
}

static void read_strings(struct reader *reader, struct text *text)
{
    while (reader_left(reader) > 0 && !reader->failed) {
        uint8_t length = reader_u8(reader);
        const uint8_t *string = reader_bytes(reader, length);
        text_bytes(text, string, string ? length : 0);
    }
}

/* The text of the first answer, from the message's first byte on. */
static void read_version(struct reader *reader, struct text *text)
{
    reader_skip(reader, 4);
    uint16_t questions = reader_be16(reader), answers = reader_be16(reader);
    reader_skip(reader, 4);
    for (unsigned i = 0; i < questions && !reader->failed; i++) {
        skip_name(reader);
        reader_skip(reader, 4);
    }
    skip_name(reader);
    bool is_text = reader_be16(reader) == TYPE_TXT;
    reader_skip(reader, 2 + 4);
    reader_limit(reader, reader_be16(reader));
    if (answers > 0 && is_text && !reader->failed)
        read_strings(reader, text);
}

static enum banner_step read_message(struct reader *reader, struct banner_talk *talk)
{
    struct text text = {0};
    reader_skip(reader, 2); /* the length */
    read_version(reader, &text);
    banner_tell(talk, APP_DNS_VERSION, text.bytes, text.length);
    return BANNER_DONE;
}

/* A server that has no version to tell says why; so a reply is never silent. */
static bool read_datagram(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    struct reader header = *datagram;
    reader_skip(&header, 2);
    bool is_reply = reader_u8(&header) & FLAG_REPLY;
    uint8_t code = reader_u8(&header) & CODE;
    reader_skip(&header, 8);
    if (header.failed || !is_reply)
        return false;
    read_version(datagram, &text);
    if (text.length == 0)
        text_named_number(&text, "code", code);
    banner_tell(talk, APP_DNS_VERSION, text.bytes, text.length);
    return true;
}

const struct datagram_ops datagram_dns = {
    .name = "dns",
    .source = "RFC 1035, RFC 4892",
    .app = APP_DNS_VERSION,
    .ports = {53},
    .only_if_asked = true,
    .understand = read_datagram,
};

static bool fits(const uint8_t *bytes, size_t length)
{
    return (length < 3 || bytes[2] == query[2]) && (length < 4 || bytes[3] == query[3]) &&
           (length < 5 || bytes[4] & FLAG_REPLY);
}

static size_t size(const uint8_t *bytes, size_t length)
{
    return fits(bytes, length) ? message_size_be(bytes, length, 0, 2, 2) : 0;
}

MESSAGE_FEED(size, read_message)

static bool hello(struct banner_talk *talk)
{
    return banner_say(talk, query, sizeof query);
}

static enum banner_match match(const uint8_t *bytes, size_t length)
{
    return banner_match_after(length, 5, fits(bytes, length));
}

const struct banner_ops banner_dns = {
    .name = "dns",
    .source = "RFC 1035, RFC 4892",
    .apps = {APP_DNS_VERSION},
    .ports = {53},
    .state_size = sizeof(struct message),
    .only_if_asked = true,
    .match = match,
    .hello = hello,
    .feed = feed,
};

/* mDNS: the names that the answers of a response point to, of kinds of service or of services (RFC
 * 6762; RFC 6763, 9; names: RFC 1035, 4.1.4). */
#include "banner/datagrams.h"

enum { TYPE_PTR = 12, FLAG_REPLY = 0x80, RECORDS_MAX = 64, LABELS_MAX = 32, POINTER = 0xc0 };

/* Writes the name that begins at `reader`, with dots, and leaves the reader behind it. Pointers
 * lead into `message`; the bound of labels ends those that go in circles. `text` may be NULL. */
static void read_name(struct reader *reader, const struct reader *message, struct text *text)
{
    struct reader at = *reader;
    bool has_jumped = false, is_first = true;
    for (unsigned i = 0; i < LABELS_MAX; i++) {
        uint8_t length = reader_u8(&at);
        if (length >= POINTER) {
            size_t target = (size_t)(length & ~POINTER) << 8 | reader_u8(&at);
            if (!has_jumped)
                *reader = at;
            has_jumped = true;
            at = *message;
            reader_skip(&at, target);
            continue;
        }
        const uint8_t *label = reader_bytes(&at, length);
        if (!label || length == 0)
            break;
        if (text && !is_first)
            text_string(text, ".");
        if (text)
            text_bytes(text, label, length);
        is_first = false;
    }
    if (!has_jumped)
        *reader = at;
    reader->failed |= at.failed;
}

static void read_record(struct reader *reader, const struct reader *message, struct text *text)
{
    read_name(reader, message, NULL);
    uint16_t type = reader_be16(reader);
    reader_skip(reader, 2 + 4);
    uint16_t length = reader_be16(reader);
    struct reader data = *reader;
    reader_skip(reader, length);
    if (reader->failed || type != TYPE_PTR)
        return;
    text_blank(text);
    read_name(&data, message, text);
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    struct reader message = *datagram;
    reader_skip(datagram, 2);
    uint8_t flags = reader_u8(datagram);
    reader_skip(datagram, 1);
    uint16_t questions = reader_be16(datagram), answers = reader_be16(datagram);
    reader_skip(datagram, 4);
    if (datagram->failed || !(flags & FLAG_REPLY))
        return false;
    for (unsigned i = 0; i < questions && i < RECORDS_MAX && !datagram->failed; i++) {
        read_name(datagram, &message, NULL);
        reader_skip(datagram, 4);
    }
    for (unsigned i = 0; i < answers && i < RECORDS_MAX && !datagram->failed; i++)
        read_record(datagram, &message, &text);
    return datagram_tell(talk, APP_MDNS, &text);
}

const struct datagram_ops datagram_mdns = {
    .name = "mdns",
    .source = "RFC 6762, RFC 6763",
    .app = APP_MDNS,
    .ports = {5353},
    .only_if_asked = true,
    .understand = understand,
};

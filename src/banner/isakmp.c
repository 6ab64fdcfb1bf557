/* ISAKMP: answers of IKE version 1 (RFC 2408, RFC 2409) and 2 (RFC 7296), payload after payload:
 * vendor ids, by name where they are known, and what is notified. */
#include <ctype.h>
#include <string.h>

#include "banner/datagrams.h"

enum { SPI = 8, HEADER = 28, PAYLOAD_HEADER = 4, PAYLOADS_MAX = 40 };

/* Vendor ids: what they begin with. From RFC 3706, RFC 3947, the drafts before it, and what the
 * products send. */
static const struct {
    const char *id, *name;
} vendors[] = {
    {"\xaf\xca\xd7\x13\x68\xa1\xf1\xc9\x6b\x86\x96\xfc\x77\x57", "dead peer detection"},
    {"\x4a\x13\x1c\x81\x07\x03\x58\x45\x5c\x57\x28\xf2\x0e\x95\x45\x2f", "NAT traversal"},
    {"\x90\xcb\x80\x91\x3e\xbb\x69\x6e\x08\x63\x81\xb5\xec\x42\x7b\x1f", "NAT traversal draft 2"},
    {"\xcd\x60\x46\x43\x35\xdf\x21\xf8\x7c\xfd\xb2\xfc\x68\xb6\xa4\x48", "NAT traversal draft 2"},
    {"\x7d\x94\x19\xa6\x53\x10\xca\x6f\x2c\x17\x9d\x92\x15\x52\x9d\x56", "NAT traversal draft 3"},
    {"\x44\x85\x15\x2d\x18\xb6\xbb\xcd\x0b\xe8\xa8\x46\x95\x79\xdd\xcc", "NAT traversal draft 0"},
    {"\x40\x48\xb7\xd5\x6e\xbc\xe8\x85\x25\xe7\xde\x7f", "fragmentation"},
    {"\x09\x00\x26\x89\xdf\xd6\xb7\x12", "XAUTH"},
    {"\x12\xf5\xf2\x8c\x45\x71\x68\xa9\x70\x2d\x9f\xe2\x74\xcc", "Cisco Unity"},
    {"\x1f\x07\xf7\x0e\xaa\x65\x14\xd3\xb0\xfa\x96\x54\x2a\x50", "Cisco VPN 3000"},
    {"\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4\x61", "Microsoft"},
    {"\xfb\x1d\xe3\xcd\xf3\x41\xb7\xea\x16\xb7\xe5\xbe\x08\x55\xf1\x20",
     "Microsoft negotiation discovery"},
    {"\xe3\xa5\x96\x6a\x76\x37\x9f\xe7\x07\x22\x82\x31\xe5\xce\x86\x52", "Microsoft CGA"},
    {"\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc\x22\x51\x61\x3b\x2e\xbe\x5b\xeb", "strongSwan"},
    {"\x82\x99\x03\x17\x57\xa3\x60\x82\xc6\xa6\x21\xde", "Fortinet"},
    {"\xf4\xed\x19\xe0\xc1\x14\xeb\x51\x6f\xaa\xac\x0e\xe3\x7d\xaf\x28", "Check Point"},
    {"\x40\x4b\xf4\x39\x52\x2c\xa3\xf6", "SonicWall"},
};

static const struct {
    uint16_t number;
    const char *name;
} notifications[] = {
    {1, "UNSUPPORTED_CRITICAL_PAYLOAD"},
    {5, "INVALID_MAJOR_VERSION"},
    {7, "INVALID_SYNTAX"},
    {14, "NO_PROPOSAL_CHOSEN"},
    {17, "INVALID_KE_PAYLOAD"},
    {24, "AUTHENTICATION_FAILED"},
};

static void add_vendor(struct text *text, const struct reader *payload)
{
    size_t length = reader_left(payload), printable = 0;
    for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++) {
        size_t known = strlen(vendors[i].id);
        known = known < SPI ? SPI : known; /* that of XAUTH has a NUL in it */
        if (length >= known && memcmp(payload->at, vendors[i].id, known) == 0) {
            text_named_string(text, "vendor", vendors[i].name);
            return;
        }
    }
    while (printable < length && isprint(payload->at[printable]))
        printable++;
    text_named_string(text, "vendor", "");
    if (printable == length)
        text_bytes(text, payload->at, length);
    else
        text_hex(text, payload->at, length);
}

static void add_notification(struct text *text, uint16_t number)
{
    for (size_t i = 0; i < sizeof notifications / sizeof *notifications; i++) {
        if (notifications[i].number == number) {
            text_named_string(text, "notify", notifications[i].name);
            return;
        }
    }
    text_named_number(text, "notify", number);
}

/* In version 1 a domain of interpretation stands before the protocol. */
static void read_notification(struct text *text, struct reader payload, unsigned version)
{
    enum { DOMAIN = 4 };
    reader_skip(&payload, (version == 1 ? DOMAIN : 0) + 2);
    uint16_t number = reader_be16(&payload);
    if (!payload.failed)
        add_notification(text, number);
}

static void read_payloads(struct reader *reader, struct text *text, uint8_t next, unsigned version)
{
    enum { SA_1 = 1, NOTIFY_1 = 11, VENDOR_1 = 13, SA_2 = 33, NOTIFY_2 = 41, VENDOR_2 = 43 };
    for (unsigned i = 0; i < PAYLOADS_MAX && next != 0; i++) {
        uint8_t kind = next;
        next = reader_u8(reader);
        reader_skip(reader, 1);
        uint16_t length = reader_be16(reader);
        struct reader payload = *reader;
        reader_skip(reader, length >= PAYLOAD_HEADER ? length - (size_t)PAYLOAD_HEADER : SIZE_MAX);
        if (reader->failed)
            return;
        reader_limit(&payload, length - (size_t)PAYLOAD_HEADER);
        if (kind == SA_1 || kind == SA_2)
            text_named_string(text, "sa", "accepted");
        if (kind == NOTIFY_1 || kind == NOTIFY_2)
            read_notification(text, payload, version);
        if (kind == VENDOR_1 || kind == VENDOR_2)
            add_vendor(text, &payload);
    }
}

/* Behind UDP port 4500 four zeros tell IKE from ESP (RFC 3948, 2.2). */
static void skip_marker(struct reader *reader)
{
    struct reader ahead = *reader;
    if (reader_be32(&ahead) == 0 && !ahead.failed)
        *reader = ahead;
}

static bool understand(struct reader *datagram, struct banner_talk *talk)
{
    struct text text = {0};
    skip_marker(datagram);
    size_t whole = reader_left(datagram);
    reader_skip(datagram, 2 * SPI);
    uint8_t next = reader_u8(datagram), version = reader_u8(datagram);
    uint8_t exchange = reader_u8(datagram), flags = reader_u8(datagram);
    reader_skip(datagram, 4); /* message id */
    uint32_t length = reader_be32(datagram);
    unsigned major = version >> 4;
    if (datagram->failed || length != whole || major < 1 || major > 2)
        return false;
    text_named_number(&text, "version", major);
    text_named_number(&text, "exchange", exchange);
    bool is_encrypted = major == 1 && (flags & 1);
    if (!is_encrypted)
        read_payloads(datagram, &text, next, major);
    return datagram_tell(talk, APP_ISAKMP, &text);
}

const struct datagram_ops datagram_isakmp = {
    .name = "isakmp",
    .source = "RFC 2408, RFC 2409, RFC 7296",
    .app = APP_ISAKMP,
    .ports = {500, 4500},
    .understand = understand,
};

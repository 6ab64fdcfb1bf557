/* The UDP datagram in a captured frame.
 *
 * Link types are those of the list at tcpdump.org (LINKTYPE_ values). Most headers have a fixed
 * length and an EtherType in them, or nothing that is needed, since IP tells its version itself;
 * PPP and 802.11 are read step by step. */
#include "probe/payload_frame.h"

#include <netinet/in.h>
#include <pcap/dlt.h>

#include "base/reader.h"

enum {
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_SERVICE_VLAN = 0x88a8,
    TYPE_PPPOE = 0x8864,
    PPP_IPV4 = 0x21,
    PPP_IPV6 = 0x57,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    UDP_HEADER = 8,
    TAGS_MAX = 4,
    EXTENSIONS_MAX = 16,
};

/* How the way to IP goes on behind the header of the link. */
enum way { WAY_BARE, WAY_ETHERTYPE, WAY_PPP, WAY_WLAN, WAY_RADIOTAP };

struct link {
    int type;
    uint8_t header;  /* bytes */
    uint8_t type_at; /* WAY_ETHERTYPE: of the EtherType in the header */
    enum way way;
};

static const struct link links[] = {
    {DLT_EN10MB, 14, 12, WAY_ETHERTYPE},
    {DLT_LINUX_SLL, 16, 14, WAY_ETHERTYPE},
    {DLT_LINUX_SLL2, 20, 0, WAY_ETHERTYPE},
    {DLT_C_HDLC, 4, 2, WAY_ETHERTYPE},
    {DLT_ATM_RFC1483, 8, 6, WAY_ETHERTYPE},  /* LLC and SNAP alone */
    {DLT_FDDI, 21, 19, WAY_ETHERTYPE},       /* before LLC and SNAP 13 bytes */
    {DLT_IP_OVER_FC, 24, 22, WAY_ETHERTYPE}, /* 16 */
    {DLT_RAW, 0, 0, WAY_BARE},
    {DLT_IPV4, 0, 0, WAY_BARE},
    {DLT_IPV6, 0, 0, WAY_BARE},
    {DLT_NULL, 4, 0, WAY_BARE}, /* an address family in somebody's order */
    {DLT_LOOP, 4, 0, WAY_BARE},
    {DLT_ENC, 12, 0, WAY_BARE},
    {DLT_PPP, 0, 0, WAY_PPP},
    {DLT_PPP_SERIAL, 0, 0, WAY_PPP},
    {DLT_PPP_WITH_DIR, 1, 0, WAY_PPP},
    {DLT_PPP_ETHER, 6, 0, WAY_PPP},
    {DLT_IEEE802_11, 0, 0, WAY_WLAN},
    {DLT_IEEE802_11_RADIO, 0, 0, WAY_RADIOTAP},
};

static const struct link *find_link(int type)
{
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (links[i].type == type)
            return &links[i];
    return NULL;
}

bool payload_frame_knows(int link_type)
{
    return find_link(link_type) != NULL;
}

/* Behind the protocol, which may have lost its zero, and the address and control in front of it. */
static bool enter_ppp(struct reader *r)
{
    enum { ALL_STATIONS = 0xff };
    struct reader ahead = *r;
    if (reader_u8(&ahead) == ALL_STATIONS) {
        reader_skip(&ahead, 1);
        *r = ahead;
    }
    uint16_t protocol = reader_u8(r);
    if (protocol % 2 == 0)
        protocol = (uint16_t)(protocol << 8 | reader_u8(r));
    return protocol == PPP_IPV4 || protocol == PPP_IPV6;
}

static bool enter_ethertype(struct reader *r, uint16_t type)
{
    for (unsigned tags = 0; tags < TAGS_MAX && (type == TYPE_VLAN || type == TYPE_SERVICE_VLAN);
         tags++) {
        reader_skip(r, 2);
        type = reader_be16(r);
    }
    if (type == TYPE_PPPOE) {
        reader_skip(r, 6);
        return enter_ppp(r);
    }
    return type == TYPE_IPV4 || type == TYPE_IPV6;
}

/* A data frame with a body that is not encrypted, then LLC and SNAP (IEEE 802.11, 9.2 and 9.3.2).
 */
static bool enter_wlan(struct reader *r)
{
    enum { KIND = 0x0c, DATA = 0x08, NO_BODY = 0x40, QOS = 0x80 };
    enum { TO_AND_FROM = 3, PROTECTED = 0x40, ORDER = 0x80, HEADER = 22, LLC = 6 };
    uint8_t control = reader_u8(r), flags = reader_u8(r);
    reader_skip(r, HEADER);
    if ((control & KIND) != DATA || (control & NO_BODY) || (flags & PROTECTED))
        return false;
    if ((flags & TO_AND_FROM) == TO_AND_FROM)
        reader_skip(r, 6);
    if (control & QOS)
        reader_skip(r, flags & ORDER ? 6 : 2);
    reader_skip(r, LLC);
    return enter_ethertype(r, reader_be16(r));
}

static bool enter_radiotap(struct reader *r)
{
    enum { FIXED = 4 };
    reader_skip(r, 2);
    uint16_t length = __builtin_bswap16(reader_be16(r));
    reader_skip(r, length >= FIXED ? length - (size_t)FIXED : SIZE_MAX);
    return enter_wlan(r);
}

/* Leaves the reader at the IP header; false if there is none. */
static bool enter_link(const struct link *link, struct reader *r)
{
    struct reader type = *r;
    reader_skip(r, link->header);
    switch (link->way) {
    case WAY_ETHERTYPE:
        reader_skip(&type, link->type_at);
        return enter_ethertype(r, reader_be16(&type));
    case WAY_PPP:
        return enter_ppp(r);
    case WAY_WLAN:
        return enter_wlan(r);
    case WAY_RADIOTAP:
        return enter_radiotap(r);
    case WAY_BARE:
        break;
    }
    return true;
}

static enum payload_frame_result read_udp(struct reader *r, struct payload_datagram *datagram)
{
    reader_skip(r, 2); /* source port */
    datagram->port = reader_be16(r);
    uint16_t length = reader_be16(r);
    reader_skip(r, 2); /* checksum */
    if (!r->failed && length < UDP_HEADER)
        return PAYLOAD_FRAME_OTHER;
    datagram->length = (size_t)length - UDP_HEADER;
    datagram->bytes = reader_bytes(r, datagram->length);
    return r->failed ? PAYLOAD_FRAME_CUT : PAYLOAD_FRAME_UDP;
}

static enum payload_frame_result read_ipv4(struct reader *r, struct payload_datagram *datagram)
{
    enum { FRAGMENT = 0x3fff };
    uint8_t version_length = reader_u8(r);
    reader_skip(r, 5);
    uint16_t fragment = reader_be16(r);
    reader_skip(r, 1);
    uint8_t protocol = reader_u8(r);
    reader_skip(r, 10);
    size_t header = (version_length & 15u) * 4u;
    if (r->failed || header < IPV4_HEADER || (fragment & FRAGMENT) || protocol != IPPROTO_UDP)
        return PAYLOAD_FRAME_OTHER;
    reader_skip(r, header - IPV4_HEADER);
    return read_udp(r, datagram);
}

/* Skips an extension header; false if what follows is a fragment. */
static bool skip_extension(struct reader *r, uint8_t kind, uint8_t *next)
{
    *next = reader_u8(r);
    uint8_t length = reader_u8(r);
    if (kind == IPPROTO_FRAGMENT) {
        bool whole = (reader_be16(r) & 0xfff9) == 0;
        reader_skip(r, 4);
        return whole;
    }
    reader_skip(r, kind == IPPROTO_AH ? length * 4u + 6 : length * 8u + 6);
    return true;
}

static bool is_extension(uint8_t kind)
{
    return kind == IPPROTO_HOPOPTS || kind == IPPROTO_ROUTING || kind == IPPROTO_DSTOPTS ||
           kind == IPPROTO_FRAGMENT || kind == IPPROTO_AH;
}

static enum payload_frame_result read_ipv6(struct reader *r, struct payload_datagram *datagram)
{
    reader_skip(r, 6);
    uint8_t next = reader_u8(r);
    reader_skip(r, IPV6_HEADER - 7);
    for (unsigned i = 0; i < EXTENSIONS_MAX && is_extension(next) && !r->failed; i++)
        if (!skip_extension(r, next, &next))
            return PAYLOAD_FRAME_OTHER;
    return r->failed || next != IPPROTO_UDP ? PAYLOAD_FRAME_OTHER : read_udp(r, datagram);
}

enum payload_frame_result payload_frame_find(int link_type, const uint8_t *frame, size_t length,
                                             struct payload_datagram *datagram)
{
    const struct link *link = find_link(link_type);
    struct reader r = reader_over(frame, length);
    if (link == NULL || !enter_link(link, &r) || r.failed)
        return PAYLOAD_FRAME_OTHER;
    struct reader first = r;
    switch (reader_u8(&first) >> 4) {
    case 4:
        return read_ipv4(&r, datagram);
    case 6:
        return read_ipv6(&r, datagram);
    default:
        return PAYLOAD_FRAME_OTHER;
    }
}

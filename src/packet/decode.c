/* Received bytes to fields: Ethernet, ARP, IPv4, IPv6 and what both carry.
 *
 * Each header has one function, which reads through the bounded reader and checks once, after the
 * reads. The reader is narrowed on the way in: to the IPv4 total length (Ethernet pads short
 * frames), then to the UDP length, so what is left of it behind the last header is the payload. */
#include "packet/decode.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "base/reader.h"

enum {
    IPV4_HEADER = 20,
    IPV4_FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
    IPV4_OFFSET_BITS = 0x1fff,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    SCTP_CHUNK_HEADER = 4,
    FLOW_LABEL_BITS = 0xfffff,
    IPV6_FRAGMENT_BITS = 0xfff9, /* the offset, and more fragments */
    EXTENSIONS_MOST = 8,         /* nobody has reason to send as many */
    NEIGHBOUR_HOPS = 255,        /* from no further than the link */
    QUOTED_TRANSPORT = 8,        /* what every router quotes of it, at least (RFC 792) */
};

enum { ICMP_SOURCE_QUENCH = 4, ICMP_REDIRECT = 5, ICMP_TIME_EXCEEDED = 11, ICMP_BAD_HEADER = 12 };

static enum packet_error truncated_if_failed(const struct reader *r)
{
    return r->failed ? PACKET_TRUNCATED : PACKET_OK;
}

static struct mac_address read_mac(struct reader *r)
{
    struct mac_address mac = {0};
    const uint8_t *bytes = reader_bytes(r, sizeof mac.bytes);
    if (bytes)
        memcpy(mac.bytes, bytes, sizeof mac.bytes);
    return mac;
}

static enum packet_error decode_arp(struct packet *packet, struct reader *r)
{
    uint16_t hardware = reader_be16(r);
    uint16_t protocol = reader_be16(r);
    uint8_t hardware_length = reader_u8(r);
    uint8_t protocol_length = reader_u8(r);
    packet->kind = PACKET_ARP;
    packet->arp.operation = reader_be16(r);
    packet->arp.sender_mac = read_mac(r);
    packet->arp.sender = reader_be32(r);
    packet->arp.target_mac = read_mac(r);
    packet->arp.target = reader_be32(r);
    if (r->failed)
        return PACKET_TRUNCATED;
    bool is_ipv4_on_ethernet =
        hardware == 1 && protocol == ETHERTYPE_IP && hardware_length == 6 && protocol_length == 4;
    return is_ipv4_on_ethernet ? PACKET_OK : PACKET_MALFORMED;
}

static enum packet_error decode_tcp(struct packet *packet, struct reader *r)
{
    packet->kind = PACKET_TCP;
    packet->source_port = reader_be16(r);
    packet->destination_port = reader_be16(r);
    packet->tcp.sequence = reader_be32(r);
    packet->tcp.acknowledgement = reader_be32(r);
    unsigned header_length = (reader_u8(r) >> 4) * 4u;
    packet->tcp.flags = reader_u8(r);
    packet->tcp.window = reader_be16(r);
    reader_skip(r, 4); /* checksum, urgent pointer */
    if (r->failed)
        return PACKET_TRUNCATED;
    if (header_length < TCP_HEADER)
        return PACKET_MALFORMED;
    packet->tcp.options_length = (uint8_t)(header_length - TCP_HEADER);
    packet->tcp.options = reader_bytes(r, packet->tcp.options_length);
    return truncated_if_failed(r);
}

static enum packet_error decode_udp(struct packet *packet, struct reader *r)
{
    packet->kind = PACKET_UDP;
    packet->source_port = reader_be16(r);
    packet->destination_port = reader_be16(r);
    uint16_t length = reader_be16(r);
    reader_skip(r, 2); /* checksum */
    if (r->failed)
        return PACKET_TRUNCATED;
    if (length < UDP_HEADER)
        return PACKET_MALFORMED;
    if ((size_t)(length - UDP_HEADER) > reader_left(r))
        return PACKET_TRUNCATED;
    reader_limit(r, (size_t)(length - UDP_HEADER));
    return PACKET_OK;
}

/* Extension headers of IPv6 (RFC 8200): the first byte is the next header's number, and the length
 * in bytes is the second one times `unit`, and 8. */
static const struct extension {
    uint8_t number, unit;
} extensions[] = {
    {IPPROTO_HOPOPTS, 8}, {IPPROTO_ROUTING, 8}, {IPPROTO_DSTOPTS, 8}, {IPPROTO_FRAGMENT, 0},
    {IPPROTO_AH, 4},      {IPPROTO_MH, 8},      {139, 8} /* HIP */,   {140, 8} /* Shim6 */,
};

static const struct extension *extension_of(uint8_t number)
{
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (extensions[i].number == number)
            return &extensions[i];
    return NULL;
}

/* Walks on to the transport header. A fragment that is the whole packet (RFC 6946) is none. */
static enum packet_error skip_extensions(struct reader *r, uint8_t *protocol)
{
    const struct extension *extension;
    for (unsigned count = 0; (extension = extension_of(*protocol)) != NULL; count++) {
        bool is_fragment = *protocol == IPPROTO_FRAGMENT;
        if (count == EXTENSIONS_MOST)
            return PACKET_MALFORMED;
        *protocol = reader_u8(r);
        unsigned length = reader_u8(r) * extension->unit + 8u;
        uint16_t fragment = reader_be16(r);
        reader_skip(r, length - 4);
        if (r->failed)
            return PACKET_TRUNCATED;
        if (is_fragment && (fragment & IPV6_FRAGMENT_BITS))
            return PACKET_FRAGMENT;
    }
    return PACKET_OK;
}

static struct ip_number read_ipv6(struct reader *r)
{
    uint64_t high = reader_be64(r);
    return (struct ip_number){high, reader_be64(r)};
}

static bool enter_quoted_ipv4(struct packet_quote *quote, struct reader *r)
{
    uint8_t version_length = reader_u8(r);
    reader_skip(r, 3); /* type of service, total length */
    quote->ip_id = reader_be16(r);
    uint16_t fragment = reader_be16(r);
    reader_skip(r, 1); /* time to live */
    quote->protocol = reader_u8(r);
    reader_skip(r, 2); /* checksum */
    quote->source = reader_be32(r);
    quote->destination = reader_be32(r);
    unsigned header_length = (version_length & 15) * 4u;
    if (version_length >> 4 != 4 || header_length < IPV4_HEADER || (fragment & IPV4_OFFSET_BITS))
        return false;
    reader_skip(r, header_length - IPV4_HEADER);
    return true;
}

static bool enter_quoted_ipv6(struct packet_quote *quote, struct reader *r)
{
    uint32_t first = reader_be32(r);
    reader_skip(r, 2); /* payload length */
    quote->protocol = reader_u8(r);
    reader_skip(r, 1); /* hop limit */
    quote->source_ipv6 = read_ipv6(r);
    quote->destination_ipv6 = read_ipv6(r);
    quote->ip_id = first & FLOW_LABEL_BITS;
    return first >> 28 == 6 && skip_extensions(r, &quote->protocol) == PACKET_OK;
}

/* Reads what an ICMP error quotes. Routers may quote little: a quote that ends within its IP
 * header, or is of a fragment that has no ports, is simply absent. `r` is a copy, so the packet's
 * payload is not consumed. */
static struct packet_quote read_quote(struct reader r, uint8_t version)
{
    struct packet_quote quote = {.version = version};
    bool entered = version == 6 ? enter_quoted_ipv6(&quote, &r) : enter_quoted_ipv4(&quote, &r);
    if (!entered || r.failed)
        return (struct packet_quote){0};
    quote.present = true;
    quote.has_ports = reader_left(&r) >= QUOTED_TRANSPORT;
    if (quote.has_ports) {
        quote.source_port = reader_be16(&r);
        quote.destination_port = reader_be16(&r);
        quote.word = reader_be32(&r);
    }
    return quote;
}

static bool is_icmp_error(uint8_t version, uint8_t type)
{
    if (version == 6)
        return type < ICMPV6_ECHO_REQUEST;
    return type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
           type == ICMP_TIME_EXCEEDED || type == ICMP_BAD_HEADER;
}

static enum packet_error decode_icmp(struct packet *packet, struct reader *r)
{
    packet->kind = PACKET_ICMP;
    packet->icmp.type = reader_u8(r);
    packet->icmp.code = reader_u8(r);
    reader_skip(r, 2); /* checksum */
    packet->icmp.id = reader_be16(r);
    packet->icmp.sequence = reader_be16(r);
    bool is_error = is_icmp_error(packet->version, packet->icmp.type);
    packet->icmp.quote = is_error ? read_quote(*r, packet->version) : (struct packet_quote){0};
    return truncated_if_failed(r);
}

/* The hardware address among the options (RFC 4861, 4.6.1): of the source in solicitations, of the
 * target in advertisements. */
static enum packet_error decode_neighbour_options(struct packet *packet, struct reader *r)
{
    const uint8_t wanted = packet->neighbour.type == ICMPV6_SOLICITATION ? 1 : 2;
    while (reader_left(r) > 0) {
        uint8_t kind = reader_u8(r);
        unsigned length = reader_u8(r) * 8u;
        struct reader option = *r;
        if (length == 0)
            return PACKET_MALFORMED;
        reader_skip(r, length - 2);
        if (r->failed)
            return PACKET_TRUNCATED;
        if (kind != wanted || packet->neighbour.has_mac)
            continue;
        packet->neighbour.mac = read_mac(&option);
        packet->neighbour.has_mac = true;
    }
    return PACKET_OK;
}

static enum packet_error decode_neighbour(struct packet *packet, struct reader *r)
{
    packet->kind = PACKET_NEIGHBOUR;
    packet->neighbour.has_mac = false;
    packet->neighbour.mac = (struct mac_address){0};
    packet->neighbour.type = reader_u8(r);
    uint8_t code = reader_u8(r);
    reader_skip(r, 6); /* checksum, flags */
    packet->neighbour.target = read_ipv6(r);
    if (r->failed)
        return PACKET_TRUNCATED;
    if (code != 0 || packet->ttl != NEIGHBOUR_HOPS)
        return PACKET_MALFORMED;
    return decode_neighbour_options(packet, r);
}

static enum packet_error decode_icmpv6(struct packet *packet, struct reader *r)
{
    struct reader first = *r;
    uint8_t type = reader_u8(&first);
    if (type == ICMPV6_SOLICITATION || type == ICMPV6_ADVERTISEMENT)
        return decode_neighbour(packet, r);
    return decode_icmp(packet, r);
}

static enum packet_error decode_other(struct packet *packet, struct reader *r)
{
    (void)r;
    packet->kind = PACKET_IP_OTHER;
    return PACKET_OK;
}

/* Looks into the first chunk and leaves the reader in front of it. */
static enum packet_error decode_chunk(struct packet *packet, struct reader r)
{
    packet->sctp.chunk_type = reader_u8(&r);
    packet->sctp.chunk_flags = reader_u8(&r);
    packet->sctp.initiate_tag = 0;
    uint16_t length = reader_be16(&r);
    if (r.failed)
        return PACKET_TRUNCATED;
    if (length < SCTP_CHUNK_HEADER)
        return PACKET_MALFORMED;
    if ((size_t)(length - SCTP_CHUNK_HEADER) > reader_left(&r))
        return PACKET_TRUNCATED;
    reader_limit(&r, (size_t)(length - SCTP_CHUNK_HEADER));
    if (packet->sctp.chunk_type != SCTP_INIT && packet->sctp.chunk_type != SCTP_INIT_ACK)
        return PACKET_OK;
    packet->sctp.initiate_tag = reader_be32(&r);
    return r.failed ? PACKET_MALFORMED : PACKET_OK;
}

static enum packet_error decode_sctp(struct packet *packet, struct reader *r)
{
    packet->kind = PACKET_SCTP;
    packet->source_port = reader_be16(r);
    packet->destination_port = reader_be16(r);
    packet->sctp.verification_tag = reader_be32(r);
    reader_skip(r, 4); /* checksum */
    return r->failed ? PACKET_TRUNCATED : decode_chunk(packet, *r);
}

static enum packet_error decode_transport(struct packet *packet, struct reader *r)
{
    switch (packet->protocol) {
    case IPPROTO_TCP:
        return decode_tcp(packet, r);
    case IPPROTO_UDP:
        return decode_udp(packet, r);
    case IPPROTO_ICMP: /* each family has its own */
        return packet->version == 4 ? decode_icmp(packet, r) : decode_other(packet, r);
    case IPPROTO_ICMPV6:
        return packet->version == 6 ? decode_icmpv6(packet, r) : decode_other(packet, r);
    case IPPROTO_SCTP:
        return decode_sctp(packet, r);
    default:
        return decode_other(packet, r);
    }
}

static enum packet_error decode_payload(struct packet *packet, struct reader *r)
{
    enum packet_error error = decode_transport(packet, r);
    packet->payload = r->at;
    packet->payload_length = reader_left(r);
    return error;
}

/* Checks the lengths that the header gives and leaves the reader at the payload, all of it. */
static enum packet_error enter_ipv4(struct reader *r, uint8_t version_length, uint16_t total_length)
{
    unsigned header_length = (version_length & 15) * 4u;
    if (version_length >> 4 != 4 || header_length < IPV4_HEADER || total_length < header_length)
        return PACKET_MALFORMED;
    if ((size_t)(total_length - IPV4_HEADER) > reader_left(r))
        return PACKET_TRUNCATED;
    reader_limit(r, (size_t)(total_length - IPV4_HEADER));
    reader_skip(r, header_length - IPV4_HEADER);
    return PACKET_OK;
}

static enum packet_error decode_ipv4(struct packet *packet, struct reader *r)
{
    uint8_t version_length = reader_u8(r);
    packet->version = 4;
    reader_skip(r, 1); /* type of service */
    uint16_t total_length = reader_be16(r);
    packet->ip_id = reader_be16(r);
    uint16_t fragment = reader_be16(r);
    packet->ttl = reader_u8(r);
    packet->protocol = reader_u8(r);
    reader_skip(r, 2); /* checksum */
    packet->source = reader_be32(r);
    packet->destination = reader_be32(r);
    if (r->failed)
        return PACKET_TRUNCATED;
    enum packet_error error = enter_ipv4(r, version_length, total_length);
    if (error)
        return error;
    if (fragment & IPV4_FRAGMENT_BITS)
        return PACKET_FRAGMENT;
    return decode_payload(packet, r);
}

static enum packet_error decode_ipv6(struct packet *packet, struct reader *r)
{
    uint32_t first = reader_be32(r); /* version, traffic class, flow label */
    uint16_t length = reader_be16(r);
    packet->version = 6;
    packet->protocol = reader_u8(r);
    packet->ttl = reader_u8(r);
    packet->source_ipv6 = read_ipv6(r);
    packet->destination_ipv6 = read_ipv6(r);
    packet->ip_id = first & FLOW_LABEL_BITS;
    if (r->failed)
        return PACKET_TRUNCATED;
    if (first >> 28 != 6)
        return PACKET_MALFORMED;
    if (length > reader_left(r))
        return PACKET_TRUNCATED;
    reader_limit(r, length);
    enum packet_error error = skip_extensions(r, &packet->protocol);
    return error ? error : decode_payload(packet, r);
}

static enum packet_error decode_ethernet(struct packet *packet, struct reader *r)
{
    reader_skip(r, 6); /* destination */
    packet->source_mac = read_mac(r);
    uint16_t ethertype = reader_be16(r);
    if (ethertype == ETHERTYPE_VLAN) {
        reader_skip(r, 2); /* the tag */
        ethertype = reader_be16(r);
    }
    if (r->failed)
        return PACKET_TRUNCATED;
    if (ethertype == ETHERTYPE_ARP)
        return decode_arp(packet, r);
    if (ethertype == ETHERTYPE_IPV6)
        return decode_ipv6(packet, r);
    return ethertype == ETHERTYPE_IP ? decode_ipv4(packet, r) : PACKET_NOT_IP;
}

/* Without a link header the version is all there is to tell IP from the rest. */
static enum packet_error decode_bare(struct packet *packet, struct reader *r)
{
    struct reader first = *r;
    uint8_t version = reader_u8(&first) >> 4;
    if (first.failed)
        return PACKET_TRUNCATED;
    if (version == 6)
        return decode_ipv6(packet, r);
    return version == 4 ? decode_ipv4(packet, r) : PACKET_NOT_IP;
}

enum packet_error packet_decode(struct packet *packet, const uint8_t *frame, size_t length,
                                bool has_ethernet)
{
    struct reader r = reader_over(frame, length);
    memset(packet, 0, offsetof(struct packet, tcp)); /* what a kind has its decoder fills */
    return has_ethernet ? decode_ethernet(packet, &r) : decode_bare(packet, &r);
}

uint16_t packet_tcp_mss(const struct packet *packet)
{
    enum { END, NO_OPERATION, MAXIMUM_SEGMENT_SIZE };
    struct reader r = reader_over(packet->tcp.options, packet->tcp.options_length);
    while (reader_left(&r) > 0 && !r.failed) {
        uint8_t kind = reader_u8(&r);
        if (kind == END)
            return 0;
        if (kind == NO_OPERATION)
            continue;
        uint8_t length = reader_u8(&r);
        if (kind == MAXIMUM_SEGMENT_SIZE && length == 4)
            return reader_be16(&r);
        if (length < 2)
            return 0;
        reader_skip(&r, length - 2u);
    }
    return 0;
}

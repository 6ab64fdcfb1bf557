/* Received bytes to fields: Ethernet, ARP, IPv4 and what IPv4 carries.
 *
 * Each header has one function, which reads through the bounded reader and checks once, after the
 * reads. The reader is narrowed on the way in: to the IPv4 total length (Ethernet pads short
 * frames), then to the UDP length, so what is left of it behind the last header is the payload. */
#include "packet/decode.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/reader.h"

enum {
    IPV4_HEADER = 20,
    IPV4_FRAGMENT_BITS = 0x3fff, /* more fragments, and the offset */
    IPV4_OFFSET_BITS = 0x1fff,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    SCTP_CHUNK_HEADER = 4,
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

/* Reads what an ICMP error quotes. Routers may quote little: a quote that ends early or cannot
 * show ports is simply absent. `r` is a copy, so the packet's payload is not consumed. */
static struct packet_quote read_quote(struct reader r)
{
    struct packet_quote quote = {0};
    uint8_t version_length = reader_u8(&r);
    reader_skip(&r, 3); /* type of service, total length */
    quote.ip_id = reader_be16(&r);
    uint16_t fragment = reader_be16(&r);
    reader_skip(&r, 1); /* time to live */
    quote.protocol = reader_u8(&r);
    reader_skip(&r, 2); /* checksum */
    quote.source = reader_be32(&r);
    quote.destination = reader_be32(&r);
    unsigned header_length = (version_length & 15) * 4u;
    if (version_length >> 4 != 4 || header_length < IPV4_HEADER || (fragment & IPV4_OFFSET_BITS))
        return (struct packet_quote){0};
    reader_skip(&r, header_length - IPV4_HEADER);
    quote.source_port = reader_be16(&r);
    quote.destination_port = reader_be16(&r);
    quote.word = reader_be32(&r);
    quote.present = !r.failed;
    return quote.present ? quote : (struct packet_quote){0};
}

static bool is_icmp_error(uint8_t type)
{
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
    if (is_icmp_error(packet->icmp.type))
        packet->icmp.quote = read_quote(*r);
    return truncated_if_failed(r);
}

/* Looks into the first chunk and leaves the reader in front of it. */
static enum packet_error decode_chunk(struct packet *packet, struct reader r)
{
    packet->sctp.chunk_type = reader_u8(&r);
    packet->sctp.chunk_flags = reader_u8(&r);
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
    case IPPROTO_ICMP:
        return decode_icmp(packet, r);
    case IPPROTO_SCTP:
        return decode_sctp(packet, r);
    default:
        packet->kind = PACKET_IP_OTHER;
        return PACKET_OK;
    }
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
    error = decode_transport(packet, r);
    packet->payload = r->at;
    packet->payload_length = reader_left(r);
    return error;
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
    return ethertype == ETHERTYPE_IP ? decode_ipv4(packet, r) : PACKET_NOT_IP;
}

/* Without a link header the version is all there is to tell IPv4 from the rest. */
static enum packet_error decode_bare(struct packet *packet, struct reader *r)
{
    struct reader first = *r;
    uint8_t version = reader_u8(&first) >> 4;
    if (first.failed)
        return PACKET_TRUNCATED;
    return version == 4 ? decode_ipv4(packet, r) : PACKET_NOT_IP;
}

enum packet_error packet_decode(struct packet *packet, const uint8_t *frame, size_t length,
                                bool has_ethernet)
{
    struct reader r = reader_over(frame, length);
    memset(packet, 0, sizeof *packet);
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

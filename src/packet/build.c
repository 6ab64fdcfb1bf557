/* Single packets written out: ARP, Neighbour Discovery, and TCP segments. */
#include "packet/build.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

#include "packet/bytes.h"
#include "packet/checksum.h"
#include "packet/decode.h"

enum {
    ETHERNET_MINIMUM = 60, /* without the frame check sequence */
    IPV4_HEADER = 20,
    TCP_HEADER = 20,
    ARP_HARDWARE_ETHERNET = 1,
    IPV6_HEADER = 40,
    NEIGHBOUR_LENGTH = 32, /* with the option that has the hardware address */
    NEIGHBOUR_HOPS = 255,
};

static const struct mac_address broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

struct link_header link_header_ethernet(const struct mac_address *source,
                                        const struct mac_address *destination, uint16_t ethertype)
{
    struct link_header link = {0};
    uint8_t *end = put_be16(put_mac(put_mac(link.bytes, destination), source), ethertype);
    link.length = (uint8_t)(end - link.bytes);
    return link;
}

static uint8_t *write_ipv4(uint8_t *ip, const struct tcp_segment *segment, uint16_t length)
{
    uint8_t *at = put_be16(ip, 0x4500);
    at = put_be16(at, (uint16_t)(IPV4_HEADER + length));
    at = put_be16(at, segment->ip_id);
    at = put_be16(at, 0); /* not fragmented, may be */
    at = put_u8(at, segment->ttl);
    at = put_u8(at, IPPROTO_TCP);
    uint8_t *checksum = at;
    at = put_be16(at, 0);
    at = put_be32(at, (uint32_t)segment->source.low);
    at = put_be32(at, (uint32_t)segment->destination.low);
    put_be16(checksum, checksum_finish(checksum_add(0, ip, IPV4_HEADER)));
    return at;
}

struct ipv6_header {
    struct ip_number source, destination;
    uint32_t flow_label;
    uint16_t length; /* of what is behind it */
    uint8_t protocol, hops;
};

static uint8_t *write_ipv6(uint8_t *at, const struct ipv6_header *header)
{
    at = put_be32(at, 6u << 28 | header->flow_label);
    at = put_be16(at, header->length);
    at = put_u8(at, header->protocol);
    at = put_u8(at, header->hops);
    return put_ipv6(put_ipv6(at, header->source), header->destination);
}

/* The IP header of a segment of `length` bytes. */
static uint8_t *write_ip(uint8_t *ip, const struct tcp_segment *segment, uint16_t length)
{
    if (ip_number_is_v4(segment->destination))
        return write_ipv4(ip, segment, length);
    return write_ipv6(ip, &(struct ipv6_header){
                              .source = segment->source,
                              .destination = segment->destination,
                              .flow_label = segment->flow_label,
                              .length = length,
                              .protocol = IPPROTO_TCP,
                              .hops = segment->ttl,
                          });
}

static uint32_t pseudo_sum(const struct tcp_segment *segment, uint16_t length)
{
    if (!ip_number_is_v4(segment->destination))
        return checksum_pseudo_ipv6(segment->source, segment->destination, IPPROTO_TCP, length);
    return checksum_pseudo_ipv4((uint32_t)segment->source.low, (uint32_t)segment->destination.low,
                                IPPROTO_TCP, length);
}

static void write_tcp(uint8_t *tcp, const struct tcp_segment *segment, uint16_t length)
{
    uint8_t *at = put_be16(tcp, segment->source_port);
    at = put_be16(at, segment->destination_port);
    at = put_be32(at, segment->sequence);
    at = put_be32(at, segment->acknowledgement);
    at = put_u8(at, (TCP_HEADER / 4) << 4);
    at = put_u8(at, segment->flags);
    at = put_be16(at, segment->window);
    uint8_t *checksum = at;
    at = put_be16(at, 0);
    at = put_be16(at, 0); /* urgent pointer */
    if (segment->payload_length > 0)
        memcpy(at, segment->payload, segment->payload_length);
    put_be16(checksum, checksum_finish(checksum_add(pseudo_sum(segment, length), tcp, length)));
}

struct tcp_segment packet_segment(const struct packet *packet)
{
    return (struct tcp_segment){
        .source = packet_source(packet),
        .destination = packet_destination(packet),
        .source_port = packet->source_port,
        .destination_port = packet->destination_port,
        .sequence = packet->tcp.sequence,
        .acknowledgement = packet->tcp.acknowledgement,
        .flags = packet->tcp.flags,
        .window = packet->tcp.window,
        .payload = packet->payload,
        .payload_length = packet->payload_length,
    };
}

size_t packet_build_tcp(uint8_t *frame, const struct link_header *link,
                        const struct tcp_segment *segment)
{
    uint16_t length = (uint16_t)(TCP_HEADER + segment->payload_length);
    memcpy(frame, link->bytes, link->length);
    uint8_t *tcp = write_ip(frame + link->length, segment, length);
    write_tcp(tcp, segment, length);
    return (size_t)(tcp - frame) + length;
}

size_t packet_build_arp(uint8_t *frame, const struct arp_packet *arp)
{
    bool is_request = arp->operation == ARP_REQUEST;
    memset(frame, 0, ETHERNET_MINIMUM);
    uint8_t *at = put_mac(frame, is_request ? &broadcast : &arp->target_mac);
    at = put_mac(at, &arp->sender_mac);
    at = put_be16(at, ETHERTYPE_ARP);
    at = put_be16(at, ARP_HARDWARE_ETHERNET);
    at = put_be16(at, ETHERTYPE_IP);
    at = put_u8(at, sizeof arp->sender_mac.bytes);
    at = put_u8(at, sizeof arp->sender);
    at = put_be16(at, arp->operation);
    at = put_mac(at, &arp->sender_mac);
    at = put_be32(at, arp->sender);
    at = put_mac(at, &arp->target_mac);
    put_be32(at, arp->target);
    return ETHERNET_MINIMUM;
}

/* A packet from `sender` to `receiver`: link header, IPv6, and a message of one type, with flags,
 * target, and the sender's hardware address as an option. */
static size_t write_neighbour(uint8_t *frame, const struct neighbour_packet *neighbour,
                              uint8_t type, uint32_t flags, uint8_t option)
{
    const struct link_header link =
        link_header_ethernet(&neighbour->sender_mac, &neighbour->receiver_mac, ETHERTYPE_IPV6);
    memcpy(frame, link.bytes, link.length);
    uint8_t *message = write_ipv6(frame + link.length, &(struct ipv6_header){
                                                           .source = neighbour->sender,
                                                           .destination = neighbour->receiver,
                                                           .length = NEIGHBOUR_LENGTH,
                                                           .protocol = IPPROTO_ICMPV6,
                                                           .hops = NEIGHBOUR_HOPS,
                                                       });
    uint8_t *at = put_be32(message, (uint32_t)type << 24);
    at = put_be32(at, flags);
    at = put_ipv6(at, neighbour->target);
    at = put_u8(at, option);
    at = put_u8(at, 1); /* times 8 bytes */
    put_mac(at, &neighbour->sender_mac);
    uint32_t pseudo = checksum_pseudo_ipv6(neighbour->sender, neighbour->receiver, IPPROTO_ICMPV6,
                                           NEIGHBOUR_LENGTH);
    put_be16(message + 2, checksum_finish(checksum_add(pseudo, message, NEIGHBOUR_LENGTH)));
    return link.length + IPV6_HEADER + NEIGHBOUR_LENGTH;
}

size_t packet_build_solicitation(uint8_t *frame, const struct neighbour_packet *neighbour)
{
    struct neighbour_packet asked = *neighbour;
    uint32_t group = (uint32_t)neighbour->target.low & 0xffffff;
    asked.receiver = (struct ip_number){0xff02ull << 48, 0x1ff000000ull | group};
    asked.receiver_mac = (struct mac_address){
        {0x33, 0x33, 0xff, (uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group}};
    return write_neighbour(frame, &asked, ICMPV6_SOLICITATION, 0, 1);
}

size_t packet_build_advertisement(uint8_t *frame, const struct neighbour_packet *neighbour)
{
    enum { SOLICITED = 1 << 30, OVERRIDE = 1 << 29 };
    return write_neighbour(frame, neighbour, ICMPV6_ADVERTISEMENT, SOLICITED | OVERRIDE, 2);
}

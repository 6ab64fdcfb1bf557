/* Single packets written out: ARP, and TCP segments. */
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

struct link_header link_header_vlan(const struct mac_address *source,
                                    const struct mac_address *destination, uint16_t vlan,
                                    uint16_t ethertype)
{
    struct link_header link = link_header_ethernet(source, destination, ETHERTYPE_VLAN);
    put_be16(put_be16(link.bytes + link.length, vlan), ethertype);
    link.length = (uint8_t)(link.length + 4);
    return link;
}

static void write_ipv4(uint8_t *ip, const struct tcp_segment *segment, uint16_t total_length)
{
    uint8_t *at = put_be16(ip, 0x4500);
    at = put_be16(at, total_length);
    at = put_be16(at, segment->ip_id);
    at = put_be16(at, 0); /* not fragmented, may be */
    at = put_u8(at, segment->ttl);
    at = put_u8(at, IPPROTO_TCP);
    uint8_t *checksum = at;
    at = put_be16(at, 0);
    at = put_be32(at, segment->source);
    put_be32(at, segment->destination);
    put_be16(checksum, checksum_finish(checksum_add(0, ip, IPV4_HEADER)));
}

static void write_tcp(uint8_t *tcp, const struct tcp_segment *segment)
{
    uint16_t length = (uint16_t)(TCP_HEADER + segment->payload_length);
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
    uint32_t sum = checksum_pseudo_ipv4(segment->source, segment->destination, IPPROTO_TCP, length);
    put_be16(checksum, checksum_finish(checksum_add(sum, tcp, length)));
}

size_t packet_build_tcp(uint8_t *frame, const struct link_header *link,
                        const struct tcp_segment *segment)
{
    size_t total_length = IPV4_HEADER + TCP_HEADER + segment->payload_length;
    memcpy(frame, link->bytes, link->length);
    write_ipv4(frame + link->length, segment, (uint16_t)total_length);
    write_tcp(frame + link->length + IPV4_HEADER, segment);
    return link->length + total_length;
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

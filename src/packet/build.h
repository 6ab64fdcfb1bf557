/* Single packets written out: ARP, Neighbour Discovery, and TCP segments. (Probes go through the
 * batch passes of probe/ instead.)
 *
 * All take the frame's memory from the caller and return the length. Numbers in host byte order. */
#ifndef PACKET_BUILD_H
#define PACKET_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

enum {
    PACKET_HEADERS_MAX = 128
}; /* room that suffices for any packet built here without payload */

/* What stands before the IP header on this link: an Ethernet header, or nothing. (A VLAN's tag is
 * put in by transport/tagged.h.) */
struct link_header {
    uint8_t bytes[14];
    uint8_t length; /* 0 on links without Ethernet headers */
};

struct link_header link_header_ethernet(const struct mac_address *source,
                                        const struct mac_address *destination, uint16_t ethertype);

struct tcp_segment {
    struct ip_number source, destination; /* of the same family */
    uint16_t source_port, destination_port;
    uint32_t sequence, acknowledgement;
    uint8_t flags;
    uint8_t ttl;
    uint16_t window;
    uint16_t ip_id;      /* IPv4 */
    uint32_t flow_label; /* IPv6, 20 bits */
    const uint8_t *payload;
    size_t payload_length; /* at most 65495: header and payload fit into one packet */
};

/* The segment that a decoded packet of kind PACKET_TCP is, for who goes on with it; the payload
 * stays where it is. */
struct packet;
struct tcp_segment packet_segment(const struct packet *packet);

/* IPv4 or IPv6, as the addresses are, and TCP with valid checksums; the link header has to be for
 * that family. `frame` must hold PACKET_HEADERS_MAX + payload_length bytes. */
size_t packet_build_tcp(uint8_t *frame, const struct link_header *link,
                        const struct tcp_segment *segment);

struct arp_packet {
    uint16_t operation;
    struct mac_address sender_mac, target_mac;
    uint32_t sender, target;
};

/* An ARP packet on Ethernet (RFC 826): requests go to the broadcast address, replies to target_mac.
 * 60 bytes with padding. */
size_t packet_build_arp(uint8_t *frame, const struct arp_packet *arp);

/* A neighbour's hardware address asked for, or told, on Ethernet. */
struct neighbour_packet {
    struct mac_address sender_mac;
    struct ip_number sender; /* whose packet it is */
    struct ip_number target; /* who is asked for; of an advertisement, who is at sender_mac */
    /* Advertisements only: who asked. */
    struct mac_address receiver_mac;
    struct ip_number receiver;
};

/* A Neighbour Solicitation (RFC 4861, 4.3), to the target's solicited-node multicast address. 86
 * bytes. */
size_t packet_build_solicitation(uint8_t *frame, const struct neighbour_packet *neighbour);

/* The Neighbour Advertisement (4.4) that answers one, solicited and overriding. 86 bytes. */
size_t packet_build_advertisement(uint8_t *frame, const struct neighbour_packet *neighbour);

#endif

/* Received bytes to fields. Everything is read through the bounded reader; nothing is copied or
 * allocated.
 *
 * Transport checksums are not verified: frames from virtual links arrive with checksums left to
 * hardware that is not there, and what makes a reply true is its cookie, not its checksum. */
#ifndef PACKET_DECODE_H
#define PACKET_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

enum packet_kind {
    PACKET_ARP,
    PACKET_TCP,
    PACKET_UDP,
    PACKET_ICMP,
    PACKET_SCTP,
    PACKET_NEIGHBOUR, /* a solicitation or advertisement of IPv6 (RFC 4861) */
    PACKET_IP_OTHER,
};

/* Why a frame gave no packet: expected cases, counted by the caller. */
enum packet_error {
    PACKET_OK = 0,
    PACKET_TRUNCATED, /* ends inside a header, or is longer on paper than on the wire */
    PACKET_MALFORMED, /* a header contradicts itself */
    PACKET_FRAGMENT,  /* an IP fragment; not reassembled */
    PACKET_NOT_IP,    /* neither ARP nor IP */
};

enum tcp_flag {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_ECE = 0x40,
    TCP_CWR = 0x80,
};

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };
enum {
    ICMP_ECHO_REPLY = 0,
    ICMP_UNREACHABLE = 3,
    ICMP_ECHO_REQUEST = 8,
    ICMP_TIMESTAMP_REQUEST = 13,
    ICMP_TIMESTAMP_REPLY = 14,
};
enum {
    ICMPV6_UNREACHABLE = 1,
    ICMPV6_PARAMETER_PROBLEM = 4,
    ICMPV6_ECHO_REQUEST = 128,
    ICMPV6_ECHO_REPLY = 129,
    ICMPV6_SOLICITATION = 135,
    ICMPV6_ADVERTISEMENT = 136,
};
enum { ICMPV6_CODE_PORT_UNREACHABLE = 4, ICMPV6_CODE_NEXT_HEADER = 1 };
enum { ICMP_CODE_PROTOCOL_UNREACHABLE = 2, ICMP_CODE_PORT_UNREACHABLE = 3 };
enum { SCTP_INIT = 1, SCTP_INIT_ACK = 2, SCTP_ABORT = 6 };

/* The start of the packet that an ICMP error quotes: its IP header and, if it has as many, the
 * eight bytes behind it. */
struct packet_quote {
    bool present;
    bool has_ports; /* the eight bytes are there; else they are zero here */
    uint8_t version;
    uint8_t protocol;
    uint32_t ip_id; /* of IPv6 the flow label */
    uint32_t source;
    uint32_t destination;
    struct ip_number source_ipv6, destination_ipv6;
    uint16_t source_port;      /* TCP, UDP, SCTP; for ICMP type << 8 | code */
    uint16_t destination_port; /* for ICMP its checksum */
    uint32_t
        word; /* the next four bytes: TCP sequence number, SCTP tag, ICMP id << 16 | sequence */
};

/* One decoded packet. Numbers in host byte order. Only the parts that belong to `kind` are filled.
 */
struct packet {
    enum packet_kind kind;
    struct mac_address source_mac; /* links with Ethernet headers */
    uint8_t version;               /* 4 or 6; 0 if it is no IP packet */
    union {                        /* by the version; packet_source tells of both */
        struct {
            uint32_t source, destination;
        };
        struct {
            struct ip_number source_ipv6, destination_ipv6;
        };
    };
    uint8_t protocol; /* behind all extension headers */
    uint8_t ttl;
    uint32_t ip_id; /* of IPv6 the flow label, 20 bits */
    uint16_t source_port;
    uint16_t destination_port;
    const uint8_t *payload; /* behind the transport header; inside the frame */
    size_t payload_length;
    union {
        struct {
            uint32_t sequence, acknowledgement;
            uint16_t window;
            uint8_t flags;
            uint8_t options_length; /* at most 40 */
            const uint8_t *options; /* inside the frame */
        } tcp;
        struct {
            uint8_t type, code;
            uint16_t id, sequence;     /* echo */
            struct packet_quote quote; /* errors */
        } icmp;
        struct {
            uint32_t verification_tag;
            uint8_t chunk_type, chunk_flags; /* of the first chunk */
            uint32_t initiate_tag;           /* INIT and INIT-ACK */
        } sctp;
        struct {
            uint16_t operation;
            struct mac_address sender_mac, target_mac;
            uint32_t sender, target;
        } arp;
        struct {
            uint8_t type; /* ICMPV6_SOLICITATION or ICMPV6_ADVERTISEMENT */
            bool has_mac;
            struct ip_number target; /* whose hardware address is asked for, or told */
            struct mac_address mac;  /* of who sent it */
        } neighbour;
    };
};

/* The addresses of an IP packet, of either family. */
static inline struct ip_number packet_source(const struct packet *packet)
{
    return packet->version == 6 ? packet->source_ipv6 : ip_number_v4(packet->source);
}

static inline struct ip_number packet_destination(const struct packet *packet)
{
    return packet->version == 6 ? packet->destination_ipv6 : ip_number_v4(packet->destination);
}

static inline struct ip_number quote_source(const struct packet_quote *quote)
{
    return quote->version == 6 ? quote->source_ipv6 : ip_number_v4(quote->source);
}

static inline struct ip_number quote_destination(const struct packet_quote *quote)
{
    return quote->version == 6 ? quote->destination_ipv6 : ip_number_v4(quote->destination);
}

/* Decodes one frame; `has_ethernet` as the link has it (one VLAN tag is skipped). */
enum packet_error packet_decode(struct packet *packet, const uint8_t *frame, size_t length,
                                bool has_ethernet);

/* The maximum segment size among the options of a TCP segment (RFC 9293, 3.2); 0 if there is none,
 * or the options in front of it make no sense. */
uint16_t packet_tcp_mss(const struct packet *packet);

#endif

/* The simulator's own view of packets on the wire, shared by its BPF program and its user-space
 * half. Independent of the scanner's packet code on purpose: the two check each other. */
#ifndef TESTS_LAB_WIRE_H
#define TESTS_LAB_WIRE_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_FRAME_MAX = 1514,
    WIRE_HEADERS = ETH_HLEN + sizeof(struct iphdr), /* IP options are not simulated */
    WIRE_BODY_MAX = WIRE_FRAME_MAX - WIRE_HEADERS,
    WIRE_HEADERS_IPV6 = ETH_HLEN + sizeof(struct ipv6hdr), /* nor are extension headers */

    /* The kernel's headers for these lean on those of the C library, which BPF has not. */
    WIRE_PROTO_ICMP = 1,
    WIRE_PROTO_TCP = 6,
    WIRE_PROTO_UDP = 17,
    WIRE_PROTO_SCTP = 132,
    WIRE_PROTO_ICMPV6 = 58,
};

enum {
    WIRE_ICMP_ECHO_REPLY = 0,
    WIRE_ICMP_UNREACHABLE = 3,
    WIRE_ICMP_ECHO = 8,
    WIRE_ICMP_TIMESTAMP = 13,
    WIRE_ICMP_TIMESTAMP_REPLY = 14,

    WIRE_ICMP_HOST_UNREACHABLE = 1, /* codes of WIRE_ICMP_UNREACHABLE */
    WIRE_ICMP_PROTOCOL_UNREACHABLE = 2,
    WIRE_ICMP_PORT_UNREACHABLE = 3,
};

/* ICMPv6 (RFC 4443), and of it Neighbour Discovery (RFC 4861). */
enum {
    WIRE_ICMPV6_UNREACHABLE = 1,
    WIRE_ICMPV6_ECHO = 128,
    WIRE_ICMPV6_ECHO_REPLY = 129,
    WIRE_ICMPV6_SOLICITATION = 135,
    WIRE_ICMPV6_ADVERTISEMENT = 136,

    WIRE_ICMPV6_ADDRESS_UNREACHABLE = 3, /* codes of WIRE_ICMPV6_UNREACHABLE */
    WIRE_ICMPV6_PORT_UNREACHABLE = 4,
};

struct wire_icmp {
    uint8_t type, code;
    uint16_t checksum;
    uint16_t id, sequence; /* of echo and timestamp; zero in errors */
};

struct wire_arp {
    uint16_t hardware, protocol;
    uint8_t hardware_length, protocol_length;
    uint16_t operation;
    uint8_t sender_mac[6], sender_ip[4], target_mac[6], target_ip[4];
};

/* RFC 9260: common header and the fixed part of INIT and INIT ACK. */
struct wire_sctp {
    uint16_t source, dest;
    uint32_t tag;
    uint32_t checksum; /* CRC-32C, little end first */
    uint8_t type, flags;
    uint16_t length;
    uint32_t initiate_tag, window;
    uint16_t streams_out, streams_in;
    uint32_t tsn;
};

enum {
    WIRE_SCTP_INIT = 1,
    WIRE_SCTP_INIT_ACK = 2,
    WIRE_SCTP_ABORT = 6,
    WIRE_SCTP_COOKIE_PARAMETER = 7,
    WIRE_SCTP_ABORT_LENGTH = 16, /* common header and a chunk without causes */
};

struct wire_sctp_cookie {
    uint16_t type, length;
    uint8_t value[8];
};

struct wire_tcp_mss {
    uint8_t kind, length;
    uint16_t value;
};

/* An ICMP error: the header, then the quoted IP header and the first 8 bytes behind it. */
struct wire_icmp_error {
    struct wire_icmp icmp;
    struct iphdr ip;
    uint8_t quoted[8];
};

/* What stands before the body of an IPv6 packet, shifted as a frame is. */
struct wire_head_ipv6 {
    uint16_t shift;
    struct ethhdr eth;
    struct ipv6hdr ip;
};

/* The body of a solicitation or advertisement. */
struct wire_neighbour {
    uint8_t type, code;
    uint16_t checksum;
    uint32_t flags;
    struct in6_addr target;
    uint8_t option, option_length;
    uint8_t mac[6];
};

/* The body of an ICMPv6 error, as much of the quoted packet as anybody looks at. */
struct wire_icmpv6_error {
    struct wire_icmp icmp;
    struct ipv6hdr ip;
    uint8_t quoted[32];
};

/* A frame, shifted by two bytes so that all behind the Ethernet header is aligned. The body has
 * room for four bytes of zeros behind the longest packet, which lets sums run over whole words. */
struct wire_frame {
    uint16_t shift;
    struct ethhdr eth;
    union {
        struct {
            struct iphdr ip;
            union {
                struct {
                    struct tcphdr tcp;
                    struct wire_tcp_mss mss;
                };
                struct udphdr udp;
                struct wire_icmp icmp;
                struct wire_icmp_error icmp_error;
                struct wire_icmpv6_error icmpv6_error;
                struct wire_neighbour neighbour;
                struct {
                    struct wire_sctp sctp;
                    struct wire_sctp_cookie sctp_cookie;
                };
                uint8_t body[WIRE_BODY_MAX + 4];
                uint32_t word[(WIRE_BODY_MAX + 4) / 4];
            };
        };
        struct wire_arp arp;
    };
};

_Static_assert(offsetof(struct wire_frame, ip) == 16, "the IP header is aligned");
_Static_assert(offsetof(struct wire_frame, body) == 36, "the body follows an IP header of 20");
_Static_assert(sizeof(struct wire_sctp) == 32, "an INIT chunk behind the common header");

static inline uint16_t wire_fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static inline uint64_t wire_ip_sum(const struct iphdr *ip)
{
    const uint32_t *word = (const uint32_t *)ip;
    return (uint64_t)word[0] + word[1] + word[2] + word[3] + word[4];
}

/* The part of the TCP and UDP sum that is not in the segment; `length` is that of the segment. */
static inline uint64_t wire_pseudo_sum(const struct iphdr *ip, uint32_t length)
{
    return (uint64_t)ip->saddr + ip->daddr + __builtin_bswap16(ip->protocol) +
           __builtin_bswap16((uint16_t)length);
}

#endif

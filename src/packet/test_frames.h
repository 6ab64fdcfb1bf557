/* Frames written by hand, that the tests of this room share. */
#ifndef PACKET_TEST_FRAMES_H
#define PACKET_TEST_FRAMES_H

#include <stdint.h>

#define ETHERNET 0x02, 0, 0, 0, 0, 0x01, 0x02, 0, 0, 0, 0, 0x02

/* IPv4 from 192.0.2.10 to 198.51.100.7, id 0x1234, TTL 57; total length and protocol given. */
#define IPV4(total, protocol)                                                                      \
    0x45, 0, (total) >> 8, (total)&0xff, 0x12, 0x34, 0, 0, 57, (protocol), 0xab, 0xcd, 192, 0, 2,  \
        10, 198, 51, 100, 7

static const uint8_t syn_ack[] = {
    ETHERNET, 0x08, 0x00, IPV4(44, 6), 0, 80, 0x9c, 0x40, /* ports 80, 40000 */
    0x01,     0x02, 0x03, 0x04,                           /* sequence */
    0xa1,     0xa2, 0xa3, 0xa4,                           /* acknowledgement */
    0x60,     0x12, 0x72, 0x10,                           /* six words, SYN ACK, window */
    0xfe,     0xdc, 0,    0,                              /* checksum, urgent */
    2,        4,    0x05, 0xb4,                           /* maximum segment size */
    0,        0,                                          /* Ethernet padding */
};

static const uint8_t tagged_data[] = {
    ETHERNET, 0x81, 0x00, 0x20, 0x64, 0x08, 0x00, IPV4(43, 6),
    0x01,     0xbb, 0x9c, 0x40,                      /* ports 443, 40000 */
    0,        0,    0,    1,    0,    0,    0,    2, /* sequence, acknowledgement */
    0x50,     0x18, 0,    9,    0,    0,    0,    0, /* five words, PSH ACK, window */
    'a',      'b',  'c',
};

static const uint8_t udp_with_options[] = {
    ETHERNET, 0x08, 0x00, 0x47, 0,   0,   41, 0x12, 0x34, 0x40, 0, 57, 17, 0, 0, 192,
    0,        2,    10,   198,  51,  100, 7,  0x94, 4,    0,    0, 1,  1,  1, 0, /* router alert,
                                                                                    padding */
    0,        53,   0x9c, 0x41, 0,   12,  0,  0, /* ports, length 12 */
    'w',      'x',  'y',  'z',  '!',             /* in the IP packet, but behind the UDP length */
};

static const uint8_t echo_reply[] = {
    ETHERNET, 0x08, 0x00, IPV4(30, 1), 0,    0,
    0,        0,    0xbe, 0xef,        0xca, 0xfe, /* type, code, checksum, id, sequence */
    'h',      'i',
};

static const uint8_t port_unreachable[] = {
    ETHERNET, 0x08, 0x00, IPV4(60, 1), 3,    3,    0,    0,    0, 0,  0, 0, /* type, code, checksum,
                                                                               unused */
    0x46,     0,    0x01, 0,           0x77, 0x88, 0,    0,    3, 17, 0, 0, 198,
    51,       100,  7,    203,         0,    113,  5,    1,    1, 1,  0, /* options of the quoted
                                                                            header */
    0x9c,     0x42, 0,    161,         0x00, 0xec, 0x55, 0x66,
};

static const uint8_t init_ack[] = {
    ETHERNET, 0x08, 0x00, IPV4(52, 132),
    0x0b,     0x59, 0x9c, 0x40, /* ports 2905, 40000 */
    0xd1,     0xd2, 0xd3, 0xd4,
    0,        0,    0,    0,  /* verification tag, checksum */
    2,        0,    0,    20, /* INIT ACK */
    0xe1,     0xe2, 0xe3, 0xe4,
    0,        0,    0xff, 0xff,
    0,        1,    0,    1,
    0,        0,    0,    1,
};

static const uint8_t abort_chunk[] = {
    ETHERNET, 0x08, 0x00, IPV4(36, 132),
    0x0b,     0x59, 0x9c, 0x40,
    0xd1,     0xd2, 0xd3, 0xd4,
    0,        0,    0,    0,
    6,        1,    0,    4, /* ABORT, tag reflected */
};

static const uint8_t arp_reply[] = {
    ETHERNET, 0x08, 0x06, 0,  1,    0x08, 0, 6, 4, 0,    2,   0x02, 0,   0, 0, 0, 0x02,
    192,      0,    2,    10, 0x02, 0,    0, 0, 0, 0x01, 198, 51,   100, 7, 0, 0, 0,
    0,        0,    0,    0,  0,    0,    0, 0, 0, 0,    0,   0,    0,   0, 0,
};

static const uint8_t gre[] = {ETHERNET, 0x08, 0x00, IPV4(24, 47), 0, 0, 0x08, 0};

/* IPv6 from 2001:db8::10 to 2001:db8:1::7, flow label 0x54321, hop limit given. */
#define IPV6(payload, next, hops)                                                                  \
    0x60, 0x05, 0x43, 0x21, (payload) >> 8, (payload)&0xff, (next), (hops), 0x20, 0x01, 0x0d,      \
        0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0,  \
        0, 0, 0, 0, 7

static const uint8_t syn_ack_ipv6[] = {
    ETHERNET, 0x86, 0xdd, IPV6(20, 6, 57),
    0,        80,   0x9c, 0x40, /* ports 80, 40000 */
    1,        2,    3,    4,
    5,        6,    7,    8,
    0x50,     0x12, 0x72, 0x10,
    0xfe,     0xdc, 0,    0,
};

/* Hop-by-hop options, routing, a fragment that is the whole packet, authentication, and destination
 * options in front of UDP. */
static const uint8_t udp_behind_extensions[] = {
    ETHERNET, 0x86, 0xdd, IPV6(8 + 24 + 8 + 12 + 8 + 12, 0, 57),
    43,       0,    1,    4,
    0,        0,    0,    0, /* hop-by-hop */
    44,       2,    0,    0,
    0,        0,    0,    0,
    0,        0,    0,    0,
    0,        0,    0,    0, /* routing */
    0,        0,    0,    0,
    0,        0,    0,    0,
    51,       0,    0,    0,
    1,        2,    3,    4, /* fragment, offset 0, no more */
    60,       1,    0,    0,
    0,        0,    0,    1,
    0,        0,    0,    2, /* authentication */
    17,       0,    1,    4,
    0,        0,    0,    0, /* destination options */
    0,        53,   0x9c, 0x41,
    0,        12,   0,    0,
    'w',      'x',  'y',  'z',
};

static const uint8_t echo_reply_ipv6[] = {
    ETHERNET, 0x86, 0xdd, IPV6(8, 58, 57), 129, 0, 0, 0, 0xbe, 0xef, 0xca, 0xfe,
};

static const uint8_t port_unreachable_ipv6[] = {
    ETHERNET,
    0x86,
    0xdd,
    IPV6(8 + 40 + 8, 58, 57),
    1,
    4,
    0,
    0,
    0,
    0,
    0,
    0,              /* type, code, checksum, unused */
    IPV6(8, 17, 3), /* what is quoted: a probe to port 161 */
    0x9c,
    0x42,
    0,
    161,
    0,
    8,
    0x55,
    0x66,
};

static const uint8_t solicitation[] = {
    ETHERNET, 0x86, 0xdd, IPV6(32, 58, 255),
    135,      0,    0,    0,
    0,        0,    0,    0,
    0x20,     0x01, 0x0d, 0xb8,
    0,        1,    0,    0,
    0,        0,    0,    0,
    0,        0,    0,    7,
    1,        1, /* option */
    2,        0,    0,    0,
    0,        2,
};

#endif

/* The probes' frames and answers, written as plainly as can be. */
#include <netinet/in.h>
#include <string.h>

#include "packet/bytes.h"
#include "packet/checksum.h"
#include "probe/conformance.h"
#include "probe/probes.h"
#include "probe/udp_payload.h"

enum { FAR_TTL = 57, ANSWER_ID = 0x4242 };

static const struct ip_number routers[2] = {{0, 0xffffcb0071fe}, {0x20010db800ff0000, 0xfe}};

size_t conformance_header(const uint8_t *ip)
{
    return ip[0] >> 4 == 6 ? 40 : 20;
}

/* Where source and destination are. */
static size_t addresses_at(const uint8_t *ip)
{
    return ip[0] >> 4 == 6 ? 8 : 12;
}

static size_t address_length(const uint8_t *ip)
{
    return ip[0] >> 4 == 6 ? 16 : 4;
}

struct span conformance_span(const uint8_t *ip, const struct proof *proof)
{
    const bool v6 = ip[0] >> 4 == 6;
    const size_t header = conformance_header(ip), address = address_length(ip);
    const size_t quote = header + 8;
    switch (proof->of) {
    case PROOF_ADDRESSES:
        return (struct span){addresses_at(ip), 2 * address};
    case PROOF_DESTINATION:
        return (struct span){addresses_at(ip) + address, address};
    case PROOF_TRANSPORT:
        return (struct span){header + proof->at, proof->length};
    case PROOF_QUOTED_ID: /* of the flow label, what fills bytes */
        return (struct span){quote + (v6 ? 2 : 4), 2};
    case PROOF_QUOTED_ADDRESSES:
        return (struct span){quote + addresses_at(ip), 2 * address};
    case PROOF_ARP:
        return (struct span){proof->at, proof->length};
    case PROOF_QUOTED_TRANSPORT:
    default:
        return (struct span){quote + header + proof->at, proof->length};
    }
}

static uint8_t *put_ip_number(uint8_t *at, struct ip_number address)
{
    return ip_number_is_v4(address) ? put_be32(at, (uint32_t)address.low) : put_ipv6(at, address);
}

/* The addresses say which family it is: where its transport header begins. */
static uint8_t *transport_of(uint8_t *ip, struct ip_number address)
{
    return ip + (ip_number_is_v4(address) ? 20 : 40);
}

/* An IP packet around `length` bytes that stand behind its header already; no options. */
static size_t wrap_ip(uint8_t *ip, uint8_t protocol, uint8_t ttl, uint32_t id,
                      struct ip_number source, struct ip_number destination, size_t length)
{
    size_t header = (size_t)(transport_of(ip, destination) - ip);
    memset(ip, 0, header);
    if (header == 40) {
        put_be32(ip, 0x60000000 | id);
        put_be16(ip + 4, (uint16_t)length);
        ip[6] = protocol;
        ip[7] = ttl;
    } else {
        ip[0] = 0x45;
        put_be16(ip + 2, (uint16_t)(header + length));
        put_be16(ip + 4, (uint16_t)id);
        ip[8] = ttl;
        ip[9] = protocol;
    }
    put_ip_number(put_ip_number(ip + addresses_at(ip), source), destination);
    if (header == 20)
        put_be16(ip + 10, checksum_finish(checksum_add(0, ip, header)));
    return header + length;
}

/* The checksum of a TCP segment, a UDP datagram, or an ICMPv6 message. */
static uint16_t transport_checksum(const uint8_t *bytes, size_t length, uint8_t protocol,
                                   struct ip_number source, struct ip_number destination)
{
    uint8_t addresses[32];
    size_t size =
        (size_t)(put_ip_number(put_ip_number(addresses, source), destination) - addresses);
    uint32_t pseudo = checksum_add(0, addresses, size) + protocol + (uint32_t)length;
    return checksum_finish(checksum_add(pseudo, bytes, length));
}

/* What the reference functions have in common: the probe's frame around its transport bytes. */
static size_t wrap_probe(uint8_t *frame, const struct probe_setup *setup, uint8_t protocol,
                         struct ip_number address, const struct cookie *cookie, size_t length)
{
    const struct link_header *link = ip_number_is_v4(address) ? &setup->link : &setup->link_ipv6;
    memcpy(frame, link->bytes, link->length);
    return link->length +
           wrap_ip(frame + link->length, protocol, setup->ttl,
                   ip_number_is_v4(address) ? cookie->tag & 0xffff : cookie->tag & 0xfffff,
                   cookie->source_address, address, length);
}

static uint8_t *probe_transport(uint8_t *frame, const struct probe_setup *setup,
                                struct ip_number address)
{
    const struct link_header *link = ip_number_is_v4(address) ? &setup->link : &setup->link_ipv6;
    return transport_of(frame + link->length, address);
}

/* One byte after the other, as RFC 9293, 7323 and 2018 draw them. */
static size_t reference_options(uint8_t options[20], const struct probe_setup *setup, unsigned less)
{
    unsigned mss = setup->tcp_mss - less, time = setup->tcp_timestamp;
    const uint8_t size[] = {2, 4, (uint8_t)(mss >> 8), (uint8_t)mss}, sack[] = {4, 2},
                  none[] = {1, 1};
    const uint8_t stamp[] = {8,
                             10,
                             (uint8_t)(time >> 24),
                             (uint8_t)(time >> 16),
                             (uint8_t)(time >> 8),
                             (uint8_t)time,
                             0,
                             0,
                             0,
                             0};
    const uint8_t scale[] = {1, 3, 3, setup->tcp_window_scale};
    uint8_t *at = options;
    if (setup->tcp_mss)
        at = mempcpy(at, size, sizeof size);
    if (setup->tcp_has_timestamp || setup->tcp_allows_sack) {
        bool both = setup->tcp_has_timestamp && setup->tcp_allows_sack;
        at = mempcpy(at, both ? sack : none, 2);
        at = setup->tcp_has_timestamp ? mempcpy(at, stamp, sizeof stamp) : mempcpy(at, sack, 2);
    }
    if (setup->tcp_has_window_scale)
        at = mempcpy(at, scale, sizeof scale);
    return (size_t)(at - options);
}

static size_t reference_tcp(uint8_t *frame, const struct probe_setup *setup,
                            struct ip_number address, uint32_t port, const struct cookie *cookie)
{
    uint8_t *tcp = probe_transport(frame, setup, address);
    uint8_t options[20];
    size_t length = 20 + reference_options(options, setup, ip_number_is_v4(address) ? 0 : 20);
    memset(tcp, 0, 20);
    memcpy(tcp + 20, options, length - 20);
    put_be16(tcp, cookie->source_port);
    put_be16(tcp + 2, (uint16_t)port);
    put_be32(tcp + 4, cookie->cookie);
    tcp[12] = (uint8_t)(length << 2);
    tcp[13] = TCP_SYN;
    put_be16(tcp + 14, 1024);
    put_be16(tcp + 16,
             transport_checksum(tcp, length, IPPROTO_TCP, cookie->source_address, address));
    return wrap_probe(frame, setup, IPPROTO_TCP, address, cookie, length);
}

static struct udp_payload payload_of(uint32_t port)
{
    for (size_t i = 0; i < udp_request_count; i++)
        for (unsigned k = 0; k < UDP_REQUEST_PORTS; k++)
            if (udp_request_table[i].ports[k] == port_code_number(port))
                return udp_request_table[i].payload;
    return (struct udp_payload){0};
}

static size_t reference_udp(uint8_t *frame, const struct probe_setup *setup,
                            struct ip_number address, uint32_t port, const struct cookie *cookie)
{
    const struct udp_payload payload = payload_of(port);
    uint8_t *udp = probe_transport(frame, setup, address);
    size_t length = 8u + payload.length;
    put_be16(udp, cookie->source_port);
    put_be16(udp + 2, (uint16_t)port);
    put_be16(udp + 4, (uint16_t)length);
    put_be16(udp + 6, 0);
    if (payload.length > 0)
        memcpy(udp + 8, payload.bytes, payload.length);
    if (payload.id.width == 2)
        put_be16(udp + 8 + payload.id.at, (uint16_t)cookie->cookie);
    if (payload.id.width == 4)
        put_be32(udp + 8 + payload.id.at, cookie->cookie);
    if (payload.id.width == 1)
        udp[8 + payload.id.at] = (uint8_t)cookie->cookie;
    uint16_t checksum =
        transport_checksum(udp, length, IPPROTO_UDP, cookie->source_address, address);
    put_be16(udp + 6, checksum ? checksum : 0xffff);
    return wrap_probe(frame, setup, IPPROTO_UDP, address, cookie, length);
}

static size_t reference_echo(uint8_t *frame, const struct probe_setup *setup,
                             struct ip_number address, uint32_t port, const struct cookie *cookie)
{
    (void)port;
    const bool v4 = ip_number_is_v4(address);
    uint8_t *icmp = probe_transport(frame, setup, address);
    put_be32(icmp, v4 ? 0x08000000 : 0x80000000);
    put_be16(icmp + 4, (uint16_t)cookie->cookie);
    put_be16(icmp + 6, (uint16_t)(cookie->cookie >> 16));
    put_be16(icmp + 2,
             v4 ? checksum_finish(checksum_add(0, icmp, 8))
                : transport_checksum(icmp, 8, IPPROTO_ICMPV6, cookie->source_address, address));
    return wrap_probe(frame, setup, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, address, cookie, 8);
}

static size_t reference_timestamp(uint8_t *frame, const struct probe_setup *setup,
                                  struct ip_number address, uint32_t port,
                                  const struct cookie *cookie)
{
    (void)port;
    uint8_t *icmp = probe_transport(frame, setup, address);
    memset(icmp, 0, 20);
    icmp[0] = 13;
    put_be16(icmp + 4, (uint16_t)cookie->cookie);
    put_be16(icmp + 6, (uint16_t)(cookie->cookie >> 16));
    put_be32(icmp + 8, cookie->tag | 0x80000000);
    put_be16(icmp + 2, checksum_finish(checksum_add(0, icmp, 20)));
    return wrap_probe(frame, setup, IPPROTO_ICMP, address, cookie, 20);
}

static void put_crc(uint8_t *sctp, size_t length)
{
    memset(sctp + 8, 0, 4);
    uint32_t crc = crc32c(sctp, length);
    for (int i = 0; i < 4; i++)
        sctp[8 + i] = (uint8_t)(crc >> (8 * i));
}

static size_t reference_sctp(uint8_t *frame, const struct probe_setup *setup,
                             struct ip_number address, uint32_t port, const struct cookie *cookie)
{
    uint8_t *sctp = probe_transport(frame, setup, address);
    uint32_t tag = cookie->cookie ? cookie->cookie : 1;
    put_be16(sctp, cookie->source_port);
    put_be16(sctp + 2, (uint16_t)port);
    put_be32(sctp + 4, 0);
    put_be32(sctp + 12, 0x01000014); /* INIT, 20 bytes */
    put_be32(sctp + 16, tag);
    put_be32(sctp + 20, 32768);
    put_be16(sctp + 24, 10);
    put_be16(sctp + 26, 2048);
    put_be32(sctp + 28, tag);
    put_crc(sctp, 32);
    return wrap_probe(frame, setup, IPPROTO_SCTP, address, cookie, 32);
}

/* What each protocol is asked with, but for cookies, source ports and checksums. */
static size_t question_of(uint8_t *transport, uint32_t protocol, bool v4, uint32_t word)
{
    memset(transport, 0, 32);
    if (protocol == IPPROTO_ICMPV6 && v4)
        return 0;
    switch (protocol) {
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        transport[0] = protocol == IPPROTO_ICMP ? 8 : 128;
        put_be32(transport + 4, word);
        return 8;
    case IPPROTO_IGMP:
        put_be16(transport, 0x1305);
        return 8;
    case IPPROTO_TCP:
        put_be16(transport + 2, 80);
        put_be32(transport + 8, word);
        put_be32(transport + 12, 0x50100400);
        return 20;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
        put_be16(transport + 2, 33434);
        put_be16(transport + 4, 8);
        return 8;
    case IPPROTO_GRE:
        put_be32(transport, 0x20000800);
        put_be32(transport + 4, word);
        return 8;
    case IPPROTO_ESP:
        put_be32(transport, word);
        put_be32(transport + 4, 1);
        return 8;
    case IPPROTO_AH:
        put_be32(transport, 0x3b040000);
        put_be32(transport + 4, word);
        put_be32(transport + 8, 1);
        return 24;
    case IPPROTO_SCTP:
        put_be16(transport + 2, 80);
        put_be32(transport + 12, 0x01000014);
        put_be32(transport + 16, word);
        put_be32(transport + 20, 32768);
        put_be32(transport + 24, 0x000a0800);
        put_be32(transport + 28, word);
        return 32;
    default:
        return 0;
    }
}

static size_t reference_protocol(uint8_t *frame, const struct probe_setup *setup,
                                 struct ip_number address, uint32_t port,
                                 const struct cookie *cookie)
{
    const uint8_t protocol = (uint8_t)port;
    const struct ip_number source = cookie->source_address;
    uint8_t *at = probe_transport(frame, setup, address);
    size_t length =
        question_of(at, protocol, ip_number_is_v4(address), cookie->cookie ? cookie->cookie : 1);
    bool has_ports = protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
                     protocol == IPPROTO_UDPLITE || protocol == IPPROTO_SCTP;
    if (has_ports)
        put_be16(at, cookie->source_port);
    if (protocol == IPPROTO_SCTP)
        put_crc(at, 32);
    else if (protocol == IPPROTO_ICMP || protocol == IPPROTO_IGMP)
        put_be16(at + 2, checksum_finish(checksum_add(0, at, 8)));
    else if (protocol == IPPROTO_ICMPV6 && length > 0)
        put_be16(at + 2, transport_checksum(at, length, protocol, source, address));
    else if (has_ports)
        put_be16(at + (protocol == IPPROTO_TCP ? 16 : 6),
                 transport_checksum(at, length, protocol, source, address));
    return wrap_probe(frame, setup, protocol, address, cookie, length);
}

/* Of the link header to the router the destination and the type are others. */
static size_t reference_arp(uint8_t *frame, const struct probe_setup *setup,
                            struct ip_number address, uint32_t port, const struct cookie *cookie)
{
    (void)port;
    uint8_t *arp = frame + setup->link.length;
    memset(frame, 0, 60);
    memcpy(frame, setup->link.bytes, setup->link.length);
    memset(frame, 0xff, 6);
    put_be16(arp - 2, 0x0806);
    put_be32(arp, 0x00010800);
    put_be32(arp + 4, 0x06040001);
    memcpy(arp + 8, setup->link.bytes + 6, 6);
    put_be32(arp + 14, (uint32_t)cookie->source_address.low);
    put_be32(arp + 24, (uint32_t)address.low);
    return 60;
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The source or destination of a packet. */
static struct ip_number address_of(const uint8_t *ip, bool destination)
{
    const uint8_t *at = ip + addresses_at(ip) + (destination ? address_length(ip) : 0);
    uint64_t words[4];
    if (ip[0] >> 4 == 4)
        return ip_number_v4(word_at(at));
    for (int i = 0; i < 4; i++)
        words[i] = word_at(at + 4 * i);
    return (struct ip_number){words[0] << 32 | words[1], words[2] << 32 | words[3]};
}

static uint8_t protocol_of(const uint8_t *ip)
{
    return ip[0] >> 4 == 6 ? ip[6] : ip[9];
}

static const uint8_t *transport_in(const uint8_t *ip)
{
    return ip + conformance_header(ip);
}

/* Room for the transport bytes of an answer to a probe. */
static uint8_t *answer_transport(uint8_t *answer, const uint8_t *probe)
{
    return answer + conformance_header(probe);
}

/* The IP header of a packet that goes back where the probe came from. */
static size_t wrap_back(uint8_t *answer, const uint8_t *probe, size_t length)
{
    return wrap_ip(answer, protocol_of(probe), FAR_TTL, ANSWER_ID, address_of(probe, true),
                   address_of(probe, false), length);
}

static void swap_ports(uint8_t *to, const uint8_t *from)
{
    memcpy(to, from + 2, 2);
    memcpy(to + 2, from, 2);
}

static size_t build_segment(uint8_t *answer, const uint8_t *probe, uint8_t flags)
{
    uint8_t *tcp = answer_transport(answer, probe);
    memset(tcp, 0, 20);
    swap_ports(tcp, transport_in(probe));
    put_be32(tcp + 4, flags & TCP_RST ? 0 : 0x99887766);
    put_be32(tcp + 8, word_at(transport_in(probe) + 4) + 1);
    tcp[12] = 0x50;
    tcp[13] = flags;
    return wrap_back(answer, probe, 20);
}

static size_t build_syn_ack(uint8_t *answer, const uint8_t *probe)
{
    return build_segment(answer, probe, TCP_SYN | TCP_ACK);
}

static size_t build_syn_ack_ecn(uint8_t *answer, const uint8_t *probe)
{
    return build_segment(answer, probe, TCP_SYN | TCP_ACK | TCP_ECE);
}

static size_t build_reset(uint8_t *answer, const uint8_t *probe)
{
    return build_segment(answer, probe, TCP_RST | TCP_ACK);
}

/* The request comes back, as from an echo service, with two bytes more. */
static size_t build_datagram(uint8_t *answer, const uint8_t *probe)
{
    const uint8_t *request = transport_in(probe);
    size_t length = (size_t)(request[4] << 8 | request[5]);
    uint8_t *udp = answer_transport(answer, probe);
    memcpy(udp, request, length);
    swap_ports(udp, request);
    put_be16(udp + 4, (uint16_t)(length + 2));
    memset(udp + length, 0x55, 2);
    return wrap_back(answer, probe, length + 2);
}

static size_t build_echo_reply(uint8_t *answer, const uint8_t *probe)
{
    uint8_t *icmp = answer_transport(answer, probe);
    memcpy(icmp, transport_in(probe), 8);
    icmp[0] = probe[0] >> 4 == 6 ? ICMPV6_ECHO_REPLY : ICMP_ECHO_REPLY;
    return wrap_back(answer, probe, 8);
}

static size_t build_timestamp_reply(uint8_t *answer, const uint8_t *probe)
{
    uint8_t *icmp = answer_transport(answer, probe);
    memcpy(icmp, transport_in(probe), 20);
    icmp[0] = ICMP_TIMESTAMP_REPLY;
    put_be32(icmp + 12, 12345678); /* received, and transmitted */
    put_be32(icmp + 16, 12345678);
    return wrap_back(answer, probe, 20);
}

/* A segment that belongs to nothing is reset at the place it acknowledged. */
static size_t build_stray_reset(uint8_t *answer, const uint8_t *probe)
{
    uint8_t *tcp = answer_transport(answer, probe);
    memset(tcp, 0, 20);
    swap_ports(tcp, transport_in(probe));
    memcpy(tcp + 4, transport_in(probe) + 8, 4);
    tcp[12] = 0x50;
    tcp[13] = TCP_RST;
    return wrap_back(answer, probe, 20);
}

/* Something of the same protocol. */
static size_t build_something(uint8_t *answer, const uint8_t *probe)
{
    memcpy(answer_transport(answer, probe), "whatever", 8);
    return wrap_back(answer, probe, 8);
}

static const uint8_t station[6] = {2, 0, 0x5e, 0x10, 0, 7};

/* Of a request, what stands behind the link header. */
static size_t build_arp_reply(uint8_t *answer, const uint8_t *probe)
{
    memcpy(answer, probe, 8);
    answer[7] = 2;
    memcpy(answer + 8, station, 6);
    memcpy(answer + 14, probe + 24, 4);
    memcpy(answer + 18, probe + 8, 10);
    return 28;
}

static size_t build_init_ack(uint8_t *answer, const uint8_t *probe)
{
    uint8_t *sctp = answer_transport(answer, probe);
    memset(sctp, 0, 32);
    swap_ports(sctp, transport_in(probe));
    memcpy(sctp + 4, transport_in(probe) + 16, 4);
    put_be32(sctp + 12, 0x02000014);
    put_be32(sctp + 16, 0x13572468);
    put_crc(sctp, 32);
    return wrap_back(answer, probe, 32);
}

static size_t build_abort(uint8_t *answer, const uint8_t *probe)
{
    uint8_t *sctp = answer_transport(answer, probe);
    memset(sctp, 0, 16);
    swap_ports(sctp, transport_in(probe));
    memcpy(sctp + 4, transport_in(probe) + 16, 4);
    put_be32(sctp + 12, 0x06000004);
    put_crc(sctp, 16);
    return wrap_back(answer, probe, 16);
}

/* A router quotes the probe as it saw it: fewer hops to live, eight bytes behind the header. */
static size_t build_error(uint8_t *answer, const uint8_t *probe, uint8_t type, uint8_t code)
{
    const bool v6 = probe[0] >> 4 == 6;
    size_t quoted = conformance_header(probe) + 8;
    uint8_t *icmp = answer_transport(answer, probe);
    memset(icmp, 0, 8);
    icmp[0] = type;
    icmp[1] = code;
    memcpy(icmp + 8, probe, quoted);
    icmp[8 + (v6 ? 7 : 8)] = 3;
    return wrap_ip(answer, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, FAR_TTL, ANSWER_ID, routers[v6],
                   address_of(probe, false), 8 + quoted);
}

static size_t build_port_unreachable(uint8_t *answer, const uint8_t *probe)
{
    return probe[0] >> 4 == 6 ? build_error(answer, probe, 1, 4) : build_error(answer, probe, 3, 3);
}

/* Of IPv6 that is an unrecognised next header. */
static size_t build_protocol_unreachable(uint8_t *answer, const uint8_t *probe)
{
    return probe[0] >> 4 == 6 ? build_error(answer, probe, 4, 1) : build_error(answer, probe, 3, 2);
}

/* Addresses and ports are proofs in every answer: of the answer itself, or of what it quotes. */
#define ADDRESSES                                                                                  \
    {                                                                                              \
        PROOF_ADDRESSES, 0, 0                                                                      \
    }
#define PORTS                                                                                      \
    {                                                                                              \
        PROOF_TRANSPORT, 0, 4                                                                      \
    }
#define TRANSPORT(at, count)                                                                       \
    {                                                                                              \
        PROOF_TRANSPORT, at, count                                                                 \
    }
#define QUOTED_PROOFS                                                                              \
    {PROOF_DESTINATION, 0, 0}, {PROOF_QUOTED_ID, 0, 0}, {PROOF_QUOTED_ADDRESSES, 0, 0},            \
    {                                                                                              \
        PROOF_QUOTED_TRANSPORT, 0, 4                                                               \
    }
#define QUOTED_WORD                                                                                \
    {                                                                                              \
        PROOF_QUOTED_TRANSPORT, 4, 4                                                               \
    }

static const struct answer_kind syn_ack = {
    .name = "SYN-ACK",
    .verdict = PROBE_OPEN,
    .reason = TCP_SYN | TCP_ACK,
    .answer_reset = true,
    .build = build_syn_ack,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(8, 4)},
    .essential = 20,
};

static const struct answer_kind syn_ack_ecn = {
    .name = "SYN-ACK with ECE",
    .verdict = PROBE_OPEN,
    .reason = TCP_SYN | TCP_ACK | TCP_ECE,
    .answer_reset = true,
    .build = build_syn_ack_ecn,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(8, 4)},
    .essential = 20,
};

static const struct answer_kind reset = {
    .name = "RST",
    .verdict = PROBE_CLOSED,
    .reason = TCP_RST | TCP_ACK,
    .build = build_reset,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(8, 4)},
    .essential = 20,
};

static const struct answer_kind datagram = {
    .name = "datagram",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proof_count = 2,
    .proofs = {ADDRESSES, PORTS},
    .essential = 8,
};

static const struct answer_kind dns_answer = {
    .name = "DNS answer",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(8, 2)},
    .essential = 10,
};

static const struct answer_kind rpc_answer = {
    .name = "RPC answer",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(8, 4)},
    .essential = 12,
};

static const struct answer_kind mumble_answer = {
    .name = "Mumble answer",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(12, 4)},
    .essential = 16,
};

static const struct answer_kind radius_answer = {
    .name = "RADIUS answer",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(9, 1)},
    .essential = 10,
};

static const struct answer_kind echo_reply = {
    .name = "echo reply",
    .verdict = PROBE_OPEN,
    .build = build_echo_reply,
    .proof_count = 2,
    .proofs = {ADDRESSES, TRANSPORT(4, 4)},
    .essential = 8,
};

static const struct answer_kind timestamp_reply = {
    .name = "timestamp reply",
    .verdict = PROBE_OPEN,
    .build = build_timestamp_reply,
    .proof_count = 2,
    .proofs = {ADDRESSES, TRANSPORT(4, 8)},
    .essential = 20,
};

static const struct answer_kind stray_reset = {
    .name = "RST to a stray segment",
    .verdict = PROBE_OPEN,
    .build = build_stray_reset,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(4, 4)},
    .essential = 20,
};

/* Of what any host of the scan may say, that it is another one's answer cannot be told. */
static const struct answer_kind protocol_datagram = {
    .name = "datagram",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proof_count = 2,
    .proofs = {{PROOF_DESTINATION, 0, 0}, PORTS},
    .essential = 8,
};

static const struct answer_kind protocol_init_ack = {
    .name = "INIT ACK",
    .verdict = PROBE_OPEN,
    .build = build_init_ack,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(4, 4)},
    .essential = 32,
};

static const struct answer_kind protocol_abort = {
    .name = "ABORT",
    .verdict = PROBE_OPEN,
    .build = build_abort,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(4, 4)},
    .essential = 16,
};

static const struct answer_kind something = {
    .name = "a packet of the protocol",
    .verdict = PROBE_OPEN,
    .build = build_something,
    .proof_count = 1,
    .proofs = {{PROOF_DESTINATION, 0, 0}},
};

static const struct answer_kind no_such_protocol = {
    .name = "protocol unreachable",
    .verdict = PROBE_CLOSED,
    .from_router = true,
    .quotes_ip = true,
    .build = build_protocol_unreachable,
    .proof_count = 3,
    .proofs = {{PROOF_DESTINATION, 0, 0}, {PROOF_QUOTED_ID, 0, 0}, {PROOF_QUOTED_ADDRESSES, 0, 0}},
};

static const struct answer_kind init_ack = {
    .name = "INIT ACK",
    .verdict = PROBE_OPEN,
    .build = build_init_ack,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(4, 4)},
    .essential = 32,
};

static const struct answer_kind abort_chunk = {
    .name = "ABORT",
    .verdict = PROBE_CLOSED,
    .build = build_abort,
    .proof_count = 3,
    .proofs = {ADDRESSES, PORTS, TRANSPORT(4, 4)},
    .essential = 16,
};

/* For UDP the word behind the ports proves nothing: length and checksum. */
static const struct answer_kind udp_unreachable = {
    .name = "port unreachable",
    .verdict = PROBE_CLOSED,
    .from_router = true,
    .build = build_port_unreachable,
    .proof_count = 4,
    .proofs = {QUOTED_PROOFS},
};

static const struct answer_kind port_unreachable = {
    .name = "port unreachable",
    .verdict = PROBE_CLOSED,
    .from_router = true,
    .build = build_port_unreachable,
    .proof_count = 5,
    .proofs = {QUOTED_PROOFS, QUOTED_WORD},
};

static const struct answer_kind protocol_unreachable = {
    .name = "protocol unreachable",
    .verdict = PROBE_CLOSED,
    .from_router = true,
    .build = build_protocol_unreachable,
    .proof_count = 5,
    .proofs = {QUOTED_PROOFS, QUOTED_WORD},
};

/* What is asked for, how, and to whom it goes; who else might be told of cannot be told. */
static const struct answer_kind arp_reply = {
    .name = "ARP reply",
    .verdict = PROBE_UP,
    .build = build_arp_reply,
    .proof_count = 2,
    .proofs = {{PROOF_ARP, 0, 8}, {PROOF_ARP, 18, 10}},
    .essential = 28,
};

const struct conformance_case conformance_cases[] = {
    {
        .name = "tcp-syn",
        .ops = &probe_tcp_syn,
        .protocol = IPPROTO_TCP,
        .ports = {80, 443, 0, 65535},
        .port_count = 4,
        .reference = reference_tcp,
        .answers = {&syn_ack, &syn_ack_ecn, &reset, &port_unreachable},
    },
    {
        .name = "udp, empty",
        .ops = &probe_udp,
        .protocol = IPPROTO_UDP,
        .ports = {9, 40000, 65535},
        .port_count = 3,
        .reference = reference_udp,
        .answers = {&datagram, &udp_unreachable},
    },
    {
        .name = "udp, dns",
        .ops = &probe_udp,
        .protocol = IPPROTO_UDP,
        .ports = {53},
        .port_count = 1,
        .reference = reference_udp,
        .answers = {&dns_answer, &udp_unreachable},
    },
    {
        .name = "udp, rpc",
        .ops = &probe_udp,
        .protocol = IPPROTO_UDP,
        .ports = {111, 2049},
        .port_count = 2,
        .reference = reference_udp,
        .answers = {&rpc_answer, &udp_unreachable},
    },
    {
        .name = "udp, mumble",
        .ops = &probe_udp,
        .protocol = IPPROTO_UDP,
        .ports = {64738},
        .port_count = 1,
        .reference = reference_udp,
        .answers = {&mumble_answer, &udp_unreachable},
    },
    {
        .name = "udp, radius",
        .ops = &probe_udp,
        .protocol = IPPROTO_UDP,
        .ports = {1812, 1813},
        .port_count = 2,
        .reference = reference_udp,
        .answers = {&radius_answer, &udp_unreachable},
    },
    {
        .name = "icmp, echo",
        .ops = &probe_icmp,
        .protocol = IPPROTO_ICMP,
        .ports = {PORT_ICMP_ECHO},
        .port_count = 1,
        .reference = reference_echo,
        .answers = {&echo_reply},
    },
    {
        .name = "icmp, timestamp",
        .ops = &probe_icmp,
        .protocol = IPPROTO_ICMP,
        .version = 4,
        .ports = {PORT_ICMP_TIMESTAMP},
        .port_count = 1,
        .reference = reference_timestamp,
        .answers = {&timestamp_reply},
    },
    {
        .name = "sctp-init",
        .ops = &probe_sctp_init,
        .protocol = IPPROTO_SCTP,
        .ports = {2905, 36412},
        .port_count = 2,
        .reference = reference_sctp,
        .answers = {&init_ack, &abort_chunk, &protocol_unreachable, &port_unreachable},
    },
    {
        .name = "arp",
        .ops = &probe_arp,
        .protocol = 0,
        .version = 4,
        .is_arp = true,
        .ports = {0},
        .port_count = 1,
        .reference = reference_arp,
        .answers = {&arp_reply},
    },
    {
        .name = "ip protocol, icmp",
        .ops = &probe_ip_protocol,
        .protocol = IPPROTO_RAW,
        .version = 4,
        .ports = {IPPROTO_ICMP},
        .port_count = 1,
        .reference = reference_protocol,
        .answers = {&echo_reply, &no_such_protocol},
    },
    {
        .name = "ip protocol, icmpv6",
        .ops = &probe_ip_protocol,
        .protocol = IPPROTO_RAW,
        .version = 6,
        .ports = {IPPROTO_ICMPV6},
        .port_count = 1,
        .reference = reference_protocol,
        .answers = {&echo_reply, &no_such_protocol},
    },
    {
        .name = "ip protocol, tcp",
        .ops = &probe_ip_protocol,
        .protocol = IPPROTO_RAW,
        .ports = {IPPROTO_TCP},
        .port_count = 1,
        .reference = reference_protocol,
        .answers = {&stray_reset, &no_such_protocol},
    },
    {
        .name = "ip protocol, udp",
        .ops = &probe_ip_protocol,
        .protocol = IPPROTO_RAW,
        .ports = {IPPROTO_UDP},
        .port_count = 1,
        .reference = reference_protocol,
        .answers = {&protocol_datagram, &no_such_protocol},
    },
    {
        .name = "ip protocol, sctp",
        .ops = &probe_ip_protocol,
        .protocol = IPPROTO_RAW,
        .ports = {IPPROTO_SCTP},
        .port_count = 1,
        .reference = reference_protocol,
        .answers = {&protocol_init_ack, &protocol_abort, &no_such_protocol},
    },
    {
        .name = "ip protocol, others",
        .ops = &probe_ip_protocol,
        .protocol = IPPROTO_RAW,
        .ports = {IPPROTO_GRE, IPPROTO_ESP, IPPROTO_UDPLITE, 89, 255},
        .port_count = 5,
        .reference = reference_protocol,
        .answers = {&something, &no_such_protocol},
    },
    {
        .name = "ip protocol, others of IPv4",
        .ops = &probe_ip_protocol,
        .protocol = IPPROTO_RAW,
        .version = 4,
        .ports = {0, IPPROTO_IGMP, IPPROTO_AH, IPPROTO_ICMPV6},
        .port_count = 4,
        .reference = reference_protocol,
        .answers = {&something, &no_such_protocol},
    },
};

const size_t conformance_case_count = sizeof conformance_cases / sizeof conformance_cases[0];

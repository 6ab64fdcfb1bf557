/* The probes' frames and answers, written as plainly as can be. */
#include <netinet/in.h>
#include <string.h>

#include "packet/bytes.h"
#include "packet/checksum.h"
#include "probe/conformance.h"
#include "probe/probes.h"
#include "probe/udp_payload.h"

enum { IP = 20, ROUTER = 0xcb0071fe, FAR_TTL = 57 };

/* An IPv4 packet around `length` bytes that stand behind it already; no options. */
static size_t wrap_ip(uint8_t *ip, uint8_t protocol, uint8_t ttl, uint16_t id, uint32_t source,
                      uint32_t destination, size_t length)
{
    memset(ip, 0, IP);
    ip[0] = 0x45;
    put_be16(ip + 2, (uint16_t)(IP + length));
    put_be16(ip + 4, id);
    ip[8] = ttl;
    ip[9] = protocol;
    put_be32(ip + 12, source);
    put_be32(ip + 16, destination);
    put_be16(ip + 10, checksum_finish(checksum_add(0, ip, IP)));
    return IP + length;
}

static size_t wrap_link(uint8_t *frame, const struct probe_setup *setup, size_t length)
{
    memcpy(frame, setup->link.bytes, setup->link.length);
    return setup->link.length + length;
}

/* The checksum of a TCP segment or UDP datagram. */
static uint16_t transport_checksum(const uint8_t *bytes, size_t length, uint8_t protocol,
                                   uint32_t source, uint32_t destination)
{
    uint32_t pseudo = checksum_pseudo_ipv4(source, destination, protocol, (uint16_t)length);
    return checksum_finish(checksum_add(pseudo, bytes, length));
}

/* The segment comes from packet/; the option is put in as if it were payload. */
static size_t reference_tcp(uint8_t *frame, const struct probe_setup *setup, uint32_t address,
                            uint32_t port, const struct cookie *cookie)
{
    const uint8_t mss[4] = {2, 4, (uint8_t)(setup->tcp_mss >> 8), (uint8_t)setup->tcp_mss};
    const struct tcp_segment segment = {
        .source = cookie->source_address,
        .destination = address,
        .source_port = cookie->source_port,
        .destination_port = (uint16_t)port,
        .sequence = cookie->cookie,
        .flags = TCP_SYN,
        .ttl = setup->ttl,
        .window = 1024,
        .ip_id = (uint16_t)cookie->tag,
        .payload = mss,
        .payload_length = setup->tcp_mss ? sizeof mss : 0,
    };
    size_t length = packet_build_tcp(frame, &setup->link, &segment);
    uint8_t *tcp = frame + setup->link.length + IP;
    tcp[12] = setup->tcp_mss ? 0x60 : 0x50;
    put_be16(tcp + 16, 0);
    put_be16(tcp + 16, transport_checksum(tcp, 20 + segment.payload_length, IPPROTO_TCP,
                                          cookie->source_address, address));
    return length;
}

static struct udp_payload payload_of(uint32_t port)
{
    for (size_t i = 0; i < udp_request_count; i++)
        for (unsigned k = 0; k < UDP_REQUEST_PORTS; k++)
            if (udp_request_table[i].ports[k] == port_code_number(port))
                return udp_request_table[i].payload;
    return (struct udp_payload){0};
}

static size_t reference_udp(uint8_t *frame, const struct probe_setup *setup, uint32_t address,
                            uint32_t port, const struct cookie *cookie)
{
    const struct udp_payload payload = payload_of(port);
    uint8_t *ip = frame + setup->link.length;
    uint8_t *udp = ip + IP;
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
    return wrap_link(frame, setup,
                     wrap_ip(ip, IPPROTO_UDP, setup->ttl, (uint16_t)cookie->tag,
                             cookie->source_address, address, length));
}

static size_t reference_echo(uint8_t *frame, const struct probe_setup *setup, uint32_t address,
                             uint32_t port, const struct cookie *cookie)
{
    (void)port;
    uint8_t *ip = frame + setup->link.length;
    uint8_t *icmp = ip + IP;
    put_be32(icmp, (uint32_t)ICMP_ECHO_REQUEST << 24);
    put_be16(icmp + 4, (uint16_t)cookie->cookie);
    put_be16(icmp + 6, (uint16_t)(cookie->cookie >> 16));
    put_be16(icmp + 2, checksum_finish(checksum_add(0, icmp, 8)));
    return wrap_link(frame, setup,
                     wrap_ip(ip, IPPROTO_ICMP, setup->ttl, (uint16_t)cookie->tag,
                             cookie->source_address, address, 8));
}

static void put_crc(uint8_t *sctp, size_t length)
{
    memset(sctp + 8, 0, 4);
    uint32_t crc = crc32c(sctp, length);
    for (int i = 0; i < 4; i++)
        sctp[8 + i] = (uint8_t)(crc >> (8 * i));
}

static size_t reference_sctp(uint8_t *frame, const struct probe_setup *setup, uint32_t address,
                             uint32_t port, const struct cookie *cookie)
{
    uint8_t *ip = frame + setup->link.length;
    uint8_t *sctp = ip + IP;
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
    return wrap_link(frame, setup,
                     wrap_ip(ip, IPPROTO_SCTP, setup->ttl, (uint16_t)cookie->tag,
                             cookie->source_address, address, 32));
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The IPv4 header of a packet that goes back where the probe came from. */
static size_t wrap_back(uint8_t *answer, const uint8_t *probe, size_t length)
{
    return wrap_ip(answer, probe[9], FAR_TTL, 0x4242, word_at(probe + 16), word_at(probe + 12),
                   length);
}

static void swap_ports(uint8_t *to, const uint8_t *from)
{
    memcpy(to, from + 2, 2);
    memcpy(to + 2, from, 2);
}

static size_t build_segment(uint8_t *answer, const uint8_t *probe, uint8_t flags)
{
    uint8_t *tcp = answer + IP;
    memset(tcp, 0, 20);
    swap_ports(tcp, probe + IP);
    put_be32(tcp + 4, flags & TCP_RST ? 0 : 0x99887766);
    put_be32(tcp + 8, word_at(probe + IP + 4) + 1);
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
    size_t length = (size_t)(probe[2] << 8 | probe[3]) - IP;
    uint8_t *udp = answer + IP;
    memcpy(udp, probe + IP, length);
    swap_ports(udp, probe + IP);
    put_be16(udp + 4, (uint16_t)(length + 2));
    memset(udp + length, 0x55, 2);
    return wrap_back(answer, probe, length + 2);
}

static size_t build_echo_reply(uint8_t *answer, const uint8_t *probe)
{
    memcpy(answer + IP, probe + IP, 8);
    answer[IP] = ICMP_ECHO_REPLY;
    return wrap_back(answer, probe, 8);
}

static size_t build_init_ack(uint8_t *answer, const uint8_t *probe)
{
    uint8_t *sctp = answer + IP;
    memset(sctp, 0, 32);
    swap_ports(sctp, probe + IP);
    memcpy(sctp + 4, probe + IP + 16, 4);
    put_be32(sctp + 12, 0x02000014);
    put_be32(sctp + 16, 0x13572468);
    put_crc(sctp, 32);
    return wrap_back(answer, probe, 32);
}

static size_t build_abort(uint8_t *answer, const uint8_t *probe)
{
    uint8_t *sctp = answer + IP;
    memset(sctp, 0, 16);
    swap_ports(sctp, probe + IP);
    memcpy(sctp + 4, probe + IP + 16, 4);
    put_be32(sctp + 12, 0x06000004);
    put_crc(sctp, 16);
    return wrap_back(answer, probe, 16);
}

/* A router quotes the probe as it saw it: fewer hops to live, eight bytes behind the header. */
static size_t build_unreachable(uint8_t *answer, const uint8_t *probe, uint8_t code)
{
    uint8_t *icmp = answer + IP;
    memset(icmp, 0, 8);
    icmp[0] = ICMP_UNREACHABLE;
    icmp[1] = code;
    memcpy(icmp + 8, probe, IP + 8);
    icmp[8 + 8] = 3;
    return wrap_ip(answer, IPPROTO_ICMP, FAR_TTL, 0x4242, ROUTER, word_at(probe + 12), 8 + IP + 8);
}

static size_t build_port_unreachable(uint8_t *answer, const uint8_t *probe)
{
    return build_unreachable(answer, probe, ICMP_CODE_PORT_UNREACHABLE);
}

static size_t build_protocol_unreachable(uint8_t *answer, const uint8_t *probe)
{
    return build_unreachable(answer, probe, ICMP_CODE_PROTOCOL_UNREACHABLE);
}

/* Addresses and ports are proofs in every answer: of the answer itself, or of what it quotes. */
#define ADDRESSES_AND_PORTS                                                                        \
    {                                                                                              \
        12, 12                                                                                     \
    }
#define QUOTED_ID                                                                                  \
    {                                                                                              \
        28 + 4, 2                                                                                  \
    }
#define QUOTED_ADDRESSES_AND_PORTS                                                                 \
    {                                                                                              \
        28 + 12, 12                                                                                \
    }
#define QUOTED_WORD                                                                                \
    {                                                                                              \
        28 + 24, 4                                                                                 \
    }
#define ROUTED_DESTINATION                                                                         \
    {                                                                                              \
        16, 4                                                                                      \
    }

static const struct answer_kind syn_ack = {
    .name = "SYN-ACK",
    .verdict = PROBE_OPEN,
    .reason = TCP_SYN | TCP_ACK,
    .answer_reset = true,
    .build = build_syn_ack,
    .proofs = {ADDRESSES_AND_PORTS, {28, 4}},
    .essential = 40,
};

static const struct answer_kind syn_ack_ecn = {
    .name = "SYN-ACK with ECE",
    .verdict = PROBE_OPEN,
    .reason = TCP_SYN | TCP_ACK | TCP_ECE,
    .answer_reset = true,
    .build = build_syn_ack_ecn,
    .proofs = {ADDRESSES_AND_PORTS, {28, 4}},
    .essential = 40,
};

static const struct answer_kind reset = {
    .name = "RST",
    .verdict = PROBE_CLOSED,
    .reason = TCP_RST | TCP_ACK,
    .build = build_reset,
    .proofs = {ADDRESSES_AND_PORTS, {28, 4}},
    .essential = 40,
};

static const struct answer_kind datagram = {
    .name = "datagram",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proofs = {ADDRESSES_AND_PORTS},
    .essential = 28,
};

static const struct answer_kind dns_answer = {
    .name = "DNS answer",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proofs = {ADDRESSES_AND_PORTS, {28, 2}},
    .essential = 30,
};

static const struct answer_kind rpc_answer = {
    .name = "RPC answer",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proofs = {ADDRESSES_AND_PORTS, {28, 4}},
    .essential = 32,
};

static const struct answer_kind mumble_answer = {
    .name = "Mumble answer",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proofs = {ADDRESSES_AND_PORTS, {32, 4}},
    .essential = 36,
};

static const struct answer_kind radius_answer = {
    .name = "RADIUS answer",
    .verdict = PROBE_OPEN,
    .build = build_datagram,
    .proofs = {ADDRESSES_AND_PORTS, {29, 1}},
    .essential = 30,
};

static const struct answer_kind echo_reply = {
    .name = "echo reply",
    .verdict = PROBE_OPEN,
    .build = build_echo_reply,
    .proofs = {{12, 8}, {24, 4}},
    .essential = 28,
};

static const struct answer_kind init_ack = {
    .name = "INIT ACK",
    .verdict = PROBE_OPEN,
    .build = build_init_ack,
    .proofs = {ADDRESSES_AND_PORTS, {24, 4}},
    .essential = 52,
};

static const struct answer_kind abort_chunk = {
    .name = "ABORT",
    .verdict = PROBE_CLOSED,
    .build = build_abort,
    .proofs = {ADDRESSES_AND_PORTS, {24, 4}},
    .essential = 36,
};

/* For UDP the word behind the ports proves nothing: length and checksum. */
static const struct answer_kind udp_unreachable = {
    .name = "port unreachable",
    .verdict = PROBE_CLOSED,
    .from_router = true,
    .build = build_port_unreachable,
    .proofs = {ROUTED_DESTINATION, QUOTED_ID, QUOTED_ADDRESSES_AND_PORTS},
    .essential = 56,
};

static const struct answer_kind port_unreachable = {
    .name = "port unreachable",
    .verdict = PROBE_CLOSED,
    .from_router = true,
    .build = build_port_unreachable,
    .proofs = {ROUTED_DESTINATION, QUOTED_ID, QUOTED_ADDRESSES_AND_PORTS, QUOTED_WORD},
    .essential = 56,
};

static const struct answer_kind protocol_unreachable = {
    .name = "protocol unreachable",
    .verdict = PROBE_CLOSED,
    .from_router = true,
    .build = build_protocol_unreachable,
    .proofs = {ROUTED_DESTINATION, QUOTED_ID, QUOTED_ADDRESSES_AND_PORTS, QUOTED_WORD},
    .essential = 56,
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
        .name = "icmp-echo",
        .ops = &probe_icmp_echo,
        .protocol = IPPROTO_ICMP,
        .ports = {PORT_ICMP_ECHO},
        .port_count = 1,
        .reference = reference_echo,
        .answers = {&echo_reply},
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
};

const size_t conformance_case_count = sizeof conformance_cases / sizeof conformance_cases[0];

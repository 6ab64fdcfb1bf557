/* Lies: replies that look like answers to a probe and are not. */
#include "forge.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"

const char *const forge_names[FORGE_KINDS] = {
    [FORGE_SYN_ACK_WRONG_ACK] = "syn_ack_wrong_ack",
    [FORGE_RST_WRONG_ACK] = "rst_wrong_ack",
    [FORGE_UDP_UNPROBED_PORT] = "udp_unprobed_port",
    [FORGE_ICMP_WRONG_ID] = "icmp_wrong_id",
    [FORGE_SCTP_WRONG_TAG] = "sctp_wrong_tag",
    [FORGE_UNREACHABLE_WRONG_QUOTE] = "unreachable_wrong_quote",
};

/* The protocol whose probes a lie answers; the last one answers UDP too, where it hurts most. */
static const uint8_t answered_protocol[FORGE_KINDS] = {
    WIRE_PROTO_TCP, WIRE_PROTO_TCP, WIRE_PROTO_UDP, WIRE_PROTO_ICMP, WIRE_PROTO_SCTP, 0,
};

static uint32_t draw(void)
{
    return (uint32_t)lrand48() ^ (uint32_t)lrand48() << 16;
}

bool forge_answers(enum forge_kind kind, uint8_t protocol)
{
    return answered_protocol[kind] == protocol || answered_protocol[kind] == 0;
}

static uint64_t sum_body(const struct wire_frame *frame, uint32_t length)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i * 4 < length; i++)
        sum += frame->word[i];
    return sum;
}

static uint16_t not_zero(uint16_t sum)
{
    return sum ? sum : 0xffff;
}

/* Ethernet and IP headers of a reply with `length` bytes behind them; returns the frame's. */
static uint32_t address_reply(const struct wire_frame *probe, struct wire_frame *lie,
                              uint8_t protocol, uint32_t length)
{
    memcpy(lie->eth.h_dest, probe->eth.h_source, 6);
    memcpy(lie->eth.h_source, probe->eth.h_dest, 6);
    lie->eth.h_proto = htons(ETH_P_IP);
    lie->ip = (struct iphdr){.version = 4,
                             .ihl = 5,
                             .tot_len = htons((uint16_t)(sizeof lie->ip + length)),
                             .id = (uint16_t)draw(),
                             .ttl = (uint8_t)(33 + draw() % 32),
                             .protocol = protocol,
                             .saddr = probe->ip.daddr,
                             .daddr = probe->ip.saddr};
    lie->ip.check = (uint16_t)~wire_fold(wire_ip_sum(&lie->ip));
    return WIRE_HEADERS + length;
}

static uint16_t transport_sum(const struct wire_frame *lie, uint32_t length)
{
    return (uint16_t)~wire_fold(sum_body(lie, length) + wire_pseudo_sum(&lie->ip, length));
}

/* An acknowledgement that is off by one to either side, or by anything. */
static uint32_t wrong_acknowledgement(const struct wire_frame *probe)
{
    uint32_t right = ntohl(probe->tcp.seq) + 1, other = draw();
    switch (draw() % 3) {
    case 0:
        return right - 1;
    case 1:
        return right + 1;
    default:
        return other == right ? ~right : other;
    }
}

static uint32_t lie_tcp(const struct wire_frame *probe, struct wire_frame *lie, bool open)
{
    lie->tcp = (struct tcphdr){.source = probe->tcp.dest,
                               .dest = probe->tcp.source,
                               .seq = open ? draw() : 0,
                               .ack_seq = htonl(wrong_acknowledgement(probe)),
                               .doff = 5,
                               .syn = open,
                               .rst = !open,
                               .ack = 1,
                               .window = htons(open ? 64240 : 0)};
    uint32_t total = address_reply(probe, lie, WIRE_PROTO_TCP, sizeof lie->tcp);
    lie->tcp.check = transport_sum(lie, sizeof lie->tcp);
    return total;
}

static bool probed(const struct sim_options *options, uint32_t code)
{
    for (uint32_t i = 0; i < options->ports_n; i++)
        if (options->ports[i] == code)
            return true;
    return false;
}

/* Not one of --ports; a port next to the probed one as long as there is one. */
static uint16_t unprobed_port(const struct sim_options *options, uint16_t port)
{
    for (uint32_t step = 1; step < 65536; step++) {
        uint16_t other = (uint16_t)(port + step);
        if (other != 0 && !probed(options, port_code(PORT_UDP, other)))
            return other;
    }
    return 0; /* every port but 0 is probed */
}

static uint32_t lie_udp(const struct sim_options *options, const struct wire_frame *probe,
                        struct wire_frame *lie)
{
    static const char text[8] = "forgery";
    uint32_t length = sizeof lie->udp + sizeof text;
    lie->udp = (struct udphdr){.source = htons(unprobed_port(options, ntohs(probe->udp.dest))),
                               .dest = probe->udp.source,
                               .len = htons((uint16_t)length)};
    memcpy(lie->body + sizeof lie->udp, text, sizeof text);
    uint32_t total = address_reply(probe, lie, WIRE_PROTO_UDP, length);
    lie->udp.check = not_zero(transport_sum(lie, length));
    return total;
}

static uint32_t lie_icmp(const struct wire_frame *probe, struct wire_frame *lie)
{
    lie->icmp = (struct wire_icmp){.type = WIRE_ICMP_ECHO_REPLY,
                                   .id = probe->icmp.id ^ htons(0x5555),
                                   .sequence = probe->icmp.sequence};
    lie->icmp.checksum = (uint16_t)~wire_fold(sum_body(lie, sizeof lie->icmp));
    return address_reply(probe, lie, WIRE_PROTO_ICMP, sizeof lie->icmp);
}

static uint32_t crc_body(const struct wire_frame *lie, uint32_t length)
{
    uint32_t table[256], crc = ~0u;
    crc32c_fill(table);
    for (uint32_t i = 0; i < length; i++)
        crc = crc32c_step(table, crc, lie->body[i]);
    return ~crc;
}

static uint32_t lie_sctp(const struct wire_frame *probe, struct wire_frame *lie)
{
    uint32_t length = sizeof lie->sctp + sizeof lie->sctp_cookie;
    lie->sctp = (struct wire_sctp){.source = probe->sctp.dest,
                                   .dest = probe->sctp.source,
                                   .tag = ~probe->sctp.initiate_tag,
                                   .type = WIRE_SCTP_INIT_ACK,
                                   .length = htons((uint16_t)(length - 12)),
                                   .initiate_tag = draw() | 1,
                                   .window = htonl(65536),
                                   .streams_out = htons(10),
                                   .streams_in = htons(10),
                                   .tsn = draw()};
    lie->sctp_cookie = (struct wire_sctp_cookie){.type = htons(WIRE_SCTP_COOKIE_PARAMETER),
                                                 .length = htons(sizeof lie->sctp_cookie)};
    lie->sctp.checksum = crc_body(lie, length);
    return address_reply(probe, lie, WIRE_PROTO_SCTP, length);
}

/* Port unreachable; the quote is that of the probe but for the source port, the identification and,
 * where TCP has its sequence number and ICMP its id, four more bytes. */
static uint32_t lie_unreachable(const struct wire_frame *probe, struct wire_frame *lie)
{
    struct wire_icmp_error *error = &lie->icmp_error;
    error->icmp =
        (struct wire_icmp){.type = WIRE_ICMP_UNREACHABLE, .code = WIRE_ICMP_PORT_UNREACHABLE};
    error->ip = probe->ip;
    error->ip.id ^= htons(0x5555);
    error->ip.check = 0;
    error->ip.check = (uint16_t)~wire_fold(wire_ip_sum(&error->ip));
    memcpy(error->quoted, probe->body, sizeof error->quoted);
    error->quoted[1] ^= 1;
    if (probe->ip.protocol != WIRE_PROTO_UDP)
        for (int i = 4; i < 8; i++)
            error->quoted[i] ^= 0x55;
    error->icmp.checksum = (uint16_t)~wire_fold(sum_body(lie, sizeof *error));
    return address_reply(probe, lie, WIRE_PROTO_ICMP, sizeof *error);
}

uint32_t forge_reply(enum forge_kind kind, const struct sim_options *options,
                     const struct wire_frame *probe, struct wire_frame *lie)
{
    memset(lie, 0, sizeof *lie);
    switch (kind) {
    case FORGE_SYN_ACK_WRONG_ACK:
        return lie_tcp(probe, lie, true);
    case FORGE_RST_WRONG_ACK:
        return lie_tcp(probe, lie, false);
    case FORGE_UDP_UNPROBED_PORT:
        return lie_udp(options, probe, lie);
    case FORGE_ICMP_WRONG_ID:
        return lie_icmp(probe, lie);
    case FORGE_SCTP_WRONG_TAG:
        return lie_sctp(probe, lie);
    default:
        return lie_unreachable(probe, lie);
    }
}

/* ---- probes that were never sent ---- */

static bool simulated(const struct sim_config *config, uint32_t address)
{
    for (uint32_t i = 0; i < config->prefixes; i++)
        if ((address & config->prefix[i].mask) == config->prefix[i].network)
            return true;
    return false;
}

static uint32_t any_address(const struct sim_config *config)
{
    const struct sim_prefix *prefix = &config->prefix[draw() % config->prefixes];
    uint32_t anywhere = draw();
    if (draw() % 4 == 0 && !simulated(config, anywhere))
        return anywhere;
    return prefix->network | (anywhere & ~prefix->mask);
}

static uint16_t any_port(const struct sim_options *options, enum port_class class)
{
    uint32_t code = options->ports_n ? options->ports[draw() % options->ports_n] : 0;
    if (options->ports_n && port_code_class(code) == class)
        return (uint16_t)port_code_number(code);
    return (uint16_t)(1 + draw() % 65535);
}

static uint16_t scanner_port(const struct sim_peer *peer, enum port_class class)
{
    if (peer->port[class])
        return peer->port[class];
    return peer->port[PORT_TCP] ? peer->port[PORT_TCP] : peer->port[PORT_UDP];
}

/* Of the headers only what the lies quote: TCP, UDP and SCTP have their ports in the same place. */
void forge_probe(enum forge_kind kind, const struct sim_options *options,
                 const struct sim_peer *peer, struct wire_frame *probe)
{
    static const uint8_t class_of[256] = {[WIRE_PROTO_TCP] = PORT_TCP,
                                          [WIRE_PROTO_UDP] = PORT_UDP,
                                          [WIRE_PROTO_SCTP] = PORT_SCTP,
                                          [WIRE_PROTO_ICMP] = PORT_ICMP};
    uint8_t protocol = answered_protocol[kind] ? answered_protocol[kind] : WIRE_PROTO_UDP;
    enum port_class class = (enum port_class)class_of[protocol];
    memset(probe, 0, sizeof *probe);
    memcpy(probe->eth.h_source, peer->mac, 6);
    memcpy(probe->eth.h_dest, peer->our_mac, 6);
    probe->ip = (struct iphdr){.version = 4,
                               .ihl = 5,
                               .tot_len = htons(40),
                               .id = (uint16_t)draw(),
                               .ttl = 200,
                               .protocol = protocol,
                               .saddr = peer->address,
                               .daddr = htonl(any_address(&options->config))};
    if (class == PORT_ICMP) {
        probe->icmp = (struct wire_icmp){
            .type = WIRE_ICMP_ECHO, .id = (uint16_t)draw(), .sequence = (uint16_t)draw()};
        return;
    }
    probe->udp.source = scanner_port(peer, class);
    probe->udp.dest = htons(any_port(options, class));
    if (class == PORT_TCP)
        probe->tcp.seq = draw();
    if (class == PORT_SCTP)
        probe->sctp.initiate_tag = draw();
}

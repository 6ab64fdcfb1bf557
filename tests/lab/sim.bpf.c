/* The simulated network: an XDP program on the far end of a veth pair that answers probes.
 *
 * Theory of operation. A frame is copied into a per-CPU buffer, the reply is built in a second one
 * and copied back over the frame, which then leaves the way it came (XDP_TX). So all of this is
 * plain C on two aligned structs, without a packet pointer, at the price of two short copies.
 *
 * A probe goes through: read (is it well formed, checksums included?) -> ask (count it; is it lost?
 * what is true of this pair?) -> answer (build the reply) -> deliver (is it lost, late, doubled?).
 * XDP can send a frame once and now. What must be sent twice, later, or as a lie goes as an event
 * through a ring buffer to user space, which sends it through a packet socket.
 *
 * IPv6 differs in its headers and in the sums over them. So a request is lowered: its body is moved
 * to where that of IPv4 lies, its sum turned into what it would be there, and its address into a
 * number (truth.h). What answers then knows nothing of it, and the reply is raised again. Lies,
 * late replies and copies are of IPv4 only.
 *
 * Loops over packet bytes stand in global functions: the verifier checks those once, for any
 * argument, instead of once for each way to reach them. */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "crc32c.h"
#include "sim.h"

const volatile struct sim_config config;
const volatile uint32_t crc_table[256];

/* The two buffers, as events so that they can go to user space as they are. */
struct desk {
    struct sim_event request;
    struct sim_event reply;
    struct wire_head_ipv6 head; /* of an IPv6 request, then of its reply */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, uint32_t);
    __type(value, struct desk);
} desks SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, uint32_t);
    __type(value, struct sim_counters);
} counters SEC(".maps");

/* Place of a port code in the list of counted ports, plus one; 0: not listed. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, SIM_PORT_CODES);
    __type(key, uint32_t);
    __type(value, uint32_t);
} port_places SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1); /* set at load */
    __type(key, uint32_t);
    __type(value, struct sim_pair_block);
} pairs SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, uint32_t);
    __type(value, struct sim_peer);
} peers SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 32 << 20);
} events SEC(".maps");

/* A probe, read. */
struct question {
    uint32_t address; /* host order */
    uint32_t code;
    uint32_t l4_length;
    uint32_t offset; /* of the address in all prefixes laid end to end */
    bool proxied;
    bool is_ipv6;
    enum truth_state state;
};

/* Not static: libbpf 1.1 gives static data of a BPF object a wrong place in its type information.
 */
const char page[] = "HTTP/1.0 200 OK\r\nServer: lab\r\nContent-Length: 4\r\n\r\nlab\n";

enum {
    NO_REPLY = 0,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    ICMP_HEADER = 8,
    PAGE_LENGTH = sizeof page - 1
};

static void count(uint32_t counter)
{
    uint32_t zero = 0;
    /* Or the compiler checks what the number was made from, which the verifier cannot follow. */
    asm volatile("" : "+r"(counter));
    struct sim_counters *all = bpf_map_lookup_elem(&counters, &zero);
    if (all && counter < SIM_COUNTERS_N)
        all->value[counter]++;
}

/* The truth, without `volatile`; the compiler must not know that it looks at constants of value 0,
 * which they are only until the program is loaded. */
static const struct truth *truth(void)
{
    const struct truth *truth = (const struct truth *)&config.truth;
    asm volatile("" : "+r"(truth));
    return truth;
}

static bool chance(uint64_t share)
{
    return share != 0 && bpf_get_prandom_u32() < share;
}

/* ---- sums ---- */

/* The sum of the `length` bytes behind the IP header; what follows them up to a word must be 0. */
__noinline uint64_t sum_body(const struct sim_event *packet, uint32_t length)
{
    uint64_t sum = 0;
    if (!packet)
        return 0;
    for (uint32_t i = 0; i < sizeof packet->frame.word / 4 && i * 4 < length; i++)
        sum += packet->frame.word[i];
    return sum;
}

/* CRC-32C of the `length` bytes behind the IP header, with zeros where SCTP keeps the sum. */
__noinline uint32_t crc_body(const struct sim_event *packet, uint32_t length)
{
    uint32_t crc = ~0u;
    if (!packet)
        return 0;
    for (uint32_t i = 0; i < sizeof packet->frame.body && i < length; i++) {
        bool in_sum = i - offsetof(struct wire_sctp, checksum) < sizeof(uint32_t);
        uint8_t byte = in_sum ? 0 : packet->frame.body[i];
        crc = crc >> 8 ^ crc_table[(crc ^ byte) & 255];
    }
    return ~crc;
}

static uint16_t sum_ip(const struct iphdr *ip)
{
    return wire_fold(wire_ip_sum(ip));
}

static uint16_t sum_transport(const struct sim_event *packet, uint32_t length)
{
    return wire_fold(sum_body(packet, length) + wire_pseudo_sum(&packet->frame.ip, length));
}

/* ---- building replies ---- */

/* Ethernet and IP headers of a reply with `length` bytes behind them. Returns the frame's length.
 */
static uint32_t address_reply(struct desk *desk, uint8_t protocol, uint32_t length)
{
    const struct wire_frame *from = &desk->request.frame;
    struct wire_frame *to = &desk->reply.frame;
    __builtin_memcpy(to->eth.h_dest, from->eth.h_source, 6);
    __builtin_memcpy(to->eth.h_source, from->eth.h_dest, 6);
    to->eth.h_proto = from->eth.h_proto;
    to->ip = (struct iphdr){
        .version = 4,
        .ihl = 5,
        .tot_len = bpf_htons((uint16_t)(sizeof to->ip + length)),
        .id = (uint16_t)bpf_get_prandom_u32(),
        .frag_off = bpf_htons(0x4000), /* do not fragment */
        .ttl = truth_ttl(config.truth.key, bpf_ntohl(from->ip.daddr)),
        .protocol = protocol,
        .saddr = from->ip.daddr,
        .daddr = from->ip.saddr,
    };
    to->ip.check = ~sum_ip(&to->ip);
    return WIRE_HEADERS + length;
}

/* The sequence number an address starts a connection with: a hash, so that nothing is stored. */
static uint32_t initial_sequence(const struct desk *desk, const struct question *q)
{
    uint64_t key = config.truth.key ^ desk->request.frame.ip.saddr;
    return (uint32_t)(truth_hash(key, q->address, q->code ^ desk->request.frame.tcp.source) >> 32);
}

/* Completes a TCP header without ports and sum; `length` counts from there. */
static uint32_t finish_tcp(struct desk *desk, uint32_t length)
{
    struct wire_frame *to = &desk->reply.frame;
    to->tcp.source = desk->request.frame.tcp.dest;
    to->tcp.dest = desk->request.frame.tcp.source;
    uint32_t total = address_reply(desk, WIRE_PROTO_TCP, length);
    to->tcp.check = ~sum_transport(&desk->reply, length);
    return total;
}

static uint32_t answer_tcp(struct desk *desk, const struct question *q)
{
    uint32_t acknowledged = bpf_htonl(bpf_ntohl(desk->request.frame.tcp.seq) + 1);
    struct tcphdr *to = &desk->reply.frame.tcp;
    if (q->state == TRUTH_CLOSED) {
        *to = (struct tcphdr){.ack_seq = acknowledged, .doff = 5, .rst = 1, .ack = 1};
        return finish_tcp(desk, TCP_HEADER);
    }
    *to = (struct tcphdr){.seq = bpf_htonl(initial_sequence(desk, q)),
                          .ack_seq = acknowledged,
                          .doff = 6,
                          .syn = 1,
                          .ack = 1,
                          .window = bpf_htons(64240)};
    desk->reply.frame.mss = (struct wire_tcp_mss){.kind = 2, .length = 4, .value = bpf_htons(1460)};
    return finish_tcp(desk, TCP_HEADER + sizeof(struct wire_tcp_mss));
}

/* An ICMP error of type "destination unreachable" that quotes the request. */
static uint32_t answer_unreachable(struct desk *desk, uint8_t code)
{
    const struct wire_frame *from = &desk->request.frame;
    struct wire_icmp_error *error = &desk->reply.frame.icmp_error;
    error->icmp = (struct wire_icmp){.type = WIRE_ICMP_UNREACHABLE, .code = code};
    error->ip = from->ip;
    __builtin_memcpy(error->quoted, from->body, sizeof error->quoted);
    error->icmp.checksum = ~wire_fold(sum_body(&desk->reply, sizeof *error));
    return address_reply(desk, WIRE_PROTO_ICMP, sizeof *error);
}

/* Copies the request's bytes behind the IP header into the reply. */
static void echo_body(struct desk *desk)
{
    __builtin_memcpy(&desk->reply.frame.ip, &desk->request.frame.ip, 256);
    __builtin_memcpy((uint8_t *)&desk->reply.frame.ip + 256,
                     (uint8_t *)&desk->request.frame.ip + 256, 256);
}

/* A multiple of 4: no odd end to clear before summing. */
enum { ECHO_MAX = 512 - sizeof(struct iphdr) };

/* A name server's answer repeats the question; any other service repeats what it was sent. */
static uint32_t answer_udp(struct desk *desk, const struct question *q)
{
    static const uint8_t empty_answer[4] = "sim\n";
    struct wire_frame *to = &desk->reply.frame;
    uint32_t length = q->l4_length < ECHO_MAX ? q->l4_length : ECHO_MAX;
    echo_body(desk);
    if (length == UDP_HEADER) {
        __builtin_memcpy(to->body + UDP_HEADER, empty_answer, sizeof empty_answer);
        length += sizeof empty_answer;
    } else if (port_code_number(q->code) == 53 && length >= UDP_HEADER + 12) {
        to->body[UDP_HEADER + 2] |= 0x80; /* QR: a response */
    }
    to->udp = (struct udphdr){.source = desk->request.frame.udp.dest,
                              .dest = desk->request.frame.udp.source,
                              .len = bpf_htons((uint16_t)length)};
    uint32_t total = address_reply(desk, WIRE_PROTO_UDP, length);
    uint16_t sum = ~sum_transport(&desk->reply, length);
    to->udp.check = sum ? sum : 0xffff;
    return total;
}

/* Echo or timestamp, by the type of the request. */
static uint32_t answer_icmp(struct desk *desk, const struct question *q)
{
    struct wire_frame *to = &desk->reply.frame;
    uint32_t length = q->l4_length < ECHO_MAX ? q->l4_length : ECHO_MAX;
    if (q->state == TRUTH_CLOSED)
        return answer_unreachable(desk, WIRE_ICMP_HOST_UNREACHABLE);
    echo_body(desk);
    to->icmp.type =
        to->icmp.type == WIRE_ICMP_ECHO ? WIRE_ICMP_ECHO_REPLY : WIRE_ICMP_TIMESTAMP_REPLY;
    to->icmp.checksum = 0;
    to->icmp.checksum = ~wire_fold(sum_body(&desk->reply, length));
    return address_reply(desk, WIRE_PROTO_ICMP, length);
}

static uint32_t answer_sctp(struct desk *desk, const struct question *q)
{
    const struct wire_sctp *from = &desk->request.frame.sctp;
    struct wire_sctp *to = &desk->reply.frame.sctp;
    bool abort = q->state == TRUTH_CLOSED;
    uint32_t length =
        abort ? WIRE_SCTP_ABORT_LENGTH : sizeof(struct wire_sctp) + sizeof(struct wire_sctp_cookie);
    *to = (struct wire_sctp){.source = from->dest,
                             .dest = from->source,
                             .tag = from->initiate_tag,
                             .type = abort ? WIRE_SCTP_ABORT : WIRE_SCTP_INIT_ACK,
                             .length = bpf_htons((uint16_t)(abort ? 4 : length - 12)),
                             .initiate_tag = initial_sequence(desk, q) | 1, /* never 0 */
                             .window = bpf_htonl(65536),
                             .streams_out = bpf_htons(10),
                             .streams_in = bpf_htons(10),
                             .tsn = initial_sequence(desk, q)};
    desk->reply.frame.sctp_cookie =
        (struct wire_sctp_cookie){.type = bpf_htons(WIRE_SCTP_COOKIE_PARAMETER),
                                  .length = bpf_htons(sizeof(struct wire_sctp_cookie))};
    uint32_t total = address_reply(desk, WIRE_PROTO_SCTP, length);
    to->checksum = crc_body(&desk->reply, length); /* little end first, as this machine is */
    return total;
}

static uint32_t answer_ip_proto(struct desk *desk, const struct question *q)
{
    uint32_t length = q->l4_length < ECHO_MAX ? q->l4_length : ECHO_MAX;
    if (q->state == TRUTH_CLOSED)
        return answer_unreachable(desk, WIRE_ICMP_PROTOCOL_UNREACHABLE);
    echo_body(desk);
    return address_reply(desk, (uint8_t)port_code_number(q->code), length);
}

static uint32_t answer(struct desk *desk, const struct question *q)
{
    switch (port_code_class(q->code)) {
    case PORT_TCP:
        return answer_tcp(desk, q);
    case PORT_UDP:
        return q->state == TRUTH_CLOSED ? answer_unreachable(desk, WIRE_ICMP_PORT_UNREACHABLE)
                                        : answer_udp(desk, q);
    case PORT_SCTP:
        return answer_sctp(desk, q);
    case PORT_ICMP:
        return answer_icmp(desk, q);
    case PORT_IP_PROTO:
        return answer_ip_proto(desk, q);
    default:
        return NO_REPLY;
    }
}

/* ---- what user space is told ---- */

static bool post(struct sim_event *event, enum sim_event_kind kind, uint32_t length,
                 uint64_t delay_ns)
{
    event->kind = kind;
    event->length = length;
    event->delay_ns = delay_ns;
    uint32_t size = offsetof(struct sim_event, frame.eth) + length;
    if (size > sizeof *event || bpf_ringbuf_output(&events, event, size, 0) != 0) {
        count(SIM_HELPER_OVERFLOW);
        return false;
    }
    return true;
}

static uint64_t random_delay(void)
{
    return config.delay_max_ns * bpf_get_prandom_u32() >> 32;
}

static void learn_peer(const struct desk *desk, const struct question *q)
{
    const struct wire_frame *frame = &desk->request.frame;
    uint32_t zero = 0, class = port_code_class(q->code);
    struct sim_peer *peer = bpf_map_lookup_elem(&peers, &zero);
    if (!peer || class >= PORT_CLASSES)
        return;
    __builtin_memcpy(peer->mac, frame->eth.h_source, 6);
    __builtin_memcpy(peer->our_mac, frame->eth.h_dest, 6);
    peer->address = frame->ip.saddr;
    peer->port[class] = frame->udp.source; /* TCP and SCTP keep it in the same place */
    peer->known = 1;
}

/* ---- asking ---- */

/* Atomic, for another queue may count a pair of the same word; it stops at 255. */
static void count_pair(const struct question *q)
{
    uint32_t code = q->code;
    uint32_t *place = bpf_map_lookup_elem(&port_places, &code);
    if (config.counted_ports == 0)
        return;
    if (!place || *place == 0) {
        count(SIM_PAIRS_UNLISTED);
        return;
    }
    uint64_t pair = (uint64_t)q->offset * config.counted_ports + *place - 1;
    uint32_t block_index = (uint32_t)(pair / SIM_PAIRS_PER_BLOCK);
    struct sim_pair_block *block = bpf_map_lookup_elem(&pairs, &block_index);
    if (!block)
        return;
    uint32_t *word = &block->word[pair % SIM_PAIRS_PER_BLOCK / 4];
    uint32_t shift = pair % 4 * 8;
    if ((*word >> shift & 255) != 255)
        __sync_fetch_and_add(word, 1u << shift);
}

/* How much of a probe's transport header the forger needs to see. */
enum { FORGE_QUOTE = sizeof(struct wire_sctp) };

/* Counts the probe and answers it if the network delivers it and something is there to answer. */
static uint32_t ask(struct desk *desk, struct question *q)
{
    uint32_t class = port_code_class(q->code);
    count(SIM_PROBES_TCP + class);
    count_pair(q);
    if (config.learn_peer && !q->is_ipv6)
        learn_peer(desk, q);
    if (!q->is_ipv6 && chance(config.forge)) {
        count(SIM_FORGERIES);
        post(&desk->request, SIM_EVENT_FORGE, WIRE_HEADERS + FORGE_QUOTE, 0);
    }
    if (chance(config.request_loss)) {
        count(SIM_REQUEST_LOST);
        return NO_REPLY;
    }
    q->state = truth_state(truth(), q->address, q->code, q->proxied);
    if (q->state == TRUTH_SILENT) {
        count(SIM_SILENT);
        return NO_REPLY;
    }
    count((q->state == TRUTH_OPEN ? SIM_OPEN_TCP : SIM_CLOSED_TCP) + class);
    return answer(desk, q);
}

/* ---- TCP behind the SYN: a server without memory ---- */

/* Answers a client of an open port: the first data with the page and a FIN, a FIN with an ACK.
 * What was said before stands in the client's sequence numbers. */
static uint32_t serve(struct desk *desk, struct question *q, uint32_t data)
{
    const struct tcphdr *from = &desk->request.frame.tcp;
    uint32_t start = initial_sequence(desk, q) + 1;
    uint32_t said = bpf_ntohl(from->ack_seq) - start;
    uint32_t next = said == 0 ? start : start + PAGE_LENGTH + 1; /* page and FIN go together */
    bool strange = said > PAGE_LENGTH + 1;
    count(strange ? SIM_TCP_STRANGE : from->fin ? SIM_TCP_FIN : data ? SIM_TCP_DATA : SIM_TCP_ACK);
    q->state = truth_state(truth(), q->address, q->code, q->proxied);
    if (!config.http || strange || q->state != TRUTH_OPEN || (!data && !from->fin))
        return NO_REPLY;
    struct tcphdr *to = &desk->reply.frame.tcp;
    *to = (struct tcphdr){.seq = bpf_htonl(next),
                          .ack_seq = bpf_htonl(bpf_ntohl(from->seq) + data + from->fin),
                          .doff = 5,
                          .ack = 1,
                          .window = bpf_htons(64240)};
    if (!data || said != 0)
        return finish_tcp(desk, TCP_HEADER);
    count(SIM_TCP_PAGES);
    to->psh = 1;
    to->fin = 1;
    __builtin_memcpy(desk->reply.frame.body + TCP_HEADER, page, PAGE_LENGTH);
    __builtin_memset(desk->reply.frame.body + TCP_HEADER + PAGE_LENGTH, 0, 4);
    return finish_tcp(desk, TCP_HEADER + PAGE_LENGTH);
}

/* ---- reading ---- */

static uint32_t refuse(enum sim_counter counter)
{
    count(counter);
    return NO_REPLY;
}

static uint32_t read_tcp(struct desk *desk, struct question *q)
{
    const struct tcphdr *tcp = &desk->request.frame.tcp;
    uint32_t header = tcp->doff * 4;
    if (q->l4_length < TCP_HEADER || header < TCP_HEADER || header > q->l4_length ||
        sum_transport(&desk->request, q->l4_length) != 0xffff)
        return refuse(SIM_MALFORMED);
    q->code = port_code(PORT_TCP, bpf_ntohs(tcp->dest));
    if (tcp->rst)
        return refuse(SIM_TCP_RST);
    if (tcp->syn && !tcp->ack && !tcp->fin)
        return ask(desk, q);
    if (tcp->syn || !tcp->ack)
        return refuse(SIM_TCP_STRANGE);
    return serve(desk, q, q->l4_length - header);
}

static uint32_t read_udp(struct desk *desk, struct question *q)
{
    const struct udphdr *udp = &desk->request.frame.udp;
    if (q->l4_length < UDP_HEADER || bpf_ntohs(udp->len) != q->l4_length ||
        (udp->check != 0 && sum_transport(&desk->request, q->l4_length) != 0xffff))
        return refuse(SIM_MALFORMED);
    q->code = port_code(PORT_UDP, bpf_ntohs(udp->dest));
    return ask(desk, q);
}

static uint32_t read_sctp(struct desk *desk, struct question *q)
{
    const struct wire_sctp *sctp = &desk->request.frame.sctp;
    if (q->l4_length < WIRE_SCTP_ABORT_LENGTH ||
        sctp->checksum != crc_body(&desk->request, q->l4_length))
        return refuse(SIM_MALFORMED);
    if (sctp->type != WIRE_SCTP_INIT)
        return refuse(SIM_OTHER);
    if (q->l4_length < sizeof *sctp || sctp->tag != 0 || sctp->initiate_tag == 0)
        return refuse(SIM_MALFORMED);
    q->code = port_code(PORT_SCTP, bpf_ntohs(sctp->dest));
    return ask(desk, q);
}

static uint32_t read_icmp(struct desk *desk, struct question *q)
{
    const struct wire_icmp *icmp = &desk->request.frame.icmp;
    if (q->l4_length < ICMP_HEADER || wire_fold(sum_body(&desk->request, q->l4_length)) != 0xffff)
        return refuse(SIM_MALFORMED);
    if (icmp->type == WIRE_ICMP_ECHO)
        q->code = port_code(PORT_ICMP, PORT_ICMP_ECHO);
    else if (icmp->type == WIRE_ICMP_TIMESTAMP && q->l4_length >= 20)
        q->code = port_code(PORT_ICMP, PORT_ICMP_TIMESTAMP);
    else
        return refuse(SIM_OTHER);
    return ask(desk, q);
}

/* A protocol is asked about with a bare IP header, or with one this network has no service for. */
static uint32_t read_transport(struct desk *desk, struct question *q)
{
    uint8_t protocol = q->l4_length == 0 ? 0 : desk->request.frame.ip.protocol;
    switch (protocol) {
    case WIRE_PROTO_TCP:
        return read_tcp(desk, q);
    case WIRE_PROTO_UDP:
        return read_udp(desk, q);
    case WIRE_PROTO_SCTP:
        return read_sctp(desk, q);
    case WIRE_PROTO_ICMP:
        return read_icmp(desk, q);
    default:
        q->code = port_code(PORT_IP_PROTO, desk->request.frame.ip.protocol);
        return ask(desk, q);
    }
}

/* Finds the prefix an address lies in. */
static bool locate(uint32_t address, struct question *q)
{
    for (uint32_t i = 0; i < SIM_PREFIXES_MAX && i < config.prefixes; i++) {
        const volatile struct sim_prefix *prefix = &config.prefix[i];
        if (prefix->is_ipv6 || (address & prefix->mask) != prefix->network)
            continue;
        q->address = address;
        q->offset = (uint32_t)prefix->first + (address - prefix->network);
        q->proxied = prefix->proxied;
        return true;
    }
    return false;
}

/* What a kernel sends by itself when a forged packet reaches it. */
static bool is_reaction(const struct wire_frame *frame)
{
    if (frame->ip.protocol == WIRE_PROTO_TCP)
        return frame->tcp.rst;
    return frame->ip.protocol == WIRE_PROTO_ICMP && frame->icmp.type == WIRE_ICMP_UNREACHABLE;
}

static uint32_t read_ipv4(struct desk *desk, uint32_t frame_length)
{
    struct wire_frame *frame = &desk->request.frame;
    uint32_t total = bpf_ntohs(frame->ip.tot_len);
    struct question q = {0};
    if (frame->ip.version != 4 || frame->ip.ihl != 5 || total < sizeof frame->ip ||
        ETH_HLEN + total > frame_length || (frame->ip.frag_off & bpf_htons(0x3fff)) ||
        sum_ip(&frame->ip) != 0xffff)
        return refuse(SIM_MALFORMED);
    uint32_t address = bpf_ntohl(frame->ip.daddr);
    if (!locate(address, &q))
        return refuse(address == config.router ? SIM_ROUTER
                      : is_reaction(frame)     ? SIM_STRAY_REACTIONS
                                               : SIM_STRAY);
    q.l4_length = total - sizeof frame->ip;
    if (q.l4_length > WIRE_BODY_MAX)
        return refuse(SIM_MALFORMED);
    /* Sums run over whole words; what Ethernet padded must not count. */
    __builtin_memset(&frame->body[q.l4_length], 0, 4);
    return read_transport(desk, &q);
}

/* ---- IPv6 ---- */

static bool locate_ipv6(const struct in6_addr *address, struct question *q)
{
    uint32_t upper[3], lower = bpf_ntohl(address->in6_u.u6_addr32[3]);
    for (int i = 0; i < 3; i++)
        upper[i] = bpf_ntohl(address->in6_u.u6_addr32[i]);
    for (uint32_t i = 0; i < SIM_PREFIXES_MAX && i < config.prefixes; i++) {
        const volatile struct sim_prefix *prefix = &config.prefix[i];
        if (!prefix->is_ipv6 || upper[0] != prefix->upper[0] || upper[1] != prefix->upper[1] ||
            upper[2] != prefix->upper[2] || (lower & prefix->mask) != prefix->network)
            continue;
        q->address = truth_number(upper, lower);
        q->offset = (uint32_t)prefix->first + (lower - prefix->network);
        q->proxied = prefix->proxied;
        q->is_ipv6 = true;
        return true;
    }
    return false;
}

static bool is_router_ipv6(const struct in6_addr *address)
{
    uint32_t differing = 0, any = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t word = ((const volatile uint32_t *)config.router_ipv6)[i];
        differing |= word ^ address->in6_u.u6_addr32[i];
        any |= word;
    }
    return any != 0 && differing == 0;
}

static uint64_t pseudo_sum_ipv6(const struct ipv6hdr *ip, uint32_t length)
{
    uint64_t sum = __builtin_bswap16(ip->nexthdr) + (uint64_t)__builtin_bswap16((uint16_t)length);
    for (int i = 0; i < 4; i++)
        sum += (uint64_t)ip->saddr.in6_u.u6_addr32[i] + ip->daddr.in6_u.u6_addr32[i];
    return sum;
}

/* A sum, as it stands in a header, when `less` is taken from what was summed and `more` is added.
 */
static uint16_t resum(uint16_t check, uint64_t less, uint64_t more)
{
    uint64_t sum = (uint16_t)~check;
    return (uint16_t)~wire_fold(sum + (uint16_t)~wire_fold(less) + wire_fold(more));
}

/* Changes the sum of a body of TCP, UDP or ICMP. */
static void resum_body(struct wire_frame *frame, uint8_t protocol, uint64_t less, uint64_t more)
{
    switch (protocol) {
    case WIRE_PROTO_TCP:
        frame->tcp.check = resum(frame->tcp.check, less, more);
        return;
    case WIRE_PROTO_UDP:
        frame->udp.check = resum(frame->udp.check, less, more);
        return;
    case WIRE_PROTO_ICMP:
        frame->icmp.checksum = resum(frame->icmp.checksum, less, more);
        return;
    }
}

/* The pseudo-header of what the frame holds as IPv4; ICMP has none. */
static uint64_t pseudo_sum(const struct wire_frame *frame, uint32_t length)
{
    return frame->ip.protocol == WIRE_PROTO_ICMP ? 0 : wire_pseudo_sum(&frame->ip, length);
}

/* An echo request's type in ICMP, as it stands in the sum. */
static void change_type(struct wire_frame *frame, uint8_t type)
{
    uint8_t before = frame->icmp.type;
    frame->icmp.type = type;
    frame->icmp.checksum = resum(frame->icmp.checksum, before, type);
}

/* Makes an IPv6 request, whose body is in place, one of IPv4. */
static void lower(struct desk *desk, const struct question *q)
{
    struct wire_frame *frame = &desk->request.frame;
    const struct ipv6hdr *ip = &desk->head.ip;
    bool is_icmp = ip->nexthdr == WIRE_PROTO_ICMPV6;
    frame->eth = desk->head.eth;
    frame->ip = (struct iphdr){
        .version = 4,
        .ihl = 5,
        .protocol = is_icmp ? WIRE_PROTO_ICMP : ip->nexthdr,
        .saddr = ip->saddr.in6_u.u6_addr32[3],
        .daddr = bpf_htonl(q->address),
    };
    resum_body(frame, frame->ip.protocol, pseudo_sum_ipv6(ip, q->l4_length),
               pseudo_sum(frame, q->l4_length));
    if (is_icmp)
        change_type(frame, WIRE_ICMP_ECHO);
}

/* Turns the headers of the request into those of a reply of `length` bytes. */
static void turn_head(struct wire_head_ipv6 *head, uint8_t protocol, uint32_t length, uint8_t hops)
{
    uint8_t mac[6];
    struct in6_addr destination = head->ip.saddr;
    __builtin_memcpy(mac, head->eth.h_source, 6);
    __builtin_memcpy(head->eth.h_source, head->eth.h_dest, 6);
    __builtin_memcpy(head->eth.h_dest, mac, 6);
    head->ip.saddr = head->ip.daddr;
    head->ip.daddr = destination;
    head->ip.nexthdr = protocol;
    head->ip.payload_len = bpf_htons((uint16_t)length);
    head->ip.hop_limit = hops;
    for (int i = 0; i < 3; i++)
        head->ip.flow_lbl[i] = 0;
}

/* An error that quotes the request as it came. Returns the length of the reply's body. */
static uint32_t raise_unreachable(struct xdp_md *ctx, struct desk *desk, uint8_t hops)
{
    struct wire_icmpv6_error *error = &desk->reply.frame.icmpv6_error;
    bool of_port = error->icmp.code == WIRE_ICMP_PORT_UNREACHABLE;
    uint32_t room = bpf_ntohs(desk->head.ip.payload_len);
    uint32_t quoted = room < sizeof error->quoted ? 8 : sizeof error->quoted;
    uint32_t length = offsetof(struct wire_icmpv6_error, quoted) + quoted;
    error->icmp = (struct wire_icmp){.type = WIRE_ICMPV6_UNREACHABLE,
                                     .code = of_port ? WIRE_ICMPV6_PORT_UNREACHABLE
                                                     : WIRE_ICMPV6_ADDRESS_UNREACHABLE};
    error->ip = desk->head.ip;
    if (bpf_xdp_load_bytes(ctx, WIRE_HEADERS_IPV6, error->quoted, quoted) != 0)
        return NO_REPLY;
    turn_head(&desk->head, WIRE_PROTO_ICMPV6, length, hops);
    error->icmp.checksum =
        ~wire_fold(sum_body(&desk->reply, length) + pseudo_sum_ipv6(&desk->head.ip, length));
    return length;
}

/* Makes the reply of IPv4 one of IPv6; the length is that of its body. */
static uint32_t raise(struct xdp_md *ctx, struct desk *desk, uint32_t length)
{
    struct wire_frame *frame = &desk->reply.frame;
    uint8_t protocol = frame->ip.protocol;
    bool is_icmp = protocol == WIRE_PROTO_ICMP;
    if (is_icmp && frame->icmp.type == WIRE_ICMP_UNREACHABLE)
        return raise_unreachable(ctx, desk, frame->ip.ttl);
    if (is_icmp)
        change_type(frame, WIRE_ICMPV6_ECHO_REPLY);
    turn_head(&desk->head, is_icmp ? WIRE_PROTO_ICMPV6 : protocol, length, frame->ip.ttl);
    resum_body(frame, protocol, pseudo_sum(frame, length), pseudo_sum_ipv6(&desk->head.ip, length));
    return length;
}

/* Each address has a station of its own: 02:06 and its last four bytes. */
static uint32_t read_solicitation(struct desk *desk, uint32_t length)
{
    const struct wire_neighbour *from = &desk->request.frame.neighbour;
    struct wire_neighbour *to = &desk->reply.frame.neighbour;
    struct question q = {0};
    uint32_t checked =
        wire_fold(sum_body(&desk->request, length) + pseudo_sum_ipv6(&desk->head.ip, length));
    if (length != sizeof *from || from->code != 0 || desk->head.ip.hop_limit != 255 ||
        from->option != 1 || from->option_length != 1 || checked != 0xffff)
        return refuse(SIM_OTHER); /* the kernel asks in other ways, too */
    count(SIM_SOLICITATIONS);
    if (!is_router_ipv6(&from->target) &&
        (!locate_ipv6(&from->target, &q) || !truth_host_up(truth(), q.address, q.proxied)))
        return NO_REPLY;
    count(SIM_ADVERTISEMENTS);
    *to = (struct wire_neighbour){.type = WIRE_ICMPV6_ADVERTISEMENT,
                                  .flags = bpf_htonl(0x60000000), /* solicited, override */
                                  .target = from->target,
                                  .option = 2,
                                  .option_length = 1,
                                  .mac = {2, 6}};
    __builtin_memcpy(to->mac + 2, &from->target.in6_u.u6_addr32[3], 4);
    turn_head(&desk->head, WIRE_PROTO_ICMPV6, sizeof *to, 255);
    __builtin_memcpy(desk->head.eth.h_source, to->mac, 6);
    desk->head.ip.saddr = from->target;
    to->checksum = ~wire_fold(sum_body(&desk->reply, sizeof *to) +
                              pseudo_sum_ipv6(&desk->head.ip, sizeof *to));
    return sizeof *to;
}

/* Headers and body of a request, each where it belongs. Returns the length of the body, 0 if it is
 * no request. */
static uint32_t load_ipv6(struct xdp_md *ctx, struct desk *desk, uint32_t frame_length)
{
    struct wire_frame *frame = &desk->request.frame;
    if (bpf_xdp_load_bytes(ctx, 0, &desk->head.eth, WIRE_HEADERS_IPV6) != 0)
        return 0;
    uint32_t length = bpf_ntohs(desk->head.ip.payload_len);
    if (desk->head.ip.version != 6 || length < UDP_HEADER || length > WIRE_BODY_MAX ||
        WIRE_HEADERS_IPV6 + length > frame_length ||
        bpf_xdp_load_bytes(ctx, WIRE_HEADERS_IPV6, frame->body, length) != 0)
        return 0;
    __builtin_memset(&frame->body[length], 0, 4);
    return length;
}

/* The length of the reply's body. */
static uint32_t read_ipv6(struct xdp_md *ctx, struct desk *desk, uint32_t frame_length)
{
    const struct ipv6hdr *ip = &desk->head.ip;
    struct wire_frame *frame = &desk->request.frame;
    struct question q = {.l4_length = load_ipv6(ctx, desk, frame_length)};
    if (q.l4_length == 0)
        return refuse(SIM_MALFORMED);
    if (ip->nexthdr == WIRE_PROTO_ICMPV6 && frame->icmp.type == WIRE_ICMPV6_SOLICITATION)
        return read_solicitation(desk, q.l4_length);
    if (ip->daddr.in6_u.u6_addr8[0] == 0xff ||
        (ip->nexthdr == WIRE_PROTO_ICMPV6 && frame->icmp.type != WIRE_ICMPV6_ECHO))
        return refuse(SIM_OTHER); /* of the scanner's kernel */
    if (!locate_ipv6(&ip->daddr, &q))
        return refuse(is_router_ipv6(&ip->daddr) ? SIM_ROUTER : SIM_STRAY);
    if (ip->nexthdr == WIRE_PROTO_UDP && frame->udp.check == 0)
        return refuse(SIM_MALFORMED); /* RFC 8200, 8.1 */
    lower(desk, &q);
    uint32_t reply = read_transport(desk, &q);
    return reply > WIRE_HEADERS ? raise(ctx, desk, reply - WIRE_HEADERS) : NO_REPLY;
}

/* ---- ARP ---- */

/* Each address has a station of its own: 02:00 and the address. */
static uint32_t read_arp(struct desk *desk, uint32_t frame_length)
{
    const struct wire_arp *from = &desk->request.frame.arp;
    struct wire_frame *to = &desk->reply.frame;
    struct question q = {0};
    if (frame_length < ETH_HLEN + sizeof *from || from->operation != bpf_htons(1) ||
        from->protocol != bpf_htons(ETH_P_IP))
        return refuse(SIM_OTHER);
    count(SIM_ARP_REQUESTS);
    uint32_t address = (uint32_t)from->target_ip[0] << 24 | (uint32_t)from->target_ip[1] << 16 |
                       (uint32_t)from->target_ip[2] << 8 | from->target_ip[3];
    if (address != config.router &&
        (!locate(address, &q) || !truth_host_up(truth(), address, q.proxied)))
        return NO_REPLY;
    count(SIM_ARP_REPLIES);
    to->arp = *from;
    to->arp.operation = bpf_htons(2);
    to->arp.sender_mac[0] = 2;
    to->arp.sender_mac[1] = 0;
    __builtin_memcpy(to->arp.sender_mac + 2, from->target_ip, 4);
    __builtin_memcpy(to->arp.sender_ip, from->target_ip, 4);
    __builtin_memcpy(to->arp.target_mac, from->sender_mac, 6);
    __builtin_memcpy(to->arp.target_ip, from->sender_ip, 4);
    to->eth.h_proto = desk->request.frame.eth.h_proto;
    __builtin_memcpy(to->eth.h_dest, desk->request.frame.eth.h_source, 6);
    __builtin_memcpy(to->eth.h_source, to->arp.sender_mac, 6);
    return ETH_HLEN + sizeof *from;
}

/* ---- delivering ---- */

/* Puts the reply in the place of the request, whose frame has `old` bytes. */
static int send_back(struct xdp_md *ctx, struct desk *desk, uint32_t old, uint32_t length)
{
    if (length < ETH_HLEN || length > WIRE_FRAME_MAX ||
        bpf_xdp_adjust_tail(ctx, (int)length - (int)old) != 0 ||
        bpf_xdp_store_bytes(ctx, 0, &desk->reply.frame.eth, length) != 0) {
        count(SIM_NO_ROOM);
        return XDP_DROP;
    }
    return XDP_TX;
}

/* The same for IPv6, where headers and a body of `length` bytes stand apart. */
static int send_back_ipv6(struct xdp_md *ctx, struct desk *desk, uint32_t old, uint32_t length)
{
    uint32_t whole = WIRE_HEADERS_IPV6 + length;
    if (length < UDP_HEADER || length > WIRE_BODY_MAX || whole > WIRE_FRAME_MAX ||
        bpf_xdp_adjust_tail(ctx, (int)whole - (int)old) != 0 ||
        bpf_xdp_store_bytes(ctx, 0, &desk->head.eth, WIRE_HEADERS_IPV6) != 0 ||
        bpf_xdp_store_bytes(ctx, WIRE_HEADERS_IPV6, desk->reply.frame.body, length) != 0) {
        count(SIM_NO_ROOM);
        return XDP_DROP;
    }
    return XDP_TX;
}

static int deliver_ipv6(struct xdp_md *ctx, struct desk *desk, uint32_t old, uint32_t length)
{
    if (chance(config.reply_loss)) {
        count(SIM_REPLY_LOST);
        return XDP_DROP;
    }
    return send_back_ipv6(ctx, desk, old, length);
}

static int deliver(struct xdp_md *ctx, struct desk *desk, uint32_t old, uint32_t length)
{
    if (chance(config.reply_loss)) {
        count(SIM_REPLY_LOST);
        return XDP_DROP;
    }
    if (chance(config.duplicate) && post(&desk->reply, SIM_EVENT_DUPLICATE, length, random_delay()))
        count(SIM_DUPLICATES);
    if (chance(config.late) && post(&desk->reply, SIM_EVENT_LATE, length, random_delay())) {
        count(SIM_LATE);
        return XDP_DROP;
    }
    return send_back(ctx, desk, old, length);
}

SEC("xdp")
int simulate(struct xdp_md *ctx)
{
    uint32_t zero = 0;
    struct desk *desk = bpf_map_lookup_elem(&desks, &zero);
    uint32_t length = (uint32_t)((long)ctx->data_end - (long)ctx->data);
    asm volatile("" : "+r"(length)); /* a number from here on, not two packet pointers */
    count(SIM_FRAMES);
    if (!desk || length < ETH_HLEN || length > WIRE_FRAME_MAX ||
        bpf_xdp_load_bytes(ctx, 0, &desk->request.frame.eth, length) != 0) {
        count(SIM_OTHER);
        return XDP_DROP;
    }
    uint32_t reply = NO_REPLY;
    switch (desk->request.frame.eth.h_proto) {
    case bpf_htons(ETH_P_ARP):
        reply = read_arp(desk, length);
        return reply ? send_back(ctx, desk, length, reply) : XDP_DROP;
    case bpf_htons(ETH_P_IP):
        reply = read_ipv4(desk, length);
        return reply ? deliver(ctx, desk, length, reply) : XDP_DROP;
    case bpf_htons(ETH_P_IPV6):
        reply = read_ipv6(ctx, desk, length);
        return reply ? deliver_ipv6(ctx, desk, length, reply) : XDP_DROP;
    default:
        count(SIM_OTHER);
        return XDP_DROP;
    }
}

const char simulator_license[] SEC("license") = "Dual BSD/GPL";

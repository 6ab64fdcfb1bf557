/* IP protocols: does a host speak this one? Each is asked by a packet of it.
 *
 * Protocols that have a request of their own are sent it, to be answered whatever ports are open:
 * a TCP segment that nobody has a connection for, a datagram to a port that traceroute uses, and so
 * on (`requests`). Where a header can be told from noise but nothing can be asked, there is that
 * header. All others get an empty packet. Nothing is sent that a host might act on, or pass on to
 * somebody else: no routing protocol, no packet within a packet.
 *
 * Any packet of the protocol that comes back means open, with the cookie wherever it is repeated;
 * so does an ICMP port unreachable from the host itself, for only protocols that it speaks have
 * ports there. Protocol unreachable means closed; of IPv6, an unrecognised next header. As most
 * replies carry no cookie, the pair must belong to the scan. Of IPv6, numbers that are extension
 * headers (RFC 7045) get no answer that could be told. */
#include <netinet/in.h>
#include <stdlib.h>

#include "packet/bytes.h"
#include "packet/checksum.h"
#include "probe/cookie.h"
#include "probe/frame.h"
#include "probe/match.h"
#include "probe/probes.h"
#include "probe/setup.h"

enum {
    PROTOCOLS = 256,
    REQUEST_MOST = 32, /* bytes */
    TCP_PORT = 80,     /* neither needs to be open */
    UDP_PORT = 33434,  /* the first that traceroute uses */
    NOWHERE = 0xff,
};

/* How a checksum is made, of which bytes. */
enum request_sum { SUM_NONE, SUM_PLAIN, SUM_PSEUDO, SUM_CRC32C };

/* What proves a reply of the protocol, besides its addresses. */
enum request_proof {
    PROOF_NONE,
    PROOF_ECHO,  /* ICMP: an echo reply with the cookie as identifier and sequence */
    PROOF_RESET, /* TCP: the acknowledgement that was sent, as the sequence number */
    PROOF_PORTS,
    PROOF_TAG, /* SCTP: the verification tag */
};

/* Which families a protocol belongs to. */
enum { V4 = 1 << FRAME_IPV4, V6 = 1 << FRAME_IPV6 };

/* What is sent: the bytes, and what is written over them. */
static const struct request {
    uint8_t protocol, families;
    uint8_t length;
    uint8_t cookie_at[2]; /* NOWHERE: not there */
    bool has_ports;       /* the source port stands first, the destination port behind it */
    enum request_sum sum;
    uint8_t sum_at;
    enum request_proof proof;
    uint8_t bytes[REQUEST_MOST];
} requests[] = {
    /* An echo request. */
    {IPPROTO_ICMP, V4, 8, {4, NOWHERE}, false, SUM_PLAIN, 2, PROOF_ECHO, {ICMP_ECHO_REQUEST}},
    {IPPROTO_ICMPV6, V6, 8, {4, NOWHERE}, false, SUM_PSEUDO, 2, PROOF_ECHO, {ICMPV6_ECHO_REQUEST}},
    /* The request of mrinfo, "ask neighbours": multicast routers answer it, and no host minds. */
    {IPPROTO_IGMP, V4, 8, {NOWHERE, NOWHERE}, false, SUM_PLAIN, 2, PROOF_NONE, {0x13, 0x05}},
    /* An ACK that belongs to no connection: RFC 9293, 3.10.7.1, demands a reset. */
    {IPPROTO_TCP,
     V4 | V6,
     20,
     {8, NOWHERE},
     true,
     SUM_PSEUDO,
     16,
     PROOF_RESET,
     {[3] = TCP_PORT, [12] = 5 << 4, TCP_ACK, 4}},
    {IPPROTO_UDP,
     V4 | V6,
     8,
     {NOWHERE, NOWHERE},
     true,
     SUM_PSEUDO,
     6,
     PROOF_PORTS,
     {[2] = UDP_PORT >> 8, UDP_PORT & 0xff, [5] = 8}},
    /* GRE with a key (RFC 2890), around nothing. */
    {IPPROTO_GRE, V4 | V6, 8, {4, NOWHERE}, false, SUM_NONE, 0, PROOF_NONE, {0x20, 0, 0x08, 0}},
    /* ESP and AH: an association that nobody has; behind AH no next header (RFC 4303, 4302). */
    {IPPROTO_ESP, V4 | V6, 8, {0, NOWHERE}, false, SUM_NONE, 0, PROOF_NONE, {[7] = 1}},
    {IPPROTO_AH,
     V4 | V6,
     24,
     {4, NOWHERE},
     false,
     SUM_NONE,
     0,
     PROOF_NONE,
     {IPPROTO_NONE, 4, [11] = 1}},
    /* An INIT (RFC 9260, 3.3.2); it makes no state at the far end. Initiate tag and initial TSN are
     * the cookie. */
    {IPPROTO_SCTP,
     V4 | V6,
     32,
     {16, 28},
     true,
     SUM_CRC32C,
     8,
     PROOF_TAG,
     {[3] = TCP_PORT, [12] = SCTP_INIT, 0, 0, 20, [22] = 0x80, 0, 0, 10, 0x08, 0}},
    /* A datagram, of which the checksum covers the header (RFC 3828). */
    {IPPROTO_UDPLITE,
     V4 | V6,
     8,
     {NOWHERE, NOWHERE},
     true,
     SUM_PSEUDO,
     6,
     PROOF_NONE,
     {[2] = UDP_PORT >> 8, UDP_PORT & 0xff, [5] = 8}},
};

static const struct request nothing = {.cookie_at = {NOWHERE, NOWHERE}};

static const struct quoted_probe quoted = {
    .class = PORT_IP_PROTO,
    .protocol = IPPROTO_RAW,
    .number = QUOTE_NUMBER_PROTOCOL,
    .word = QUOTE_WORD_ANY,
    .on_port_unreachable = PROBE_OPEN,
    .on_protocol_unreachable = PROBE_CLOSED,
};

/* One protocol as it is asked in one family. */
struct question {
    const struct request *request;
    struct frame_template template;
};

struct ip_protocol {
    const struct probe_setup *setup;
    struct question (*questions)[FRAME_FAMILIES]; /* PROTOCOLS of them; owned */
};

struct ip_lookup {
    const struct question *question[BATCH_LANES];
    alignas(64) uint32_t ip_sum[BATCH_LANES];
    alignas(64) uint32_t ttl_protocol[BATCH_LANES];
};

static const struct request *request_of(uint32_t protocol, enum frame_family family)
{
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (requests[i].protocol == protocol && requests[i].families >> family & 1)
            return &requests[i];
    return &nothing;
}

static void ip_protocol_fini(void *state)
{
    struct ip_protocol *ip = state;
    for (unsigned protocol = 0; ip->questions != NULL && protocol < PROTOCOLS; protocol++)
        for (int family = 0; family < FRAME_FAMILIES; family++)
            frame_template_fini(&ip->questions[protocol][family].template);
    free(ip->questions);
    *ip = (struct ip_protocol){0};
}

static int add_question(struct ip_protocol *ip, uint32_t protocol, enum frame_family family,
                        struct error *err)
{
    struct question *question = &ip->questions[protocol][family];
    question->request = request_of(protocol, family);
    return frame_template_init(&question->template, ip->setup, family, (uint8_t)protocol,
                               question->request->bytes, question->request->length, err);
}

static int add_questions(struct ip_protocol *ip, struct error *err)
{
    int error = 0;
    for (uint32_t protocol = 0; protocol < PROTOCOLS; protocol++)
        for (unsigned family = 0; !error && family < frame_families(ip->setup); family++)
            error = add_question(ip, protocol, (enum frame_family)family, err);
    return error;
}

static int check_ports(const struct probe_setup *setup, struct error *err)
{
    uint32_t port;
    if (!setup_first_port(setup, port_code(PORT_IP_PROTO, PROTOCOLS),
                          port_code(PORT_IP_PROTO, 0xffff), &port))
        return 0;
    return error_set(err, "O:%u is no IP protocol; they are numbered 0 to %d",
                     port_code_number(port), PROTOCOLS - 1);
}

static int ip_protocol_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct ip_protocol *ip = state;
    *ip = (struct ip_protocol){.setup = setup};
    if (check_ports(setup, err) < 0)
        return -1;
    ip->questions = calloc(PROTOCOLS, sizeof *ip->questions);
    if (ip->questions == NULL)
        return error_set(err, "out of memory for the probes of IP protocols");
    if (add_questions(ip, err) == 0)
        return 0;
    ip_protocol_fini(ip);
    return -1;
}

static void ip_lookup(const struct ip_protocol *ip, const struct probe_batch *batch,
                      struct ip_lookup *lookup)
{
    const enum frame_family family = frame_family_of(batch);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        const struct question *question = &ip->questions[batch->port[i] % PROTOCOLS][family];
        lookup->question[i] = question;
        lookup->ip_sum[i] = question->template.ip_sum;
        lookup->ttl_protocol[i] = question->template.ttl_protocol;
    }
}

MULTIVERSION(void, ip_words,
             (const struct ip_lookup *restrict lookup, const struct probe_batch *restrict batch,
              union frame_words *restrict words),
             (lookup, batch, words))
{
    frame_ip_words(&words->ipv4, batch, 0, lookup->ip_sum, 0);
    for (unsigned i = 0; i < BATCH_LANES; i++)
        words->ipv4.header[i][1] |= htobe32(lookup->ttl_protocol[i]);
}

MULTIVERSION(void, ip_words_ipv6,
             (uint64_t source_high, const struct probe_batch *restrict batch,
              union frame_words *restrict words),
             (source_high, batch, words))
{
    frame_ipv6_words(&words->ipv6, batch, batch->ipv6, source_high);
}

/* An initiate tag of 0 is forbidden; the other protocols do not mind. */
static uint32_t word_of(uint32_t cookie)
{
    return cookie ? cookie : 1;
}

static uint32_t internet_sum(const struct question *question, uint32_t varying,
                             uint32_t address_sum)
{
    uint32_t sum = question->template.transport_sum + varying;
    if (question->request->sum == SUM_PSEUDO)
        sum += question->template.pseudo_sum + address_sum;
    sum = frame_checksum(sum);
    return sum ? sum : 0xffff; /* as UDP wants it; elsewhere it means the same */
}

/* SCTP's checksum goes out with the low byte first. */
static void put_crc(uint8_t *at, uint32_t crc)
{
    put_be32(at, __builtin_bswap32(crc));
}

/* Writes what differs between lanes over the request's bytes. */
static void put_request(uint8_t *at, const struct question *question,
                        const struct probe_batch *batch, unsigned lane, uint32_t address_sum)
{
    const struct request *request = question->request;
    const uint32_t word = word_of(batch->cookie[lane]);
    uint32_t varying = 0;
    if (request->has_ports) {
        put_be16(at, (uint16_t)batch->source_port[lane]);
        varying += batch->source_port[lane];
    }
    for (unsigned i = 0; i < 2 && request->cookie_at[i] != NOWHERE; i++) {
        put_be32(at + request->cookie_at[i], word);
        varying += frame_halves(word);
    }
    if (request->sum == SUM_CRC32C)
        put_crc(at + request->sum_at, crc32c(at, request->length));
    else if (request->sum != SUM_NONE)
        put_be16(at + request->sum_at, (uint16_t)internet_sum(question, varying, address_sum));
}

static void ip_protocol_patch(const void *state, const struct probe_batch *batch,
                              uint8_t *const frame[], uint32_t length[])
{
    const struct ip_protocol *ip = state;
    const enum cpu_level level = ip->setup->level;
    const enum frame_family family = frame_family_of(batch);
    struct ip_lookup lookup;
    union frame_words words;
    ip_lookup(ip, batch, &lookup);
    if (family == FRAME_IPV6)
        ip_words_ipv6[level](ip->setup->source_ipv6.high, batch, &words);
    else
        ip_words[level](&lookup, batch, &words);
    const uint32_t *address_sum =
        family == FRAME_IPV6 ? words.ipv6.address_sum : words.ipv4.address_sum;
    for (unsigned i = 0; i < batch->count; i++) {
        const struct frame_template *template = &lookup.question[i]->template;
        uint8_t *transport = frame_begin(frame[i], template, family, &words, i);
        put_request(transport, lookup.question[i], batch, i, address_sum[i]);
        length[i] = template->length;
    }
}

static bool is_echo_reply(const struct packet *packet, uint32_t word)
{
    const uint8_t type = packet->version == 6 ? ICMPV6_ECHO_REPLY : ICMP_ECHO_REPLY;
    return packet->kind == PACKET_ICMP && packet->icmp.type == type &&
           packet->icmp.id == word >> 16 && packet->icmp.sequence == (uint16_t)word;
}

static bool has_ports_of(const struct packet *packet, const struct request *request,
                         const struct cookie *cookie)
{
    uint16_t port = (uint16_t)(request->bytes[2] << 8 | request->bytes[3]);
    return packet->destination_port == cookie->source_port && packet->source_port == port;
}

static bool is_proven(const struct packet *packet, const struct request *request,
                      const struct cookie *cookie)
{
    const uint32_t word = word_of(cookie->cookie);
    switch (request->proof) {
    case PROOF_ECHO:
        return is_echo_reply(packet, word);
    case PROOF_RESET:
        return has_ports_of(packet, request, cookie) && (packet->tcp.flags & TCP_RST) &&
               packet->tcp.sequence == word;
    case PROOF_PORTS:
        return has_ports_of(packet, request, cookie);
    case PROOF_TAG:
        return has_ports_of(packet, request, cookie) && packet->sctp.verification_tag == word;
    case PROOF_NONE:
    default:
        return true;
    }
}

static enum probe_verdict match_reply(const struct ip_protocol *ip, const struct packet *packet,
                                      struct probe_reply *reply)
{
    const enum frame_family family = packet->version == 6 ? FRAME_IPV6 : FRAME_IPV4;
    const struct ip_number host = packet_source(packet), here = packet_destination(packet);
    const uint32_t port = port_code(PORT_IP_PROTO, packet->protocol);
    if (!setup_owns_address(ip->setup, here) ||
        !target_space_contains(ip->setup->space, host, port))
        return PROBE_IGNORE;
    struct cookie cookie = cookie_of(ip->setup, host, port);
    if (!ip_number_equal(here, cookie.source_address) ||
        !is_proven(packet, request_of(packet->protocol, family), &cookie))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = IPPROTO_RAW,
        .ttl = packet->ttl,
    };
    return PROBE_OPEN;
}

static enum probe_verdict ip_protocol_match(const void *state, const struct packet *packet,
                                            struct probe_reply *reply)
{
    const struct ip_protocol *ip = state;
    if (packet->version == 0 || packet->kind == PACKET_NEIGHBOUR)
        return PROBE_IGNORE;
    if (packet->kind == PACKET_ICMP && packet->icmp.quote.present)
        return match_error(ip->setup, &quoted, packet, reply);
    return match_reply(ip, packet, reply);
}

const struct probe_ops probe_ip_protocol = {
    .name = "ip-protocol",
    .help = "IP protocols: a packet of each; one that comes back means open, protocol unreachable "
            "closed",
    .class = PORT_IP_PROTO,
    .state_size = sizeof(struct ip_protocol),
    .init = ip_protocol_init,
    .fini = ip_protocol_fini,
    .patch = ip_protocol_patch,
    .match = ip_protocol_match,
};

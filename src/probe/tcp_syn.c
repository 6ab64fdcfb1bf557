/* TCP: a SYN whose sequence number is the cookie. A SYN-ACK that acknowledges it proves an open
 * port, a RST a closed one. */
#include <netinet/in.h>

#include "packet/bytes.h"
#include "packet/checksum.h"
#include "probe/cookie.h"
#include "probe/frame.h"
#include "probe/match.h"
#include "probe/probes.h"
#include "probe/setup.h"

enum {
    TCP_CHECKSUM = 16, /* offset; ports and sequence number come first */
    TCP_HEADER = 20,
    TCP_MSS_LESS = 20, /* the header of IPv6 is so much longer */
    TCP_MSS_OPTION = 4,
    TCP_OPTIONS_MAX = 20,
    TCP_WINDOW = 1024, /* small: a server that talks at once shall not send us much */
};

/* The lengths of templates that the emit passes of the families are made for; tcp_emit_any takes
 * all.
 */
static const struct {
    uint32_t least, most;
} emit_length[FRAME_FAMILIES] = {
    [FRAME_IPV4] = {0, FRAME_BLOCK},
    [FRAME_IPV6] = {FRAME_BLOCK + 1, FRAME_BLOCK + sizeof(frame_quarter)},
};

struct tcp_syn {
    const struct probe_setup *setup;
    struct frame_template template[FRAME_FAMILIES];
};

struct tcp_words {
    union frame_words ip;
    alignas(64) uint32_t ports_sequence[BATCH_LANES][2];
    alignas(64) uint32_t checksum[BATCH_LANES];
};

static const struct quoted_probe quoted = {
    .class = PORT_TCP,
    .protocol = IPPROTO_TCP,
    .protocol_ipv6 = IPPROTO_TCP,
    .number = QUOTE_NUMBER_PORT,
    .word = QUOTE_WORD_COOKIE,
    .on_port_unreachable = PROBE_CLOSED,
    .on_protocol_unreachable = PROBE_CLOSED,
};

/* Options in the order in which most senders have them, each on four bytes (RFC 9293, 3.2; RFC
 * 7323, appendix A; RFC 2018). */
static uint8_t *put_options(uint8_t *at, const struct probe_setup *setup, uint16_t mss)
{
    enum { SACK_WORD = 0x0402, NO_OPERATIONS = 0x0101 };
    if (mss > 0)
        at = put_be16(put_be16(at, 0x0204), mss);
    if (setup->tcp_has_timestamp) {
        at = put_be16(at, setup->tcp_allows_sack ? SACK_WORD : NO_OPERATIONS);
        at = put_be32(put_be16(at, 0x080a), setup->tcp_timestamp);
        at = put_be32(at, 0); /* nothing to echo */
    } else if (setup->tcp_allows_sack) {
        at = put_be16(put_be16(at, NO_OPERATIONS), SACK_WORD);
    }
    if (setup->tcp_has_window_scale)
        at = put_u8(put_be16(put_u8(at, 1), 0x0303), setup->tcp_window_scale);
    return at;
}

static size_t write_segment(uint8_t *tcp, const struct probe_setup *setup, uint16_t mss)
{
    uint8_t *end = put_options(tcp + TCP_HEADER, setup, mss);
    size_t length = (size_t)(end - tcp);
    uint8_t *at = put_be32(tcp, 0); /* ports */
    at = put_be32(at, 0);           /* sequence number */
    at = put_be32(at, 0);           /* acknowledgement */
    at = put_u8(at, (uint8_t)(length / 4 << 4));
    at = put_u8(at, TCP_SYN);
    at = put_be16(at, TCP_WINDOW);
    put_be32(at, 0); /* checksum, urgent pointer */
    return length;
}

static void tcp_syn_fini(void *state)
{
    struct tcp_syn *syn = state;
    frame_templates_fini(syn->template);
}

static int tcp_syn_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct tcp_syn *syn = state;
    *syn = (struct tcp_syn){.setup = setup};
    int error = 0;
    for (unsigned family = 0; !error && family < frame_families(setup); family++) {
        uint8_t segment[TCP_HEADER + TCP_OPTIONS_MAX];
        unsigned less = family == FRAME_IPV6 && setup->tcp_mss > TCP_MSS_LESS ? TCP_MSS_LESS : 0;
        size_t length = write_segment(segment, setup, (uint16_t)(setup->tcp_mss - less));
        error = frame_template_init(&syn->template[family], setup, (enum frame_family)family,
                                    IPPROTO_TCP, segment, length, err);
    }
    if (error)
        tcp_syn_fini(syn);
    return error;
}

/* `address_sum` is that of the IP words. */
FRAME_INLINE void segment_words(const struct frame_template *template,
                                const uint32_t *restrict address_sum,
                                const struct probe_batch *restrict batch,
                                struct tcp_words *restrict words)
{
    const uint32_t tcp_sum = template->transport_sum + template->pseudo_sum;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t ports = frame_ports(batch, i);
        uint32_t sequence = batch->cookie[i];
        uint32_t sum = tcp_sum + address_sum[i] + frame_halves(ports) + frame_halves(sequence);
        words->ports_sequence[i][0] = htobe32(ports);
        words->ports_sequence[i][1] = htobe32(sequence);
        words->checksum[i] = htobe32(frame_checksum(sum) << 16); /* urgent pointer 0 */
    }
}

FRAME_INLINE void put_segment(uint8_t *tcp, const struct tcp_words *words, unsigned lane)
{
    frame_put_two(tcp, words->ports_sequence[lane]);
    frame_put(tcp + TCP_CHECKSUM, words->checksum[lane]);
}

MULTIVERSION(void, tcp_words,
             (const struct frame_template *template, const struct probe_batch *restrict batch,
              struct tcp_words *restrict words),
             (template, batch, words))
{
    frame_ip_words(&words->ip.ipv4, batch, template->ip_sum, NULL, template->ttl_protocol);
    segment_words(template, words->ip.ipv4.address_sum, batch, words);
}

MULTIVERSION(void, tcp_words_ipv6,
             (const struct frame_template *template, uint64_t source_high,
              const struct probe_batch *restrict batch, struct tcp_words *restrict words),
             (template, source_high, batch, words))
{
    frame_ipv6_words(&words->ip.ipv6, batch, batch->ipv6, source_high);
    segment_words(template, words->ip.ipv6.address_sum, batch, words);
}

MULTIVERSION(void, tcp_emit,
             (const struct frame_template *template, const struct tcp_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (template, words, frame, length, count))
{
    const frame_block block = template->blocks[0];
    const uint32_t ip_offset = template->ip;
    const uint32_t frame_length = template->length;
    for (unsigned i = 0; i < count; i++) {
        uint8_t *ip = frame[i] + ip_offset;
        *(frame_block *)frame[i] = block;
        frame_put_ip(ip, &words->ip.ipv4, i);
        put_segment(ip + FRAME_TRANSPORT, words, i);
    }
    for (unsigned i = 0; i < count; i++)
        length[i] = frame_length;
}

MULTIVERSION(void, tcp_emit_ipv6,
             (const struct frame_template *template, const struct tcp_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (template, words, frame, length, count))
{
    const frame_block first = template->blocks[0];
    const frame_quarter second = *(const frame_quarter *)&template->blocks[1];
    const uint32_t ip_offset = template->ip;
    const uint32_t frame_length = template->length;
    for (unsigned i = 0; i < count; i++) {
        uint8_t *ip = frame[i] + ip_offset;
        *(frame_block *)frame[i] = first;
        *(frame_quarter *)(frame[i] + FRAME_BLOCK) = second;
        frame_put_ipv6(ip, &words->ip.ipv6, i);
        put_segment(ip + FRAME_IPV6_TRANSPORT, words, i);
    }
    for (unsigned i = 0; i < count; i++)
        length[i] = frame_length;
}

MULTIVERSION(void, tcp_emit_any,
             (const struct frame_template *template, enum frame_family family,
              const struct tcp_words *restrict words, uint8_t *const frame[], uint32_t length[],
              unsigned count),
             (template, family, words, frame, length, count))
{
    for (unsigned i = 0; i < count; i++)
        put_segment(frame_begin(frame[i], template, family, &words->ip, i), words, i);
    for (unsigned i = 0; i < count; i++)
        length[i] = template->length;
}

static void tcp_syn_patch(const void *state, const struct probe_batch *batch,
                          uint8_t *const frame[], uint32_t length[])
{
    const struct tcp_syn *syn = state;
    const enum cpu_level level = syn->setup->level;
    const enum frame_family family = frame_family_of(batch);
    const struct frame_template *template = &syn->template[family];
    struct tcp_words words;
    if (family == FRAME_IPV6)
        tcp_words_ipv6[level](template, syn->setup->source_ipv6.high, batch, &words);
    else
        tcp_words[level](template, batch, &words);
    if (template->length < emit_length[family].least || template->length > emit_length[family].most)
        tcp_emit_any[level](template, family, &words, frame, length, batch->count);
    else if (family == FRAME_IPV6)
        tcp_emit_ipv6[level](template, &words, frame, length, batch->count);
    else
        tcp_emit[level](template, &words, frame, length, batch->count);
}

static enum probe_verdict verdict_of_flags(uint8_t flags)
{
    switch (flags & (TCP_SYN | TCP_RST | TCP_ACK)) {
    case TCP_SYN | TCP_ACK:
        return PROBE_OPEN;
    case TCP_RST | TCP_ACK:
        return PROBE_CLOSED;
    default:
        return PROBE_IGNORE;
    }
}

/* Which attempt this acknowledges: some are further SYNs to a pair that has answered before. False:
 * none. */
static bool find_attempt(const struct probe_setup *setup, uint32_t acknowledgement, uint32_t cookie,
                         uint8_t *attempt)
{
    uint32_t beyond = acknowledgement - cookie - 1;
    *attempt = 0;
    if (beyond == 0 || setup->tcp_attempt_shift == 0)
        return beyond == 0;
    *attempt = (uint8_t)(beyond >> setup->tcp_attempt_shift);
    return beyond == (uint32_t)*attempt << setup->tcp_attempt_shift;
}

static enum probe_verdict match_segment(const struct probe_setup *setup,
                                        const struct packet *packet, struct probe_reply *reply)
{
    const struct ip_number host = packet_source(packet), here = packet_destination(packet);
    enum probe_verdict verdict = verdict_of_flags(packet->tcp.flags);
    if (verdict == PROBE_IGNORE || !setup_owns(setup, here, packet->destination_port))
        return PROBE_IGNORE;
    uint32_t port = port_code(PORT_TCP, packet->source_port);
    struct cookie cookie = cookie_of(setup, host, port);
    uint8_t attempt;
    if (!find_attempt(setup, packet->tcp.acknowledgement, cookie.cookie, &attempt) ||
        !cookie_left_from(&cookie, here, packet->destination_port))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = IPPROTO_TCP,
        .reason = packet->tcp.flags,
        .ttl = packet->ttl,
        .answer_reset = verdict == PROBE_OPEN,
        .attempt = attempt,
    };
    return verdict;
}

static enum probe_verdict tcp_syn_match(const void *state, const struct packet *packet,
                                        struct probe_reply *reply)
{
    const struct tcp_syn *syn = state;
    switch (packet->kind) {
    case PACKET_TCP:
        return match_segment(syn->setup, packet, reply);
    case PACKET_ICMP:
        return match_error(syn->setup, &quoted, packet, reply);
    default:
        return PROBE_IGNORE;
    }
}

const struct probe_ops probe_tcp_syn = {
    .name = "tcp-syn",
    .help = "TCP: a SYN; SYN-ACK means open, RST closed",
    .class = PORT_TCP,
    .state_size = sizeof(struct tcp_syn),
    .init = tcp_syn_init,
    .fini = tcp_syn_fini,
    .patch = tcp_syn_patch,
    .match = tcp_syn_match,
};

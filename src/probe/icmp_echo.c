/* ICMP, and ICMPv6 for IPv6: an echo request whose identifier and sequence number are the cookie's
 * halves (low and high). A reply that repeats both means that the host is there. */
#include <netinet/in.h>

#include "packet/bytes.h"
#include "probe/cookie.h"
#include "probe/frame.h"
#include "probe/probes.h"
#include "probe/setup.h"

enum { ECHO_LENGTH = 8 }; /* no data: nothing more is needed for an answer */

struct icmp_echo {
    const struct probe_setup *setup;
    struct frame_template template[FRAME_FAMILIES];
};

struct echo_words {
    union frame_words ip;
    alignas(64) uint32_t header[BATCH_LANES][2]; /* type, code and checksum; id and sequence */
};

/* What each family calls it. Only ICMPv6 sums the pseudo header too. */
static const struct {
    uint8_t protocol, request, reply;
} messages[FRAME_FAMILIES] = {
    [FRAME_IPV4] = {IPPROTO_ICMP, ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY},
    [FRAME_IPV6] = {IPPROTO_ICMPV6, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY},
};

static int check_ports(const struct probe_setup *setup, struct error *err)
{
    uint32_t port;
    if (!setup_first_port(setup, port_code(PORT_ICMP, PORT_ICMP_ECHO + 1),
                          port_code(PORT_ICMP, 0xffff), &port))
        return 0;
    uint32_t number = port_code_number(port);
    return error_set(err, "I:%u%s cannot be probed yet; of ICMP only I:0 (echo) can", number,
                     number == PORT_ICMP_TIMESTAMP ? " (timestamp)" : "");
}

static void icmp_echo_fini(void *state)
{
    struct icmp_echo *echo = state;
    frame_templates_fini(echo->template);
}

static int icmp_echo_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct icmp_echo *echo = state;
    *echo = (struct icmp_echo){.setup = setup};
    int error = check_ports(setup, err);
    for (unsigned family = 0; !error && family < frame_families(setup); family++) {
        const uint8_t request[ECHO_LENGTH] = {messages[family].request};
        error = frame_template_init(&echo->template[family], setup, (enum frame_family)family,
                                    messages[family].protocol, request, sizeof request, err);
    }
    if (error)
        icmp_echo_fini(echo);
    return error;
}

/* `address_sum` is that of the IP words; it is a part of the checksum if `has_pseudo_header`. */
FRAME_INLINE void message_words(uint8_t request, uint32_t icmp_sum, bool has_pseudo_header,
                                const uint32_t *restrict address_sum,
                                const struct probe_batch *restrict batch,
                                struct echo_words *restrict words)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t cookie = batch->cookie[i];
        uint32_t sum = icmp_sum + frame_halves(cookie) + (has_pseudo_header ? address_sum[i] : 0);
        words->header[i][0] = htobe32((uint32_t)request << 24 | frame_checksum(sum));
        words->header[i][1] = htobe32(cookie << 16 | cookie >> 16);
    }
}

MULTIVERSION(void, echo_words,
             (const struct frame_template *template, const struct probe_batch *restrict batch,
              struct echo_words *restrict words),
             (template, batch, words))
{
    frame_ip_words(&words->ip.ipv4, batch, template->ip_sum, NULL, template->ttl_protocol);
    message_words(ICMP_ECHO_REQUEST, template->transport_sum, false, words->ip.ipv4.address_sum,
                  batch, words);
}

MULTIVERSION(void, echo_words_ipv6,
             (const struct frame_template *template, uint64_t source_high,
              const struct probe_batch *restrict batch, struct echo_words *restrict words),
             (template, source_high, batch, words))
{
    frame_ipv6_words(&words->ip.ipv6, batch, batch->ipv6, source_high);
    message_words(ICMPV6_ECHO_REQUEST, template->transport_sum + template->pseudo_sum, true,
                  words->ip.ipv6.address_sum, batch, words);
}

FRAME_INLINE void put_frames(const struct frame_template *template, enum frame_family family,
                             const struct echo_words *restrict words, uint8_t *const frame[],
                             uint32_t length[], unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        frame_put_two(frame_begin(frame[i], template, family, &words->ip, i), words->header[i]);
        length[i] = template->length;
    }
}

MULTIVERSION(void, echo_emit,
             (const struct frame_template *template, const struct echo_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (template, words, frame, length, count))
{
    put_frames(template, FRAME_IPV4, words, frame, length, count);
}

MULTIVERSION(void, echo_emit_ipv6,
             (const struct frame_template *template, const struct echo_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (template, words, frame, length, count))
{
    put_frames(template, FRAME_IPV6, words, frame, length, count);
}

static void icmp_echo_patch(const void *state, const struct probe_batch *batch,
                            uint8_t *const frame[], uint32_t length[])
{
    const struct icmp_echo *echo = state;
    const enum cpu_level level = echo->setup->level;
    const struct frame_template *template = &echo->template[frame_family_of(batch)];
    struct echo_words words;
    if (batch->ipv6 != NULL) {
        echo_words_ipv6[level](template, echo->setup->source_ipv6.high, batch, &words);
        echo_emit_ipv6[level](template, &words, frame, length, batch->count);
    } else {
        echo_words[level](template, batch, &words);
        echo_emit[level](template, &words, frame, length, batch->count);
    }
}

static enum probe_verdict icmp_echo_match(const void *state, const struct packet *packet,
                                          struct probe_reply *reply)
{
    const struct icmp_echo *echo = state;
    const enum frame_family family = packet->version == 6 ? FRAME_IPV6 : FRAME_IPV4;
    const struct ip_number host = packet_source(packet), here = packet_destination(packet);
    if (packet->kind != PACKET_ICMP || packet->icmp.type != messages[family].reply ||
        !setup_owns_address(echo->setup, here))
        return PROBE_IGNORE;
    uint32_t port = port_code(PORT_ICMP, PORT_ICMP_ECHO);
    struct cookie cookie = cookie_of(echo->setup, host, port);
    if (packet->icmp.id != (uint16_t)cookie.cookie ||
        packet->icmp.sequence != (uint16_t)(cookie.cookie >> 16) ||
        !ip_number_equal(here, cookie.source_address))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = IPPROTO_ICMP,
        .ttl = packet->ttl,
    };
    return PROBE_OPEN;
}

const struct probe_ops probe_icmp_echo = {
    .name = "icmp-echo",
    .help = "ICMP: an echo request; a reply means open",
    .class = PORT_ICMP,
    .state_size = sizeof(struct icmp_echo),
    .init = icmp_echo_init,
    .fini = icmp_echo_fini,
    .patch = icmp_echo_patch,
    .match = icmp_echo_match,
};

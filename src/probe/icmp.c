/* ICMP, and ICMPv6 for IPv6: a request whose identifier and sequence number are the cookie's halves
 * (low and high). A reply that repeats both means that the host is there.
 *
 * Of IPv4 there are two requests, echo and timestamp (RFC 792); the originate timestamp, which the
 * reply repeats, carries the other half of the hash. With its highest bit it says that it is no
 * time of day, as that RFC wants. IPv6 has echo only (RFC 4443). */
#include <netinet/in.h>

#include "base/reader.h"
#include "packet/bytes.h"
#include "probe/cookie.h"
#include "probe/frame.h"
#include "probe/match.h"
#include "probe/probes.h"
#include "probe/setup.h"

enum {
    ECHO_LENGTH = 8, /* no data: nothing more is needed for an answer */
    TIMESTAMP_LENGTH = 20,
    REQUESTS = 2, /* PORT_ICMP_ECHO, PORT_ICMP_TIMESTAMP */
};

static const uint32_t NO_TIME_OF_DAY = 1u << 31;

/* What each family calls it; a length of 0: it has no such request. */
static const struct message {
    uint8_t request, reply, length;
} messages[FRAME_FAMILIES][REQUESTS] = {
    [FRAME_IPV4] = {[PORT_ICMP_ECHO] = {ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY, ECHO_LENGTH},
                    [PORT_ICMP_TIMESTAMP] = {ICMP_TIMESTAMP_REQUEST, ICMP_TIMESTAMP_REPLY,
                                             TIMESTAMP_LENGTH}},
    [FRAME_IPV6] = {[PORT_ICMP_ECHO] = {ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY, ECHO_LENGTH}},
};

static const uint8_t protocols[FRAME_FAMILIES] = {IPPROTO_ICMP, IPPROTO_ICMPV6};

struct icmp {
    const struct probe_setup *setup;
    struct frame_template template[REQUESTS][FRAME_FAMILIES];
};

/* What differs between lanes because of their request. */
struct icmp_lookup {
    const struct frame_template *template[BATCH_LANES];
    alignas(64) uint32_t ip_sum[BATCH_LANES];
    alignas(64) uint32_t icmp_sum[BATCH_LANES];
    alignas(64) uint32_t type[BATCH_LANES];
    alignas(64) uint32_t originate[BATCH_LANES]; /* 0 for echo */
};

struct icmp_words {
    union frame_words ip;
    alignas(64) uint32_t header[BATCH_LANES][2]; /* type, code and checksum; id and sequence */
};

/* An unreachable host is not one that refuses to answer. */
static const struct quoted_probe quoted = {
    .class = PORT_ICMP,
    .protocol = IPPROTO_ICMP,
    .protocol_ipv6 = IPPROTO_ICMPV6,
    .number = QUOTE_NUMBER_REQUEST,
    .word = QUOTE_WORD_ECHO,
    .on_port_unreachable = PROBE_ERROR,
    .on_protocol_unreachable = PROBE_ERROR,
};

static int check_ports(const struct probe_setup *setup, struct error *err)
{
    uint32_t port;
    if (setup_first_port(setup, port_code(PORT_ICMP, REQUESTS), port_code(PORT_ICMP, 0xffff),
                         &port))
        return error_set(err,
                         "I:%u is no request that ICMP has; of it I:0 (echo) and I:1 "
                         "(timestamp) can be probed",
                         port_code_number(port));
    const uint32_t timestamp = port_code(PORT_ICMP, PORT_ICMP_TIMESTAMP);
    if (setup_has_ipv6(setup) && target_space_has_ipv6(setup->space) &&
        setup_first_port(setup, timestamp, timestamp, &port))
        return error_set(err, "I:1 (timestamp) cannot be asked of IPv6 targets: ICMPv6 has no such "
                              "request; leave it or them out");
    return 0;
}

static void icmp_fini(void *state)
{
    struct icmp *icmp = state;
    for (unsigned request = 0; request < REQUESTS; request++)
        frame_templates_fini(icmp->template[request]);
}

static int add_request(struct icmp *icmp, unsigned number, enum frame_family family,
                       struct error *err)
{
    const struct message *message = &messages[family][number];
    const uint8_t request[TIMESTAMP_LENGTH] = {message->request};
    if (message->length == 0)
        return 0;
    return frame_template_init(&icmp->template[number][family], icmp -> setup, family,
                               protocols[family], request, message -> length, err);
}

static int icmp_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct icmp *icmp = state;
    *icmp = (struct icmp){.setup = setup};
    int error = check_ports(setup, err);
    for (unsigned number = 0; number < REQUESTS; number++)
        for (unsigned family = 0; !error && family < frame_families(setup); family++)
            error = add_request(icmp, number, (enum frame_family)family, err);
    if (error)
        icmp_fini(icmp);
    return error;
}

static uint32_t originate_of(uint32_t tag)
{
    return tag | NO_TIME_OF_DAY;
}

static void icmp_lookup(const struct icmp *icmp, const struct probe_batch *batch,
                        struct icmp_lookup *lookup)
{
    const enum frame_family family = frame_family_of(batch);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        unsigned request = batch->port[i] % REQUESTS;
        const struct frame_template *template = &icmp->template[request][family];
        uint32_t originate = request == PORT_ICMP_TIMESTAMP ? originate_of(batch->tag[i]) : 0;
        lookup->template[i] = template;
        lookup->ip_sum[i] = template->ip_sum;
        lookup->type[i] = messages[family][request].request;
        lookup->originate[i] = originate;
        lookup->icmp_sum[i] = template->transport_sum + frame_halves(originate) +
                              (family == FRAME_IPV6 ? template->pseudo_sum : 0);
    }
}

/* `address_sum` is that of the IP words. It is a part of the checksum if that `has_pseudo_header`:
 * only that of ICMPv6. */
FRAME_INLINE void message_words(const struct icmp_lookup *restrict lookup, bool has_pseudo_header,
                                const uint32_t *restrict address_sum,
                                const struct probe_batch *restrict batch,
                                struct icmp_words *restrict words)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t cookie = batch->cookie[i];
        uint32_t sum =
            lookup->icmp_sum[i] + frame_halves(cookie) + (has_pseudo_header ? address_sum[i] : 0);
        words->header[i][0] = htobe32(lookup->type[i] << 24 | frame_checksum(sum));
        words->header[i][1] = htobe32(cookie << 16 | cookie >> 16);
    }
}

MULTIVERSION(void, icmp_words,
             (const struct icmp_lookup *restrict lookup, uint32_t ttl_protocol,
              const struct probe_batch *restrict batch, struct icmp_words *restrict words),
             (lookup, ttl_protocol, batch, words))
{
    frame_ip_words(&words->ip.ipv4, batch, 0, lookup->ip_sum, ttl_protocol);
    message_words(lookup, false, words->ip.ipv4.address_sum, batch, words);
}

MULTIVERSION(void, icmp_words_ipv6,
             (const struct icmp_lookup *restrict lookup, uint64_t source_high,
              const struct probe_batch *restrict batch, struct icmp_words *restrict words),
             (lookup, source_high, batch, words))
{
    frame_ipv6_words(&words->ip.ipv6, batch, batch->ipv6, source_high);
    message_words(lookup, true, words->ip.ipv6.address_sum, batch, words);
}

FRAME_INLINE void put_frames(const struct icmp_lookup *restrict lookup, enum frame_family family,
                             const struct icmp_words *restrict words, uint8_t *const frame[],
                             uint32_t length[], unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct frame_template *template = lookup->template[i];
        uint8_t *icmp = frame_begin(frame[i], template, family, &words->ip, i);
        frame_put_two(icmp, words->header[i]);
        if (lookup->originate[i] != 0)
            put_be32(icmp + ECHO_LENGTH, lookup->originate[i]);
        length[i] = template->length;
    }
}

MULTIVERSION(void, icmp_emit,
             (const struct icmp_lookup *restrict lookup, const struct icmp_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (lookup, words, frame, length, count))
{
    put_frames(lookup, FRAME_IPV4, words, frame, length, count);
}

MULTIVERSION(void, icmp_emit_ipv6,
             (const struct icmp_lookup *restrict lookup, const struct icmp_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (lookup, words, frame, length, count))
{
    put_frames(lookup, FRAME_IPV6, words, frame, length, count);
}

static void icmp_patch(const void *state, const struct probe_batch *batch, uint8_t *const frame[],
                       uint32_t length[])
{
    const struct icmp *icmp = state;
    const enum cpu_level level = icmp->setup->level;
    struct icmp_lookup lookup;
    struct icmp_words words;
    icmp_lookup(icmp, batch, &lookup);
    if (batch->ipv6 != NULL) {
        icmp_words_ipv6[level](&lookup, icmp->setup->source_ipv6.high, batch, &words);
        icmp_emit_ipv6[level](&lookup, &words, frame, length, batch->count);
    } else {
        icmp_words[level](&lookup, icmp->template[0][FRAME_IPV4].ttl_protocol, batch, &words);
        icmp_emit[level](&lookup, &words, frame, length, batch->count);
    }
}

/* Which request this is the reply to; REQUESTS if it is none. */
static unsigned request_of_reply(const struct packet *packet)
{
    const enum frame_family family = packet->version == 6 ? FRAME_IPV6 : FRAME_IPV4;
    unsigned request = 0;
    while (request < REQUESTS && (messages[family][request].length == 0 ||
                                  messages[family][request].reply != packet->icmp.type))
        request++;
    return request;
}

/* A timestamp reply has three of them (RFC 792); what the far end wrote into the others is its
 * own. */
static bool repeats_originate(const struct packet *packet, uint32_t tag)
{
    struct reader r = reader_over(packet->payload, packet->payload_length);
    uint32_t originate = reader_be32(&r);
    reader_skip(&r, TIMESTAMP_LENGTH - ECHO_LENGTH - 4);
    return !r.failed && originate == originate_of(tag);
}

static enum probe_verdict match_reply(const struct icmp *icmp, const struct packet *packet,
                                      struct probe_reply *reply)
{
    const struct ip_number host = packet_source(packet), here = packet_destination(packet);
    const unsigned request = request_of_reply(packet);
    if (request == REQUESTS || !setup_owns_address(icmp->setup, here))
        return PROBE_IGNORE;
    uint32_t port = port_code(PORT_ICMP, request);
    struct cookie cookie = cookie_of(icmp->setup, host, port);
    if (packet->icmp.id != (uint16_t)cookie.cookie ||
        packet->icmp.sequence != (uint16_t)(cookie.cookie >> 16) ||
        !ip_number_equal(here, cookie.source_address) ||
        (request == PORT_ICMP_TIMESTAMP && !repeats_originate(packet, cookie.tag)))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = IPPROTO_ICMP,
        .ttl = packet->ttl,
    };
    return PROBE_OPEN;
}

static enum probe_verdict icmp_match(const void *state, const struct packet *packet,
                                     struct probe_reply *reply)
{
    const struct icmp *icmp = state;
    if (packet->kind != PACKET_ICMP)
        return PROBE_IGNORE;
    if (packet->icmp.quote.present)
        return match_error(icmp->setup, &quoted, packet, reply);
    return match_reply(icmp, packet, reply);
}

const struct probe_ops probe_icmp = {
    .name = "icmp",
    .help = "ICMP: an echo or timestamp request; a reply means open",
    .class = PORT_ICMP,
    .state_size = sizeof(struct icmp),
    .init = icmp_init,
    .fini = icmp_fini,
    .patch = icmp_patch,
    .match = icmp_match,
};

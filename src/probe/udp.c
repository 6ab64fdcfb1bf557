/* UDP: a request that suits the port, or an empty datagram.
 *
 * Any reply from a probed pair to the place that its probe left from means open; where the request
 * has a transaction id the reply must repeat it. An ICMP port unreachable means closed. UDP itself
 * gives no more proof than the ports, so the pair must also belong to the scan.
 *
 * Each request is a template of its own. A pass of table lookups brings the template's facts into
 * arrays, and from there on lanes are alike again. */
#include <netinet/in.h>
#include <stdlib.h>

#include "base/reader.h"
#include "packet/bytes.h"
#include "packet/checksum.h"
#include "probe/cookie.h"
#include "probe/frame.h"
#include "probe/match.h"
#include "probe/probes.h"
#include "probe/setup.h"
#include "probe/udp_payload.h"

enum {
    UDP_HEADER = 8,
    UDP_PAYLOAD_MAX = 1472, /* behind IPv4; the template knows of IPv6 */
    ALL_PORTS = 65536,
    REQUESTS_MAX = 256, /* as many as fit the index of a byte, with the empty one */
};

/* A payload, ready to be sent. */
struct request {
    struct frame_template template[FRAME_FAMILIES];
    uint32_t length;    /* as the UDP header says */
    uint32_t id_mask;   /* 0xffff if there is a transaction id, else 0 */
    uint32_t id_shift;  /* 8 if the id lies across two words of the checksum */
    uint16_t id_offset; /* in the payload */
};

struct udp {
    const struct probe_setup *setup;
    struct request *requests; /* the first is the empty one */
    size_t request_count;
    uint8_t request_of_port[ALL_PORTS];
};

struct udp_lookup {
    const struct request *request[BATCH_LANES];
    alignas(64) uint32_t ip_sum[BATCH_LANES];
    alignas(64) uint32_t udp_sum[BATCH_LANES];
    alignas(64) uint32_t length[BATCH_LANES];
};

struct udp_words {
    union frame_words ip;
    alignas(64) uint32_t header[BATCH_LANES][2]; /* ports; length and checksum */
};

static const struct quoted_probe quoted = {PORT_UDP, IPPROTO_UDP, QUOTE_WORD_ANY};

static int request_init(struct request *request, const struct probe_setup *setup,
                        const struct udp_payload *payload, struct error *err)
{
    uint8_t datagram[UDP_HEADER + UDP_PAYLOAD_MAX];
    if (payload->length > UDP_PAYLOAD_MAX)
        return error_set(err, "the payload for UDP port %u has %u bytes; at most %d can be sent",
                         payload->port, payload->length, UDP_PAYLOAD_MAX);
    uint16_t length = (uint16_t)(UDP_HEADER + payload->length);
    uint8_t *at = put_be32(datagram, 0); /* ports */
    at = put_be16(at, length);
    at = put_be16(at, 0); /* checksum */
    if (payload->length > 0)
        memcpy(at, payload->bytes, payload->length);
    for (unsigned family = 0; family < frame_families(setup); family++) {
        int error =
            frame_template_init(&request->template[family], setup, (enum frame_family)family,
                                IPPROTO_UDP, datagram, length, err);
        if (error)
            return error;
    }
    bool has_id = payload->id_offset != UDP_PAYLOAD_NO_ID;
    request->length = length;
    request->id_mask = has_id ? 0xffff : 0;
    request->id_shift = has_id && payload->id_offset % 2 ? 8 : 0;
    request->id_offset = payload->id_offset;
    return 0;
}

static void udp_fini(void *state)
{
    struct udp *udp = state;
    for (size_t i = 0; i < udp->request_count; i++)
        frame_templates_fini(udp->requests[i].template);
    free(udp->requests);
    *udp = (struct udp){0};
}

static int add_request(struct udp *udp, const struct udp_payload *payload, struct error *err)
{
    return request_init(&udp->requests[udp->request_count++], udp->setup, payload, err);
}

static int add_requests(struct udp *udp, struct error *err)
{
    const struct udp_payload empty = {.id_offset = UDP_PAYLOAD_NO_ID};
    int error = add_request(udp, &empty, err);
    for (size_t i = 0; !error && i < udp_payload_count; i++) {
        udp->request_of_port[udp_payload_table[i].port] = (uint8_t)udp->request_count;
        error = add_request(udp, &udp_payload_table[i], err);
    }
    return error;
}

static int udp_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct udp *udp = state;
    *udp = (struct udp){.setup = setup};
    if (udp_payload_count >= REQUESTS_MAX)
        return error_set(err, "%zu UDP payloads are too many; at most %d can be used",
                         udp_payload_count, REQUESTS_MAX - 1);
    udp->requests = calloc(udp_payload_count + 1, sizeof *udp->requests);
    if (udp->requests == NULL)
        return error_set(err, "out of memory for %zu UDP payloads", udp_payload_count);
    int error = add_requests(udp, err);
    if (error)
        udp_fini(udp);
    return error;
}

static const struct request *request_of(const struct udp *udp, uint32_t port)
{
    return &udp->requests[udp->request_of_port[port & 0xffff]];
}

static void udp_lookup(const struct udp *udp, const struct probe_batch *batch,
                       struct udp_lookup *lookup)
{
    const enum frame_family family = frame_family_of(batch);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        const struct request *request = request_of(udp, batch->port[i]);
        uint32_t id = (batch->cookie[i] & request->id_mask) << request->id_shift;
        lookup->request[i] = request;
        const struct frame_template *template = &request->template[family];
        lookup->ip_sum[i] = template->ip_sum;
        lookup->udp_sum[i] = template->transport_sum + template->pseudo_sum + frame_halves(id);
        lookup->length[i] = request->length;
    }
}

FRAME_INLINE void datagram_words(const struct udp_lookup *restrict lookup,
                                 const uint32_t *restrict address_sum,
                                 const struct probe_batch *restrict batch,
                                 struct udp_words *restrict words)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t ports = frame_ports(batch, i);
        uint32_t checksum =
            frame_checksum(lookup->udp_sum[i] + address_sum[i] + frame_halves(ports));
        checksum = checksum ? checksum : 0xffff; /* 0 would mean that there is none */
        words->header[i][0] = htobe32(ports);
        words->header[i][1] = htobe32(lookup->length[i] << 16 | checksum);
    }
}

MULTIVERSION(void, udp_words,
             (const struct udp_lookup *restrict lookup, uint32_t ttl_protocol,
              const struct probe_batch *restrict batch, struct udp_words *restrict words),
             (lookup, ttl_protocol, batch, words))
{
    frame_ip_words(&words->ip.ipv4, batch, 0, lookup->ip_sum, ttl_protocol);
    datagram_words(lookup, words->ip.ipv4.address_sum, batch, words);
}

MULTIVERSION(void, udp_words_ipv6,
             (const struct udp_lookup *restrict lookup, uint64_t source_high,
              const struct probe_batch *restrict batch, struct udp_words *restrict words),
             (lookup, source_high, batch, words))
{
    frame_ipv6_words(&words->ip.ipv6, batch, batch->ipv6, source_high);
    datagram_words(lookup, words->ip.ipv6.address_sum, batch, words);
}

FRAME_INLINE void put_frames(const struct udp_lookup *restrict lookup, enum frame_family family,
                             const struct udp_words *restrict words,
                             const struct probe_batch *restrict batch, uint8_t *const frame[],
                             uint32_t length[])
{
    for (unsigned i = 0; i < batch->count; i++) {
        const struct request *request = lookup->request[i];
        const struct frame_template *template = &request->template[family];
        uint8_t *udp = frame_begin(frame[i], template, family, &words->ip, i);
        frame_put_two(udp, words->header[i]);
        if (request->id_mask)
            put_be16(udp + UDP_HEADER + request->id_offset, (uint16_t)batch->cookie[i]);
        length[i] = template->length;
    }
}

MULTIVERSION(void, udp_emit,
             (const struct udp_lookup *restrict lookup, const struct udp_words *restrict words,
              const struct probe_batch *restrict batch, uint8_t *const frame[], uint32_t length[]),
             (lookup, words, batch, frame, length))
{
    put_frames(lookup, FRAME_IPV4, words, batch, frame, length);
}

MULTIVERSION(void, udp_emit_ipv6,
             (const struct udp_lookup *restrict lookup, const struct udp_words *restrict words,
              const struct probe_batch *restrict batch, uint8_t *const frame[], uint32_t length[]),
             (lookup, words, batch, frame, length))
{
    put_frames(lookup, FRAME_IPV6, words, batch, frame, length);
}

static void udp_patch(const void *state, const struct probe_batch *batch, uint8_t *const frame[],
                      uint32_t length[])
{
    const struct udp *udp = state;
    const enum cpu_level level = udp->setup->level;
    struct udp_lookup lookup;
    struct udp_words words;
    udp_lookup(udp, batch, &lookup);
    if (batch->ipv6 != NULL) {
        udp_words_ipv6[level](&lookup, udp->setup->source_ipv6.high, batch, &words);
        udp_emit_ipv6[level](&lookup, &words, batch, frame, length);
    } else {
        uint32_t ttl_protocol = udp->requests[0].template[FRAME_IPV4].ttl_protocol;
        udp_words[level](&lookup, ttl_protocol, batch, &words);
        udp_emit[level](&lookup, &words, batch, frame, length);
    }
}

static bool repeats_id(const struct request *request, const struct packet *packet, uint32_t cookie)
{
    if (!request->id_mask)
        return true;
    struct reader r = reader_over(packet->payload, packet->payload_length);
    reader_skip(&r, request->id_offset);
    uint16_t id = reader_be16(&r);
    return !r.failed && id == (uint16_t)cookie;
}

static enum probe_verdict match_datagram(const struct udp *udp, const struct packet *packet,
                                         struct probe_reply *reply)
{
    const struct ip_number host = packet_source(packet), here = packet_destination(packet);
    uint32_t port = port_code(PORT_UDP, packet->source_port);
    if (!setup_owns(udp->setup, here, packet->destination_port) ||
        !target_space_contains(udp->setup->space, host, port))
        return PROBE_IGNORE;
    struct cookie cookie = cookie_of(udp->setup, host, port);
    if (!cookie_left_from(&cookie, here, packet->destination_port) ||
        !repeats_id(request_of(udp, port), packet, cookie.cookie))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = IPPROTO_UDP,
        .ttl = packet->ttl,
    };
    return PROBE_OPEN;
}

static enum probe_verdict udp_match(const void *state, const struct packet *packet,
                                    struct probe_reply *reply)
{
    const struct udp *udp = state;
    switch (packet->kind) {
    case PACKET_UDP:
        return match_datagram(udp, packet, reply);
    case PACKET_ICMP:
        return match_unreachable(udp->setup, &quoted, packet, reply);
    default:
        return PROBE_IGNORE;
    }
}

const struct probe_ops probe_udp = {
    .name = "udp",
    .help = "UDP: a request that suits the port; a reply means open, port unreachable closed",
    .class = PORT_UDP,
    .state_size = sizeof(struct udp),
    .init = udp_init,
    .fini = udp_fini,
    .patch = udp_patch,
    .match = udp_match,
};

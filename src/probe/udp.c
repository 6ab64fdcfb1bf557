/* UDP: a request that suits the port, or an empty datagram.
 *
 * Any reply from a probed pair to the place that its probe left from means open; where the request
 * carries the cookie the reply must repeat it. Of a few services (udp_elsewhere.h) a reply may come
 * from another port of the host. An ICMP port unreachable means closed. UDP itself gives no more
 * proof than the ports, so the pair must also belong to the scan.
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
#include "probe/payload_set.h"
#include "probe/probes.h"
#include "probe/setup.h"
#include "probe/udp_elsewhere.h"
#include "target/range_set.h"

enum {
    UDP_HEADER = 8,
};

/* A payload, ready to be sent. */
struct request {
    struct frame_template template[FRAME_FAMILIES];
    const struct udp_payload *payload;
    uint32_t length;  /* as the UDP header says */
    uint32_t id_turn; /* 8 if the id ends at an odd place: then its bytes stand in the other halves
                         of the checksum's words (RFC 1071, 2 (B)) */
};

struct udp {
    const struct probe_setup *setup;
    const struct payload_set *payloads;
    struct payload_set own;   /* where the setup has none */
    struct request *requests; /* one for each of `payloads` */
    size_t request_count;
};

struct udp_lookup {
    const struct request *request[BATCH_LANES];
    alignas(64) uint32_t ip_sum[BATCH_LANES];
    alignas(64) uint32_t udp_sum[BATCH_LANES];
    alignas(64) uint32_t length[BATCH_LANES];
    alignas(64) uint64_t id[BATCH_LANES];
};

struct udp_words {
    union frame_words ip;
    alignas(64) uint32_t header[BATCH_LANES][2]; /* ports; length and checksum */
};

static const struct quoted_probe quoted = {
    .class = PORT_UDP,
    .protocol = IPPROTO_UDP,
    .protocol_ipv6 = IPPROTO_UDP,
    .number = QUOTE_NUMBER_PORT,
    .word = QUOTE_WORD_ANY,
    .on_port_unreachable = PROBE_CLOSED,
    .on_protocol_unreachable = PROBE_CLOSED,
};

/* The port of the scan that this payload would go to; false: none. */
static bool find_user(const struct udp *udp, size_t payload, uint32_t *number)
{
    const struct range_set *ports = target_space_ports(udp->setup->space);
    for (uint32_t n = 0; n < PAYLOAD_PORTS; n++) {
        *number = n;
        if (udp->payloads->of_port[n] == payload &&
            range_set_contains(ports, port_code(PORT_UDP, n)))
            return true;
    }
    return false;
}

static bool has_targets(const struct udp *udp, unsigned family)
{
    return family == FRAME_IPV4 || target_space_has_ipv6(udp->setup->space);
}

/* How many families, IPv4 first, have frames of this payload: where it is too long for the link it
 * has none, which is refused where the scan would need it. Negative: refused. */
static int families_of(const struct udp *udp, size_t index, struct error *err)
{
    static const char *const names[FRAME_FAMILIES] = {"IPv4", "IPv6"};
    const uint16_t length = udp->payloads->payloads[index].length;
    uint32_t number;
    for (unsigned family = 0; family < frame_families(udp->setup); family++) {
        uint32_t room = frame_room(udp->setup, (enum frame_family)family);
        uint32_t most = room > UDP_HEADER ? room - UDP_HEADER : 0;
        if (length <= most)
            continue;
        if (!has_targets(udp, family) || !find_user(udp, index, &number))
            return (int)family;
        return error_set(err,
                         "the payload for UDP port %u has %u bytes; at most %u can be sent to %s "
                         "targets over this link (leave the port out, or give it another payload)",
                         number, length, most, names[family]);
    }
    return (int)frame_families(udp->setup);
}

static int request_init(struct request *request, const struct probe_setup *setup,
                        const struct udp_payload *payload, int families, struct error *err)
{
    uint8_t datagram[UDP_HEADER + PAYLOAD_MAX];
    uint16_t length = (uint16_t)(UDP_HEADER + payload->length);
    uint8_t *at = put_be32(datagram, 0); /* ports */
    at = put_be16(at, length);
    at = put_be16(at, 0); /* checksum */
    if (payload->length > 0)
        memcpy(at, payload->bytes, payload->length);
    for (int family = 0; family < families; family++)
        if (frame_template_init(&request->template[family], setup, (enum frame_family)family,
                                IPPROTO_UDP, datagram, length, err) < 0)
            return -1;
    request->payload = payload;
    request->length = length;
    request->id_turn = (payload->id.at + payload->id.width) % 2 ? 8 : 0;
    return 0;
}

static void udp_fini(void *state)
{
    struct udp *udp = state;
    for (size_t i = 0; i < udp->request_count; i++)
        frame_templates_fini(udp->requests[i].template);
    free(udp->requests);
    payload_set_fini(&udp->own);
    *udp = (struct udp){0};
}

static int add_requests(struct udp *udp, struct error *err)
{
    udp->requests = calloc(udp->payloads->count, sizeof *udp->requests);
    if (udp->requests == NULL)
        return error_set(err, "out of memory for %zu UDP payloads", udp->payloads->count);
    for (size_t i = 0; i < udp->payloads->count; i++) {
        int families = families_of(udp, i, err);
        if (families < 0)
            return -1;
        udp->request_count++; /* half a request is given back, too */
        if (request_init(&udp->requests[i], udp->setup, &udp->payloads->payloads[i], families,
                         err) < 0)
            return -1;
    }
    return 0;
}

static int take_payloads(struct udp *udp, struct error *err)
{
    udp->payloads = udp->setup->payloads;
    if (udp->payloads != NULL)
        return 0;
    udp->payloads = &udp->own;
    return payload_set_init(&udp->own, err) < 0 ? -1 : payload_set_add_own(&udp->own, err);
}

static int udp_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct udp *udp = state;
    *udp = (struct udp){.setup = setup};
    if (take_payloads(udp, err) == 0 && add_requests(udp, err) == 0)
        return 0;
    udp_fini(udp);
    return -1;
}

static const struct request *request_of(const struct udp *udp, uint32_t port)
{
    return &udp->requests[udp->payloads->of_port[port & 0xffff]];
}

/* Half a byte each as a digit: '0' to '9', 'a' to 'f'. */
static uint64_t hex_digits(uint32_t number)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t text = 0;
    for (int shift = 28; shift >= 0; shift -= 4)
        text = text << 8 | (uint8_t)digits[number >> shift & 15];
    return text;
}

/* The bytes of an id, the last one lowest; 0 if there is none. */
static uint64_t id_bytes(const struct udp_id *id, uint32_t cookie)
{
    static const uint32_t masks[] = {[0] = 0, [1] = 0xff, [2] = 0xffff, [4] = 0xffffffff};
    return id->width == UDP_ID_HEX ? hex_digits(cookie) : cookie & masks[id->width];
}

/* They as a summand of the checksum. */
static uint32_t id_sum(uint64_t id, uint32_t turn)
{
    uint64_t turned = turn > 0 ? id << turn | id >> (64 - turn) : id;
    return frame_halves((uint32_t)turned) + frame_halves((uint32_t)(turned >> 32));
}

static void udp_lookup(const struct udp *udp, const struct probe_batch *batch,
                       struct udp_lookup *lookup)
{
    const enum frame_family family = frame_family_of(batch);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        const struct request *request = request_of(udp, batch->port[i]);
        const struct frame_template *template = &request->template[family];
        uint64_t id = id_bytes(&request->payload->id, batch->cookie[i]);
        lookup->request[i] = request;
        lookup->id[i] = id;
        lookup->ip_sum[i] = template->ip_sum;
        lookup->udp_sum[i] =
            template->transport_sum + template->pseudo_sum + id_sum(id, request->id_turn);
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

FRAME_INLINE void put_id(uint8_t *at, uint8_t width, uint64_t id)
{
    if (width == 1)
        put_u8(at, (uint8_t)id);
    else if (width == 2)
        put_be16(at, (uint16_t)id);
    else if (width == 4)
        put_be32(at, (uint32_t)id);
    else if (width == UDP_ID_HEX)
        put_be32(put_be32(at, (uint32_t)(id >> 32)), (uint32_t)id);
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
        const struct udp_id *id = &request->payload->id;
        put_id(udp + UDP_HEADER + id->at, id->width, lookup->id[i]);
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

/* Where the reply repeats the id: at a fixed place, or behind the marker. */
static struct reader reply_id(const struct udp_id *id, const struct packet *packet)
{
    struct reader r = reader_over(packet->payload, packet->payload_length);
    size_t before = id->reply_at;
    if (id->marker != NULL) {
        size_t length = strlen(id->marker);
        const uint8_t *found = memmem(r.at, reader_left(&r), id->marker, length);
        before = found ? (size_t)(found - r.at) + length : SIZE_MAX;
    }
    reader_skip(&r, before);
    return r;
}

static bool repeats_id(const struct request *request, const struct packet *packet, uint32_t cookie)
{
    const struct udp_id *id = &request->payload->id;
    if (id->width == 0)
        return true;
    uint64_t found = 0;
    struct reader r = reply_id(id, packet);
    for (unsigned i = 0; i < id->width; i++)
        found = found << 8 | reader_u8(&r);
    return !r.failed && found == id_bytes(id, cookie);
}

/* Judges a datagram as a reply to the probe of one port, whichever port it comes from. */
static enum probe_verdict match_reply_to(const struct udp *udp, const struct packet *packet,
                                         uint16_t number, struct probe_reply *reply)
{
    const struct ip_number host = packet_source(packet);
    uint32_t port = port_code(PORT_UDP, number);
    if (!target_space_contains(udp->setup->space, host, port))
        return PROBE_IGNORE;
    struct cookie cookie = cookie_of(udp->setup, host, port);
    if (!cookie_left_from(&cookie, packet_destination(packet), packet->destination_port) ||
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

/* What has the form of an answer from elsewhere is that of the service, if it was probed: also
 * where the port that it comes from happens to be among those of the scan. */
static enum probe_verdict match_datagram(const struct udp *udp, const struct packet *packet,
                                         struct probe_reply *reply)
{
    if (!setup_owns(udp->setup, packet_destination(packet), packet->destination_port))
        return PROBE_IGNORE;
    uint16_t service;
    if (udp_answers_elsewhere(packet->payload, packet->payload_length, &service) &&
        service != packet->source_port && match_reply_to(udp, packet, service, reply) == PROBE_OPEN)
        return PROBE_OPEN;
    return match_reply_to(udp, packet, packet->source_port, reply);
}

static enum probe_verdict udp_match(const void *state, const struct packet *packet,
                                    struct probe_reply *reply)
{
    const struct udp *udp = state;
    switch (packet->kind) {
    case PACKET_UDP:
        return match_datagram(udp, packet, reply);
    case PACKET_ICMP:
        return match_error(udp->setup, &quoted, packet, reply);
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

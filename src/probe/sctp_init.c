/* SCTP: an INIT chunk whose initiate tag is the cookie. The far end puts it into the verification
 * tag of its INIT ACK (open) or ABORT (closed): RFC 9260, sections 5.1, 8.4.
 *
 * The checksum is a CRC over the whole packet, but a CRC of a fixed length is affine: for packets
 * of equal length crc(a ^ b ^ c) = crc(a) ^ crc(b) ^ crc(c). So each varying byte changes the
 * template's CRC by an amount that depends on its place and value alone. Those amounts are tables,
 * and a probe's CRC is the template's and eight of them xored: four for the ports, four for the
 * cookie, whose tables cover both its places (initiate tag and initial TSN). */
#include <netinet/in.h>

#include "packet/bytes.h"
#include "packet/checksum.h"
#include "probe/cookie.h"
#include "probe/frame.h"
#include "probe/match.h"
#include "probe/probes.h"
#include "probe/setup.h"

enum {
    SCTP_PORTS = 0, /* offsets */
    SCTP_CHECKSUM = 8,
    SCTP_TAG = 16,
    SCTP_TSN = 28,
    SCTP_LENGTH = 32, /* common header and INIT chunk */
    INIT_LENGTH = 20,
    RECEIVE_WINDOW = 32768,
    STREAMS_OUT = 10,
    STREAMS_IN = 2048,
};

/* What each value of each byte of a word (byte 0 is the lowest) changes in the CRC. */
struct crc_tables {
    uint32_t of[4][256];
};

struct sctp_init {
    const struct probe_setup *setup;
    struct frame_template template[FRAME_FAMILIES];
    uint32_t crc; /* of the template */
    struct crc_tables ports;
    struct crc_tables cookie;
};

struct sctp_words {
    union frame_words ip;
    alignas(64) uint32_t ports[BATCH_LANES];
    alignas(64) uint32_t checksum[BATCH_LANES];
    alignas(64) uint32_t tag[BATCH_LANES];
};

/* A reply to an SCTP probe quotes the common header, whose verification tag is 0 in an INIT. */
static const struct quoted_probe quoted = {
    .class = PORT_SCTP,
    .protocol = IPPROTO_SCTP,
    .protocol_ipv6 = IPPROTO_SCTP,
    .number = QUOTE_NUMBER_PORT,
    .word = QUOTE_WORD_ZERO,
    .on_port_unreachable = PROBE_CLOSED,
    .on_protocol_unreachable = PROBE_CLOSED,
};

static void write_init(uint8_t sctp[SCTP_LENGTH])
{
    uint8_t *at = put_be32(sctp, 0); /* ports */
    at = put_be32(at, 0);            /* verification tag */
    at = put_be32(at, 0);            /* checksum */
    at = put_be16(at, SCTP_INIT << 8);
    at = put_be16(at, INIT_LENGTH);
    at = put_be32(at, 0); /* initiate tag */
    at = put_be32(at, RECEIVE_WINDOW);
    at = put_be16(at, STREAMS_OUT);
    at = put_be16(at, STREAMS_IN);
    put_be32(at, 0); /* initial TSN */
}

/* Fills the tables of a big-endian word that stands at `first` and `second` (equal if only once).
 */
static void fill_tables(struct crc_tables *tables, const uint8_t template[SCTP_LENGTH],
                        size_t first, size_t second)
{
    uint32_t crc = crc32c(template, SCTP_LENGTH);
    for (unsigned byte = 0; byte < 4; byte++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t changed[SCTP_LENGTH];
            memcpy(changed, template, SCTP_LENGTH);
            changed[first + 3 - byte] = (uint8_t)value;
            changed[second + 3 - byte] = (uint8_t)value;
            tables->of[byte][value] = crc ^ crc32c(changed, SCTP_LENGTH);
        }
    }
}

static void sctp_init_fini(void *state)
{
    struct sctp_init *init = state;
    frame_templates_fini(init->template);
}

static int sctp_init_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct sctp_init *init = state;
    uint8_t sctp[SCTP_LENGTH];
    write_init(sctp);
    *init = (struct sctp_init){.setup = setup, .crc = crc32c(sctp, SCTP_LENGTH)};
    fill_tables(&init->ports, sctp, SCTP_PORTS, SCTP_PORTS);
    fill_tables(&init->cookie, sctp, SCTP_TAG, SCTP_TSN);
    int error = 0;
    for (unsigned family = 0; !error && family < frame_families(setup); family++)
        error = frame_template_init(&init->template[family], setup, (enum frame_family)family,
                                    IPPROTO_SCTP, sctp, sizeof sctp, err);
    if (error)
        sctp_init_fini(init);
    return error;
}

/* An initiate tag of 0 is forbidden. */
FRAME_INLINE uint32_t tag_of_cookie(uint32_t cookie)
{
    return cookie ? cookie : 1;
}

FRAME_INLINE uint32_t crc_change(const struct crc_tables *tables, uint32_t word)
{
    return tables->of[0][word & 0xff] ^ tables->of[1][word >> 8 & 0xff] ^
           tables->of[2][word >> 16 & 0xff] ^ tables->of[3][word >> 24];
}

FRAME_INLINE void chunk_words(const struct sctp_init *init,
                              const struct probe_batch *restrict batch,
                              struct sctp_words *restrict words)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t ports = frame_ports(batch, i);
        uint32_t tag = tag_of_cookie(batch->cookie[i]);
        uint32_t crc = init->crc ^ crc_change(&init->ports, ports) ^ crc_change(&init->cookie, tag);
        words->ports[i] = htobe32(ports);
        words->checksum[i] = htole32(crc);
        words->tag[i] = htobe32(tag);
    }
}

MULTIVERSION(void, sctp_words,
             (const struct sctp_init *init, const struct probe_batch *restrict batch,
              struct sctp_words *restrict words),
             (init, batch, words))
{
    const struct frame_template *template = &init->template[FRAME_IPV4];
    frame_ip_words(&words->ip.ipv4, batch, template->ip_sum, NULL, template->ttl_protocol);
    chunk_words(init, batch, words);
}

MULTIVERSION(void, sctp_words_ipv6,
             (const struct sctp_init *init, uint64_t source_high,
              const struct probe_batch *restrict batch, struct sctp_words *restrict words),
             (init, source_high, batch, words))
{
    frame_ipv6_words(&words->ip.ipv6, batch, batch->ipv6, source_high);
    chunk_words(init, batch, words);
}

FRAME_INLINE void put_frames(const struct frame_template *template, enum frame_family family,
                             const struct sctp_words *restrict words, uint8_t *const frame[],
                             uint32_t length[], unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t *sctp = frame_begin(frame[i], template, family, &words->ip, i);
        frame_put(sctp + SCTP_PORTS, words->ports[i]);
        frame_put(sctp + SCTP_CHECKSUM, words->checksum[i]);
        frame_put(sctp + SCTP_TAG, words->tag[i]);
        frame_put(sctp + SCTP_TSN, words->tag[i]);
        length[i] = template->length;
    }
}

MULTIVERSION(void, sctp_emit,
             (const struct frame_template *template, const struct sctp_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (template, words, frame, length, count))
{
    put_frames(template, FRAME_IPV4, words, frame, length, count);
}

MULTIVERSION(void, sctp_emit_ipv6,
             (const struct frame_template *template, const struct sctp_words *restrict words,
              uint8_t *const frame[], uint32_t length[], unsigned count),
             (template, words, frame, length, count))
{
    put_frames(template, FRAME_IPV6, words, frame, length, count);
}

static void sctp_init_patch(const void *state, const struct probe_batch *batch,
                            uint8_t *const frame[], uint32_t length[])
{
    const struct sctp_init *init = state;
    const enum cpu_level level = init->setup->level;
    const struct frame_template *template = &init->template[frame_family_of(batch)];
    struct sctp_words words;
    if (batch->ipv6 != NULL) {
        sctp_words_ipv6[level](init, init->setup->source_ipv6.high, batch, &words);
        sctp_emit_ipv6[level](template, &words, frame, length, batch->count);
    } else {
        sctp_words[level](init, batch, &words);
        sctp_emit[level](template, &words, frame, length, batch->count);
    }
}

static enum probe_verdict verdict_of_chunk(uint8_t type)
{
    switch (type) {
    case SCTP_INIT_ACK:
        return PROBE_OPEN;
    case SCTP_ABORT:
        return PROBE_CLOSED;
    default:
        return PROBE_IGNORE;
    }
}

static enum probe_verdict match_chunk(const struct probe_setup *setup, const struct packet *packet,
                                      struct probe_reply *reply)
{
    const struct ip_number host = packet_source(packet), here = packet_destination(packet);
    enum probe_verdict verdict = verdict_of_chunk(packet->sctp.chunk_type);
    if (verdict == PROBE_IGNORE || !setup_owns(setup, here, packet->destination_port))
        return PROBE_IGNORE;
    uint32_t port = port_code(PORT_SCTP, packet->source_port);
    struct cookie cookie = cookie_of(setup, host, port);
    if (packet->sctp.verification_tag != tag_of_cookie(cookie.cookie) ||
        !cookie_left_from(&cookie, here, packet->destination_port))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = IPPROTO_SCTP,
        .ttl = packet->ttl,
    };
    return verdict;
}

static enum probe_verdict sctp_init_match(const void *state, const struct packet *packet,
                                          struct probe_reply *reply)
{
    const struct sctp_init *init = state;
    switch (packet->kind) {
    case PACKET_SCTP:
        return match_chunk(init->setup, packet, reply);
    case PACKET_ICMP:
        return match_error(init->setup, &quoted, packet, reply);
    default:
        return PROBE_IGNORE;
    }
}

const struct probe_ops probe_sctp_init = {
    .name = "sctp-init",
    .help = "SCTP: an INIT; INIT ACK means open, ABORT closed",
    .class = PORT_SCTP,
    .state_size = sizeof(struct sctp_init),
    .init = sctp_init_init,
    .fini = sctp_init_fini,
    .patch = sctp_init_patch,
    .match = sctp_init_match,
};

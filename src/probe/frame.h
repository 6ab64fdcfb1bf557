/* Frames from templates: the part that all probes share.
 *
 * A template is the whole frame with zeros where probes differ. Of those places only the 32-bit
 * words are computed, all lanes at once (the words pass), and then each frame is written as copies
 * of the template's 64-byte blocks and a few small stores over them (the emit pass). The checksums
 * start from the template's own sums, so only the varying words are added. Stores are what the emit
 * pass spends its time on, so words that are neighbours in the frame are neighbours in the arrays
 * too, and are stored together.
 *
 * The inline functions are compiled into each probe's MULTIVERSION passes. Words stand in memory
 * order, ready to be stored. */
#ifndef PROBE_FRAME_H
#define PROBE_FRAME_H

#include <endian.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "probe/probe.h"
#include "probe/setup.h"

#define FRAME_INLINE static inline __attribute__((always_inline))

enum {
    FRAME_BLOCK = 64,
};

/* Offsets from the IP header. Probes send no IP options, and no extension headers. */
enum {
    FRAME_IP_ID = 4, /* and then checksum, source, destination: 16 bytes that vary */
    FRAME_TRANSPORT = 20,
    FRAME_IPV6_ADDRESSES = 8, /* source and destination, 32 bytes; what else varies is the flow
                                 label in the first word */
    FRAME_IPV6_TRANSPORT = 40,
};

enum frame_family { FRAME_IPV4, FRAME_IPV6, FRAME_FAMILIES };

/* Sixty-four bytes that are loaded and stored as one value, and sixteen; frames have no alignment.
 */
typedef uint8_t frame_block __attribute__((vector_size(FRAME_BLOCK), aligned(1), may_alias));
typedef uint8_t frame_quarter __attribute__((vector_size(FRAME_BLOCK / 4), aligned(1), may_alias));

struct frame_template {
    frame_block *blocks; /* owned */
    uint32_t block_count;
    uint32_t length;        /* of the frame */
    uint32_t ip;            /* where the IP header starts */
    uint32_t ip_sum;        /* of the IPv4 header, without folding */
    uint32_t transport_sum; /* of everything behind the IP header */
    uint32_t pseudo_sum;    /* of what the pseudo header adds to that, but for addresses */
    uint32_t ttl_protocol;  /* the upper half of the word that holds the IPv4 checksum */
};

/* The most bytes behind the IP header that one packet may have on the link. */
uint32_t frame_room(const struct probe_setup *setup, enum frame_family family);

/* Lays out, of one family, link header, IP header and `transport` (`length` bytes, zero where
 * probes differ). Fails if the packet would be longer than the link allows, or without memory. */
int frame_template_init(struct frame_template *template, const struct probe_setup *setup,
                        enum frame_family family, uint8_t protocol, const uint8_t *transport,
                        size_t length, struct error *err);
void frame_template_fini(struct frame_template *template);
void frame_templates_fini(struct frame_template templates[FRAME_FAMILIES]);

/* How many families have templates: the first, or both. */
static inline unsigned frame_families(const struct probe_setup *setup)
{
    return setup_has_ipv6(setup) ? FRAME_FAMILIES : 1;
}

/* Which of them a batch is for. */
static inline enum frame_family frame_family_of(const struct probe_batch *batch)
{
    return batch->ipv6 != NULL ? FRAME_IPV6 : FRAME_IPV4;
}

/* The varying words of the IPv4 headers of a batch. */
struct frame_ip_words {
    alignas(64) uint32_t header[BATCH_LANES][4];   /* everything from FRAME_IP_ID on */
    alignas(64) uint32_t address_sum[BATCH_LANES]; /* for pseudo headers; not a word of the frame */
};

FRAME_INLINE uint32_t frame_halves(uint32_t word)
{
    return (word >> 16) + (word & 0xffff);
}

/* checksum_finish, where it can be vectorised. */
FRAME_INLINE uint32_t frame_checksum(uint32_t sum)
{
    sum = frame_halves(sum);
    sum += sum >> 16;
    return ~sum & 0xffff;
}

/* Fills `words` from the batch. `lane_sum` is added to the template's sum lane by lane, for
 * templates that differ in their total length; NULL where all lanes use one template. */
FRAME_INLINE void frame_ip_words(struct frame_ip_words *restrict words,
                                 const struct probe_batch *restrict batch, uint32_t ip_sum,
                                 const uint32_t *restrict lane_sum, uint32_t ttl_protocol)
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t source = batch->source_address[i];
        uint32_t destination = batch->address[i];
        uint32_t id = batch->tag[i] & 0xffff;
        uint32_t addresses = frame_halves(source) + frame_halves(destination);
        uint32_t sum = ip_sum + (lane_sum ? lane_sum[i] : 0) + addresses + id;
        words->header[i][0] = htobe32(id << 16);
        words->header[i][1] = htobe32(ttl_protocol | frame_checksum(sum));
        words->header[i][2] = htobe32(source);
        words->header[i][3] = htobe32(destination);
        words->address_sum[i] = addresses;
    }
}

/* The varying words of the IPv6 headers of a batch. */
struct frame_ipv6_words {
    alignas(64) uint64_t addresses[BATCH_LANES][4]; /* source and destination */
    alignas(64) uint32_t first[BATCH_LANES];        /* version, traffic class 0, flow label */
    alignas(64) uint32_t address_sum[BATCH_LANES];  /* for pseudo headers */
};

/* Each probe fills the words of the batch's family. */
union frame_words {
    struct frame_ip_words ipv4;
    struct frame_ipv6_words ipv6;
};

FRAME_INLINE uint32_t frame_quarters(uint64_t word)
{
    return frame_halves((uint32_t)(word >> 32)) + frame_halves((uint32_t)word);
}

FRAME_INLINE void frame_ipv6_words(struct frame_ipv6_words *restrict words,
                                   const struct probe_batch *restrict batch,
                                   const struct probe_lanes_ipv6 *restrict lanes,
                                   uint64_t source_high)
{
    const uint32_t high_sum = frame_quarters(source_high);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint64_t source_low = lanes->source_low[i];
        uint64_t high = lanes->address.high[i], low = lanes->address.low[i];
        words->addresses[i][0] = htobe64(source_high);
        words->addresses[i][1] = htobe64(source_low);
        words->addresses[i][2] = htobe64(high);
        words->addresses[i][3] = htobe64(low);
        words->first[i] = htobe32(6u << 28 | (batch->tag[i] & 0xfffff));
        words->address_sum[i] =
            high_sum + frame_quarters(source_low) + frame_quarters(high) + frame_quarters(low);
    }
}

/* Source and destination port as one word, host order. */
FRAME_INLINE uint32_t frame_ports(const struct probe_batch *batch, unsigned lane)
{
    return batch->source_port[lane] << 16 | (batch->port[lane] & 0xffff);
}

FRAME_INLINE void frame_put(uint8_t *at, uint32_t word)
{
    memcpy(at, &word, sizeof word);
}

FRAME_INLINE void frame_put_two(uint8_t *at, const uint32_t words[2])
{
    memcpy(at, words, 2 * sizeof words[0]);
}

/* Patches the IPv4 header at `ip`. */
FRAME_INLINE void frame_put_ip(uint8_t *ip, const struct frame_ip_words *words, unsigned lane)
{
    memcpy(ip + FRAME_IP_ID, words->header[lane], sizeof words->header[lane]);
}

/* Patches the IPv6 header at `ip`. */
FRAME_INLINE void frame_put_ipv6(uint8_t *ip, const struct frame_ipv6_words *words, unsigned lane)
{
    frame_put(ip, words->first[lane]);
    memcpy(ip + FRAME_IPV6_ADDRESSES, words->addresses[lane], sizeof words->addresses[lane]);
}

/* Copies the whole template; returns where the IP header is. By memcpy: where registers are shorter
 * than a block, gcc 12 copies blocks by way of the stack. */
FRAME_INLINE uint8_t *frame_copy(uint8_t *frame, const struct frame_template *template)
{
    for (uint32_t block = 0; block < template->block_count; block++)
        memcpy(frame + block * FRAME_BLOCK, &template->blocks[block], FRAME_BLOCK);
    return frame + template->ip;
}

/* Writes everything in front of the transport header, and returns where that is. */
FRAME_INLINE uint8_t *frame_begin(uint8_t *frame, const struct frame_template *template,
                                  enum frame_family family, const union frame_words *words,
                                  unsigned lane)
{
    uint8_t *ip = frame_copy(frame, template);
    if (family == FRAME_IPV4) {
        frame_put_ip(ip, &words->ipv4, lane);
        return ip + FRAME_TRANSPORT;
    }
    frame_put_ipv6(ip, &words->ipv6, lane);
    return ip + FRAME_IPV6_TRANSPORT;
}

#endif

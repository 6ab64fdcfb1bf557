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

#define FRAME_INLINE static inline __attribute__((always_inline))

enum {
    FRAME_BLOCK = 64,
};

/* Offsets from the IPv4 header. Probes send no IP options. */
enum {
    FRAME_IP_ID = 4, /* and then checksum, source, destination: 16 bytes that vary */
    FRAME_TRANSPORT = 20,
};

/* Sixty-four bytes that are loaded and stored as one value; frames have no alignment. */
typedef uint8_t frame_block __attribute__((vector_size(FRAME_BLOCK), aligned(1), may_alias));

struct frame_template {
    frame_block *blocks; /* owned */
    uint32_t block_count;
    uint32_t length;        /* of the frame */
    uint32_t ip;            /* where the IPv4 header starts */
    uint32_t ip_sum;        /* of the IPv4 header, without folding */
    uint32_t transport_sum; /* of everything behind it */
    uint32_t ttl_protocol;  /* the upper half of the word that holds the IPv4 checksum */
};

/* Lays out link header, IPv4 header and `transport` (`length` bytes, zero where probes differ).
 * Fails if the packet would be longer than Ethernet's MTU, or without memory. */
int frame_template_init(struct frame_template *template, const struct probe_setup *setup,
                        uint8_t protocol, const uint8_t *transport, size_t length,
                        struct error *err);
void frame_template_fini(struct frame_template *template);

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

/* Copies the whole template; returns where the IPv4 header is. */
FRAME_INLINE uint8_t *frame_copy(uint8_t *frame, const struct frame_template *template)
{
    frame_block *to = (frame_block *)frame;
    for (uint32_t block = 0; block < template->block_count; block++)
        to[block] = template->blocks[block];
    return frame + template->ip;
}

#endif

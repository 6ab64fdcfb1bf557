/* The hash of all pairs of a batch.
 *
 * Theory of operation. The message is the pair: address (4 bytes, little endian), port number (2),
 * port class (1). Seven bytes are one SipHash block, with the length in its top byte, so a hash is
 * one compression (two rounds) and the finalisation (four rounds). A port code already has the
 * number in its low 16 bits and the class above, so the block is
 *
 *     7 << 56 | port code << 32 | address.
 *
 * With an IPv6 address the message is of 19 bytes: its lower half, its upper half, and the same
 * three bytes of the port; three blocks, and ten rounds in place of six.
 *
 * Lanes do not depend on each other: the plain pass is a loop that compilers turn into vectors of
 * 64-bit words. From x86-64-v2 on the vectors are written out (hash_vectors.h), because of the six
 * rotations in a round three move whole parts of 16 or 32 bits; each of those is one instruction,
 * where compilers use three. Measured, ns a probe: v2 6.0 -> 4.7, v3 3.0 -> 2.4, v4 0.95 -> 0.88.
 * Of IPv6, on an older processor: v2 13.0 -> 10.5, v3 6.6 -> 5.7.
 *
 * Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF" (2012). */
#include "probe/hash_lanes.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define MESSAGE_LENGTH      7u
#define MESSAGE_LENGTH_IPV6 19ull

struct sip_state {
    uint64_t v0, v1, v2, v3;
};

/* The state before the block. */
static struct sip_state sip_start(const struct siphash_key *key)
{
    return (struct sip_state){
        .v0 = key->k0 ^ 0x736f6d6570736575ull,
        .v1 = key->k1 ^ 0x646f72616e646f6dull,
        .v2 = key->k0 ^ 0x6c7967656e657261ull,
        .v3 = key->k1 ^ 0x7465646279746573ull,
    };
}

ALWAYS_INLINE uint64_t rotate_left(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

ALWAYS_INLINE void sip_round(struct sip_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate_left(s->v1, 13) ^ s->v0;
    s->v3 = rotate_left(s->v3, 16) ^ s->v2;
    s->v0 = rotate_left(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate_left(s->v1, 17) ^ s->v2;
    s->v3 = rotate_left(s->v3, 21) ^ s->v0;
    s->v2 = rotate_left(s->v2, 32);
}

ALWAYS_INLINE void sip_absorb(struct sip_state *s, uint64_t block)
{
    s->v3 ^= block;
    sip_round(s);
    sip_round(s);
    s->v0 ^= block;
}

/* Absorbs the last block and ends. */
ALWAYS_INLINE uint64_t sip_hash_block(struct sip_state s, uint64_t block)
{
    sip_absorb(&s, block);
    s.v2 ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* Memory takes longer to answer than a hash to compute, and both can be had at once. */
ALWAYS_INLINE void ask_for(const void *const *soon, unsigned lane, unsigned count)
{
    for (unsigned i = 0; soon != NULL && i < count; i++)
        __builtin_prefetch(soon[lane + i]);
}

static void hash_plain(const struct sip_state *given, struct probe_batch *restrict batch)
{
    const struct sip_state start = *given;
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint64_t upper = MESSAGE_LENGTH << 24 | batch->port[i];
        uint64_t hash = sip_hash_block(start, upper << 32 | batch->address[i]);
        batch->cookie[i] = (uint32_t)hash;
        batch->tag[i] = (uint32_t)(hash >> 32);
    }
}

static void hash_ipv6_plain(const struct sip_state *given, const struct probe_lanes_ipv6 *lanes,
                            struct probe_batch *restrict batch)
{
    const struct sip_state start = *given;
    const struct address_lanes *restrict address = &lanes->address;
    ask_for(lanes->soon, 0, BATCH_LANES);
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        struct sip_state state = start;
        sip_absorb(&state, address->low[i]);
        sip_absorb(&state, address->high[i]);
        uint64_t hash = sip_hash_block(state, MESSAGE_LENGTH_IPV6 << 56 | batch->port[i]);
        batch->cookie[i] = (uint32_t)hash;
        batch->tag[i] = (uint32_t)(hash >> 32);
    }
}

#ifdef CPU_HAS_LEVELS

/* What shuffles take of the i-th 16 bytes: numbers of 16-bit parts of a vector, of 32-bit parts,
 * and of 32-bit parts of two vectors, where the second one's go on from PARTS. */
#define ROTATED_16(i)                                                                              \
    8 * i + 3, 8 * i, 8 * i + 1, 8 * i + 2, 8 * i + 7, 8 * i + 4, 8 * i + 5, 8 * i + 6
#define ROTATED_32(i)   4 * i + 1, 4 * i, 4 * i + 3, 4 * i + 2
#define FIRST_PAIRS(i)  4 * i, PARTS + 4 * i, 4 * i + 1, PARTS + 4 * i + 1
#define SECOND_PAIRS(i) 4 * i + 2, PARTS + 4 * i + 2, 4 * i + 3, PARTS + 4 * i + 3
#define LOWER_HALVES(i) 4 * i, 4 * i + 2, PARTS + 4 * i, PARTS + 4 * i + 2
#define UPPER_HALVES(i) 4 * i + 1, 4 * i + 3, PARTS + 4 * i + 1, PARTS + 4 * i + 3

#define LEVEL(name)         name##_v2
#define TARGET              MULTIVERSION_V2
#define PARTS               4
#define EACH_16_BYTES(pick) pick(0)
#include "probe/hash_vectors.h"

#define LEVEL(name)         name##_v3
#define TARGET              MULTIVERSION_V3
#define PARTS               8
#define EACH_16_BYTES(pick) pick(0), pick(1)
#include "probe/hash_vectors.h"

#define LEVEL(name)         name##_v4
#define TARGET              MULTIVERSION_V4
#define PARTS               16
#define EACH_16_BYTES(pick) pick(0), pick(1), pick(2), pick(3)
#include "probe/hash_vectors.h"

#endif

static void (*const passes[CPU_LEVELS])(const struct sip_state *start,
                                        struct probe_batch *restrict batch) = {
    [CPU_BASE] = hash_plain,
#ifdef CPU_HAS_LEVELS
    [CPU_V2] = hash_vectors_v2,
    [CPU_V3] = hash_vectors_v3,
    [CPU_V4] = hash_vectors_v4,
#endif
};

static void (*const passes_ipv6[CPU_LEVELS])(const struct sip_state *start,
                                             const struct probe_lanes_ipv6 *lanes,
                                             struct probe_batch *restrict batch) = {
    [CPU_BASE] = hash_ipv6_plain,
#ifdef CPU_HAS_LEVELS
    [CPU_V2] = hash_ipv6_vectors_v2,
    [CPU_V3] = hash_ipv6_vectors_v3,
    [CPU_V4] = hash_ipv6_vectors_v4,
#endif
};

void hash_lanes(enum cpu_level level, const struct siphash_key *key,
                struct probe_batch *restrict batch)
{
    const struct sip_state start = sip_start(key);
    if (batch->ipv6 != NULL)
        passes_ipv6[level](&start, batch->ipv6, batch);
    else
        passes[level](&start, batch);
}

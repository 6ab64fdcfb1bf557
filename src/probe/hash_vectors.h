/* The hash of all pairs of a batch in vectors of one width.
 *
 * hash_lanes.c includes this for each level, with LEVEL(name) to give the level's own names, TARGET
 * to compile for it, PARTS, the number of 32-bit parts in a vector, and EACH_16_BYTES to say what a
 * shuffle takes. */
#ifndef PROBE_HASH_VECTORS_H
#define PROBE_HASH_VECTORS_H

#define quarters     LEVEL(quarters)
#define halves       LEVEL(halves)
#define words        LEVEL(words)
#define vector_state LEVEL(vector_state)
#define rotate_by_16 LEVEL(rotate_by_16)
#define rotate_by_32 LEVEL(rotate_by_32)
#define vector_round LEVEL(vector_round)
#define round_of_two LEVEL(round_of_two)
#define hash_of_two  LEVEL(hash_of_two)
#define hash_vectors LEVEL(hash_vectors)

typedef uint16_t quarters __attribute__((vector_size(4 * PARTS)));
typedef uint32_t halves __attribute__((vector_size(4 * PARTS), may_alias));
typedef uint64_t words __attribute__((vector_size(4 * PARTS)));

struct vector_state {
    words v0, v1, v2, v3;
};

TARGET ALWAYS_INLINE words rotate_by_16(words x)
{
    quarters parts = (quarters)x;
    return (words)__builtin_shufflevector(parts, parts, EACH_16_BYTES(ROTATED_16));
}

TARGET ALWAYS_INLINE words rotate_by_32(words x)
{
    halves parts = (halves)x;
    return (words)__builtin_shufflevector(parts, parts, EACH_16_BYTES(ROTATED_32));
}

TARGET ALWAYS_INLINE void vector_round(struct vector_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = (s->v1 << 13 | s->v1 >> 51) ^ s->v0;
    s->v3 = rotate_by_16(s->v3) ^ s->v2;
    s->v0 = rotate_by_32(s->v0);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = (s->v1 << 17 | s->v1 >> 47) ^ s->v2;
    s->v3 = (s->v3 << 21 | s->v3 >> 43) ^ s->v0;
    s->v2 = rotate_by_32(s->v2);
}

/* Two vectors at once, in turn: each instruction waits for the one before. */
TARGET ALWAYS_INLINE void round_of_two(struct vector_state *a, struct vector_state *b)
{
    vector_round(a);
    vector_round(b);
}

TARGET ALWAYS_INLINE void hash_of_two(struct vector_state start, halves *first, halves *second)
{
    struct vector_state a = start, b = start;
    a.v3 ^= (words)*first;
    b.v3 ^= (words)*second;
    round_of_two(&a, &b);
    round_of_two(&a, &b);
    a.v0 ^= (words)*first;
    b.v0 ^= (words)*second;
    a.v2 ^= 0xff;
    b.v2 ^= 0xff;
    round_of_two(&a, &b);
    round_of_two(&a, &b);
    round_of_two(&a, &b);
    round_of_two(&a, &b);
    *first = (halves)(a.v0 ^ a.v1 ^ a.v2 ^ a.v3);
    *second = (halves)(b.v0 ^ b.v1 ^ b.v2 ^ b.v3);
}

/* Pairs are put together within 16 bytes, so that of four lanes there two are in one vector of
 * blocks and two in another. Taking the hashes apart brings them into order again. */
TARGET static void hash_vectors(const struct sip_state *given, struct probe_batch *restrict batch)
{
    const words zero = {0};
    const struct vector_state start = {
        zero + given->v0,
        zero + given->v1,
        zero + given->v2,
        zero + given->v3,
    };
    for (unsigned i = 0; i < BATCH_LANES; i += PARTS) {
        halves lower = *(const halves *)&batch->address[i];
        halves upper = *(const halves *)&batch->port[i] | MESSAGE_LENGTH << 24;
        halves first = __builtin_shufflevector(lower, upper, EACH_16_BYTES(FIRST_PAIRS));
        halves second = __builtin_shufflevector(lower, upper, EACH_16_BYTES(SECOND_PAIRS));
        hash_of_two(start, &first, &second);
        *(halves *)&batch->cookie[i] =
            __builtin_shufflevector(first, second, EACH_16_BYTES(LOWER_HALVES));
        *(halves *)&batch->tag[i] =
            __builtin_shufflevector(first, second, EACH_16_BYTES(UPPER_HALVES));
    }
}

#undef quarters
#undef halves
#undef words
#undef vector_state
#undef rotate_by_16
#undef rotate_by_32
#undef vector_round
#undef round_of_two
#undef hash_of_two
#undef hash_vectors
#undef LEVEL
#undef TARGET
#undef PARTS
#undef EACH_16_BYTES

#undef PROBE_HASH_VECTORS_H /* for the next level */
#endif

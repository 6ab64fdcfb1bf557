/* The hash of all pairs of a batch in vectors of one width.
 *
 * hash_lanes.c includes this for each level, with LEVEL(name) to give the level's own names, TARGET
 * to compile for it, PARTS, the number of 32-bit parts in a vector, and EACH_16_BYTES to say what a
 * shuffle takes. */
#ifndef PROBE_HASH_VECTORS_H
#define PROBE_HASH_VECTORS_H

#define quarters          LEVEL(quarters)
#define halves            LEVEL(halves)
#define words             LEVEL(words)
#define lower_halves      LEVEL(lower_halves)
#define vector_state      LEVEL(vector_state)
#define rotate_by_16      LEVEL(rotate_by_16)
#define rotate_by_32      LEVEL(rotate_by_32)
#define vector_start      LEVEL(vector_start)
#define vector_round      LEVEL(vector_round)
#define round_of_two      LEVEL(round_of_two)
#define absorb_two        LEVEL(absorb_two)
#define finish_two        LEVEL(finish_two)
#define hash_vectors      LEVEL(hash_vectors)
#define port_block        LEVEL(port_block)
#define put_hashes        LEVEL(put_hashes)
#define hash_ipv6_vectors LEVEL(hash_ipv6_vectors)

typedef uint16_t quarters __attribute__((vector_size(4 * PARTS)));
typedef uint32_t halves __attribute__((vector_size(4 * PARTS), may_alias));
typedef uint64_t words __attribute__((vector_size(4 * PARTS), may_alias));
typedef uint32_t lower_halves __attribute__((vector_size(2 * PARTS), may_alias));

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

TARGET ALWAYS_INLINE void absorb_two(struct vector_state *a, struct vector_state *b, words first,
                                     words second)
{
    a->v3 ^= first;
    b->v3 ^= second;
    round_of_two(a, b);
    round_of_two(a, b);
    a->v0 ^= first;
    b->v0 ^= second;
}

TARGET ALWAYS_INLINE void finish_two(struct vector_state *a, struct vector_state *b, words *first,
                                     words *second)
{
    a->v2 ^= 0xff;
    b->v2 ^= 0xff;
    round_of_two(a, b);
    round_of_two(a, b);
    round_of_two(a, b);
    round_of_two(a, b);
    *first = a->v0 ^ a->v1 ^ a->v2 ^ a->v3;
    *second = b->v0 ^ b->v1 ^ b->v2 ^ b->v3;
}

TARGET ALWAYS_INLINE struct vector_state vector_start(const struct sip_state *given)
{
    const words zero = {0};
    return (struct vector_state){
        zero + given->v0,
        zero + given->v1,
        zero + given->v2,
        zero + given->v3,
    };
}

/* Pairs are put together within 16 bytes, so that of four lanes there two are in one vector of
 * blocks and two in another. Taking the hashes apart brings them into order again. */
TARGET static void hash_vectors(const struct sip_state *given, struct probe_batch *restrict batch)
{
    const struct vector_state start = vector_start(given);
    for (unsigned i = 0; i < BATCH_LANES; i += PARTS) {
        struct vector_state a = start, b = start;
        halves lower = *(const halves *)&batch->address[i];
        halves upper = *(const halves *)&batch->port[i] | MESSAGE_LENGTH << 24;
        words first = (words)__builtin_shufflevector(lower, upper, EACH_16_BYTES(FIRST_PAIRS));
        words second = (words)__builtin_shufflevector(lower, upper, EACH_16_BYTES(SECOND_PAIRS));
        absorb_two(&a, &b, first, second);
        finish_two(&a, &b, &first, &second);
        *(halves *)&batch->cookie[i] =
            __builtin_shufflevector((halves)first, (halves)second, EACH_16_BYTES(LOWER_HALVES));
        *(halves *)&batch->tag[i] =
            __builtin_shufflevector((halves)first, (halves)second, EACH_16_BYTES(UPPER_HALVES));
    }
}

TARGET ALWAYS_INLINE words port_block(const uint32_t *port)
{
    return __builtin_convertvector(*(const lower_halves *)port, words) | MESSAGE_LENGTH_IPV6 << 56;
}

TARGET ALWAYS_INLINE void put_hashes(struct probe_batch *batch, unsigned lane, words hash)
{
    *(lower_halves *)&batch->cookie[lane] = __builtin_convertvector(hash, lower_halves);
    *(lower_halves *)&batch->tag[lane] = __builtin_convertvector(hash >> 32, lower_halves);
}

TARGET static void hash_ipv6_vectors(const struct sip_state *given,
                                     const struct probe_lanes_ipv6 *lanes,
                                     struct probe_batch *restrict batch)
{
    const struct address_lanes *restrict address = &lanes->address;
    const void *const *soon = lanes->soon;
    const struct vector_state start = vector_start(given);
    for (unsigned i = 0, j = PARTS / 2; j < BATCH_LANES; i += PARTS, j += PARTS) {
        struct vector_state a = start, b = start;
        words first, second;
        ask_for(soon, i, PARTS);
        absorb_two(&a, &b, *(const words *)&address->low[i], *(const words *)&address->low[j]);
        absorb_two(&a, &b, *(const words *)&address->high[i], *(const words *)&address->high[j]);
        absorb_two(&a, &b, port_block(&batch->port[i]), port_block(&batch->port[j]));
        finish_two(&a, &b, &first, &second);
        put_hashes(batch, i, first);
        put_hashes(batch, j, second);
    }
}

#undef quarters
#undef halves
#undef words
#undef lower_halves
#undef vector_state
#undef rotate_by_16
#undef rotate_by_32
#undef vector_start
#undef vector_round
#undef round_of_two
#undef absorb_two
#undef finish_two
#undef hash_vectors
#undef port_block
#undef put_hashes
#undef hash_ipv6_vectors
#undef LEVEL
#undef TARGET
#undef PARTS
#undef EACH_16_BYTES

#undef PROBE_HASH_VECTORS_H /* for the next level */
#endif

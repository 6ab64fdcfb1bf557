/* A bounded reader over bytes that arrived from outside.
 *
 * Every read checks what is left. A read past the end gives zero and sets `failed`, and all later
 * reads fail too, so a decoder reads a whole header and checks once. Nothing is copied: the bytes
 * stay the caller's. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static inline struct reader reader_over(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    return (struct reader){.at = at, .end = at + length};
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->at);
}

/* The next `length` bytes, or NULL (and `failed`) if there are fewer. */
static inline const uint8_t *reader_bytes(struct reader *r, size_t length)
{
    if (r->failed || reader_left(r) < length) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *bytes = r->at;
    r->at += length;
    return bytes;
}

static inline void reader_skip(struct reader *r, size_t length)
{
    (void)reader_bytes(r, length);
}

/* Drops what lies beyond the next `length` bytes; no effect if fewer are left. */
static inline void reader_limit(struct reader *r, size_t length)
{
    if (reader_left(r) > length)
        r->end = r->at + length;
}

static inline uint8_t reader_u8(struct reader *r)
{
    const uint8_t *b = reader_bytes(r, 1);
    return b ? b[0] : 0;
}

static inline uint16_t reader_be16(struct reader *r)
{
    const uint8_t *b = reader_bytes(r, 2);
    return (uint16_t)(b ? b[0] << 8 | b[1] : 0);
}

static inline uint32_t reader_be32(struct reader *r)
{
    const uint8_t *b = reader_bytes(r, 4);
    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

static inline uint64_t reader_be64(struct reader *r)
{
    const uint8_t *b = reader_bytes(r, 8);
    uint64_t value = 0;
    for (int i = 0; b != NULL && i < 8; i++)
        value = value << 8 | b[i];
    return value;
}

#endif

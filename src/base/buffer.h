/* A byte buffer that grows up to a maximum it is born with.
 *
 * An append that does not fit (maximum reached or no memory) changes nothing and sets `failed`; a
 * caller may append many times and check once. One with a drain gives it what it holds instead, and
 * fails where the drain does: so what is written may be longer than the buffer. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes all `length` bytes, or returns false. */
typedef bool buffer_drain_fn(void *context, const uint8_t *bytes, size_t length);

struct buffer {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
    size_t maximum;
    bool failed;
    buffer_drain_fn *drain; /* NULL: none */
    void *drain_context;
    uint64_t drained; /* bytes */
};

/* An empty buffer that may grow to `maximum` bytes. Owns its memory until buffer_fini. */
void buffer_init(struct buffer *buffer, size_t maximum);
void buffer_fini(struct buffer *buffer);

/* The same, with a drain. No single append may be longer than `maximum`. */
void buffer_init_drained(struct buffer *buffer, size_t maximum, buffer_drain_fn *drain,
                         void *context);

/* Gives the drain, which there must be, what is still in the buffer. False: that failed, or
 * something before. */
bool buffer_flush(struct buffer *buffer);

/* What was appended in all, in bytes, be it drained or not. */
static inline uint64_t buffer_total(const struct buffer *buffer)
{
    return buffer->drained + buffer->length;
}

/* Forgets the content and `failed`, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* What buffer_reserve does where there is no room yet. */
uint8_t *buffer_reserve_more(struct buffer *buffer, size_t length);

/* Makes room for `length` more bytes and returns where they go, or NULL. The caller fills them and
 * adds the number it used to `buffer->length`. */
static inline uint8_t *buffer_reserve(struct buffer *buffer, size_t length)
{
    if (buffer->failed || length > buffer->capacity - buffer->length)
        return buffer_reserve_more(buffer, length);
    return buffer->bytes + buffer->length;
}

/* Drops the first `length` bytes of the content; the rest moves to the front. */
void buffer_drop(struct buffer *buffer, size_t length);

void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char c);
void buffer_decimal(struct buffer *buffer, uint64_t number);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The content as a C string (a NUL is kept behind it, not counted in `length`); "" if nothing fits.
 */
const char *buffer_string(struct buffer *buffer);

#endif

/* The pieces of a text record, written without printf.
 *
 * Each put_ function writes at `at` and returns the place behind; the caller has reserved room, no
 * NUL is written. A record without its banner fits in RECORD_ROOM bytes in every format, with what
 * some pieces overwrite behind themselves. */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include <stdint.h>
#include <string.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/decimal.h"
#include "output/escape.h"
#include "output/result.h"
#include "output/word.h"

enum { RECORD_ROOM = 1024 };

static inline char *put_bytes(char *at, const char *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

static inline char *put_text(char *at, const char *text)
{
    return put_bytes(at, text, strlen(text));
}

/* A string literal. */
#define PUT(at, literal) put_bytes(at, "" literal, sizeof literal - 1)

/* As ip_format writes it, at most 45 bytes; what lies behind it in those may be overwritten. */
char *put_ip(char *at, const struct ip_address *address);

/* The TCP flags "fin-syn-rst-psh-ack-urg-ece-cwr", or "none"; at most 31 bytes. What lies behind
 * them, 32 bytes from `at` on, may be overwritten. */
char *put_reason(char *at, uint8_t flags);

/* The last time that was written: most records are of the same second as the one before. Zeroed at
 * first. */
struct time_text {
    uint64_t time;
    uint32_t length;
    char digits[DECIMAL_DIGITS_MAX];
};

void time_text_set(struct time_text *last, uint64_t time);

/* `time` in seconds; what lies behind it, 20 bytes from `at` on, may be overwritten. */
static inline char *put_time(char *at, struct time_text *last, uint64_t time)
{
    if (last->time != time || last->length == 0)
        time_text_set(last, time);
    memcpy(at, last->digits, sizeof last->digits);
    return at + last->length;
}

/* Reserves room for the record with its banner, escaped; NULL if the buffer is full. */
static inline char *record_begin(struct buffer *out, const struct result *result)
{
    size_t banner = (size_t)ESCAPED_BYTE_MAX * result->banner_length;
    return (char *)buffer_reserve(out, RECORD_ROOM + banner);
}

/* Takes over what was written from record_begin's place up to `at`. */
static inline void record_commit(struct buffer *out, const char *at)
{
    out->length = (size_t)((const uint8_t *)at - out->bytes);
}

#endif

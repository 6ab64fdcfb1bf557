/* The pieces of a text record, written without printf.
 *
 * Each put_ function writes at `at` and returns the place behind; the caller has reserved room, no
 * NUL is written. A record without its banner fits in RECORD_ROOM bytes in every format. */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include <stdint.h>
#include <string.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/decimal.h"

enum { RECORD_ROOM = 512 };

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

/* The TCP flags "fin-syn-rst-psh-ack-urg-ece-cwr", or "none"; at most 31 bytes. */
char *put_reason(char *at, uint8_t flags);

/* Reserves RECORD_ROOM bytes; NULL if the buffer is full. */
static inline char *record_begin(struct buffer *out)
{
    return (char *)buffer_reserve(out, RECORD_ROOM);
}

/* Takes over what was written from record_begin's place up to `at`. */
static inline void record_commit(struct buffer *out, const char *at)
{
    out->length = (size_t)((const uint8_t *)at - out->bytes);
}

#endif

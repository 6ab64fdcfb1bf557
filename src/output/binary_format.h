/* The binary scan file: its frame and the heads of its records.
 *
 * A file is a header of 99 bytes ("masscan/1.1\ns:<epoch>\n", NULs), records, and a trailer of 99
 * bytes ("masscan/1.1", NULs). A record is its type, the length of its body, its body; both numbers
 * are varints: base 128, most significant group first, 0x80 set on all but the last byte. Header
 * and trailer parse as records too, 'm' (109) 'a' (97), and so may stand anywhere: files can be
 * joined end to end. All other numbers are big-endian. */
#ifndef OUTPUT_BINARY_FORMAT_H
#define OUTPUT_BINARY_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define BINARY_MAGIC "masscan/1."

enum {
    BINARY_MAGIC_SIZE = sizeof BINARY_MAGIC - 1,
    BINARY_FRAME_SIZE = 99,    /* header and trailer */
    BINARY_HEAD_MAX = 10,      /* two varints of at most 32 bits */
    BINARY_BODY_MAX = 1 << 20, /* no writer makes a longer one; the existing reader's bound too */
};

enum binary_type {
    BINARY_OPEN_OLD = 1,
    BINARY_CLOSED_OLD,
    BINARY_BANNER_OLD,
    BINARY_BANNER_SHORT, /* its length is one less than its body */
    BINARY_BANNER_NO_TTL,
    BINARY_OPEN,
    BINARY_CLOSED,
    BINARY_UP,
    BINARY_BANNER,
    BINARY_OPEN6,
    BINARY_CLOSED6,
    BINARY_UP6,
    BINARY_BANNER6,
    BINARY_FRAME = 'm', /* a header or trailer */
};

struct binary_head {
    uint32_t type;
    uint64_t body_length; /* of the bytes that follow, with the one type 4 does not count */
    size_t size;          /* of the head itself */
};

enum binary_head_outcome {
    BINARY_HEAD_WHOLE,
    BINARY_HEAD_CUT,    /* goes on behind the bytes given */
    BINARY_HEAD_BROKEN, /* a number over 32 bits: made by no writer */
};

/* What binary_head_parse does where a number has more than one byte. */
enum binary_head_outcome binary_head_parse_long(struct binary_head *head, const uint8_t *bytes,
                                                size_t length);

static inline enum binary_head_outcome binary_head_parse(struct binary_head *head,
                                                         const uint8_t *bytes, size_t length)
{
    if (length < 2 || (bytes[0] | bytes[1]) >= 0x80)
        return binary_head_parse_long(head, bytes, length);
    *head = (struct binary_head){bytes[0], bytes[1], 2};
    head->body_length += head->type == BINARY_BANNER_SHORT;
    return BINARY_HEAD_WHOLE;
}

/* Writes the varint at `at`, at most five bytes; returns the place behind. */
uint8_t *binary_varint_put(uint8_t *at, uint32_t number);

#endif

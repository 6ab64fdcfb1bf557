/* Heads of binary records. */
#include "output/binary_format.h"

static enum binary_head_outcome parse_varint(const uint8_t **at, const uint8_t *end,
                                             uint32_t *number)
{
    uint64_t value = 0;
    while (*at < end) {
        uint8_t byte = *(*at)++;
        value = value << 7 | (byte & 0x7f);
        if (value > UINT32_MAX)
            return BINARY_HEAD_BROKEN;
        if ((byte & 0x80) == 0) {
            *number = (uint32_t)value;
            return BINARY_HEAD_WHOLE;
        }
    }
    return BINARY_HEAD_CUT;
}

enum binary_head_outcome binary_head_parse_long(struct binary_head *head, const uint8_t *bytes,
                                                size_t length)
{
    const uint8_t *at = bytes, *end = bytes + length;
    if (length > BINARY_HEAD_MAX)
        end = bytes + BINARY_HEAD_MAX;
    uint32_t body = 0;
    enum binary_head_outcome outcome = parse_varint(&at, end, &head->type);
    if (outcome == BINARY_HEAD_WHOLE)
        outcome = parse_varint(&at, end, &body);
    if (outcome == BINARY_HEAD_CUT && length >= BINARY_HEAD_MAX)
        return BINARY_HEAD_BROKEN; /* leading zero groups without end */
    head->body_length = (uint64_t)body + (head->type == BINARY_BANNER_SHORT ? 1 : 0);
    head->size = (size_t)(at - bytes);
    return outcome;
}

uint8_t *binary_varint_put(uint8_t *at, uint32_t number)
{
    for (int shift = 28; shift > 0; shift -= 7)
        if (number >> shift != 0)
            *at++ = (uint8_t)(0x80 | (number >> shift & 0x7f));
    *at++ = (uint8_t)(number & 0x7f);
    return at;
}

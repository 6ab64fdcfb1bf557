/* Base64 (RFC 4648, section 4). */
#include "base/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One to three bytes as four characters. */
static void encode_group(char group[4], const uint8_t *bytes, size_t count)
{
    uint32_t bits = (uint32_t)bytes[0] << 16 | (count > 1 ? (uint32_t)bytes[1] << 8 : 0) |
                    (count > 2 ? bytes[2] : 0);
    for (unsigned i = 0; i < 4; i++)
        group[i] = i <= count ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
}

void base64_encode(struct buffer *out, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    while (length > 0) {
        char group[4];
        size_t count = length < 3 ? length : 3;
        encode_group(group, at, count);
        buffer_append(out, group, sizeof group);
        at += count;
        length -= count;
    }
}

/* -1 for what is not in the alphabet. */
static int value_of(char c)
{
    const char *found = c != '\0' ? strchr(alphabet, c) : NULL;
    return found != NULL ? (int)(found - alphabet) : -1;
}

/* The characters without their padding; 0 also if that is wrong. */
static size_t unpadded(const char *text, size_t length)
{
    size_t end = length;
    while (end > 0 && length - end < 2 && text[end - 1] == '=')
        end--;
    bool padding_fits = end == length || length % 4 == 0;
    return padding_fits && end % 4 != 1 ? end : 0;
}

static bool decode_characters(struct buffer *out, const char *text, size_t length)
{
    uint32_t bits = 0;
    unsigned held = 0; /* bits that wait for the rest of their byte */
    for (size_t i = 0; i < length; i++) {
        int value = value_of(text[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            buffer_char(out, (char)(bits >> held));
        }
    }
    return (bits & ((1u << held) - 1)) == 0;
}

bool base64_decode(struct buffer *out, const char *text, size_t length)
{
    size_t before = out->length, characters = unpadded(text, length);
    if (characters == 0 && length > 0)
        return false;
    if (decode_characters(out, text, characters))
        return true;
    out->length = before;
    return false;
}

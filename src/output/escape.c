/* Banner escaping: runs of plain bytes are copied, the rest becomes a prefix and two hex digits. */
#include "output/escape.h"

#include <stdbool.h>
#include <string.h>

/* Everything from space to tilde but " & ' < > and the backslash. */
static const bool plain[256] = {
    [0x20 ... 0x21] = true, [0x23 ... 0x25] = true, [0x28 ... 0x3b] = true,
    [0x3d] = true,          [0x3f ... 0x5b] = true, [0x5d ... 0x7e] = true,
};

static void append_hex(struct buffer *out, const char *prefix, size_t prefix_length, uint8_t byte)
{
    uint8_t *at = buffer_reserve(out, prefix_length + 2);
    if (at == NULL)
        return;
    memcpy(at, prefix, prefix_length);
    at[prefix_length] = "0123456789abcdef"[byte >> 4];
    at[prefix_length + 1] = "0123456789abcdef"[byte & 15];
    out->length += prefix_length + 2;
}

static void escape(struct buffer *out, const uint8_t *bytes, size_t length, const char *prefix,
                   size_t prefix_length)
{
    const uint8_t *end = bytes + length;
    while (bytes < end) {
        const uint8_t *run = bytes;
        while (bytes < end && plain[*bytes])
            bytes++;
        buffer_append(out, run, (size_t)(bytes - run));
        if (bytes < end)
            append_hex(out, prefix, prefix_length, *bytes++);
    }
}

void escape_text(struct buffer *out, const uint8_t *bytes, size_t length)
{
    escape(out, bytes, length, "\\x", 2);
}

void escape_json(struct buffer *out, const uint8_t *bytes, size_t length)
{
    escape(out, bytes, length, "\\u00", 4);
}

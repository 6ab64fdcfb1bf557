/* Characters as UTF-8. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"

enum { UTF8_MAX = 4 }; /* bytes of a character */

/* What is read in place of a character. */
enum { UTF8_NOTHING = 0, UTF8_UNFINISHED = 0xffffffff };

/* Writes a character, up to U+10FFFF, and returns the place behind it. */
static inline uint8_t *utf8_write(uint8_t *at, uint32_t character)
{
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    unsigned more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    *at++ = (uint8_t)(lead[more] | character >> 6 * more);
    while (more-- > 0)
        *at++ = (uint8_t)(0x80 | (character >> 6 * more & 0x3f));
    return at;
}

/* A character of UTF-8 whose first byte is 0x80 or more: UTF8_NOTHING, and nothing is read, if the
 * bytes are none (RFC 3629, 4), UTF8_UNFINISHED if they may begin one. */
static inline uint32_t utf8_read(struct reader *reader)
{
    const uint8_t *at = reader->at;
    unsigned more = at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : 1;
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (at[0] < 0xc2 || at[0] > 0xf4)
        return UTF8_NOTHING;
    uint32_t character = at[0] & (0x3fu >> more);
    for (unsigned i = 1; i <= more; i++) {
        if (i >= reader_left(reader))
            return UTF8_UNFINISHED;
        if ((at[i] & 0xc0) != 0x80)
            return UTF8_NOTHING;
        character = character << 6 | (at[i] & 0x3f);
    }
    bool is_surrogate = character >= 0xd800 && character < 0xe000;
    if (character < least[more] || character > 0x10ffff || is_surrogate)
        return UTF8_NOTHING;
    reader_skip(reader, more + 1);
    return character;
}

#endif

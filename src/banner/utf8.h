/* Characters as UTF-8. */
#ifndef BANNER_UTF8_H
#define BANNER_UTF8_H

#include <stdint.h>

enum { UTF8_MAX = 4 }; /* bytes of a character */

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

#endif

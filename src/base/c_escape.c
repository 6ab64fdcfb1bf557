/* Escapes in strings. */
#include "base/c_escape.h"

#include <ctype.h>
#include <stdint.h>

#include "base/hex.h"

/* A letter or digit behind a backslash, and the byte that it stands for; \xHH is apart. */
static const struct {
    char letter;
    uint8_t byte;
} escapes[] = {{'0', '\0'}, {'a', '\a'}, {'b', '\b'}, {'f', '\f'},
               {'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'v', '\v'}};

int c_escape_byte(const char *at, const char *end, size_t *length)
{
    *length = 1;
    if (at == end)
        return -1;
    if (*at == 'x') {
        int high = end - at > 2 ? hex_digit(at[1]) : -1, low = high < 0 ? -1 : hex_digit(at[2]);
        *length = 3;
        return low < 0 ? -1 : high << 4 | low;
    }
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        if (escapes[i].letter == *at)
            return escapes[i].byte;
    return isalnum((unsigned char)*at) ? -1 : (unsigned char)*at;
}

/* Numbers as decimal text, without printf: lists and result files are made of them. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdint.h>
#include <string.h>

enum {
    DECIMAL_DIGITS_MAX = 20,
    DECIMAL_U16_ROOM = 8,
    DECIMAL_BYTE_ROOM = 4,
};

/* Writes `number` at `at`, at most DECIMAL_DIGITS_MAX digits and no NUL; returns the place behind.
 */
char *decimal_write(char *at, uint64_t number);

/* The same for small numbers, without a branch on how many digits they have. There must be room for
 * DECIMAL_U16_ROOM and DECIMAL_BYTE_ROOM characters; what lies behind the digits in it may be
 * overwritten. The character behind the digits of a byte becomes a dot, as addresses need it. */
char *decimal_write_u16(char *at, uint16_t number);

struct decimal_byte {
    char text[DECIMAL_BYTE_ROOM]; /* the digits, and dots behind them */
    uint32_t length;              /* of the digits */
};

extern const struct decimal_byte decimal_bytes[256];

static inline char *decimal_write_byte(char *at, uint8_t number)
{
    const struct decimal_byte *byte = &decimal_bytes[number];
    memcpy(at, byte->text, sizeof byte->text);
    return at + byte->length;
}

#endif

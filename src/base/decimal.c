/* Numbers as decimal text, two digits at a time. */
#include "base/decimal.h"

#include <endian.h>

#include "base/every_byte.h"

static const char two_digits[200] = "00010203040506070809101112131415161718192021222324"
                                    "25262728293031323334353637383940414243444546474849"
                                    "50515253545556575859606162636465666768697071727374"
                                    "75767778798081828384858687888990919293949596979899";

static unsigned count_digits(uint64_t number)
{
    unsigned digits = 1;
    while (number >= 10000) {
        number /= 10000;
        digits += 4;
    }
    return digits + (number >= 10) + (number >= 100) + (number >= 1000);
}

char *decimal_write(char *at, uint64_t number)
{
    char *end = at + count_digits(number);
    char *place = end;
    while (number >= 100) {
        place -= 2;
        memcpy(place, two_digits + 2 * (number % 100), 2);
        number /= 100;
    }
    if (number >= 10)
        memcpy(place - 2, two_digits + 2 * number, 2);
    else
        place[-1] = (char)('0' + number);
    return end;
}

/* Two digits as they lie in memory. */
static uint64_t load_pair(unsigned number)
{
    uint16_t pair;
    memcpy(&pair, two_digits + 2 * number, sizeof pair);
    return le16toh(pair);
}

/* All five digits, in the order of memory from the lowest byte up; then the zeros that lead are
 * shifted out. The bit that is set ends the search for them: the last digit always stays. */
char *decimal_write_u16(char *at, uint16_t number)
{
    unsigned hundreds = number / 100u, first = number / 10000u;
    uint64_t digits = load_pair(hundreds - 100 * first) << 8 | load_pair(number - 100 * hundreds)
                                                                   << 24;
    digits |= '0' + first;
    unsigned zeros = (unsigned)__builtin_ctzll((digits & 0x0f0f0f0f) | 1ull << 32) / 8;
    uint64_t text = htole64(digits >> 8 * zeros);
    memcpy(at, &text, sizeof text);
    return at + 5 - zeros;
}

#define ONES(n)     ('0' + (n) % 10)
#define TENS(n)     ('0' + (n) / 10 % 10)
#define HUNDREDS(n) ('0' + (n) / 100)
/* One of the three, by how many digits `n` has. */
#define CASE(n, one, two, three) ((n) < 10 ? (one) : (n) < 100 ? (two) : (three))
#define BYTE(n)                                                                                    \
    {                                                                                              \
        {CASE(n, ONES(n), TENS(n), HUNDREDS(n)), CASE(n, '.', ONES(n), TENS(n)),                   \
         CASE(n, '.', '.', ONES(n)), '.'},                                                         \
            CASE(n, 1, 2, 3)                                                                       \
    }

const struct decimal_byte decimal_bytes[256] = {EVERY_BYTE(BYTE)};

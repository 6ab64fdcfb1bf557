/* Numbers as decimal text, two digits at a time. */
#include "base/decimal.h"

#include <string.h>

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

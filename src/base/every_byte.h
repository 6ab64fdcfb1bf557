/* The rows of a constant table that has an entry for each byte: EVERY_BYTE(f) is f(0), ... f(255).
 */
#ifndef BASE_EVERY_BYTE_H
#define BASE_EVERY_BYTE_H

#define FOUR_BYTES(f, n) f((n)), f((n) + 1), f((n) + 2), f((n) + 3)
#define SIXTEEN_BYTES(f, n)                                                                        \
    FOUR_BYTES(f, n), FOUR_BYTES(f, (n) + 4), FOUR_BYTES(f, (n) + 8), FOUR_BYTES(f, (n) + 12)
#define SIXTY_FOUR_BYTES(f, n)                                                                     \
    SIXTEEN_BYTES(f, n), SIXTEEN_BYTES(f, (n) + 16), SIXTEEN_BYTES(f, (n) + 32),                   \
        SIXTEEN_BYTES(f, (n) + 48)
#define EVERY_BYTE(f)                                                                              \
    SIXTY_FOUR_BYTES(f, 0), SIXTY_FOUR_BYTES(f, 64), SIXTY_FOUR_BYTES(f, 128),                     \
        SIXTY_FOUR_BYTES(f, 192)

/* The character of a number below 16, for such rows. */
#define HEX_DIGIT(n) ((n) < 10 ? '0' + (n) : 'a' + (n)-10)

#endif

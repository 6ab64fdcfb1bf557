/* Numbers as decimal text, without printf: lists and result files are made of them. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdint.h>

enum { DECIMAL_DIGITS_MAX = 20 };

/* Writes `number` at `at`, at most DECIMAL_DIGITS_MAX digits and no NUL; returns the place behind.
 */
char *decimal_write(char *at, uint64_t number);

#endif

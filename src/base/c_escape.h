/* Escapes in strings as C and nmap's files have them. */
#ifndef BASE_C_ESCAPE_H
#define BASE_C_ESCAPE_H

#include <stddef.h>

/* The byte that the escape at `at`, behind its backslash, stands for, and how long that is: \xHH,
 * \0 \a \b \f \n \r \t \v, or a character that is no letter or digit, for itself. -1 if it is
 * none of these, or ends at `end`. */
int c_escape_byte(const char *at, const char *end, size_t *length);

#endif

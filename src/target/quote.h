/* Foreign text inside an error message: short, on one line, and harmless to a terminal.
 *
 * Internal to target/. */
#ifndef TARGET_QUOTE_H
#define TARGET_QUOTE_H

enum { QUOTE_SIZE = 256 };

/* The bytes from `at` to `end` in double quotes, with unprintable ones as \xNN, cut after some 48
 * bytes; returns `quote`. */
const char *quote_text(char quote[QUOTE_SIZE], const char *at, const char *end);

#endif

/* The title of a page as clean UTF-8. */
#ifndef BANNER_TITLE_H
#define BANNER_TITLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum title_charset {
    TITLE_UNDECLARED, /* UTF-8 where it is valid, windows-1252 where it is not */
    TITLE_UTF8,
    TITLE_WINDOWS_1252, /* also for ISO 8859-1 and ASCII, as WHATWG's Encoding Standard has it */
    TITLE_OTHER,        /* whose bytes above 127 become U+FFFD */
};

enum {
    TITLE_RAW_MAX = 256,
    TITLE_MAX = 3 * TITLE_RAW_MAX, /* a byte becomes three at most */
};

/* The charset that a header or a <meta> tag names with "charset="; `otherwise` if it names none. */
enum title_charset title_charset_of(const uint8_t *text, size_t length,
                                    enum title_charset otherwise);

/* Decodes at most TITLE_RAW_MAX bytes between <title> and </title>: characters and references to
 * them; control characters are left out, white space becomes one blank, none at both ends. With
 * `is_cut` more bytes might have followed, so a character or reference that may be unfinished is
 * left out. Returns the length. */
size_t title_decode(uint8_t text[TITLE_MAX], const uint8_t *raw, size_t length,
                    enum title_charset charset, bool is_cut);

#endif

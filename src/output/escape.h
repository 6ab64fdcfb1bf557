/* Banners inside text formats: whatever a server sent, the line and the document stay whole. */
#ifndef OUTPUT_ESCAPE_H
#define OUTPUT_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

/* The longest form of a byte, and what may be overwritten behind the whole text. */
enum { ESCAPED_BYTE_MAX = 6, ESCAPE_SLACK = 8 };

/* Writes printable ASCII except < > & \ " ' as it is, every other byte as \xNN (four bytes each);
 * returns the place behind. There must be room for ESCAPED_BYTE_MAX bytes a byte, and the slack. */
char *escape_text(char *at, const uint8_t *bytes, size_t length);

/* The same bytes as \u00NN (six bytes each): the inside of a JSON string, a byte a code point. */
char *escape_json(char *at, const uint8_t *bytes, size_t length);

#endif

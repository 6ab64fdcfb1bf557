/* Banners inside text formats: whatever a server sent, the line and the document stay whole. */
#ifndef OUTPUT_ESCAPE_H
#define OUTPUT_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Printable ASCII except < > & \ " ' as it is, every other byte as \xNN (four bytes each). */
void escape_text(struct buffer *out, const uint8_t *bytes, size_t length);

/* The same bytes as \u00NN (six bytes each): the inside of a JSON string, a byte a code point. */
void escape_json(struct buffer *out, const uint8_t *bytes, size_t length);

#endif

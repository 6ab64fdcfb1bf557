/* Base64 (RFC 4648, section 4). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* Appends the text of `length` bytes, padded. */
void base64_encode(struct buffer *out, const void *bytes, size_t length);

/* Appends the bytes that the `length` characters of `text` stand for; false, with `out` as it was,
 * if they are no base64. The padding may be missing; what is behind the last byte must be zero
 * bits. The caller looks at out->failed for what did not fit. */
bool base64_decode(struct buffer *out, const char *text, size_t length);

#endif

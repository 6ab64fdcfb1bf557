/* Text for roff, with the macros of man(7). */
#ifndef MANUAL_ROFF_H
#define MANUAL_ROFF_H

#include <stddef.h>

#include "base/buffer.h"

/* Appends `length` bytes of text so that roff prints just them. */
void roff_escape(struct buffer *out, const char *text, size_t length);

/* Appends sentences in lines of a decent length, a new sentence on a new line, and options such as
 * --rate in bold. Ends with a newline. */
void roff_prose(struct buffer *out, const char *text);

#endif

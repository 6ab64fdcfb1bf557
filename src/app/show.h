/* What actions that only show something have in common. */
#ifndef APP_SHOW_H
#define APP_SHOW_H

#include "base/buffer.h"
#include "base/error.h"

enum { SHOW_TEXT_MAXIMUM = 1 << 30 };

/* Prints the text to standard output and gives the buffer back. Returns an exit status, or a
 * negative value if it was not all printed. */
int show_text(struct buffer *text, struct error *err);

#endif

/* Lists of options for a terminal. */
#ifndef CONF_HELP_H
#define CONF_HELP_H

#include "base/buffer.h"
#include "conf/option.h"

/* Appends "-c, --conf <file>": all that an option is called, but for aliases, and its argument. */
void help_label(struct buffer *out, const struct option *option);

/* Appends the two columns of a line: `label`, and `text` in the lines that it takes. */
void help_row(struct buffer *out, const char *label, const char *text);

#endif

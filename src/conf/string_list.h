/* Lists of strings and texts that struct conf owns. */
#ifndef CONF_STRING_LIST_H
#define CONF_STRING_LIST_H

#include "base/error.h"
#include "conf/conf.h"

/* Puts a copy of `text` into *field and frees what was there. */
int string_replace(char **field, const char *text, struct error *err);

/* Adds a copy of `text`. */
int string_list_add(struct conf_strings *strings, const char *text, struct error *err);
void string_list_fini(struct conf_strings *strings);

/* Puts `?` for control characters, so that a text with words of the user's is one line and changes
 * nothing on a terminal. */
void string_make_line(char *text);

#endif

/* Fields of the time in a text, as in strftime(3): "scan-%Y-%m-%d.xml". */
#ifndef BASE_TIME_FIELDS_H
#define BASE_TIME_FIELDS_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Appends `text` with its fields filled in for `time` (wall clock seconds) in local time; "%%" is a
 * percent sign. Fields whose text may hold a slash or a blank at its begin are none here. Negative
 * names the field that is none; `out` then holds what stands before it. */
int time_fields_fill(struct buffer *out, const char *text, uint64_t time, struct error *err);

/* Appends `text` so that time_fields_fill makes it `text` again. */
void time_fields_escape(struct buffer *out, const char *text);

#endif

/* Kinds of banner by their names. */
#ifndef OUTPUT_BANNER_TYPES_H
#define OUTPUT_BANNER_TYPES_H

#include <stdint.h>

#include "base/error.h"

/* Reads a comma list of names as result_app_name has them (case ignored), and ssh1, ssh2 and
 * heuristic, which are printed under other names. `apps` gets a bit for each enum banner_app that
 * is named. The error tells which names are nearest to one that is none. */
int banner_types_parse(uint64_t *apps, const char *text, struct error *err);

#endif

/* Kinds of banner by their names. */
#ifndef OUTPUT_BANNER_TYPES_H
#define OUTPUT_BANNER_TYPES_H

#include "base/banner_app_set.h"
#include "base/error.h"

/* Reads a comma list of names as result_app_name has them (case ignored), and ssh1, ssh2 and
 * heuristic, which are printed under other names. `apps` becomes the set of the kinds that are
 * named. The error tells which names are nearest to one that is none. */
int banner_types_parse(struct banner_app_set *apps, const char *text, struct error *err);

#endif

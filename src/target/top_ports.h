/* The ports that are open most often. */
#ifndef TARGET_TOP_PORTS_H
#define TARGET_TOP_PORTS_H

#include <stdint.h>

#include "base/error.h"
#include "target/range_set.h"

/* Adds the codes of the first `count` ports of the list for a class (an enum port_class) to `set`
 * (which then is to be normalised). An error if the list is shorter, or if there is none: there are
 * lists for TCP and UDP only. */
int target_add_top_ports(struct range_set *set, int class, uint64_t count, struct error *err);

#endif

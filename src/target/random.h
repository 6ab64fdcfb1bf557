/* Random addresses of the whole Internet. */
#ifndef TARGET_RANDOM_H
#define TARGET_RANDOM_H

#include <stdint.h>

#include "base/error.h"
#include "target/range_set.h"

/* Adds `count` different addresses to `chosen` (which then is to be normalised), drawn evenly from
 * all IPv4 addresses that may belong to a host on the Internet and are not in `removed` (normal).
 * The same seed and the same `removed` give the same addresses, and fewer are the first of more.
 * An error if there are not so many. */
int target_choose_random(struct range_set *chosen, uint64_t count, const struct range_set *removed,
                         uint64_t seed, struct error *err);

#endif

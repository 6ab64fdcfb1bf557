/* A set of 32-bit integers kept as ranges: IPv4 addresses (host order), or port codes of
 * base/port.h.
 *
 * Ranges are added in any order, overlapping or not; range_set_normalise sorts and merges them. All
 * questions are put to a normal set: ascending, disjoint, not even touching. */
#ifndef TARGET_RANGE_SET_H
#define TARGET_RANGE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct range {
    uint32_t first;
    uint32_t last; /* inclusive */
};

struct range_set {
    struct range *ranges;
    size_t count;
    size_t capacity;
    bool normal;
};

/* A zeroed struct is an empty, normal set too. */
void range_set_init(struct range_set *set);
void range_set_fini(struct range_set *set);

/* Adds first..last (first <= last). Fails only without memory. */
int range_set_add(struct range_set *set, uint32_t first, uint32_t last, struct error *err);

/* Adds every range of `other`. */
int range_set_add_all(struct range_set *set, const struct range_set *other, struct error *err);

/* Sorts (radix, linear time) and merges. */
int range_set_normalise(struct range_set *set, struct error *err);

/* Removes from `set` all that is in `removed`, another set; both normal. Linear time. */
int range_set_subtract(struct range_set *set, const struct range_set *removed, struct error *err);

/* How many integers are in a normal set: 0 to 2^32. */
uint64_t range_set_size(const struct range_set *set);

/* How many integers of a normal set lie in first..last. */
uint64_t range_set_count_between(const struct range_set *set, uint32_t first, uint32_t last);

/* Is `value` in the normal set? Binary search. */
bool range_set_contains(const struct range_set *set, uint32_t value);

#endif

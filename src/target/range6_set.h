/* A set of 128-bit integers kept as ranges: IPv6 addresses as numbers (base/uint128.h).
 *
 * As range_set.h in all: added in any order, then range6_set_normalise, then questions. A range
 * takes 32 bytes, and nothing here takes a second copy of a set: lists of ten million addresses are
 * common. */
#ifndef TARGET_RANGE6_SET_H
#define TARGET_RANGE6_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/uint128.h"

struct range6 {
    uint128 first;
    uint128 last; /* inclusive */
};

struct range6_set {
    struct range6 *ranges;
    size_t count;
    size_t capacity;
    bool normal;
};

/* A zeroed struct is an empty, normal set too. */
void range6_set_init(struct range6_set *set);
void range6_set_fini(struct range6_set *set);

/* Adds first..last (first <= last). Fails only without memory. */
int range6_set_add(struct range6_set *set, uint128 first, uint128 last, struct error *err);

/* Adds every range of `other`. */
int range6_set_add_all(struct range6_set *set, const struct range6_set *other, struct error *err);

/* Sorts (radix, in place) and merges. */
int range6_set_normalise(struct range6_set *set, struct error *err);

/* Removes from `set` all that is in `removed`, another set; both normal. Linear time. */
int range6_set_subtract(struct range6_set *set, const struct range6_set *removed,
                        struct error *err);

/* How many integers are in a normal set: 0 to 2^128 - 1, which also stands for all 2^128. */
uint128 range6_set_size(const struct range6_set *set);

/* How many integers of a normal set lie in first..last. */
uint128 range6_set_count_between(const struct range6_set *set, uint128 first, uint128 last);

/* Is `value` in the normal set? Binary search. */
bool range6_set_contains(const struct range6_set *set, uint128 value);

#endif

/* Sets of kinds of banner: a bit for each enum banner_app, however many there are. */
#ifndef BASE_BANNER_APP_SET_H
#define BASE_BANNER_APP_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/banner_app.h"

enum { BANNER_APP_SET_WORDS = (APP_COUNT + 63) / 64 };

/* All zero is the empty set. */
struct banner_app_set {
    uint64_t words[BANNER_APP_SET_WORDS];
};

/* `app` is below APP_COUNT. */
static inline void banner_app_set_add(struct banner_app_set *set, unsigned app)
{
    set->words[app / 64] |= UINT64_C(1) << app % 64;
}

static inline bool banner_app_set_has(const struct banner_app_set *set, unsigned app)
{
    return set->words[app / 64] >> app % 64 & 1;
}

/* Those that are not in it. */
static inline struct banner_app_set banner_app_set_others(const struct banner_app_set *set)
{
    struct banner_app_set others;
    for (unsigned i = 0; i < BANNER_APP_SET_WORDS; i++)
        others.words[i] = ~set->words[i];
    return others;
}

#endif

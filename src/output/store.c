/* The table of stores, and finding one by name. */
#include "output/store.h"

#include "output/format_name.h"

const struct store_ops *const store_table[] = {&store_sqlite, &store_redis, NULL};

const struct store_ops *store_find(const char *name)
{
    for (const struct store_ops *const *store = store_table; *store != NULL; store++)
        if (format_is_called(name, (*store)->name, (*store)->aliases))
            return *store;
    return NULL;
}

/* Host names that stood among targets, for who looks them up. */
#ifndef TARGET_NAME_LIST_H
#define TARGET_NAME_LIST_H

#include <stddef.h>

#include "base/error.h"

/* A zeroed struct is empty. */
struct name_list {
    char **names; /* owned */
    size_t count, capacity;
};

/* Adds a copy of the first `length` bytes of `name`. Fails only without memory. */
int name_list_add(struct name_list *list, const char *name, size_t length, struct error *err);
void name_list_fini(struct name_list *list);

#endif

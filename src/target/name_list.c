/* Host names that stood among targets. */
#include "target/name_list.h"

#include <stdlib.h>
#include <string.h>

int name_list_add(struct name_list *list, const char *name, size_t length, struct error *err)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        char **larger = reallocarray(list->names, capacity, sizeof *larger);
        if (larger == NULL)
            return error_set(err, "out of memory for host names");
        list->names = larger;
        list->capacity = capacity;
    }
    list->names[list->count] = strndup(name, length);
    if (list->names[list->count] == NULL)
        return error_set(err, "out of memory for host names");
    list->count++;
    return 0;
}

void name_list_fini(struct name_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
    *list = (struct name_list){0};
}

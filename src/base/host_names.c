/* Names of hosts by their addresses. */
#include "base/host_names.h"

#include <stdlib.h>
#include <string.h>

bool host_name_is_plain(const char *text, size_t length)
{
    bool has_letter = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_')
            return false;
        has_letter |= is_letter;
    }
    return has_letter && length <= HOST_NAME_LONGEST;
}

static int make_room(struct host_names *names, struct error *err)
{
    if (names->count < names->capacity)
        return 0;
    size_t capacity = names->capacity ? 2 * names->capacity : 16;
    struct host_name *larger = reallocarray(names->items, capacity, sizeof *larger);
    if (larger == NULL)
        return error_set(err, "out of memory for host names");
    names->items = larger;
    names->capacity = capacity;
    return 0;
}

int host_names_add(struct host_names *names, struct ip_number address, const char *name,
                   size_t length, struct error *err)
{
    if (make_room(names, err) < 0)
        return -1;
    char *copy = strndup(name, length);
    if (copy == NULL)
        return error_set(err, "out of memory for host names");
    names->items[names->count] = (struct host_name){address, copy, names->count};
    names->count++;
    names->sorted = false;
    return 0;
}

void host_names_fini(struct host_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i].name);
    free(names->items);
    *names = (struct host_names){0};
}

static int compare(const void *a, const void *b)
{
    const struct host_name *left = a, *right = b;
    int order = ip_number_compare(left->address, right->address);
    return order ? order : (left->order > right->order) - (left->order < right->order);
}

void host_names_sort(struct host_names *names)
{
    size_t kept = 0;
    if (names->count > 0)
        qsort(names->items, names->count, sizeof *names->items, compare);
    for (size_t i = 0; i < names->count; i++) {
        struct host_name *item = &names->items[i];
        if (kept > 0 && ip_number_equal(names->items[kept - 1].address, item->address))
            free(item->name);
        else
            names->items[kept++] = *item;
    }
    names->count = kept;
    names->sorted = true;
}

const char *host_names_find(const struct host_names *names, struct ip_number address)
{
    size_t low = 0, high = names != NULL && names->sorted ? names->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = ip_number_compare(names->items[middle].address, address);
        if (order == 0)
            return names->items[middle].name;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

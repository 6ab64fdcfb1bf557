/* Lists of strings and texts that struct conf owns. */
#include "conf/string_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int string_replace(char **field, const char *text, struct error *err)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return error_set(err, "out of memory");
    free(*field);
    *field = copy;
    return 0;
}

int string_list_add(struct conf_strings *strings, const char *text, struct error *err)
{
    char **items = reallocarray(strings->items, strings->count + 1, sizeof *items);
    if (items == NULL)
        return error_set(err, "out of memory");
    strings->items = items;
    items[strings->count] = NULL;
    if (string_replace(&items[strings->count], text, err) < 0)
        return -1;
    strings->count++;
    return 0;
}

void string_list_fini(struct conf_strings *strings)
{
    for (unsigned i = 0; i < strings->count; i++)
        free(strings->items[i]);
    free(strings->items);
    *strings = (struct conf_strings){0};
}

void string_make_line(char *text)
{
    for (; *text != '\0'; text++)
        if (iscntrl((unsigned char)*text))
            *text = '?';
}

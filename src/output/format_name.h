/* The names of formats, as a user may write them. */
#ifndef OUTPUT_FORMAT_NAME_H
#define OUTPUT_FORMAT_NAME_H

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Is `text` the name, or one of the aliases, which are separated by spaces? Case does not count. */
static inline bool format_is_called(const char *text, const char *name, const char *aliases)
{
    size_t length = strlen(text);
    if (strcasecmp(text, name) == 0)
        return true;
    while (*aliases != '\0') {
        size_t word = strcspn(aliases, " ");
        if (word == length && word > 0 && strncasecmp(text, aliases, word) == 0)
            return true;
        aliases += word;
        aliases += strspn(aliases, " ");
    }
    return false;
}

#endif

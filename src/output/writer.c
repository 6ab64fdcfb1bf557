/* The table of writers, and finding one by name. */
#include "output/writer.h"

#include <string.h>
#include <strings.h>

#include "output/writers.h"

const struct writer_ops *const writer_table[] = {
    &writer_interactive, &writer_list,     &writer_xml,    &writer_json,
    &writer_ndjson,      &writer_grepable, &writer_binary, &writer_unicornscan,
    &writer_hostonly,    &writer_none,     NULL,
};

/* Whether `name` is one of the words of `list`. */
static bool is_word_of(const char *name, const char *list)
{
    size_t length = strlen(name);
    while (*list != '\0') {
        size_t word = strcspn(list, " ");
        if (word == length && word > 0 && strncasecmp(name, list, word) == 0)
            return true;
        list += word;
        list += strspn(list, " ");
    }
    return false;
}

const struct writer_ops *writer_find(const char *name)
{
    for (const struct writer_ops *const *writer = writer_table; *writer != NULL; writer++)
        if (strcasecmp(name, (*writer)->name) == 0 || is_word_of(name, (*writer)->aliases))
            return *writer;
    return NULL;
}

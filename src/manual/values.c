/* What a shell can offer for an option's value. */
#include "manual/values.h"

#include <string.h>

static const struct {
    const char *placeholder;
    enum value_kind kind;
} by_placeholder[] = {
    {"<file>", VALUE_FILE},
    {"<files>", VALUE_FILE},
    {"<directory>", VALUE_DIRECTORY},
    {"<interface>", VALUE_INTERFACE},
};

enum value_kind value_kind_of(const struct option *option)
{
    if (option->argument < ARGUMENT_REQUIRED)
        return VALUE_NONE;
    if (option->offers != NULL)
        return VALUE_WORD;
    for (size_t i = 0; i < sizeof by_placeholder / sizeof *by_placeholder; i++)
        if (strcmp(option->placeholder, by_placeholder[i].placeholder) == 0)
            return by_placeholder[i].kind;
    return VALUE_FREE;
}

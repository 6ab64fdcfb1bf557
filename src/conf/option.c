/* Finding rows of the option table by what the user typed. */
#include "conf/option.h"

#include <ctype.h>
#include <string.h>

#include "conf/set.h"

const char *const option_sections[SECTIONS] = {
    [SECTION_TARGETS] = "targets",       [SECTION_SCAN] = "scan",
    [SECTION_ADAPTER] = "adapter",       [SECTION_OUTPUT] = "output",
    [SECTION_OPERATIONS] = "operations",
};

const char *option_next_word(const char **list, size_t *length)
{
    if (*list == NULL)
        return NULL;
    const char *word = *list + strspn(*list, " ");
    *length = strcspn(word, " ");
    *list = word + *length;
    return *length > 0 ? word : NULL;
}

bool option_normalise(char name[OPTION_NAME_SIZE], const char *text, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '-' || text[i] == '.' || text[i] == '_')
            continue;
        if (used + 1 >= OPTION_NAME_SIZE)
            return false;
        name[used++] = (char)tolower((unsigned char)text[i]);
    }
    name[used] = '\0';
    return used > 0;
}

/* Is the name `wanted` (normalised) when it is normalised too? */
static bool name_is(const char *name, size_t length, const char *wanted)
{
    char normal[OPTION_NAME_SIZE];
    return tolower((unsigned char)name[0]) == wanted[0] && option_normalise(normal, name, length) &&
           strcmp(normal, wanted) == 0;
}

static bool row_is(const struct option *option, const char *wanted)
{
    if (name_is(option->name, strlen(option->name), wanted))
        return true;
    const char *list = option->aliases, *alias;
    size_t length;
    while ((alias = option_next_word(&list, &length)) != NULL)
        if (name_is(alias, length, wanted))
            return true;
    return false;
}

const struct option *option_find(const char *text, size_t length)
{
    char wanted[OPTION_NAME_SIZE];
    if (!option_normalise(wanted, text, length))
        return NULL;
    for (unsigned i = 0; i < option_count; i++)
        if (row_is(&option_table[i], wanted))
            return &option_table[i];
    return NULL;
}

const struct option *option_find_short(const char *text, size_t *length)
{
    const struct option *best = NULL;
    *length = 0;
    for (unsigned i = 0; i < option_count; i++) {
        const char *list = option_table[i].shorts, *flag;
        size_t flag_length;
        while ((flag = option_next_word(&list, &flag_length)) != NULL) {
            if (flag_length > *length && strncmp(text, flag, flag_length) == 0) {
                best = &option_table[i];
                *length = flag_length;
            }
        }
    }
    return best;
}

const struct option *option_find_exact_short(const char *text, size_t length)
{
    char flag[8];
    if (length == 0 || length >= sizeof flag)
        return NULL;
    memcpy(flag, text, length);
    flag[length] = '\0';
    size_t matched;
    const struct option *option = option_find_short(flag, &matched);
    return matched == length ? option : NULL;
}

bool option_is_short(const struct option *option)
{
    return option_find_exact_short(option->name, strlen(option->name)) == option;
}

static int number_of(const char *text, size_t length)
{
    enum { MOST_DIGITS = 5 };
    uint64_t number;
    if (length > MOST_DIGITS || value_digits(text, length, &number) != 0)
        return OPTION_NO_INDEX;
    return (int)number;
}

int option_cut_index(const char *text, size_t *length, struct option_index *index,
                     struct error *err)
{
    const char *open = memchr(text, '[', *length);
    *index = (struct option_index){.number = OPTION_NO_INDEX};
    if (open == NULL)
        return 0;
    const char *last = text + *length - 1;
    if (memchr(open, ']', *length - (size_t)(open - text)) != last)
        return error_set(err, "an index stands in brackets at the end of the name, such as [0]");
    index->text = open + 1;
    index->length = (size_t)(last - index->text);
    index->number = number_of(index->text, index->length);
    *length = (size_t)(open - text);
    return 0;
}

struct option option_of_adapter(const struct option *option, unsigned index)
{
    struct option its = *option;
    its.offset += index * sizeof(struct conf_adapter);
    its.presence += index * sizeof(struct conf_adapter);
    return its;
}

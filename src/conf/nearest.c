/* What an unknown option may have been meant for.
 *
 * The distance is the optimal string alignment distance (Damerau-Levenshtein without editing a
 * transposed pair again): one step inserts, drops or changes a letter or swaps two neighbours.
 * F. Damerau, "A technique for computer detection and correction of spelling errors" (1964). */
#include <stdio.h>
#include <string.h>

#include "conf/option.h"

enum { SUGGESTIONS = 3 };

struct suggestion {
    const char *name;
    size_t length;
    unsigned distance;
};

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    unsigned d[OPTION_NAME_SIZE][OPTION_NAME_SIZE];
    for (size_t i = 0; i <= rows; i++)
        d[i][0] = (unsigned)i;
    for (size_t j = 0; j <= columns; j++)
        d[0][j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            unsigned changed = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(changed, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[rows][columns];
}

/* An abbreviation is as near as one letter wrong. */
static unsigned how_far(const char *typed, const char *name, size_t length)
{
    char normal[OPTION_NAME_SIZE];
    if (!option_normalise(normal, name, length))
        return OPTION_NAME_SIZE;
    size_t typed_length = strlen(typed);
    if (typed_length >= 3 && strncmp(typed, normal, typed_length) == 0)
        return 1;
    return distance(typed, normal);
}

static struct suggestion nearest_of_row(const struct option *option, const char *typed)
{
    size_t length = strlen(option->name);
    struct suggestion best = {option->name, length, how_far(typed, option->name, length)};
    const char *list = option->aliases, *alias;
    while ((alias = option_next_word(&list, &length)) != NULL) {
        unsigned far = how_far(typed, alias, length);
        if (far < best.distance)
            best = (struct suggestion){alias, length, far};
    }
    return best;
}

/* Keeps `list` sorted by distance; equals stay in the table's order. */
static void insert(struct suggestion list[SUGGESTIONS], unsigned *count, struct suggestion new)
{
    unsigned at = *count;
    while (at > 0 && list[at - 1].distance > new.distance)
        at--;
    if (at == SUGGESTIONS)
        return;
    unsigned moved = least(*count, SUGGESTIONS - 1) - at;
    memmove(&list[at + 1], &list[at], moved * sizeof *list);
    list[at] = new;
    *count = least(*count + 1, SUGGESTIONS);
}

static unsigned nearest(const char *typed, struct suggestion list[SUGGESTIONS])
{
    unsigned count = 0;
    unsigned length = (unsigned)strlen(typed);
    unsigned limit = length < 3 ? 0 : length < 6 ? 1 : length / 3;
    for (unsigned i = 0; i < option_count; i++) {
        if (option_is_short(&option_table[i]))
            continue;
        struct suggestion s = nearest_of_row(&option_table[i], typed);
        if (s.distance <= limit)
            insert(list, &count, s);
    }
    return count;
}

static void describe(char *text, size_t size, const char *dashes, const struct suggestion *list,
                     unsigned count)
{
    size_t used = 0;
    for (unsigned i = 0; i < count && used < size; i++) {
        const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        used += (size_t)snprintf(text + used, size - used, "%s%s%.*s", before, dashes,
                                 (int)list[i].length, list[i].name);
    }
}

int option_unknown(const char *dashes, const char *text, size_t length, struct error *err)
{
    int shown = length < 60 ? (int)length : 60;
    const char *hint = option_nmap_hint(dashes, text, length);
    if (hint != NULL)
        return error_set(err, "%s%.*s: this nmap option is not supported; %s", dashes, shown, text,
                         hint);
    if (option_checks_vulnerabilities(dashes, text, length))
        return error_set(err,
                         "%s%.*s: this program checks no vulnerabilities; it finds open ports and "
                         "what answers there",
                         dashes, shown, text);
    char typed[OPTION_NAME_SIZE];
    struct suggestion list[SUGGESTIONS];
    unsigned count = option_normalise(typed, text, length) ? nearest(typed, list) : 0;
    if (count == 0)
        return error_set(err, "unknown option %s%.*s (masscan --help lists what there is)", dashes,
                         shown, text);
    char names[3 * OPTION_NAME_SIZE + 20] = "";
    describe(names, sizeof names, *dashes ? "--" : "", list, count);
    return error_set(err, "unknown option %s%.*s (did you mean %s?)", dashes, shown, text, names);
}

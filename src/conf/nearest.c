/* What an unknown option may have been meant for. */
#include "base/nearest.h"

#include <string.h>

#include "conf/option.h"

_Static_assert((int)OPTION_NAME_SIZE <= NEAREST_WORD_SIZE, "every name can be compared");

static unsigned how_far(const char *typed, const char *name, size_t length)
{
    char normal[OPTION_NAME_SIZE];
    if (!option_normalise(normal, name, length))
        return OPTION_NAME_SIZE;
    return nearest_distance(typed, normal);
}

/* Of a row's names only the nearest is offered. */
static void offer_row(struct nearest *nearest, const struct option *option)
{
    size_t length = strlen(option->name), best_length = length;
    const char *best = option->name, *list = option->aliases, *alias;
    unsigned distance = how_far(nearest->typed, best, length);
    while ((alias = option_next_word(&list, &length)) != NULL) {
        unsigned far = how_far(nearest->typed, alias, length);
        if (far < distance) {
            distance = far;
            best = alias;
            best_length = length;
        }
    }
    nearest_offer(nearest, best, best_length, distance);
}

/* Names what it may have been meant for. */
static int suggest(const char *dashes, const char *text, size_t length, struct error *err)
{
    int shown = length < 60 ? (int)length : 60;
    char typed[OPTION_NAME_SIZE], names[NEAREST_TEXT_SIZE];
    struct nearest nearest = {.typed = typed};
    bool comparable = option_normalise(typed, text, length);
    for (unsigned i = 0; comparable && i < option_count; i++)
        if (!option_is_short(&option_table[i]))
            offer_row(&nearest, &option_table[i]);
    if (nearest.count == 0)
        return error_set(err, "unknown option %s%.*s (masscan --help lists what there is)", dashes,
                         shown, text);
    return error_set(err, "unknown option %s%.*s (did you mean %s?)", dashes, shown, text,
                     nearest_text(&nearest, *dashes ? "--" : "", names));
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
    return suggest(dashes, text, length, err);
}

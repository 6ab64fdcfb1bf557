/* Kinds of banner by their names. */
#include "output/banner_types.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "output/result.h"

/* What two kinds share the printed name of. */
static const struct {
    const char *name;
    enum banner_app app;
} further_names[] = {{"heuristic", APP_HEURISTIC}, {"ssh1", APP_SSH1}, {"ssh2", APP_SSH2}};

enum { FURTHER = sizeof further_names / sizeof *further_names };

static bool is_printed(unsigned app, const char *word)
{
    return strcasecmp(word, result_app_name((uint16_t)app)->text) == 0;
}

/* Adds the kinds with this name; false if there are none. */
static bool add(struct banner_app_set *apps, const char *word)
{
    bool found = false;
    for (unsigned i = 0; i < FURTHER; i++) {
        if (strcasecmp(word, further_names[i].name) == 0) {
            banner_app_set_add(apps, further_names[i].app);
            found = true;
        }
    }
    for (unsigned app = 0; app < APP_COUNT; app++) {
        if (is_printed(app, word)) {
            banner_app_set_add(apps, app);
            found = true;
        }
    }
    return found;
}

/* Whether a kind before this one has its printed name, too. */
static bool is_offered(unsigned app)
{
    for (unsigned earlier = 0; earlier < app; earlier++)
        if (is_printed(earlier, result_app_name((uint16_t)app)->text))
            return true;
    return false;
}

/* Names that several kinds share are offered once. */
static void offer_names(struct nearest *nearest)
{
    for (unsigned app = 0; app < APP_COUNT; app++) {
        const struct word *name = result_app_name((uint16_t)app);
        char lower[NEAREST_WORD_SIZE] = "";
        for (size_t i = 0; i < name->length && i + 1 < sizeof lower; i++)
            lower[i] = (char)tolower((unsigned char)name->text[i]);
        if (!is_offered(app))
            nearest_offer(nearest, name->text, name->length,
                          nearest_distance(nearest->typed, lower));
    }
}

static int unknown(const char *word, struct error *err)
{
    char names[NEAREST_TEXT_SIZE];
    struct nearest nearest = {.typed = word};
    offer_names(&nearest);
    if (nearest.count > 0)
        return error_set(err, "\"%s\" is not a kind of banner (did you mean %s?)", word,
                         nearest_text(&nearest, "", names));
    return error_set(err,
                     "\"%s\" is not a kind of banner (want names as results have them, such as "
                     "http, title, ssl, X509, ssh, ftp, smtp, dns-ver, snmp)",
                     word);
}

/* Copies the next item of the list in lower case, without blanks around it; returns the place
 * behind. */
static const char *take_word(const char *at, char word[NEAREST_WORD_SIZE])
{
    size_t length = strcspn(at, ","), used = 0;
    const char *end = at + length;
    for (at += strspn(at, " "); at < end && used + 1 < NEAREST_WORD_SIZE; at++)
        word[used++] = (char)tolower((unsigned char)*at);
    while (used > 0 && word[used - 1] == ' ')
        used--;
    word[used] = '\0';
    return end;
}

int banner_types_parse(struct banner_app_set *apps, const char *text, struct error *err)
{
    char word[NEAREST_WORD_SIZE];
    const char *at = text;
    *apps = (struct banner_app_set){0};
    do {
        at = take_word(at, word);
        if (!add(apps, word))
            return unknown(word, err);
    } while (*at++ == ',');
    return 0;
}

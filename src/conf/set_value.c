/* Setters and echoes of flags, texts and choices. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf/set.h"
#include "conf/string_list.h"

static const struct {
    const char *word;
    bool value;
} booleans[] = {
    {"true", true},   {"yes", true}, {"1", true},  {"on", true},   {"enable", true},
    {"false", false}, {"no", false}, {"0", false}, {"off", false}, {"disable", false},
};

int value_bool(const char *text, bool *value, struct error *err)
{
    *value = true;
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < sizeof booleans / sizeof *booleans; i++) {
        if (strcasecmp(text, booleans[i].word) == 0) {
            *value = booleans[i].value;
            return 0;
        }
    }
    return error_set(err, "\"%.60s\" is neither true nor false (want true, yes, 1, false, no, 0)",
                     text);
}

void echo_line(const struct option *option, struct buffer *out, const char *text)
{
    bool always = option->flags & OPTION_ECHO_ALWAYS;
    if (!always && option->standard != NULL && strcmp(text, option->standard) == 0)
        return;
    buffer_printf(out, "%s = %s\n", option->name, text);
}

static bool *flag_of(const struct conf *conf, const struct option *option)
{
    return (bool *)((char *)conf + option->offset);
}

static char **text_of(const struct conf *conf, const struct option *option)
{
    return (char **)((char *)conf + option->offset);
}

int set_flag(const struct option_use *use, struct error *err)
{
    return value_bool(use->value, flag_of(use->conf, use->option), err);
}

int set_flag_off(const struct option_use *use, struct error *err)
{
    bool value;
    if (value_bool(use->value, &value, err) < 0)
        return -1;
    *flag_of(use->conf, use->option) = !value;
    return 0;
}

int set_always(const struct option_use *use, struct error *err)
{
    bool value;
    if (value_bool(use->value, &value, err) < 0)
        return -1;
    return value ? 0 : error_set(err, "it cannot be switched off");
}

void echo_flag(const struct conf *conf, const struct option *option, struct buffer *out)
{
    if (*flag_of(conf, option))
        echo_line(option, out, "true");
}

int value_check_text(const char *text, struct error *err)
{
    if (*text == '\0')
        return error_set(err, "the value is empty");
    for (const char *at = text; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            return error_set(err,
                             "the value holds a control character, number %d (want plain text)",
                             (unsigned char)*at);
    return 0;
}

int set_text(const struct option_use *use, struct error *err)
{
    if (value_check_text(use->value, err) < 0)
        return -1;
    return string_replace(text_of(use->conf, use->option), use->value, err);
}

void echo_value(struct buffer *out, const char *text)
{
    char last = *text != '\0' ? text[strlen(text) - 1] : '\0';
    bool quoted = *text == ' ' || last == ' ' || (*text == '"' && last == '"');
    const char *quote = quoted ? "\"" : "";
    buffer_printf(out, "%s%s%s\n", quote, text, quote);
}

void echo_quoted(const struct option *option, struct buffer *out, const char *text)
{
    buffer_printf(out, "%s = ", option->name);
    echo_value(out, text);
}

void echo_text(const struct conf *conf, const struct option *option, struct buffer *out)
{
    const char *text = *text_of(conf, option);
    if (text != NULL)
        echo_quoted(option, out, text);
}

/* The word of the list that `text` spells in any case and with any dashes, or NULL. */
static const char *find_word(const char *list, const char *text, size_t *length)
{
    char wanted[OPTION_NAME_SIZE], normal[OPTION_NAME_SIZE];
    if (!option_normalise(wanted, text, strlen(text)))
        return NULL;
    const char *word;
    while ((word = option_next_word(&list, length)) != NULL)
        if (option_normalise(normal, word, *length) && strcmp(normal, wanted) == 0)
            return word;
    return NULL;
}

static const char *choose(const struct option_use *use, size_t *length, struct error *err)
{
    const char *word = find_word(use->option->words, use->value, length);
    if (word == NULL)
        error_set(err, "\"%.60s\" is not known (want one of: %s)", use->value, use->option->words);
    return word;
}

int set_choice(const struct option_use *use, struct error *err)
{
    size_t length;
    const char *word = choose(use, &length, err);
    if (word == NULL)
        return -1;
    char text[OPTION_NAME_SIZE];
    memcpy(text, word, length);
    text[length] = '\0';
    return string_replace(text_of(use->conf, use->option), text, err);
}

/* Every enum without negative members is as large. */
static unsigned *enum_of(const struct conf *conf, const struct option *option)
{
    return (unsigned *)((char *)conf + option->offset);
}

int set_enum(const struct option_use *use, struct error *err)
{
    size_t length;
    const char *list = use->option->words, *word = choose(use, &length, err);
    if (word == NULL)
        return -1;
    unsigned value = 0;
    while (option_next_word(&list, &length) != word)
        value++;
    *enum_of(use->conf, use->option) = value;
    return 0;
}

void echo_enum(const struct conf *conf, const struct option *option, struct buffer *out)
{
    char text[OPTION_NAME_SIZE];
    size_t length;
    const char *list = option->words, *word = option_next_word(&list, &length);
    for (unsigned i = 0; i < *enum_of(conf, option); i++)
        word = option_next_word(&list, &length);
    snprintf(text, sizeof text, "%.*s", (int)length, word);
    echo_line(option, out, text);
}

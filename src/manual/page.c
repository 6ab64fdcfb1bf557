/* The manual page: a template, and what the option table says. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "conf/option.h"
#include "manual/manual.h"
#include "manual/roff.h"

static void put_bold(struct buffer *out, const char *dashes, const char *name, size_t length)
{
    buffer_text(out, "\\fB");
    roff_escape(out, dashes, strlen(dashes));
    roff_escape(out, name, length);
    buffer_text(out, "\\fR");
}

/* The words of a list in bold, with commas between; returns what goes before a next one. */
static const char *put_names(struct buffer *out, const char *between, const char *dashes,
                             const char *list)
{
    const char *name;
    size_t length;
    while ((name = option_next_word(&list, &length)) != NULL) {
        buffer_text(out, between);
        put_bold(out, dashes, name, length);
        between = ", ";
    }
    return between;
}

static void put_all_names(struct buffer *out, const struct option *option)
{
    const char *between = put_names(out, "", "-", option->shorts);
    if (!option_is_short(option))
        between = put_names(out, between, "--", option->name);
    put_names(out, between, "--", option->aliases);
}

static void put_option(struct buffer *out, const struct option *option)
{
    buffer_text(out, ".TP\n");
    put_all_names(out, option);
    if (option->flags & OPTION_PORT_INDEX)
        buffer_text(out, "[\\fIport\\fR]");
    if (option->placeholder != NULL) {
        buffer_text(out, " \\fI");
        roff_escape(out, option->placeholder, strlen(option->placeholder));
        buffer_text(out, "\\fR");
    }
    buffer_char(out, '\n');
    roff_prose(out, option->manual);
    if (option->standard != NULL) {
        buffer_text(out, "The default is ");
        put_bold(out, "", option->standard, strlen(option->standard));
        buffer_text(out, ".\n");
    }
}

static void put_section(struct buffer *out, enum option_section section)
{
    const char *title = option_sections[section];
    buffer_printf(out, ".SS %c%s\n", toupper((unsigned char)title[0]), title + 1);
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->section == section)
            put_option(out, option);
    }
}

static void put_options(struct buffer *out)
{
    for (unsigned section = 0; section < SECTIONS; section++)
        put_section(out, section);
}

static void put_nmap_taken(struct buffer *out)
{
    const char *between = "";
    for (unsigned i = 0; i < nmap_taken_count; i++) {
        buffer_text(out, between);
        put_bold(out, "", nmap_taken[i], strlen(nmap_taken[i]));
        between = ",\n";
    }
    buffer_text(out, ".\n");
}

/* Those with the same hint stand together, in front of it. */
static void put_nmap_refused(struct buffer *out)
{
    for (unsigned i = 0; i < nmap_hint_count; i++) {
        bool is_first = true;
        for (unsigned j = 0; j < i; j++)
            is_first = is_first && nmap_hints[j].hint != nmap_hints[i].hint;
        if (!is_first)
            continue;
        buffer_text(out, ".TP\n");
        const char *between = "";
        for (unsigned j = i; j < nmap_hint_count; j++)
            if (nmap_hints[j].hint == nmap_hints[i].hint)
                between = put_names(out, between, "", nmap_hints[j].name);
        buffer_char(out, '\n');
        roff_prose(out, nmap_hints[i].hint);
    }
}

static const struct {
    const char *name;
    void (*put)(struct buffer *out);
} parts[] = {
    {"OPTIONS", put_options},
    {"NMAP_TAKEN", put_nmap_taken},
    {"NMAP_REFUSED", put_nmap_refused},
};
enum { PARTS = sizeof parts / sizeof *parts };

/* Puts the part that the line of `length` bytes names, and marks it in `done`. */
static int put_part(struct buffer *out, const char *line, size_t length, bool done[PARTS],
                    struct error *err)
{
    for (unsigned i = 0; i < PARTS; i++) {
        if (strlen(parts[i].name) != length - 2 ||
            strncmp(line + 1, parts[i].name, length - 2) != 0)
            continue;
        parts[i].put(out);
        done[i] = true;
        return 0;
    }
    return error_set(err, "the template has an unknown line: %.*s", (int)length, line);
}

int manual_page(struct buffer *out, const char *template, struct error *err)
{
    bool done[PARTS] = {false};
    for (const char *line = template; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        bool is_part = length > 2 && line[0] == '@' && line[length - 1] == '@';
        if (is_part && put_part(out, line, length, done, err) < 0)
            return -1;
        if (!is_part) {
            buffer_append(out, line, length);
            buffer_char(out, '\n');
        }
        line += length + (line[length] == '\n');
    }
    for (unsigned i = 0; i < PARTS; i++)
        if (!done[i])
            return error_set(err, "the template lacks a line: @%s@", parts[i].name);
    return out->failed ? error_set(err, "the page is too long") : 0;
}

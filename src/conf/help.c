/* --help: what can be said, from the option table. */
#include <string.h>

#include "conf/option.h"

enum { LABEL_WIDTH = 30 };

static const char usage[] = "masscan finds open ports on many addresses, fast.\n\n"
                            "usage: masscan [options] <addresses> -p <ports>\n"
                            "       masscan -p80,443,U:53 192.0.2.0/24 --rate 1000 -oX result.xml\n"
                            "       masscan --readscan result.bin -oJ result.json\n";

/* "-c, --conf <file>" */
static void append_label(struct buffer *out, const struct option *option)
{
    const char *list = option->shorts, *flag;
    size_t length;
    const char *between = "";
    while ((flag = option_next_word(&list, &length)) != NULL) {
        buffer_printf(out, "%s-%.*s", between, (int)length, flag);
        between = ", ";
    }
    if (!option_is_short(option))
        buffer_printf(out, "%s--%s", between, option->name);
    if (option->placeholder != NULL)
        buffer_printf(out, " %s", option->placeholder);
}

static void append_row(struct buffer *out, const struct option *option)
{
    size_t start = out->length;
    buffer_text(out, "  ");
    append_label(out, option);
    if (out->length - start > LABEL_WIDTH) {
        buffer_char(out, '\n');
        start = out->length;
    }
    while (!out->failed && out->length - start < LABEL_WIDTH + 2)
        buffer_char(out, ' ');
    buffer_text(out, option->help);
    if (option->standard != NULL)
        buffer_printf(out, " (default %s)", option->standard);
    buffer_char(out, '\n');
}

static void append_section(struct buffer *out, enum option_section section)
{
    buffer_printf(out, "\n%s\n", option_sections[section]);
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->section == section && !(option->flags & OPTION_NOT_YET))
            append_row(out, option);
    }
}

void conf_help(struct buffer *out)
{
    buffer_text(out, usage);
    for (unsigned section = 0; section < SECTIONS; section++)
        append_section(out, section);
}

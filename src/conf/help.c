/* --help: what can be said, from the option table. */
#include <string.h>

#include "conf/help.h"

enum { LABEL_WIDTH = 30, LINE_WIDTH = 100, LONGEST_TEXT = 1000 };

static const char usage[] = "masscan finds open ports on many addresses, fast.\n\n"
                            "usage: masscan [options] <addresses> -p <ports>\n"
                            "       masscan -p80,443,U:53 192.0.2.0/24 --rate 1000 -oX result.xml\n"
                            "       masscan --readscan result.bin -oJ result.json\n";

static const char ending[] =
    "\nexit status: 0 done; 1 wrong usage; 2 results could not be written; 3 interrupted; 4 "
    "refused\n"
    "as too dangerous; 5 no permission; 6 no link; 7 done, but this machine lost some of it\n"
    "\nThe manual page, masscan(8), tells more.\n";

void help_label(struct buffer *out, const struct option *option)
{
    const char *list = option->shorts, *flag;
    size_t length;
    const char *between = "";
    while ((flag = option_next_word(&list, &length)) != NULL) {
        buffer_printf(out, "%s-%.*s", between, (int)length, flag);
        between = ", ";
    }
    if (!option_is_short(option))
        buffer_printf(out, "%s--%s%s", between, option->name,
                      option->flags & OPTION_PORT_INDEX ? "[port]" : "");
    if (option->placeholder != NULL)
        buffer_printf(out, " %s", option->placeholder);
}

static void append_blanks(struct buffer *out, size_t count)
{
    buffer_printf(out, "%*s", (int)count, "");
}

/* How many bytes of `text` fit on a line, cut between words. */
static size_t line_length(const char *text, size_t width)
{
    size_t length = strlen(text);
    if (length <= width)
        return length;
    length = width;
    while (length > 0 && text[length] != ' ')
        length--;
    return length > 0 ? length : strcspn(text, " ");
}

void help_row(struct buffer *out, const char *label, const char *text)
{
    size_t used = strlen(label) + 2;
    buffer_printf(out, "  %s", label);
    if (used > LABEL_WIDTH) {
        buffer_char(out, '\n');
        used = 0;
    }
    for (; *text != '\0'; used = 0) {
        size_t length = line_length(text, LINE_WIDTH - LABEL_WIDTH - 2);
        append_blanks(out, LABEL_WIDTH + 2 - used);
        buffer_append(out, text, length);
        buffer_char(out, '\n');
        text += length;
        text += strspn(text, " ");
    }
}

static void append_row(struct buffer *out, const struct option *option)
{
    struct buffer label, text;
    buffer_init(&label, LONGEST_TEXT);
    buffer_init(&text, LONGEST_TEXT);
    help_label(&label, option);
    buffer_text(&text, option->help);
    if (option->standard != NULL)
        buffer_printf(&text, " (default %s)", option->standard);
    help_row(out, buffer_string(&label), buffer_string(&text));
    out->failed = out->failed || label.failed || text.failed;
    buffer_fini(&label);
    buffer_fini(&text);
}

static void append_section(struct buffer *out, enum option_section section)
{
    buffer_printf(out, "\n%s\n", option_sections[section]);
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->section == section)
            append_row(out, option);
    }
}

void conf_help(struct buffer *out)
{
    buffer_text(out, usage);
    for (unsigned section = 0; section < SECTIONS; section++)
        append_section(out, section);
    buffer_text(out, ending);
}

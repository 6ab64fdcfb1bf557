/* Completion for zsh (1): arguments for _arguments, see zshcompsys(1). */
#include <stdio.h>
#include <string.h>

#include "manual/manual.h"
#include "manual/values.h"

static const char head[] =
    "#compdef masscan\n"
    "# zsh completion of masscan, made from its table of options when it was built\n"
    "\n"
    "_arguments -S \\\n";

static const char tail[] = "    '*:addresses: '\n";

/* Text in single quotes, and in the brackets and between the colons of _arguments. */
static void put_text(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'')
            buffer_text(out, "'\\''");
        else if (strchr("[]:\\", text[i]) != NULL)
            buffer_printf(out, "\\%c", text[i]);
        else
            buffer_char(out, text[i]);
    }
}

/* ":what it is:how to complete it" */
static void put_value(struct buffer *out, const struct option *option)
{
    static const char *const actions[VALUE_KINDS] = {
        [VALUE_FREE] = " ",
        [VALUE_FILE] = "_files",
        [VALUE_DIRECTORY] = "_files -/",
        [VALUE_INTERFACE] = "_net_interfaces",
    };
    enum value_kind kind = value_kind_of(option);
    if (kind == VALUE_NONE)
        return;
    buffer_char(out, ':');
    put_text(out, option->placeholder + 1, strlen(option->placeholder) - 2);
    if (kind == VALUE_WORD)
        buffer_printf(out, ":(%s)", option->offers);
    else
        buffer_printf(out, ":%s", actions[kind]);
}

static void put_spec(struct buffer *out, const struct option *option, const char *dashes,
                     const char *name, size_t length)
{
    bool with_sign = dashes[1] == '-' && value_kind_of(option) != VALUE_NONE;
    buffer_printf(out, "    '*%s", dashes);
    buffer_printf(out, "%s%.*s%s[", *name == '?' ? "\\" : "", (int)length, name,
                  with_sign ? "=" : "");
    put_text(out, option->help, strlen(option->help));
    buffer_char(out, ']');
    put_value(out, option);
    buffer_text(out, "' \\\n");
}

void completion_zsh(struct buffer *out)
{
    buffer_text(out, head);
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        const char *list = option->shorts, *name;
        size_t length;
        if (!option_is_short(option))
            put_spec(out, option, "--", option->name, strlen(option->name));
        while ((name = option_next_word(&list, &length)) != NULL)
            put_spec(out, option, "-", name, length);
    }
    buffer_text(out, tail);
}

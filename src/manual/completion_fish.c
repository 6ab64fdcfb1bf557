/* Completion for fish (1): one `complete` for each option, see complete(1). */
#include "manual/manual.h"
#include "manual/values.h"

static const char head[] =
    "# fish completion of masscan, made from its table of options when it was built\n"
    "complete -c masscan -f\n";

static void put_text(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            buffer_char(out, '\\');
        buffer_char(out, *text);
    }
}

static void put_shorts(struct buffer *out, const struct option *option)
{
    const char *list = option->shorts, *flag;
    size_t length;
    while ((flag = option_next_word(&list, &length)) != NULL)
        buffer_printf(out, " -%c '%.*s'", length == 1 ? 's' : 'o', (int)length, flag);
}

static void put_value(struct buffer *out, const struct option *option)
{
    static const char *const arguments[VALUE_KINDS] = {
        [VALUE_NONE] = "",
        [VALUE_FREE] = " -x",
        [VALUE_FILE] = " -r -F",
        [VALUE_DIRECTORY] = " -x -a '(__fish_complete_directories)'",
        [VALUE_INTERFACE] = " -x -a '(__fish_print_interfaces)'",
    };
    enum value_kind kind = value_kind_of(option);
    if (kind == VALUE_WORD)
        buffer_printf(out, " -x -a '%s'", option->offers);
    else
        buffer_text(out, arguments[kind]);
}

void completion_fish(struct buffer *out)
{
    buffer_text(out, head);
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        buffer_text(out, "complete -c masscan");
        if (!option_is_short(option))
            buffer_printf(out, " -l %s", option->name);
        put_shorts(out, option);
        put_value(out, option);
        buffer_text(out, " -d '");
        put_text(out, option->help);
        buffer_text(out, "'\n");
    }
}

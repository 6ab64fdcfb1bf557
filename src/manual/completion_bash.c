/* Completion for bash (1): a function that looks at the word before. It needs nothing of the
 * package bash-completion, and takes `--name=value` as bash cuts it, into three words. */
#include "manual/manual.h"
#include "manual/values.h"

static const char head[] =
    "# bash completion of masscan, made from its table of options when it was built\n"
    "\n"
    "# The option whose value the current word is: the word before, or that before its `=`, "
    "without\n"
    "# an index; of --readscan also those that follow.\n"
    "_masscan_option()\n"
    "{\n"
    "    local at=$((COMP_CWORD - 1))\n"
    "    [[ ${COMP_WORDS[COMP_CWORD]} == = ]] || [[ ${COMP_WORDS[at]} != = ]] || at=$((at - 1))\n"
    "    local name=${COMP_WORDS[at]}\n"
    "    while ((at > 1)) && [[ ${COMP_WORDS[at]} != -* ]]; do\n"
    "        at=$((at - 1))\n"
    "    done\n"
    "    [[ ${COMP_WORDS[at]} != --readscan ]] || name=--readscan\n"
    "    printf '%s' \"${name%%\\[*}\"\n"
    "}\n"
    "\n"
    "_masscan()\n"
    "{\n"
    "    local current=${COMP_WORDS[COMP_CWORD]}\n"
    "    [[ $current != = ]] || current=\n"
    "    COMPREPLY=()\n"
    "    case $(_masscan_option) in\n";

static const char middle[] = "    esac\n"
                             "    [[ $current == -* ]] || return 0\n"
                             "    mapfile -t COMPREPLY < <(compgen -W '";

static const char tail[] = "' -- \"$current\")\n"
                           "}\n"
                           "\n"
                           "complete -F _masscan masscan\n";

static void put_names(struct buffer *out, const char **between, const char *separator,
                      const char *dashes, const char *list)
{
    const char *name;
    size_t length;
    while ((name = option_next_word(&list, &length)) != NULL) {
        buffer_printf(out, "%s%s%.*s", *between, dashes, (int)length, name);
        *between = separator;
    }
}

/* "--adapter|--if|-e" */
static void put_pattern(struct buffer *out, const struct option *option)
{
    const char *between = "    ";
    put_names(out, &between, "|", "--", option->name);
    put_names(out, &between, "|", "--", option->aliases);
    put_names(out, &between, "|", "-", option->shorts);
    buffer_text(out, ")\n");
}

static void put_case(struct buffer *out, const struct option *option)
{
    static const char *const compgen[VALUE_KINDS] = {
        [VALUE_FILE] = "-f",
        [VALUE_DIRECTORY] = "-d",
        [VALUE_INTERFACE] = "-W \"$(ls /sys/class/net)\"",
    };
    enum value_kind kind = value_kind_of(option);
    put_pattern(out, option);
    if (kind == VALUE_FILE || kind == VALUE_DIRECTORY)
        buffer_text(out, "        compopt -o filenames 2>/dev/null\n");
    if (kind == VALUE_WORD)
        buffer_printf(out, "        mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$current\")\n",
                      option->offers);
    else if (compgen[kind] != NULL)
        buffer_printf(out, "        mapfile -t COMPREPLY < <(compgen %s -- \"$current\")\n",
                      compgen[kind]);
    buffer_text(out, "        return 0\n"
                     "        ;;\n");
}

static void put_all_names(struct buffer *out)
{
    const char *between = "";
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (!option_is_short(option))
            put_names(out, &between, " ", "--", option->name);
        put_names(out, &between, " ", "-", option->shorts);
    }
}

void completion_bash(struct buffer *out)
{
    buffer_text(out, head);
    for (unsigned i = 0; i < option_count; i++)
        if (value_kind_of(&option_table[i]) != VALUE_NONE)
            put_case(out, &option_table[i]);
    buffer_text(out, middle);
    put_all_names(out);
    buffer_text(out, tail);
}

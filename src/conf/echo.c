/* --echo: the configuration as lines that a config file can hold. */
#include <stdio.h>

#include "conf/option.h"

/* What --echo-all says of a row whose echo has nothing to say: its default, if that is a value, or
 * that it is switched off. */
static void echo_default(const struct option *option, struct buffer *out)
{
    if (option->standard != NULL)
        buffer_printf(out, "%s = %s\n", option->name, option->standard);
    else if (option->placeholder == NULL)
        buffer_printf(out, "%s = false\n", option->name);
    else
        buffer_printf(out, "# %s = %s\n", option->name, option->placeholder);
}

/* Of one adapter no index is told. */
static void echo_adapters(const struct conf *conf, const struct option *option, struct buffer *out)
{
    char name[OPTION_NAME_SIZE + sizeof "[0]"];
    for (unsigned i = 0; i < conf->adapter_count; i++) {
        struct option its = option_of_adapter(option, i);
        snprintf(name, sizeof name, "%s[%u]", option->name, i);
        if (conf->adapter_count > 1)
            its.name = name;
        its.echo(conf, &its, out);
    }
}

static void echo_row(const struct conf *conf, const struct option *option, struct buffer *out)
{
    uint64_t start = buffer_total(out);
    if (option->flags & OPTION_INDEXED)
        echo_adapters(conf, option, out);
    else
        option->echo(conf, option, out);
    if (conf->echo_all && buffer_total(out) == start)
        echo_default(option, out);
}

static void echo_section(const struct conf *conf, enum option_section section, struct buffer *out)
{
    buffer_printf(out, "# %s\n", option_sections[section]);
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->section == section && option->echo != NULL)
            echo_row(conf, option, out);
    }
}

void conf_echo(const struct conf *conf, struct buffer *out)
{
    for (unsigned section = 0; section <= SECTION_OUTPUT; section++)
        echo_section(conf, section, out);
}

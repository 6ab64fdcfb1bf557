/* --echo: the configuration as lines that a config file can hold. */
#include "conf/option.h"

static void echo_section(const struct conf *conf, enum option_section section, struct buffer *out)
{
    buffer_printf(out, "# %s\n", option_sections[section]);
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *option = &option_table[i];
        if (option->section == section && option->echo != NULL)
            option->echo(conf, option, out);
    }
}

void conf_echo(const struct conf *conf, struct buffer *out)
{
    for (unsigned section = 0; section <= SECTION_OUTPUT; section++)
        echo_section(conf, section, out);
}

/* Setters and echoes of the sets: targets, ports, and what is excluded from them. */
#include <string.h>

#include "base/port.h"
#include "conf/reading.h"
#include "conf/set.h"
#include "conf/string_list.h"
#include "target/parse.h"

static struct range_set *set_of(const struct conf *conf, const struct option *option)
{
    return (struct range_set *)((char *)conf + option->offset);
}

/* Remembers who gave targets or ports. Excludes need no remark: they only take away. */
static int remember(const struct option_use *use, struct error *err)
{
    const struct conf *conf = use->conf;
    const struct range_set *set = set_of(conf, use->option);
    if (set != &conf->targets && set != &conf->ports)
        return 0;
    enum source_kind kind = set == &conf->ports ? SOURCE_PORTS : SOURCE_TARGETS;
    return source_add(use->reading->sources, kind, use->reading->path, use->value, err);
}

int set_targets(const struct option_use *use, struct error *err)
{
    if (target_parse_addresses(set_of(use->conf, use->option), use->value, err) < 0)
        return -1;
    return remember(use, err);
}

int set_target_file(const struct option_use *use, struct error *err)
{
    if (target_load_addresses(set_of(use->conf, use->option), use->value, err) < 0)
        return -1;
    return remember(use, err);
}

static int add_ports(const struct option_use *use, int class, struct error *err)
{
    return target_parse_ports(set_of(use->conf, use->option), use->value, class, err);
}

/* The text is read once for each scan type; ports with a prefix come out the same each time. */
int set_ports(const struct option_use *use, struct error *err)
{
    unsigned classes = use->reading->port_classes;
    if (use->value == NULL)
        return 0;
    if (classes == 0)
        classes = 1u << PORT_TCP;
    for (int class = 0; class < PORT_CLASSES; class ++)
        if (classes & 1u << class && add_ports(use, class, err) < 0)
            return -1;
    return remember(use, err);
}

int set_class_ports(const struct option_use *use, struct error *err)
{
    if (add_ports(use, (int)use->option->code, err) < 0)
        return -1;
    return remember(use, err);
}

int set_port_class(const struct option_use *use, struct error *err)
{
    (void)err;
    use->reading->port_classes |= 1u << use->option->code;
    return 0;
}

int set_connect_scan(const struct option_use *use, struct error *err)
{
    use->reading->port_classes |= 1u << PORT_TCP;
    return string_list_add(&use->conf->notices,
                           "-sT: the ports are scanned with SYN packets, not with connect()", err);
}

void echo_targets(const struct conf *conf, const struct option *option, struct buffer *out)
{
    const struct range_set *set = set_of(conf, option);
    for (size_t i = 0; i < set->count; i++) {
        buffer_text(out, option->name);
        buffer_text(out, " = ");
        target_format_range(out, set->ranges[i]);
        buffer_char(out, '\n');
    }
}

/* Only a normal set has a shortest text; without memory to make one the echo is marked as failed.
 */
void echo_ports(const struct conf *conf, const struct option *option, struct buffer *out)
{
    struct range_set ports;
    range_set_init(&ports);
    if (range_set_add_all(&ports, set_of(conf, option), NULL) < 0 ||
        range_set_normalise(&ports, NULL) < 0)
        out->failed = true;
    if (ports.count > 0) {
        buffer_printf(out, "%s = ", option->name);
        target_format_ports(out, &ports);
        buffer_char(out, '\n');
    }
    range_set_fini(&ports);
}

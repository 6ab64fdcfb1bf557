/* Setters and echoes of the sets: targets, ports, and what is excluded from them. */
#include <stdio.h>
#include <string.h>

#include "base/port.h"
#include "conf/reading.h"
#include "conf/set.h"
#include "conf/string_list.h"
#include "target/parse.h"
#include "target/top_ports.h"

enum { TOP_PORTS = 20, TOP_PORTS_MOST = PORT_CLASSES << 16 };

static void *field(const struct conf *conf, const struct option *option)
{
    return (char *)conf + option->offset;
}

/* Remembers who gave targets, ports or excludes. */
static int remember_as(const struct option_use *use, const char *value, struct error *err)
{
    const struct conf *conf = use->conf;
    const void *const sets[SOURCE_KINDS] = {
        [SOURCE_TARGETS] = &conf->targets,
        [SOURCE_EXCLUDES] = &conf->excludes,
        [SOURCE_PORTS] = &conf->ports,
        [SOURCE_EXCLUDED_PORTS] = &conf->exclude_ports,
    };
    enum source_kind kind = 0;
    while (sets[kind] != field(conf, use->option))
        kind++;
    return source_add(use->reading->sources, kind, use->reading->path, value, err);
}

static int remember(const struct option_use *use, struct error *err)
{
    return remember_as(use, use->value, err);
}

int set_targets(const struct option_use *use, struct error *err)
{
    if (target_parse_addresses(field(use->conf, use->option), use->value, err) < 0)
        return -1;
    return remember(use, err);
}

int set_target_file(const struct option_use *use, struct error *err)
{
    if (target_load_addresses(field(use->conf, use->option), use->value, err) < 0)
        return -1;
    return remember(use, err);
}

/* From here on names are taken, or refused. */
int set_resolve(const struct option_use *use, struct error *err)
{
    struct conf *conf = use->conf;
    if (set_flag(use, err) < 0)
        return -1;
    conf->targets.names = conf->resolve ? &conf->target_names : NULL;
    conf->excludes.names = conf->resolve ? &conf->exclude_names : NULL;
    return 0;
}

int set_resolved(const struct option_use *use, struct error *err)
{
    const char *sign = strchr(use->value, '=');
    size_t length = sign != NULL ? (size_t)(sign - use->value) : 0;
    struct ip_address address;
    if (sign == NULL || !host_name_is_plain(use->value, length) ||
        !ip_parse(&address, sign + 1, strlen(sign + 1)))
        return error_set(err,
                         "\"%.100s\" is not a host name and its address (want such as "
                         "www.example.org=192.0.2.1)",
                         use->value);
    return host_names_add(&use->conf->host_names, ip_number_from(&address), use->value, length,
                          err);
}

void echo_resolved(const struct conf *conf, const struct option *option, struct buffer *out)
{
    for (size_t i = 0; i < conf->host_names.count; i++) {
        const struct host_name *item = &conf->host_names.items[i];
        struct ip_address address = ip_from_number(item->address);
        char text[IP_TEXT_SIZE];
        buffer_printf(out, "%s = %s=%s\n", option->name, item->name, ip_format(&address, text));
    }
}

static int add_ports(const struct option_use *use, int class, struct error *err)
{
    return target_parse_ports(field(use->conf, use->option), use->value, class, err);
}

/* Is this what ports without a prefix are? */
static bool is_scanned(const struct reading *reading, int class)
{
    return reading->port_classes == 0 ? class == PORT_TCP : reading->port_classes >> class & 1;
}

/* The text is read once for each scan type; ports with a prefix come out the same each time. */
int set_ports(const struct option_use *use, struct error *err)
{
    if (use->value == NULL)
        return 0;
    for (int class = 0; class < PORT_CLASSES; class ++)
        if (is_scanned(use->reading, class) && add_ports(use, class, err) < 0)
            return -1;
    return remember(use, err);
}

int set_top_ports(const struct option_use *use, struct error *err)
{
    uint64_t count = TOP_PORTS;
    char text[40];
    if (use->value != NULL && value_number(use->value, 1, TOP_PORTS_MOST, "ports", &count, err) < 0)
        return -1;
    for (int class = 0; class < PORT_CLASSES; class ++)
        if (is_scanned(use->reading, class) &&
            target_add_top_ports(field(use->conf, use->option), class, count, err) < 0)
            return -1;
    snprintf(text, sizeof text, "the top %u", (unsigned)count);
    return remember_as(use, text, err);
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

int set_ipv6(const struct option_use *use, struct error *err)
{
    return string_list_add(&use->conf->notices,
                           "-6: it changes nothing: addresses tell by their form which family they "
                           "are of",
                           err);
}

static void echo_range(const struct option *option, struct range6 range, struct buffer *out)
{
    buffer_text(out, option->name);
    buffer_text(out, " = ");
    target_format_range(out, range);
    buffer_char(out, '\n');
}

static void echo_blocks(const struct option *option, struct range6 range, struct buffer *out)
{
    for (;;) {
        struct range6 block = target_first_block(range);
        echo_range(option, block, out);
        if (block.last == range.last)
            return;
        range.first = block.last + 1;
    }
}

void echo_targets(const struct conf *conf, const struct option *option, struct buffer *out)
{
    const struct address_set *set = field(conf, option);
    for (size_t i = 0; i < address_set_range_count(set); i++) {
        if (conf->echo_cidr)
            echo_blocks(option, address_set_range(set, i), out);
        else
            echo_range(option, address_set_range(set, i), out);
    }
}

/* Only a normal set has a shortest text; without memory to make one the echo is marked as failed.
 */
void echo_ports(const struct conf *conf, const struct option *option, struct buffer *out)
{
    struct range_set ports;
    range_set_init(&ports);
    if (range_set_add_all(&ports, field(conf, option), NULL) < 0 ||
        range_set_normalise(&ports, NULL) < 0)
        out->failed = true;
    if (ports.count > 0) {
        buffer_printf(out, "%s = ", option->name);
        target_format_ports(out, &ports);
        buffer_char(out, '\n');
    }
    range_set_fini(&ports);
}

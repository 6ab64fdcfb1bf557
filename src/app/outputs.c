/* From the configuration's outputs to open ones. */
#include "app/outputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/version.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/port.h"
#include "output/banner_types.h"

enum { PORTS_TEXT_MAXIMUM = 4 << 20 };

static const enum port_class fact_classes[4] = {PORT_TCP, PORT_UDP, PORT_SCTP, PORT_IP_PROTO};

/* The ports of one class as "80-80,443-443", and how many they are. Ranges of a normal set may span
 * classes. */
static uint32_t class_text(struct buffer *out, const struct range_set *ports, enum port_class class)
{
    uint32_t first = port_code(class, 0), last = port_code(class, 0xffff), count = 0;
    for (size_t i = 0; i < ports->count; i++) {
        struct range r = ports->ranges[i];
        uint32_t from = r.first > first ? r.first : first, to = r.last < last ? r.last : last;
        if (from > to)
            continue;
        buffer_printf(out, "%s%u-%u", count ? "," : "", port_code_number(from),
                      port_code_number(to));
        count += to - from + 1;
    }
    return count;
}

int output_facts_gather(struct output_facts *facts, const struct conf *conf, struct error *err)
{
    uint32_t counts[4];
    memset(facts, 0, sizeof *facts);
    for (int i = 0; i < 4; i++) {
        struct buffer text;
        buffer_init(&text, PORTS_TEXT_MAXIMUM);
        counts[i] = class_text(&text, &conf->ports, fact_classes[i]);
        facts->texts[i] = strdup(buffer_string(&text));
        bool failed = text.failed || facts->texts[i] == NULL;
        buffer_fini(&text);
        if (failed)
            return error_set(err, "out of memory for the list of ports");
    }
    facts->facts = (struct scan_facts){
        .start_time = clock_wall_seconds(),
        .version = APP_VERSION,
        .tcp_ports = counts[0],
        .udp_ports = counts[1],
        .sctp_ports = counts[2],
        .ip_protocols = counts[3],
        .tcp_text = facts->texts[0],
        .udp_text = facts->texts[1],
        .sctp_text = facts->texts[2],
        .ip_protocol_text = facts->texts[3],
    };
    return 0;
}

void output_facts_free(struct output_facts *facts)
{
    for (int i = 0; i < 4; i++)
        free(facts->texts[i]);
}

static const char *format_of(const struct conf_output *output)
{
    return output->format ? output->format : "xml";
}

/* The kinds of banner that are asked for; all of them if none is named. */
static int banner_apps(uint64_t *apps, const struct conf *conf, struct error *err)
{
    *apps = UINT64_MAX;
    if (conf->banner_types == NULL || banner_types_parse(apps, conf->banner_types, err) == 0)
        return 0;
    return error_context(err, "--banner-types");
}

int outputs_check(const struct conf *conf, struct error *err)
{
    uint64_t apps;
    if (banner_apps(&apps, conf, err) < 0)
        return -1;
    for (unsigned i = 0; i < conf->output_count; i++) {
        const char *format = format_of(&conf->outputs[i]);
        if (writer_find(format) != NULL)
            continue;
        error_set(err, "--output-format: \"%s\" is not a format (want one of:", format);
        for (const struct writer_ops *const *w = writer_table; *w; w++) {
            size_t used = strlen(err->text);
            snprintf(err->text + used, sizeof err->text - used, " %s%s", (*w)->name,
                     w[1] ? "," : ")");
        }
        return -1;
    }
    return 0;
}

static int open_one(struct output_set *set, const char *format, const char *path,
                    enum output_mode mode, const struct scan_facts *facts, struct error *err)
{
    char notice[256] = "";
    if (output_set_add(set, writer_find(format), path, mode, facts, notice, err) < 0)
        return -1;
    if (notice[0] != '\0')
        fprintf(stderr, "%s\n", notice);
    return 0;
}

int outputs_open(struct output_set *set, const struct conf *conf, const struct scan_facts *facts,
                 struct error *err)
{
    enum output_mode mode = conf->append_output ? OUTPUT_APPEND : OUTPUT_REPLACE;
    uint64_t apps;
    if (banner_apps(&apps, conf, err) < 0)
        return -1;
    set->filter = (struct output_filter){.open = conf->show_open,
                                         .closed = conf->show_closed,
                                         .banners = true,
                                         .hidden_apps = ~apps};
    for (unsigned i = 0; i < conf->output_count; i++) {
        const struct conf_output *output = &conf->outputs[i];
        const char *path = output->path ? output->path : "-";
        if (open_one(set, format_of(output), path, mode, facts, err) < 0)
            return -1;
    }
    if (conf->output_count == 0)
        return open_one(set, "interactive", "-", OUTPUT_REPLACE, facts, err);
    return 0;
}

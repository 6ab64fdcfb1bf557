/* From the configuration's outputs to open ones. */
#include "app/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/version.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/port.h"
#include "base/time_fields.h"
#include "output/banner_types.h"

enum { NAME_MAXIMUM = 4096, PORTS_TEXT_MAXIMUM = 4 << 20, NOTICES_MAXIMUM = 1 << 16 };

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

static void target_range(const void *context, size_t index, struct ip_address *first,
                         struct ip_address *last)
{
    struct range6 range = address_set_range(context, index);
    *first = ip_from_number(ip_number_of(range.first));
    *last = ip_from_number(ip_number_of(range.last));
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
        .command = conf->command,
        .seed = conf->seed,
        .stylesheet = conf->stylesheet,
        .range_count = address_set_range_count(&conf->targets),
        .range = target_range,
        .range_context = &conf->targets,
        .names = &conf->host_names,
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

/* The kinds of banner that are not asked for; none of them if none is named. */
static int hide_apps(struct banner_app_set *hidden, const struct conf *conf, struct error *err)
{
    struct banner_app_set wanted;
    *hidden = (struct banner_app_set){0};
    if (conf->banner_types != NULL) {
        if (banner_types_parse(&wanted, conf->banner_types, err) < 0)
            return error_context(err, "--banner-types");
        *hidden = banner_app_set_others(&wanted);
    }
    if (!conf->show_suspects)
        banner_app_set_add(hidden, APP_SUSPECT);
    return 0;
}

static int unknown_format(const char *format, struct error *err)
{
    error_set(err, "--output-format: \"%.60s\" is not a format (want one of:", format);
    for (const struct store_ops *const *store = store_table; *store; store++) {
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof err->text - used, " %s,", (*store)->name);
    }
    for (const struct writer_ops *const *w = writer_table; *w; w++) {
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof err->text - used, " %s%s", (*w)->name, w[1] ? "," : ")");
    }
    return -1;
}

static int check_formats(const struct conf *conf, struct error *err)
{
    struct banner_app_set hidden;
    if (hide_apps(&hidden, conf, err) < 0)
        return -1;
    for (unsigned i = 0; i < conf->output_count; i++) {
        const struct conf_output *output = &conf->outputs[i];
        const struct store_ops *store = store_find(format_of(output));
        if (store == NULL && writer_find(format_of(output)) == NULL)
            return unknown_format(format_of(output), err);
        if (store != NULL && store->check(output->path, err) < 0)
            return -1;
    }
    return 0;
}

static int check_directory(const char *path, struct error *err)
{
    struct stat facts;
    if (stat(path, &facts) < 0)
        return error_sys(err, errno, "--rotate-dir: \"%s\"", path);
    if (!S_ISDIR(facts.st_mode))
        return error_set(err, "--rotate-dir: \"%s\" is not a directory", path);
    if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
        return error_sys(err, errno, "--rotate-dir: no file can be made in \"%s\"", path);
    return 0;
}

/* Only files can be moved. The console and servers may stand beside them. */
static int check_rotation(const struct conf *conf, struct error *err)
{
    const char *option = conf->rotate_seconds > 0 ? "--rotate" : "--rotate-size";
    unsigned files = 0;
    struct stat facts;
    if (conf->rotate_seconds == 0 && conf->rotate_size == 0)
        return 0;
    for (unsigned i = 0; i < conf->output_count; i++) {
        const struct store_ops *store = store_find(format_of(&conf->outputs[i]));
        const char *path = conf->outputs[i].path;
        if (path == NULL || (store != NULL && !store->is_file))
            continue;
        if (strcmp(path, "-") == 0)
            return error_set(err, "%s: standard output cannot be rotated (want a file)", option);
        if (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode))
            return error_set(err, "%s: \"%s\" is not a regular file, and cannot be rotated", option,
                             path);
        files++;
    }
    if (files == 0)
        return error_set(err, "%s: there is no output file to rotate (want one, such as -oX file)",
                         option);
    return conf->rotate_dir == NULL ? 0 : check_directory(conf->rotate_dir, err);
}

int outputs_check(const struct conf *conf, struct error *err)
{
    return check_formats(conf, err) < 0 ? -1 : check_rotation(conf, err);
}

/* Fills the time in; two outputs that get the same name would take each other's file away. */
static int name_output(struct conf *conf, struct conf_output *output, uint64_t time,
                       struct error *err)
{
    struct buffer text;
    if (output->path == NULL)
        return 0;
    buffer_init(&text, NAME_MAXIMUM);
    int status = time_fields_fill(&text, output->path, time, err);
    free(output->name);
    output->name = status < 0 ? NULL : strdup(buffer_string(&text));
    buffer_fini(&text);
    if (status < 0)
        return -1;
    if (output->name == NULL)
        return error_set(err, "out of memory for the name of an output");
    for (const struct conf_output *other = conf->outputs; other < output; other++)
        if (other->name != NULL && strcmp(other->name, output->name) == 0)
            return error_set(err, "two outputs go to '%s'; give each a file of its own",
                             output->name);
    return 0;
}

/* What every output of a run is opened with. */
struct opening {
    struct output_set *set;
    const struct conf *conf;
    const struct scan_facts *facts;
};

static int open_one(const struct opening *opening, const char *format, const char *name,
                    bool append, struct error *err)
{
    char notice[256] = "";
    const struct store_ops *store = store_find(format);
    const struct store_setup setup = {.place = name,
                                      .append = append,
                                      .password = opening->conf->redis_password,
                                      .facts = opening->facts};
    int status = store != NULL ? output_set_add_store(opening->set, store, &setup, notice, err)
                               : output_set_add(opening->set, writer_find(format), name,
                                                append ? OUTPUT_APPEND : OUTPUT_REPLACE,
                                                opening->facts, notice, err);
    if (status < 0)
        return -1;
    if (notice[0] != '\0')
        fprintf(stderr, "%s\n", notice);
    return 0;
}

static int set_up(struct outputs *outputs, const struct conf *conf, uint64_t now, struct error *err)
{
    struct output_set *set = &outputs->set;
    buffer_init(&outputs->notices, NOTICES_MAXIMUM);
    set->notices = &outputs->notices;
    set->rotation = (struct output_rotation){.period = conf->rotate_seconds,
                                             .offset = conf->rotate_offset,
                                             .size = conf->rotate_size,
                                             .directory = conf->rotate_dir};
    set->rotate_at = rotation_next(&set->rotation, now);
    struct banner_app_set hidden;
    if (hide_apps(&hidden, conf, err) < 0)
        return -1;
    set->filter = (struct output_filter){.open = conf->show_open,
                                         .closed = conf->show_closed,
                                         .banners = true,
                                         .hidden_apps = hidden};
    return 0;
}

static int open_all(const struct opening *opening, struct conf *conf, struct error *err)
{
    for (unsigned i = 0; i < conf->output_count; i++) {
        struct conf_output *output = &conf->outputs[i];
        if (name_output(conf, output, opening->facts->start_time, err) < 0 ||
            open_one(opening, format_of(output), output->name ? output->name : "-",
                     conf->append_output, err) < 0)
            return -1;
    }
    if (conf->output_count == 0)
        return open_one(opening, "interactive", "-", false, err);
    return 0;
}

int outputs_open(struct outputs *outputs, struct conf *conf, const struct scan_facts *facts,
                 struct error *err)
{
    const struct opening opening = {&outputs->set, conf, facts};
    if (set_up(outputs, conf, facts->start_time, err) == 0 && open_all(&opening, conf, err) == 0)
        return 0;
    outputs_refuse(outputs);
    return error_blame(err, ERROR_OUTPUT);
}

void outputs_refuse(struct outputs *outputs)
{
    outputs->set.rotation = (struct output_rotation){0};
}

void outputs_tell(struct outputs *outputs)
{
    fputs(buffer_string(&outputs->notices), stderr);
    buffer_clear(&outputs->notices);
}

int outputs_close(struct outputs *outputs, struct error *err)
{
    int result = output_set_close(&outputs->set, clock_wall_seconds(), err);
    outputs_tell(outputs);
    buffer_fini(&outputs->notices);
    return result < 0 ? error_blame(err, ERROR_OUTPUT) : result;
}

/* The counters as JSON. The table of SIM_COUNTERS says which object a counter belongs to. */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *object;
    const char *key;
} names[SIM_COUNTERS_N] = {
#define X(name, object, key) {object, key},
    SIM_COUNTERS(X)
#undef X
};

static const char *const objects[] = {"arp", "nd", "probes", "replies", "tcp"};

static void write_members(FILE *file, const struct sim_counters *counters, const char *object,
                          const char *separator)
{
    const char *between = "";
    for (int i = 0; i < SIM_COUNTERS_N; i++) {
        if (strcmp(names[i].object, object) != 0)
            continue;
        fprintf(file, "%s\"%s\": %" PRIu64, between, names[i].key, counters->value[i]);
        between = separator;
    }
}

static void write_helper(FILE *file, const struct sim_counters *counters,
                         const struct helper *helper)
{
    fputs(",\n  \"helper\": {", file);
    write_members(file, counters, "helper", ", ");
    fprintf(file, ", \"sent\": %" PRIu64 ", \"failed\": %" PRIu64 ", \"held\": %zu}", helper->sent,
            helper->failed, helper->hold.used);
    fputs(",\n  \"forged\": {", file);
    for (int kind = 0; kind < FORGE_KINDS; kind++)
        fprintf(file, "%s\"%s\": %" PRIu64, kind ? ", " : "", forge_names[kind],
                helper->forged[kind]);
    fputs("}", file);
}

static void write_pairs(FILE *file, const struct sim_options *options,
                        const struct network *network)
{
    uint64_t times[NETWORK_TIMES];
    network_count_pairs(network, times);
    fprintf(file, ",\n  \"pairs\": {\"listed\": %" PRIu64 ", \"probed\": [",
            options->addresses * options->config.counted_ports);
    for (int i = 0; i < NETWORK_TIMES; i++)
        fprintf(file, "%s%" PRIu64, i ? ", " : "", times[i]);
    fputs("]}", file);
}

static void write_all(FILE *file, const struct sim_options *options, const struct network *network,
                      const struct helper *helper)
{
    struct sim_counters counters = network_counters(network);
    fputs("{\n  ", file);
    write_members(file, &counters, "", ",\n  ");
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        fprintf(file, ",\n  \"%s\": {", objects[i]);
        write_members(file, &counters, objects[i], ", ");
        fputs("}", file);
    }
    write_helper(file, &counters, helper);
    write_pairs(file, options, network);
    fputs("\n}\n", file);
}

int report_write(const char *path, const struct sim_options *options, const struct network *network,
                 const struct helper *helper, struct error *err)
{
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
        return error_set(err, "%s: the name is too long", path);
    FILE *file = fopen(beside, "w");
    if (file == NULL)
        return error_sys(err, errno, "%s", beside);
    write_all(file, options, network, helper);
    if (fclose(file) != 0 || rename(beside, path) != 0)
        return error_sys(err, errno, "%s", path);
    return 0;
}

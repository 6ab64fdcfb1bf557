/* --readscan: binary results to any other format. */
#include "app/app.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/outputs.h"
#include "base/clock.h"
#include "output/binary_reader.h"

static int write_record(void *context, const struct result *result, struct error *err)
{
    return output_set_record(context, result, err) < 0 ? error_blame(err, ERROR_OUTPUT) : 0;
}

static int read_files(const struct conf *conf, struct output_set *outputs, struct error *err)
{
    for (unsigned i = 0; i < conf->readscan.count; i++) {
        const char *path = conf->readscan.items[i];
        struct binary_file_facts facts;
        if (binary_read_file(path, write_record, outputs, &facts, err) < 0)
            return -1;
        if (facts.torn_bytes > 0)
            fprintf(stderr, "%s: torn: the last %" PRIu64 " bytes are no whole record\n", path,
                    facts.torn_bytes);
        if (facts.skipped > 0)
            fprintf(stderr, "%s: %" PRIu64 " records of an unknown kind were skipped\n", path,
                    facts.skipped);
    }
    return 0;
}

int app_readscan(struct conf *conf, struct error *err)
{
    struct output_facts facts;
    struct output_set outputs = {.past_cache = true};
    if (outputs_check(conf, err) < 0)
        return -1;
    int result = output_facts_gather(&facts, conf, err);
    if (result == 0 && outputs_open(&outputs, conf, &facts.facts, err) < 0)
        result = error_blame(err, ERROR_OUTPUT);
    if (result == 0)
        result = read_files(conf, &outputs, err);
    struct error *late = result < 0 ? NULL : err;
    if (output_set_close(&outputs, clock_wall_seconds(), late) < 0)
        result = error_blame(late, ERROR_OUTPUT);
    output_facts_free(&facts);
    return result < 0 ? -1 : EXIT_COMPLETE;
}

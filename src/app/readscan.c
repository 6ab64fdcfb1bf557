/* --readscan: binary results to any other format.
 *
 * Records pass through stages, each a result_fn: the filter, the merging of duplicates, the order,
 * the outputs. A stage that has nothing to do is not there. */
#include "app/app.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/confine.h"
#include "app/outputs.h"
#include "app/record_filter.h"
#include "app/scan_files.h"
#include "base/clock.h"
#include "output/binary_reader.h"
#include "output/sorter.h"

struct stage {
    result_fn *take;
    void *context;
};

/* Where records come out, and how many did. */
struct destination {
    struct outputs outputs;
    uint64_t records;
};

struct pipeline {
    struct stage first; /* where records go in */
    struct record_filter filter;
    struct stage behind_filter;
    struct sorter *merger, *sorter; /* NULL if not asked for */
    struct destination destination;
    uint64_t records, filtered;
    struct confinement confinement;
};

/* ---- the stages ---- */

enum { RECORDS_A_LOOK = 1024 }; /* at the clock */

static int rotate(struct outputs *outputs, struct error *err)
{
    uint64_t now = clock_wall_seconds();
    if (!output_set_is_due(&outputs->set, now))
        return 0;
    int result = output_set_rotate(&outputs->set, now, err);
    outputs_tell(outputs);
    return result < 0 ? error_blame(err, ERROR_OUTPUT) : 0;
}

static int write_record(void *context, const struct result *result, struct error *err)
{
    struct destination *destination = context;
    struct output_set *set = &destination->outputs.set;
    if (output_set_record(set, result, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    bool look = ++destination->records % RECORDS_A_LOOK == 0;
    return look || set->full ? rotate(&destination->outputs, err) : 0;
}

static int filter_record(void *context, const struct result *result, struct error *err)
{
    struct pipeline *pipeline = context;
    if (!record_filter_passes(&pipeline->filter, result)) {
        pipeline->filtered++;
        return 0;
    }
    return pipeline->behind_filter.take(pipeline->behind_filter.context, result, err);
}

static struct sorter *new_sorter(enum sort_order order, bool merge, struct error *err)
{
    const char *directory = getenv("TMPDIR");
    const struct sorter_setup setup = {
        .order = order,
        .merge = merge,
        .memory = SORTER_MEMORY,
        .directory = directory != NULL && *directory != '\0' ? directory : "/var/tmp",
    };
    return sorter_new(&setup, err);
}

static enum sort_order order_of(const char *name)
{
    if (strcmp(name, "port") == 0)
        return SORT_BY_PORT;
    return strcmp(name, "time") == 0 ? SORT_BY_TIME : SORT_BY_ADDRESS;
}

/* Duplicates come together in every order but that of time, which therefore needs a second sorter.
 */
static int prepare_sorters(struct pipeline *pipeline, const struct conf *conf, struct error *err)
{
    enum sort_order order = conf->sort != NULL ? order_of(conf->sort) : SORT_BY_ADDRESS;
    bool apart = conf->merge && order == SORT_BY_TIME;
    if (conf->merge) {
        pipeline->merger = new_sorter(apart ? SORT_BY_ADDRESS : order, true, err);
        if (pipeline->merger == NULL)
            return -1;
    }
    if (apart || (conf->sort != NULL && !conf->merge)) {
        pipeline->sorter = new_sorter(order, false, err);
        if (pipeline->sorter == NULL)
            return -1;
    }
    return 0;
}

/* Connects the stages from the last to the first. */
static int connect_stages(struct pipeline *pipeline, const struct conf *conf, struct error *err)
{
    pipeline->first = (struct stage){write_record, &pipeline->destination};
    if (prepare_sorters(pipeline, conf, err) < 0)
        return -1;
    if (pipeline->sorter != NULL)
        pipeline->first = (struct stage){sorter_add, pipeline->sorter};
    if (pipeline->merger != NULL)
        pipeline->first = (struct stage){sorter_add, pipeline->merger};
    record_filter_init(&pipeline->filter, conf);
    if (!record_filter_is_open(&pipeline->filter)) {
        pipeline->behind_filter = pipeline->first;
        pipeline->first = (struct stage){filter_record, pipeline};
    }
    return 0;
}

/* What the sorters hold goes on, when all is read. */
static int finish_sorters(struct pipeline *pipeline, struct error *err)
{
    if (pipeline->merger != NULL) {
        bool sorted = pipeline->sorter == NULL;
        result_fn *take = sorted ? write_record : sorter_add;
        void *context = sorted ? (void *)&pipeline->destination : pipeline->sorter;
        if (sorter_finish(pipeline->merger, take, context, err) < 0)
            return -1;
    }
    if (pipeline->sorter == NULL)
        return 0;
    return sorter_finish(pipeline->sorter, write_record, &pipeline->destination, err);
}

/* ---- reading ---- */

static void tell_losses(const char *path, const struct binary_file_facts *facts)
{
    if (facts->torn_bytes > 0)
        fprintf(stderr, "%s: torn: the last %" PRIu64 " bytes are no whole record\n", path,
                facts->torn_bytes);
    if (facts->skipped > 0)
        fprintf(stderr, "%s: %" PRIu64 " records of an unknown kind were skipped\n", path,
                facts->skipped);
}

static int read_files(struct pipeline *pipeline, const struct scan_files *files, struct error *err)
{
    for (unsigned i = 0; i < files->count; i++) {
        struct binary_file_facts facts;
        if (binary_read_file(files->paths[i], pipeline->first.take, pipeline->first.context, &facts,
                             err) < 0)
            return -1;
        pipeline->records += facts.records;
        tell_losses(files->paths[i], &facts);
    }
    return 0;
}

/* Who asks for less than all is told how much it was. */
static void sum_up(const struct pipeline *pipeline)
{
    if (pipeline->first.take != filter_record && pipeline->merger == NULL)
        return;
    fprintf(stderr, "%" PRIu64 " records read", pipeline->records);
    if (pipeline->first.take == filter_record)
        fprintf(stderr, ", %" PRIu64 " of other addresses or ports", pipeline->filtered);
    if (pipeline->merger != NULL)
        fprintf(stderr, ", %" PRIu64 " merged with one that says the same",
                sorter_merged(pipeline->merger));
    fputc('\n', stderr);
}

static int run(struct pipeline *pipeline, const struct scan_files *files, struct conf *conf,
               struct error *err)
{
    struct output_facts facts;
    struct outputs *outputs = &pipeline->destination.outputs;
    int result = output_facts_gather(&facts, conf, err);
    if (result == 0)
        result = outputs_open(outputs, conf, &facts.facts, err);
    if (result == 0)
        result = confine_readscan(&pipeline->confinement, conf, files, err);
    if (result == 0)
        result = read_files(pipeline, files, err);
    if (result == 0)
        result = finish_sorters(pipeline, err);
    struct error late;
    int closed = outputs_close(outputs, &late);
    output_facts_free(&facts);
    if (closed < 0)
        return error_join(result, &late, err);
    return result == 0 && closed == OUTPUT_UNMOVED ? EXIT_OUTPUT : result;
}

int app_readscan(struct conf *conf, struct error *err)
{
    struct pipeline pipeline = {.destination.outputs.set.past_cache = true};
    struct scan_files files = {0};
    int result = confine_prepare(&pipeline.confinement, conf, err);
    if (result == 0)
        result = outputs_check(conf, err);
    if (result == 0)
        result = scan_files_find(&files, conf, err);
    if (result == 0)
        result = connect_stages(&pipeline, conf, err);
    if (result == 0)
        result = run(&pipeline, &files, conf, err);
    if (result >= 0)
        sum_up(&pipeline);
    sorter_free(pipeline.merger);
    sorter_free(pipeline.sorter);
    scan_files_free(&files);
    return result;
}

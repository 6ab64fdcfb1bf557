/* The outputs of a scan: writers, their buffers, and the sinks they are carried to; and stores.
 *
 * To rotate an output is to finish it, to move its file, and to open it anew, in this order: so a
 * file under its new name is always whole. Whoever is killed in between leaves a whole file under
 * its old name, which --append-output goes on with, or under its new one. */
#include "output/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output/sink.h"

enum {
    CARRY_SIZE = 1 << 16, /* a fuller buffer goes to the file at once */
    CARRY_MUCH = 1 << 19, /* or this, past the page cache: the larger the piece the better */
    /* Room for that, and a record with the longest banner at six bytes a byte. */
    BUFFER_MAX = CARRY_MUCH + 6 * RESULT_BANNER_MAX + 4096,
    RECORDS_A_MEASURE = 1024, /* of the size of a store's file */
};

/* A writer has a buffer and a sink; a store has neither: of the sink there is only what tells that
 * its place is taken. */
struct output {
    const struct writer_ops *writer; /* NULL: a store */
    const struct store_ops *store;   /* NULL: a writer */
    struct store_setup setup;        /* of a store */
    bool ended;                      /* a store that was closed */
    uint64_t records;                /* since it was opened */
    size_t state_size;
    void *state;
    struct buffer buffer;
    struct sink sink;
    size_t full; /* how much is buffered before it goes to the sink */
    struct scan_facts facts;
    char *path;           /* of a file that is rotated, links resolved; else NULL */
    uint64_t size_at_end; /* it is rotated when it has this size; UINT64_MAX: whatever its size */
    struct rotation_count count;
    bool failed;
    struct error failure;
};

static int fail(struct output *output, struct error *err)
{
    output->failed = true;
    if (err != NULL)
        *err = output->failure;
    return -1;
}

/* Gives the first `length` bytes that are buffered to the sink. */
static int carry_part(struct output *output, size_t length, struct error *err)
{
    if (output->failed)
        return fail(output, err);
    if (output->buffer.failed) {
        error_set(&output->failure, "no memory for the results that go to '%s'", output->sink.name);
        return fail(output, err);
    }
    if (sink_write(&output->sink, output->buffer.bytes, length, &output->failure) < 0)
        return fail(output, err);
    buffer_drop(&output->buffer, length);
    return 0;
}

/* Passes on what a store returned; what went wrong there is told by every later call too. */
static int settle(struct output *output, int outcome, struct error *err)
{
    return outcome < 0 ? fail(output, err) : 0;
}

/* How large the file of a store is. */
static void measure(struct output *output)
{
    struct stat facts;
    if (output->path != NULL && stat(output->path, &facts) == 0)
        output->sink.position = (uint64_t)facts.st_size;
}

static int flush_store(struct output *output, struct error *err)
{
    if (output->failed)
        return fail(output, err);
    if (output->store->flush(output->state, &output->failure) < 0)
        return fail(output, err);
    measure(output);
    return 0;
}

static int record_in_store(struct output *output, const struct result *result, struct error *err)
{
    if (output->records % RECORDS_A_MEASURE == 0)
        measure(output);
    return settle(output, output->store->record(output->state, result, &output->failure), err);
}

/* Gives all that is buffered to the sink. */
static int carry(struct output *output, struct error *err)
{
    if (output->store != NULL)
        return flush_store(output, err);
    return carry_part(output, output->buffer.length, err);
}

/* Gives a full buffer to the sink, up to where a page of the file ends: so no page goes to the disk
 * twice. */
static int carry_full(struct output *output, struct error *err)
{
    return carry_part(output, sink_whole_pages(&output->sink, output->buffer.length), err);
}

static int read_earlier(void *context, uint64_t offset, void *bytes, size_t length,
                        struct error *err)
{
    return sink_read(context, offset, bytes, length, err);
}

/* Goes on with the document in the file; RESUME_FRESH if there is none after all. */
static int resume(struct output *output, char notice[256], struct error *err)
{
    uint64_t end = 0;
    struct earlier_file file = {output->sink.size, &output->sink, read_earlier};
    int outcome = output->writer->resume(output->state, &output->facts, &file, &end, err);
    if (outcome < 0)
        return error_context(err, "cannot append to '%s'", output->sink.name);
    int result = sink_cut(&output->sink, outcome == RESUME_FRESH ? 0 : end, err);
    if (result < 0)
        return result;
    if (outcome == RESUME_BEHIND)
        snprintf(notice, 256, "going on behind the earlier results in %s", output->sink.name);
    return outcome;
}

/* Writes what stands before the records, or finds the place behind those that are there. */
static int begin(struct output *output, enum output_mode mode, char notice[256], struct error *err)
{
    int outcome = RESUME_FRESH;
    if (mode == OUTPUT_APPEND && output->sink.regular && output->sink.owned &&
        output->sink.size > 0)
        outcome = resume(output, notice, err);
    if (outcome < 0)
        return outcome;
    if (outcome == RESUME_FRESH && output->writer->open != NULL)
        output->writer->open(output->state, &output->buffer, &output->facts);
    return carry(output, err);
}

/* Two writers in one file would destroy each other's document. */
static int check_unshared(const struct output_set *set, const struct output *output,
                          struct error *err)
{
    const struct sink *sink = &output->sink;
    for (unsigned i = 0; i < set->count; i++) {
        const struct sink *other = &set->outputs[i]->sink;
        bool same_file =
            sink->regular && other->device == sink->device && other->inode == sink->inode;
        bool same_stdout = !sink->owned && !other->owned;
        if (set->outputs[i] != output && (same_file || same_stdout))
            return error_set(err, "two outputs go to '%s'; give each a file of its own",
                             sink->name);
    }
    return 0;
}

static void output_free(struct output *output)
{
    buffer_fini(&output->buffer);
    free(output->path);
    free(output->state);
    free(output);
}

static struct output *output_new(size_t state_size)
{
    struct output *output = calloc(1, sizeof *output);
    if (output == NULL)
        return NULL;
    output->state_size = state_size;
    output->size_at_end = UINT64_MAX;
    buffer_init(&output->buffer, BUFFER_MAX);
    output->state = calloc(1, state_size > 0 ? state_size : 1);
    if (output->state == NULL) {
        output_free(output);
        return NULL;
    }
    return output;
}

/* Does the path lead to the file that the sink writes to? */
static bool is_at(const struct sink *sink, const char *path)
{
    struct stat facts;
    return path != NULL && stat(path, &facts) == 0 && facts.st_dev == sink->device &&
           facts.st_ino == sink->inode;
}

/* Finds the place of a file that will be rotated, so that a link to it stays what it is. */
static int find_place(struct output *output, const struct output_rotation *rotation,
                      struct error *err)
{
    const struct sink *sink = &output->sink;
    bool is_server = output->store != NULL && !output->store->is_file;
    if (!rotation_is_wanted(rotation) || !sink->owned || is_server)
        return 0;
    if (output->path == NULL)
        output->path = sink->regular ? realpath(sink->name, NULL) : NULL;
    if (!is_at(sink, output->path))
        return error_set(err, "cannot rotate '%s': it is no regular file in a folder", sink->name);
    if (!rotation_name_fits(output->path))
        return error_set(err, "cannot rotate '%s': its name is too long to get a time in front",
                         sink->name);
    return 0;
}

/* When it is rotated by size: above what it has if it could not be moved for its size before. */
static void set_end(struct output *output, const struct output_rotation *rotation, uint64_t above)
{
    if (rotation->size > 0 && output->path != NULL)
        output->size_at_end = above + rotation->size;
}

static int open_output(const struct output_set *set, struct output *output, const char *path,
                       enum output_mode mode, char notice[256], struct error *err)
{
    int result = mode == OUTPUT_APPEND ? sink_open_existing(&output->sink, path, err)
                                       : sink_open_new(&output->sink, path, notice, err);
    if (result < 0)
        return result;
    output->sink.past_cache = set->past_cache;
    output->full = set->past_cache && output->sink.regular ? CARRY_MUCH : CARRY_SIZE;
    result = check_unshared(set, output, err);
    if (result == 0)
        result = find_place(output, &set->rotation, err);
    if (result == 0)
        result = begin(output, mode, notice, err);
    if (result < 0)
        sink_abandon(&output->sink);
    return result;
}

/* Which file a store has, so that no other output gets it too. */
static void note_file(struct output *output, const char *place)
{
    struct stat facts;
    struct sink *sink = &output->sink;
    *sink = (struct sink){.fd = -1, .owned = true, .name = (char *)place};
    if (!output->store->is_file || stat(place, &facts) < 0)
        return;
    sink->regular = S_ISREG(facts.st_mode);
    sink->device = facts.st_dev;
    sink->inode = facts.st_ino;
    sink->position = (uint64_t)facts.st_size;
}

/* What is there may belong to another output; if not, it may give way to another file. */
static int open_store(const struct output_set *set, struct output *output, const char *place,
                      enum output_mode mode, char notice[256], struct error *err)
{
    output->setup.place = place;
    output->setup.append = mode == OUTPUT_APPEND;
    note_file(output, place);
    int result = check_unshared(set, output, err);
    if (result == 0)
        result = output->store->open(output->state, &output->setup, notice, err);
    if (result < 0)
        return result;
    note_file(output, place);
    output->ended = false;
    result = find_place(output, &set->rotation, err);
    if (result < 0)
        output->store->abandon(output->state);
    return result;
}

static int open_at(const struct output_set *set, struct output *output, const char *place,
                   enum output_mode mode, char notice[256], struct error *err)
{
    return output->store != NULL ? open_store(set, output, place, mode, notice, err)
                                 : open_output(set, output, place, mode, notice, err);
}

/* A new output, if there is room for one more; what it is, the caller fills in. */
static struct output *make_output(const struct output_set *set, size_t state_size, const char *path,
                                  struct error *err)
{
    if (set->count == OUTPUTS_MAX) {
        error_set(err, "cannot write to '%s': there are %d outputs already, the most there can be",
                  path, OUTPUTS_MAX);
        return NULL;
    }
    struct output *output = output_new(state_size);
    if (output == NULL)
        error_set(err, "no memory for the output '%s'", path);
    return output;
}

/* Opens an output and takes it into the set, or frees it. */
static int join(struct output_set *set, struct output *output, const char *place,
                enum output_mode mode, char notice[256], struct error *err)
{
    int opened = open_at(set, output, place, mode, notice, err);
    if (opened < 0) {
        output_free(output);
        return opened;
    }
    set_end(output, &set->rotation, 0);
    set->outputs[set->count++] = output;
    return 0;
}

int output_set_add_store(struct output_set *set, const struct store_ops *store,
                         const struct store_setup *setup, char notice[256], struct error *err)
{
    notice[0] = '\0';
    struct output *output = make_output(set, store->state_size, setup->place, err);
    if (output == NULL)
        return -1;
    output->store = store;
    output->setup = *setup;
    return join(set, output, setup->place, setup->append ? OUTPUT_APPEND : OUTPUT_REPLACE, notice,
                err);
}

int output_set_add(struct output_set *set, const struct writer_ops *writer, const char *path,
                   enum output_mode mode, const struct scan_facts *facts, char notice[256],
                   struct error *err)
{
    notice[0] = '\0';
    struct output *output = make_output(set, writer->state_size, path, err);
    if (output == NULL)
        return -1;
    output->writer = writer;
    output->facts = *facts;
    return join(set, output, path, mode, notice, err);
}

static bool is_hidden(const struct output_filter *filter, uint16_t app)
{
    return banner_app_set_has(&filter->hidden_apps, app < APP_COUNT ? app : APP_UNKNOWN);
}

static bool passes(const struct output_filter *filter, const struct result *result)
{
    if (result->kind == RESULT_BANNER)
        return filter->banners && !is_hidden(filter, result->app);
    return result->status == RESULT_CLOSED ? filter->closed : filter->open;
}

/* In bytes, with what is buffered. */
static uint64_t size_of(const struct output *output)
{
    return output->sink.position + output->buffer.length;
}

/* Has it reached its size, and by a record? */
static bool is_full(const struct output *output)
{
    return size_of(output) >= output->size_at_end && output->records > 0;
}

static int write_record(struct output *output, const struct result *result, struct error *err)
{
    if (output->failed)
        return fail(output, err);
    output->records++;
    if (output->store != NULL)
        return record_in_store(output, result, err);
    size_t before = output->buffer.length;
    output->writer->record(output->state, &output->buffer, result);
    if (output->buffer.failed)
        output->buffer.length = before;
    if (output->buffer.failed || output->buffer.length >= output->full)
        return carry_full(output, err);
    return 0;
}

static int write_to_all(struct output_set *set, const struct result *result, struct error *err)
{
    int outcome = 1;
    for (unsigned i = 0; i < set->count; i++) {
        struct output *output = set->outputs[i];
        if (write_record(output, result, outcome < 0 ? NULL : err) < 0)
            outcome = -1;
        set->full = set->full || is_full(output);
    }
    return outcome;
}

static int write_cut_to_all(struct output_set *set, const struct result *result, struct error *err)
{
    struct result cut = *result;
    cut.banner_length = RESULT_BANNER_MAX;
    return write_to_all(set, &cut, err);
}

int output_set_record(struct output_set *set, const struct result *result, struct error *err)
{
    if (!passes(&set->filter, result))
        return 0;
    if (result->banner_length > RESULT_BANNER_MAX)
        return write_cut_to_all(set, result, err);
    return write_to_all(set, result, err);
}

/* A store's file gets its size when it is flushed. */
static void note_full(struct output_set *set)
{
    for (unsigned i = 0; i < set->count; i++)
        set->full = set->full || is_full(set->outputs[i]);
}

int output_set_flush(struct output_set *set, struct error *err)
{
    int outcome = 0;
    for (unsigned i = 0; i < set->count; i++)
        if (carry(set->outputs[i], outcome < 0 ? NULL : err) < 0)
            outcome = -1;
    note_full(set);
    return outcome;
}

/* A close frees what the store has, whatever it returns. */
static int finish_store(struct output *output, uint64_t now, struct error *err)
{
    if (output->failed && !output->ended)
        output->store->abandon(output->state);
    bool failed = output->failed;
    output->ended = true;
    if (failed)
        return fail(output, err);
    return settle(output, output->store->close(output->state, now, &output->failure), err);
}

/* A file that could not be written before gets no trailer: where its last record ends is not
 * known. */
static int finish(struct output *output, uint64_t now, struct error *err)
{
    if (output->store != NULL)
        return finish_store(output, now, err);
    if (!output->failed && output->writer->close != NULL)
        output->writer->close(output->state, &output->buffer, now);
    if (carry(output, err) < 0) {
        sink_abandon(&output->sink);
        return -1;
    }
    return sink_close(&output->sink, &output->failure) < 0 ? fail(output, err) : 0;
}

static void tell(const struct output_set *set, const char *line, const char *end)
{
    if (set->notices != NULL)
        buffer_printf(set->notices, "%s%s\n", line, end);
}

/* Moves a file that is finished; false if it is still where it was. */
static bool move(struct output_set *set, struct output *output, uint64_t now)
{
    char kept[BACKUP_PATH_SIZE];
    struct error obstacle;
    int outcome = rotation_move(&set->rotation, &output->count, output->path, now, kept, &obstacle);
    if (outcome == ROTATION_MOVED)
        return true;
    set->unmoved = true;
    if (outcome == ROTATION_BESIDE)
        error_context(&obstacle, "the results stay in '%s'", kept);
    tell(set, obstacle.text, outcome < 0 ? "; the results stay in it" : "");
    return outcome == ROTATION_BESIDE;
}

/* Ends the file and moves it, if it is to be moved. Negative if it could not be written; *gone: it
 * is not at its place any more. */
static int finish_and_move(struct output_set *set, struct output *output, uint64_t now, bool *gone,
                           struct error *err)
{
    bool in_place = is_at(&output->sink, output->path);
    *gone = true;
    if (finish(output, now, err) < 0)
        return -1;
    if (output->path == NULL || !rotation_is_wanted(&set->rotation))
        return 0;
    if (in_place) {
        *gone = move(set, output, now);
        return 0;
    }
    tell(set, output->path, ": it was moved or removed by another program");
    return 0;
}

/* On a failure the output is one that has failed. */
static int open_anew(struct output_set *set, struct output *output, enum output_mode mode,
                     struct error *err)
{
    char notice[256] = "";
    output->records = 0;
    memset(output->state, 0, output->state_size);
    if (open_at(set, output, output->path, mode, notice, &output->failure) < 0)
        return fail(output, err);
    if (mode == OUTPUT_REPLACE && notice[0] != '\0') /* somebody put another file there */
        tell(set, notice, "");
    set_end(output, &set->rotation, mode == OUTPUT_APPEND ? size_of(output) : 0);
    return 0;
}

static int rotate(struct output_set *set, struct output *output, uint64_t now, struct error *err)
{
    bool gone;
    if (output->failed)
        return fail(output, err);
    if (finish_and_move(set, output, now, &gone, err) < 0)
        return -1;
    return open_anew(set, output, gone ? OUTPUT_REPLACE : OUTPUT_APPEND, err);
}

int output_set_rotate(struct output_set *set, uint64_t now, struct error *err)
{
    bool all = output_set_period_is_over(set, now);
    int outcome = 0;
    for (unsigned i = 0; i < set->count; i++) {
        struct output *output = set->outputs[i];
        bool due = output->path != NULL && (all || is_full(output));
        if (due && rotate(set, output, now, outcome < 0 ? NULL : err) < 0)
            outcome = -1;
    }
    set->full = false;
    if (all)
        set->rotate_at = rotation_next(&set->rotation, now);
    return outcome;
}

int output_set_close(struct output_set *set, uint64_t now, struct error *err)
{
    int outcome = 0;
    for (unsigned i = 0; i < set->count; i++) {
        struct error failure;
        bool gone;
        if (finish_and_move(set, set->outputs[i], now, &gone, &failure) < 0)
            outcome = outcome < 0 ? error_add(err, "%s", failure.text)
                                  : error_set(err, "%s", failure.text);
        output_free(set->outputs[i]);
    }
    set->count = 0;
    return outcome == 0 && set->unmoved ? OUTPUT_UNMOVED : outcome;
}

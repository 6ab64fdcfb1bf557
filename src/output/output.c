/* The outputs of a scan: writers, their buffers, and the sinks they are carried to; and stores. */
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
};

/* A writer has a buffer and a sink; a store has neither: of the sink there is only what tells that
 * its place is taken. */
struct output {
    const struct writer_ops *writer; /* NULL: a store */
    const struct store_ops *store;   /* NULL: a writer */
    void *state;
    struct buffer buffer;
    struct sink sink;
    size_t full; /* how much is buffered before it goes to the sink */
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

static int flush_store(struct output *output, struct error *err)
{
    if (output->failed)
        return fail(output, err);
    return settle(output, output->store->flush(output->state, &output->failure), err);
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
static int resume(struct output *output, const struct scan_facts *facts, char notice[256],
                  struct error *err)
{
    uint64_t end = 0;
    struct earlier_file file = {output->sink.size, &output->sink, read_earlier};
    int outcome = output->writer->resume(output->state, facts, &file, &end, err);
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
static int begin(struct output *output, enum output_mode mode, const struct scan_facts *facts,
                 char notice[256], struct error *err)
{
    int outcome = RESUME_FRESH;
    if (mode == OUTPUT_APPEND && output->sink.regular && output->sink.owned &&
        output->sink.size > 0)
        outcome = resume(output, facts, notice, err);
    if (outcome < 0)
        return outcome;
    if (outcome == RESUME_FRESH && output->writer->open != NULL)
        output->writer->open(output->state, &output->buffer, facts);
    return carry(output, err);
}

/* Two writers in one file would destroy each other's document. */
static int check_unshared(const struct output_set *set, const struct sink *sink, struct error *err)
{
    for (unsigned i = 0; i < set->count; i++) {
        const struct sink *other = &set->outputs[i]->sink;
        bool same_file =
            sink->regular && other->device == sink->device && other->inode == sink->inode;
        bool same_stdout = !sink->owned && !other->owned;
        if (same_file || same_stdout)
            return error_set(err, "two outputs go to '%s'; give each a file of its own",
                             sink->name);
    }
    return 0;
}

static void output_free(struct output *output)
{
    buffer_fini(&output->buffer);
    free(output->state);
    free(output);
}

static struct output *output_new(size_t state_size)
{
    struct output *output = calloc(1, sizeof *output);
    if (output == NULL)
        return NULL;
    buffer_init(&output->buffer, BUFFER_MAX);
    output->state = calloc(1, state_size > 0 ? state_size : 1);
    if (output->state == NULL) {
        output_free(output);
        return NULL;
    }
    return output;
}

static int open_output(const struct output_set *set, struct output *output, const char *path,
                       enum output_mode mode, const struct scan_facts *facts, char notice[256],
                       struct error *err)
{
    int result = mode == OUTPUT_APPEND ? sink_open_existing(&output->sink, path, err)
                                       : sink_open_new(&output->sink, path, notice, err);
    if (result < 0)
        return result;
    output->sink.past_cache = set->past_cache;
    output->full = set->past_cache && output->sink.regular ? CARRY_MUCH : CARRY_SIZE;
    result = check_unshared(set, &output->sink, err);
    if (result == 0)
        result = begin(output, mode, facts, notice, err);
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
}

/* What is there may belong to another output; if not, it may give way to another file. */
static int open_store(const struct output_set *set, struct output *output,
                      const struct store_setup *setup, char notice[256], struct error *err)
{
    note_file(output, setup->place);
    int result = check_unshared(set, &output->sink, err);
    if (result == 0)
        result = output->store->open(output->state, setup, notice, err);
    note_file(output, setup->place);
    return result;
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

/* Takes an output that could be opened into the set. */
static int join(struct output_set *set, struct output *output, int opened)
{
    if (opened < 0)
        output_free(output);
    else
        set->outputs[set->count++] = output;
    return opened < 0 ? opened : 0;
}

int output_set_add_store(struct output_set *set, const struct store_ops *store,
                         const struct store_setup *setup, char notice[256], struct error *err)
{
    notice[0] = '\0';
    struct output *output = make_output(set, store->state_size, setup->place, err);
    if (output == NULL)
        return -1;
    output->store = store;
    return join(set, output, open_store(set, output, setup, notice, err));
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
    return join(set, output, open_output(set, output, path, mode, facts, notice, err));
}

static bool passes(const struct output_filter *filter, const struct result *result)
{
    if (result->kind == RESULT_BANNER)
        return filter->banners;
    return result->status == RESULT_CLOSED ? filter->closed : filter->open;
}

static int write_record(struct output *output, const struct result *result, struct error *err)
{
    if (output->failed)
        return fail(output, err);
    if (output->store != NULL)
        return settle(output, output->store->record(output->state, result, &output->failure), err);
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
    for (unsigned i = 0; i < set->count; i++)
        if (write_record(set->outputs[i], result, outcome < 0 ? NULL : err) < 0)
            outcome = -1;
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

int output_set_flush(struct output_set *set, struct error *err)
{
    int outcome = 0;
    for (unsigned i = 0; i < set->count; i++)
        if (carry(set->outputs[i], outcome < 0 ? NULL : err) < 0)
            outcome = -1;
    return outcome;
}

static int finish_store(struct output *output, uint64_t now, struct error *err)
{
    if (!output->failed)
        return output->store->close(output->state, now, err);
    output->store->abandon(output->state);
    return fail(output, err);
}

/* A file that could not be written before gets no trailer: where its last record ends is not
 * known. */
static int finish(struct output *output, uint64_t now, struct error *err)
{
    if (output->store != NULL)
        return finish_store(output, now, err);
    if (output->failed) {
        sink_abandon(&output->sink);
        return fail(output, err);
    }
    if (output->writer->close != NULL)
        output->writer->close(output->state, &output->buffer, now);
    if (carry(output, err) < 0) {
        sink_abandon(&output->sink);
        return -1;
    }
    return sink_close(&output->sink, err);
}

int output_set_close(struct output_set *set, uint64_t now, struct error *err)
{
    int outcome = 0;
    for (unsigned i = 0; i < set->count; i++) {
        if (finish(set->outputs[i], now, outcome < 0 ? NULL : err) < 0)
            outcome = -1;
        output_free(set->outputs[i]);
    }
    set->count = 0;
    return outcome;
}

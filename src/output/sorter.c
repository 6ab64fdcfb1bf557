/* Puts any number of results into order.
 *
 * Theory of operation. An external merge sort (D. E. Knuth, The Art of Computer Programming, vol.
 * 3, section 5.4). Results are kept as records: a key that compares as bytes do (sort_key.h), the
 * length of the banner, the banner. Records grow from the front of one block of memory, what is
 * sorted grows from its end: for each record its place and the first eight bytes of its key, so
 * that most comparisons look nowhere else. When both meet, the records are sorted and written
 * behind each other to a temporary file: a run. In the end all runs are read at once, each through
 * a window, and the least of their first records, which a heap finds, is the next of all. If all
 * fitted into memory there is no file. */
#include "output/sorter.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"

enum {
    RECORD_HEAD = SORT_KEY_SIZE + sizeof(uint32_t), /* then the banner */
    RECORD_MAX = RECORD_HEAD + RESULT_BANNER_MAX,
    WRITE_SIZE = 1 << 20,
};

_Static_assert(SORTER_MEMORY_LEAST > 2 * RECORD_MAX, "every record fits");

/* A record that is to be sorted. */
struct entry {
    uint64_t prefix; /* of its key */
    uint32_t offset; /* in the block */
};

/* A sorted part of the file while it is merged. */
struct run {
    uint64_t at, end; /* what is not in the window yet */
    uint8_t *window;
    size_t capacity, used, filled; /* of the window; `used` is where the first record begins */
};

struct sorter {
    struct sorter_setup setup;
    size_t head; /* of a key: see sort_key_head */
    uint8_t *block;
    size_t records_end; /* records stand before it, entries from `entries` on */
    struct entry *entries;
    size_t count;
    int fd; /* the temporary file; -1: none yet */
    uint64_t written;
    struct run *runs;
    unsigned run_count;
    unsigned *heap; /* of runs, the least record first */
    unsigned heap_count;
    uint8_t *last; /* a copy of the record given out last, to merge by */
    bool has_last;
    uint64_t merged;
};

/* ---- records ---- */

static uint32_t banner_length(const uint8_t *record)
{
    uint32_t length;
    memcpy(&length, record + SORT_KEY_SIZE, sizeof length);
    return length;
}

static size_t record_length(const uint8_t *record)
{
    return RECORD_HEAD + (size_t)banner_length(record);
}

static int compare_banners(const uint8_t *a, const uint8_t *b)
{
    uint32_t length_a = banner_length(a), length_b = banner_length(b);
    int order = memcmp(a + RECORD_HEAD, b + RECORD_HEAD, length_a < length_b ? length_a : length_b);
    return order != 0 ? order : (length_a > length_b) - (length_a < length_b);
}

/* The parts of two records that come before when and by which reply, unless the order is of time.
 */
static int compare_heads(const struct sorter *sorter, const uint8_t *a, const uint8_t *b)
{
    int order = memcmp(a, b, sorter->head);
    return order != 0 ? order : compare_banners(a, b);
}

static int compare_records(const struct sorter *sorter, const uint8_t *a, const uint8_t *b)
{
    int order = compare_heads(sorter, a, b);
    return order != 0 ? order : memcmp(a, b, SORT_KEY_SIZE);
}

static int compare_entries(const void *left, const void *right, void *context)
{
    const struct entry *a = left, *b = right;
    const struct sorter *sorter = context;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    return compare_records(sorter, sorter->block + a->offset, sorter->block + b->offset);
}

static void sort_block(struct sorter *sorter)
{
    qsort_r(sorter->entries, sorter->count, sizeof *sorter->entries, compare_entries, sorter);
}

static void empty_block(struct sorter *sorter)
{
    sorter->records_end = 0;
    sorter->count = 0;
    sorter->entries = (struct entry *)(sorter->block + sorter->setup.memory);
}

/* ---- the temporary file ---- */

static int temporary_error(const struct sorter *sorter, const char *what, struct error *err)
{
    error_sys(err, errno, "cannot %s a temporary file for sorting in '%s' (TMPDIR names it)", what,
              sorter->setup.directory);
    return error_blame(err, ERROR_OUTPUT);
}

/* A file without a name; where the file system has none such, one whose name is removed at once. */
static int open_temporary(struct sorter *sorter, struct error *err)
{
    const char *directory = sorter->setup.directory;
    sorter->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (sorter->fd >= 0)
        return 0;
    char *path = NULL;
    if (asprintf(&path, "%s/masscan-sort-XXXXXX", directory) < 0)
        return error_set(err, "out of memory");
    sorter->fd = mkostemp(path, O_CLOEXEC);
    if (sorter->fd >= 0)
        unlink(path);
    free(path);
    return sorter->fd >= 0 ? 0 : temporary_error(sorter, "make", err);
}

static int write_all(struct sorter *sorter, struct buffer *buffer, struct error *err)
{
    if (file_write_all(sorter->fd, buffer->bytes, buffer->length) < buffer->length)
        return temporary_error(sorter, "write", err);
    sorter->written += buffer->length;
    buffer_clear(buffer);
    return 0;
}

static int write_records(struct sorter *sorter, struct buffer *buffer, struct error *err)
{
    for (size_t i = 0; i < sorter->count; i++) {
        const uint8_t *record = sorter->block + sorter->entries[i].offset;
        buffer_append(buffer, record, record_length(record));
        if (buffer->failed)
            return error_set(err, "out of memory to sort in");
        if (buffer->length >= WRITE_SIZE && write_all(sorter, buffer, err) < 0)
            return -1;
    }
    return write_all(sorter, buffer, err);
}

static int add_run(struct sorter *sorter, uint64_t begin, struct error *err)
{
    struct run *runs = reallocarray(sorter->runs, sorter->run_count + 1, sizeof *runs);
    if (runs == NULL)
        return error_set(err, "out of memory to sort in");
    sorter->runs = runs;
    runs[sorter->run_count++] = (struct run){.at = begin, .end = sorter->written};
    return 0;
}

/* Sorts what is in memory and moves it to the file. */
static int spill(struct sorter *sorter, struct error *err)
{
    if (sorter->fd < 0 && open_temporary(sorter, err) < 0)
        return -1;
    sort_block(sorter);
    struct buffer buffer;
    buffer_init(&buffer, WRITE_SIZE + RECORD_MAX);
    uint64_t begin = sorter->written;
    int result = write_records(sorter, &buffer, err);
    buffer_fini(&buffer);
    empty_block(sorter);
    return result < 0 ? -1 : add_run(sorter, begin, err);
}

/* ---- adding ---- */

static bool has_room(const struct sorter *sorter, size_t length)
{
    size_t entries = (size_t)((uint8_t *)sorter->entries - sorter->block);
    return sorter->records_end + length + sizeof(struct entry) <= entries;
}

int sorter_add(void *context, const struct result *result, struct error *err)
{
    struct sorter *sorter = context;
    uint32_t length =
        result->banner_length < RESULT_BANNER_MAX ? result->banner_length : RESULT_BANNER_MAX;
    if (!has_room(sorter, RECORD_HEAD + (size_t)length) && spill(sorter, err) < 0)
        return -1;
    uint8_t *record = sorter->block + sorter->records_end;
    sort_key_pack(record, result, sorter->setup.order);
    memcpy(record + SORT_KEY_SIZE, &length, sizeof length);
    if (length > 0)
        memcpy(record + RECORD_HEAD, result->banner, length);
    uint64_t prefix;
    memcpy(&prefix, record, sizeof prefix);
    sorter->entries--;
    *sorter->entries = (struct entry){be64toh(prefix), (uint32_t)sorter->records_end};
    sorter->count++;
    sorter->records_end += RECORD_HEAD + (size_t)length;
    return 0;
}

/* ---- giving out ---- */

struct giving {
    struct sorter *sorter;
    result_fn *callback;
    void *context;
};

/* Is it the same as the one before? Remembers it if not. */
static bool is_merged(struct sorter *sorter, const uint8_t *record)
{
    if (!sorter->setup.merge)
        return false;
    if (sorter->has_last && compare_heads(sorter, sorter->last, record) == 0) {
        sorter->merged++;
        return true;
    }
    memcpy(sorter->last, record, record_length(record));
    sorter->has_last = true;
    return false;
}

static int give(const struct giving *giving, const uint8_t *record, struct error *err)
{
    struct result result;
    if (is_merged(giving->sorter, record))
        return 0;
    sort_key_unpack(&result, record, giving->sorter->setup.order);
    result.banner_length = banner_length(record);
    result.banner = result.kind == RESULT_BANNER ? record + RECORD_HEAD : NULL;
    return giving->callback(giving->context, &result, err);
}

static int give_block(const struct giving *giving, struct error *err)
{
    struct sorter *sorter = giving->sorter;
    sort_block(sorter);
    for (size_t i = 0; i < sorter->count; i++)
        if (give(giving, sorter->block + sorter->entries[i].offset, err) < 0)
            return -1;
    return 0;
}

/* ---- merging ---- */

static const uint8_t *first_record(const struct run *run)
{
    return run->window + run->used;
}

/* Makes the window hold `length` bytes from the first record on; the caller knows they are there.
 */
static int fill(const struct sorter *sorter, struct run *run, size_t length, struct error *err)
{
    size_t rest = run->filled - run->used;
    memmove(run->window, first_record(run), rest);
    run->used = 0;
    run->filled = rest;
    if (length > run->capacity) {
        uint8_t *window = realloc(run->window, length);
        if (window == NULL)
            return error_set(err, "out of memory to sort in");
        run->window = window;
        run->capacity = length;
    }
    while (run->filled < length) {
        size_t room = run->capacity - run->filled;
        size_t wanted = room < run->end - run->at ? room : (size_t)(run->end - run->at);
        ssize_t count = file_read_at(sorter->fd, run->window + run->filled, wanted, run->at);
        if (count == 0)
            errno = EIO; /* it became shorter: nobody else knows the file */
        if (count <= 0)
            return temporary_error(sorter, "read", err);
        run->filled += (size_t)count;
        run->at += (uint64_t)count;
    }
    return 0;
}

static int want(const struct sorter *sorter, struct run *run, size_t length, struct error *err)
{
    return run->filled - run->used >= length ? 0 : fill(sorter, run, length, err);
}

static bool is_empty(const struct run *run)
{
    return run->used == run->filled && run->at == run->end;
}

/* Brings the whole first record of a run into its window. */
static int see_first(const struct sorter *sorter, struct run *run, struct error *err)
{
    if (is_empty(run))
        return 0;
    if (want(sorter, run, RECORD_HEAD, err) < 0)
        return -1;
    return want(sorter, run, record_length(first_record(run)), err);
}

static bool goes_before(const struct sorter *sorter, unsigned a, unsigned b)
{
    return compare_records(sorter, first_record(&sorter->runs[sorter->heap[a]]),
                           first_record(&sorter->runs[sorter->heap[b]])) < 0;
}

/* Moves what stands at `at` down to where it belongs. */
static void sink_down(struct sorter *sorter, unsigned at)
{
    for (;;) {
        unsigned least = at;
        for (unsigned child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < sorter->heap_count && goes_before(sorter, child, least))
                least = child;
        if (least == at)
            return;
        unsigned other = sorter->heap[least];
        sorter->heap[least] = sorter->heap[at];
        sorter->heap[at] = other;
        at = least;
    }
}

static int open_runs(struct sorter *sorter, struct error *err)
{
    sorter->heap = calloc(sorter->run_count, sizeof *sorter->heap);
    if (sorter->heap == NULL)
        return error_set(err, "out of memory to sort in");
    for (unsigned i = 0; i < sorter->run_count; i++) {
        struct run *run = &sorter->runs[i];
        run->window = malloc(SORTER_WINDOW);
        run->capacity = SORTER_WINDOW;
        if (run->window == NULL)
            return error_set(err, "out of memory to sort in");
        if (see_first(sorter, run, err) < 0)
            return -1;
        sorter->heap[sorter->heap_count++] = i;
    }
    for (unsigned at = sorter->heap_count / 2; at-- > 0;)
        sink_down(sorter, at);
    return 0;
}

static int merge_runs(const struct giving *giving, struct error *err)
{
    struct sorter *sorter = giving->sorter;
    if (open_runs(sorter, err) < 0)
        return -1;
    while (sorter->heap_count > 0) {
        struct run *run = &sorter->runs[sorter->heap[0]];
        const uint8_t *record = first_record(run);
        if (give(giving, record, err) < 0)
            return -1;
        run->used += record_length(record);
        if (see_first(sorter, run, err) < 0)
            return -1;
        if (is_empty(run))
            sorter->heap[0] = sorter->heap[--sorter->heap_count];
        sink_down(sorter, 0);
    }
    return 0;
}

int sorter_finish(struct sorter *sorter, result_fn *callback, void *context, struct error *err)
{
    const struct giving giving = {sorter, callback, context};
    if (sorter->run_count == 0)
        return give_block(&giving, err);
    if (sorter->count > 0 && spill(sorter, err) < 0)
        return -1;
    free(sorter->block); /* from here on the windows take its place */
    sorter->block = NULL;
    return merge_runs(&giving, err);
}

/* ---- its life ---- */

uint64_t sorter_merged(const struct sorter *sorter)
{
    return sorter->merged;
}

struct sorter *sorter_new(const struct sorter_setup *setup, struct error *err)
{
    struct sorter *sorter = calloc(1, sizeof *sorter);
    if (sorter != NULL) {
        *sorter = (struct sorter){.setup = *setup, .fd = -1, .head = sort_key_head(setup->order)};
        sorter->setup.memory &= ~(_Alignof(struct entry) - 1);
        sorter->block = malloc(sorter->setup.memory);
        sorter->last = malloc(RECORD_MAX);
    }
    if (sorter == NULL || sorter->block == NULL || sorter->last == NULL) {
        sorter_free(sorter);
        error_set(err, "no memory to sort in (%zu bytes)", setup->memory);
        return NULL;
    }
    empty_block(sorter);
    return sorter;
}

void sorter_free(struct sorter *sorter)
{
    if (sorter == NULL)
        return;
    for (unsigned i = 0; i < sorter->run_count; i++)
        free(sorter->runs[i].window);
    if (sorter->fd >= 0)
        close(sorter->fd);
    free(sorter->runs);
    free(sorter->heap);
    free(sorter->block);
    free(sorter->last);
    free(sorter);
}

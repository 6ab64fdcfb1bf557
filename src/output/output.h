/* The outputs of a scan: each a writer and a file, or a store, fed with results, flushed in time,
 * closed well-formed.
 *
 * Not thread-safe: the output thread owns it. A write error is returned by the call that met it and
 * by every later one; the scan stops on it. Nothing earlier is destroyed: a regular file that
 * exists and is not empty is first renamed to FILE.~1~ (the first free number), and a notice says
 * so. */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/banner_app_set.h"
#include "base/buffer.h"
#include "base/error.h"
#include "output/rotation.h"
#include "output/store.h"
#include "output/writer.h"

enum { OUTPUTS_MAX = 8 };

/* Which results are written. */
struct output_filter {
    bool open, closed; /* `up` counts as open */
    bool banners;
    struct banner_app_set hidden_apps; /* kinds whose banners are not */
};

struct output; /* one destination */

struct output_set {
    struct output *outputs[OUTPUTS_MAX];
    unsigned count;
    struct output_filter filter;
    /* For much that is there already: files are written to the disk while the next piece is made,
     * and not kept in memory, where finding room would cost the kernel more time than making them.
     * Results that still arrive are better off in the page cache: it takes them also when the disk
     * cannot. */
    bool past_cache;
    /* Set before the first output is added, with rotate_at = rotation_next(). Every output that is
     * a file is rotated; any other but standard output and servers is refused. Zeroed before
     * output_set_close, it leaves all where it is. */
    struct output_rotation rotation;
    uint64_t rotate_at; /* seconds: the next rotation by time */
    bool full;          /* an output has reached its size */
    bool unmoved;       /* a file could not be moved where it should be */
    /* Gets a line for each such file; NULL: nobody reads them. The caller's. */
    struct buffer *notices;
};

enum output_mode {
    OUTPUT_REPLACE, /* a new document; an older file is renamed away */
    OUTPUT_APPEND,  /* goes on behind the records of the file, which stays one well-formed document
                     */
};

/* Opens `path` ("-" is standard output) for the format and writes what stands before the records.
 * Appending finds the end of the last whole record, whether the file was closed or its writer was
 * killed, and leaves everything before it as it is. `notice` gets a line for the user, or "". */
int output_set_add(struct output_set *set, const struct writer_ops *writer, const char *path,
                   enum output_mode mode, const struct scan_facts *facts, char notice[256],
                   struct error *err);

/* The same for a store. What `setup` points to stays the caller's until the set is closed. */
int output_set_add_store(struct output_set *set, const struct store_ops *store,
                         const struct store_setup *setup, char notice[256], struct error *err);

/* Gives one result to all outputs, if the filter lets it through. Returns 1 if it did, 0 if
 * filtered, negative on error. */
int output_set_record(struct output_set *set, const struct result *result, struct error *err);

/* Carries all that is buffered to the files. To be called at least once a second. */
int output_set_flush(struct output_set *set, struct error *err);

/* Is a period over? A clock that was set back by more than one would have it last for long. */
static inline bool output_set_period_is_over(const struct output_set *set, uint64_t now)
{
    uint64_t period = set->rotation.period;
    return period > 0 && (now >= set->rotate_at || set->rotate_at - now > period);
}

/* Is it time for output_set_rotate? To be asked after each record, or (by time only) now and then.
 */
static inline bool output_set_is_due(const struct output_set *set, uint64_t now)
{
    return set->full || output_set_period_is_over(set, now);
}

/* Rotates what is due: ends the file as output_set_close does, moves it, and begins a new one. What
 * cannot be moved goes on in its file, or stays in its folder under its new name. Negative if
 * something could not be written, or no new file be made. */
int output_set_rotate(struct output_set *set, uint64_t now, struct error *err);

enum { OUTPUT_UNMOVED = 1 };

/* Writes what stands after the records, flushes, fsyncs regular files, closes; moves files that are
 * rotated. Call once; frees everything whatever it returns. Negative with all that could not be
 * written; OUTPUT_UNMOVED: all was, but a rotated file, be it an earlier one, is not where it
 * should be. */
int output_set_close(struct output_set *set, uint64_t now, struct error *err);

#endif

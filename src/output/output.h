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

#include "base/error.h"
#include "output/store.h"
#include "output/writer.h"

enum { OUTPUTS_MAX = 8 };

/* Which results are written. */
struct output_filter {
    bool open, closed; /* `up` counts as open */
    bool banners;
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

/* Writes what stands after the records, flushes, fsyncs regular files, closes. Call once; frees
 * everything whatever it returns. */
int output_set_close(struct output_set *set, uint64_t now, struct error *err);

#endif

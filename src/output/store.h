/* The contract of a store: results in, into a place that is no stream of bytes.
 *
 * A store is a `const struct store_ops` in the table of store.c. It owns what it opens (a database,
 * a connection), keeps its state in the caller's memory, and answers for every record: what could
 * not be stored is reported by the call that met it, or by the flush or close after it. After an
 * error the caller calls `abandon` and nothing else. Every store passes the conformance suite in
 * store_conformance.c. Calls may block, for a bounded time. */
#ifndef OUTPUT_STORE_H
#define OUTPUT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "output/result.h"
#include "output/writer.h"

struct store_setup {
    const char *place;    /* as the user names it: a file, an address */
    bool append;          /* go on with what is there; else make way for it */
    const char *password; /* NULL: none */
    const struct scan_facts *facts;
};

struct store_ops {
    const char *name;    /* as in --output-format */
    const char *aliases; /* further names separated by spaces, or "" */
    const char *help;
    size_t state_size; /* zeroed before open */
    bool is_file;      /* the place is a file, which no other output may have */

    /* Can `place` be one at all? Touches nothing. */
    int (*check)(const char *place, struct error *err);

    /* Opens, or leaves nothing open on failure. What `setup` points to is the caller's, and stays
     * for the store's life. `notice` gets a line for the user, or stays "". */
    int (*open)(void *state, const struct store_setup *setup, char notice[256], struct error *err);

    /* One record; its banner is at most RESULT_BANNER_MAX long and may be forgotten after the
     * call. */
    int (*record)(void *state, const struct result *result, struct error *err);

    /* When it returns, what was recorded is there for others to see. */
    int (*flush)(void *state, struct error *err);

    /* Flushes, ends the scan at the wall clock `now`, and frees everything whatever it returns. */
    int (*close)(void *state, uint64_t now, struct error *err);

    /* Frees everything without a word; what was flushed stays. */
    void (*abandon)(void *state);
};

/* The store called `name` (case ignored, aliases too), or NULL. */
const struct store_ops *store_find(const char *name);

extern const struct store_ops *const store_table[]; /* ended by NULL */

extern const struct store_ops store_sqlite, store_redis;

#endif

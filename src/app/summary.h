/* --summary: what came of a scan, for programs. docs/formats.md describes the document. */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "app/link.h"
#include "base/buffer.h"
#include "base/error.h"
#include "conf/conf.h"
#include "scan/scan.h"

struct summary_facts {
    const struct scan_summary *scan;
    const char *settings;      /* the configuration as it was at the begin, as --echo has it */
    uint64_t started, ended;   /* wall clock seconds */
    uint64_t seed, round;      /* of the round that it tells of; rounds count from 1 */
    uint64_t lost_rounds;      /* in how many of all rounds this machine lost something */
    const struct links *links; /* which ways were taken */
    int status;                /* the exit status, or negative */
    const struct error *error; /* why, if it is negative */
};

/* Can the file be written when the time has come? To be asked before anything is sent. */
int summary_check(const char *path, struct error *err);

/* The document, with a line's end. */
void summary_json(const struct summary_facts *facts, struct buffer *out);

/* Writes it to `path`, at once; a file that is there already is kept under another name, and a line
 * says so. An error is blamed on outputs. */
int summary_write(const char *path, const struct summary_facts *facts, struct error *err);

#endif

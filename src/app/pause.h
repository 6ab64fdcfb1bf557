/* Keeping the state of a scan in paused.conf, as checkpoints and when it is interrupted. */
#ifndef APP_PAUSE_H
#define APP_PAUSE_H

#include "app/targets.h"
#include "base/error.h"
#include "conf/conf.h"
#include "scan/scan.h"

/* In the working directory. */
#define PAUSED_FILE "paused.conf"

struct pause_context {
    struct conf *conf;
    const struct targets *targets;
    bool is_ours; /* paused.conf was written by this run */
};

/* A scan_save_fn: writes the configuration, with what is left of the scan, to paused.conf in the
 * working directory, and at the end tells how to go on. */
int pause_save(void *context, enum scan_save_reason reason, const struct scan_state *state,
               struct error *err);

/* The scan is complete and its results are on the disk: removes the state that it wrote to
 * paused.conf, or went on from there. */
int pause_end(const struct pause_context *pause, struct error *err);

#endif

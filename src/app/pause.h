/* Keeping the state of a scan in paused.conf, as checkpoints and when it is interrupted. */
#ifndef APP_PAUSE_H
#define APP_PAUSE_H

#include "app/targets.h"
#include "base/error.h"
#include "conf/conf.h"
#include "scan/scan.h"

struct pause_context {
    struct conf *conf;
    const struct targets *targets;
    bool is_ours; /* paused.conf was written by this run */
};

/* A scan_save_fn: writes the configuration, with what is left of the scan, to paused.conf in the
 * working directory, and tells how to go on; when nothing is left, removes what it wrote. */
int pause_save(void *context, enum scan_save_reason reason, const struct scan_state *state,
               struct error *err);

#endif

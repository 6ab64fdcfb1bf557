/* Keeping the state of an interrupted scan in paused.conf. */
#ifndef APP_PAUSE_H
#define APP_PAUSE_H

#include "app/targets.h"
#include "base/error.h"
#include "conf/conf.h"
#include "scan/scan.h"

struct pause_context {
    struct conf *conf;
    const struct targets *targets;
};

/* A scan_save_fn: writes the configuration, with what is left of the scan, to paused.conf in the
 * working directory, and tells how to go on. */
int pause_save(void *context, const struct scan_progress *progress, struct error *err);

#endif

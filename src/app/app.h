/* What the program can be told to do: one function an action, each wiring rooms together from the
 * configuration.
 *
 * Each returns an exit status, or a negative value with `err` for a failure. */
#ifndef APP_APP_H
#define APP_APP_H

#include "base/error.h"
#include "conf/conf.h"

#define APP_NAME "masscan"

/* Exit statuses. */
enum app_exit {
    EXIT_COMPLETE = 0,    /* everything asked for was done */
    EXIT_FAILED = 1,      /* bad usage, or nothing could be done: no packet was sent */
    EXIT_BROKEN_OFF = 2,  /* the link was lost or results could not be written */
    EXIT_INTERRUPTED = 3, /* ended early by the user */
};

int app_scan(struct conf *conf, struct error *err);
int app_list(struct conf *conf, struct error *err);
int app_readscan(struct conf *conf, struct error *err);
int app_regress(struct error *err);
int app_iflist(struct error *err);
int app_benchmark(struct error *err);
int app_echo(struct conf *conf, struct error *err);
int app_help(struct error *err);
int app_version(struct error *err);

#endif

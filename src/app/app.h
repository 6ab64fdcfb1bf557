/* What the program can be told to do: one function an action, each wiring rooms together from the
 * configuration.
 *
 * Each returns an exit status, or a negative value with `err` for a failure. */
#ifndef APP_APP_H
#define APP_APP_H

#include "base/error.h"
#include "conf/conf.h"

#define APP_NAME "masscan"

/* Exit statuses; the manual page lists them. */
enum app_exit {
    EXIT_COMPLETE = 0,    /* everything asked for was done */
    EXIT_USAGE = 1,       /* what was asked for is wrong, or a test failed: no packet was sent */
    EXIT_OUTPUT = 2,      /* results could not be written, or not moved when rotated */
    EXIT_INTERRUPTED = 3, /* ended early by the user */
    EXIT_REFUSED = 4,     /* too dangerous as it was asked for: no packet was sent */
    EXIT_PERMISSION = 5,  /* the system does not allow it: no packet was sent */
    EXIT_LINK = 6,        /* no interface or router, or the link was lost */
    EXIT_LOSSY = 7,       /* complete, but this machine lost some of it: packets, fields */
};

int app_scan(struct conf *conf, struct error *err);
int app_list(struct conf *conf, struct error *err);
int app_readscan(struct conf *conf, struct error *err);
int app_regress(struct error *err);
int app_iflist(const struct conf *conf, struct error *err);
int app_benchmark(struct error *err);
int app_echo(struct conf *conf, struct error *err);
int app_readrange(struct conf *conf, struct error *err);
int app_help(struct error *err);
int app_nmap(struct error *err);
int app_version(struct error *err);

#endif

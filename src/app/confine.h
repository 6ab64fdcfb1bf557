/* From the configuration to what the program, and each of its threads, may still do once sockets
 * and outputs are open. docs/architecture.md has the whole ("Privileges"). */
#ifndef APP_CONFINE_H
#define APP_CONFINE_H

#include "app/scan_files.h"
#include "base/error.h"
#include "conf/conf.h"
#include "privilege/calls.h"
#include "privilege/user.h"

/* Zeroed before its first use. */
struct confinement {
    struct user user;
    struct calls_filter worker; /* what workers may call */
};

/* Finds the user that is to be become; to be asked before anything is sent. */
int confine_prepare(struct confinement *confinement, const struct conf *conf, struct error *err);

/* Leaves the calling thread what an output thread needs: files in the folders that results and
 * paused.conf go to, the terminal, open sockets. To be called when sockets and outputs are open,
 * before the first byte from the network is read. */
int confine_scan(struct confinement *confinement, const struct conf *conf, struct error *err);

/* A worker_begin_fn, of a struct confinement: leaves the calling thread packets and nothing else.
 */
int confine_worker(const void *context, struct error *err);

/* As confine_scan, where there is no network: before `files` are read, which may be anybody's. */
int confine_readscan(const struct confinement *confinement, const struct conf *conf,
                     const struct scan_files *files, struct error *err);

#endif

/* The files that --readscan names. */
#ifndef APP_SCAN_FILES_H
#define APP_SCAN_FILES_H

#include "base/error.h"
#include "conf/conf.h"

struct scan_files {
    char **paths; /* "-" is standard input */
    unsigned count;
};

/* Lists the files that `conf` names: a name that is no file's and has wildcards (glob(7)) stands
 * for all that match, sorted; a file named twice is read once, and a line says so. Negative if one
 * is no scan file or cannot be opened, a pattern matches nothing, or an output is one of the files.
 * Free in any case. */
int scan_files_find(struct scan_files *files, const struct conf *conf, struct error *err);
void scan_files_free(struct scan_files *files);

#endif

/* One reading of a command line or config file: what the setters need to know beyond their value.
 */
#ifndef CONF_READING_H
#define CONF_READING_H

#include "conf/conf.h"
#include "conf/option.h"
#include "conf/source.h"

enum { CONF_FILES_DEEP = 8 };

struct reading {
    struct conf *conf;
    const char *path;      /* the config file, NULL for the command line */
    unsigned depth;        /* how many config files are open inside each other */
    unsigned port_classes; /* bit per enum port_class: what ports without a prefix are; 0 is TCP */
    struct source_list *sources;
};

/* Puts one use of an option to work: checks that it may be used here and that its value is there,
 * and calls its setter. The error does not name the option yet. */
int reading_apply(struct reading *reading, const struct option *option, struct option_index index,
                  const char *value, struct error *err);

/* Reads a config file inside `outer`. Errors begin with "FILE:LINE: " (or name the file). */
int reading_file(const struct reading *outer, const char *path, struct error *err);

#endif

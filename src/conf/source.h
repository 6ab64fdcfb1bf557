/* Where targets, ports and excludes came from. What a config file adds to those of the command line
 * is worth a line to the user, who may have forgotten the file. */
#ifndef CONF_SOURCE_H
#define CONF_SOURCE_H

#include <stdbool.h>

#include "base/error.h"
#include "conf/conf.h"

enum source_kind {
    SOURCE_TARGETS,
    SOURCE_EXCLUDES,
    SOURCE_PORTS,
    SOURCE_EXCLUDED_PORTS,
    SOURCE_KINDS,
};

/* What one config file gave of one kind. */
struct source {
    enum source_kind kind;
    char *path;
    char text[64]; /* the first value */
    unsigned long more;
};

struct source_list {
    bool command_line[SOURCE_KINDS]; /* did the command line give any of this kind? */
    struct source *items;
    unsigned count;
};

void source_list_fini(struct source_list *list);

/* `path` (NULL: the command line) gave `value`. */
int source_add(struct source_list *list, enum source_kind kind, const char *path, const char *value,
               struct error *err);

/* Adds a notice to conf for each kind that both the command line and a file gave. */
int source_notices(const struct source_list *list, struct conf *conf, struct error *err);

#endif

/* --resolve: from the names of hosts to their addresses. */
#ifndef APP_NAMES_H
#define APP_NAMES_H

#include "base/error.h"
#include "conf/conf.h"

/* Looks up, through the system's resolver, the names among targets and excludes of `conf`: their
 * addresses join the sets, and what targets are called goes to conf->host_names. Blocks for as long
 * as the resolver does; one name after the other. Fails, when all have been tried, if one is not
 * known; each of these has a line of its own. Does nothing if there are no names. */
int names_look_up(struct conf *conf, struct error *err);

#endif

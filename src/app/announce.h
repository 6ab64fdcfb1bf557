/* What a scan says before its first packet. */
#ifndef APP_ANNOUNCE_H
#define APP_ANNOUNCE_H

#include "app/link.h"
#include "app/targets.h"
#include "conf/conf.h"
#include "scan/ways.h"

/* Tells where a link has another way, or fewer workers, than was hoped for. */
void announce_links(const struct links *links, const struct conf *conf);

/* That it begins. */
void announce_start(const struct conf *conf);

/* What will be done: to whom, how fast and for how long, from where, by what means. */
void announce_scan(const struct conf *conf, const struct targets *targets,
                   const struct links *links, const struct ways *ways);

#endif

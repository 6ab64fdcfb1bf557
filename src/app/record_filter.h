/* Which records --readscan takes: those of some addresses and ports. */
#ifndef APP_RECORD_FILTER_H
#define APP_RECORD_FILTER_H

#include <stdbool.h>

#include "conf/conf.h"
#include "output/result.h"

/* The sets of the configuration, normal; theirs. */
struct record_filter {
    const struct address_set *targets, *excludes; /* no targets: all addresses */
    const struct range_set *ports, *exclude_ports;
};

void record_filter_init(struct record_filter *filter, const struct conf *conf);

/* Does it let everything through? */
bool record_filter_is_open(const struct record_filter *filter);

/* Excludes win. A host that is up (ARP) has no port: it is never excluded by one, or among those
 * asked for. */
bool record_filter_passes(const struct record_filter *filter, const struct result *result);

#endif

/* From the configuration's lists to the space of the scan and this run's part of it. */
#ifndef APP_TARGETS_H
#define APP_TARGETS_H

#include "conf/conf.h"
#include "target/shard.h"
#include "target/space.h"

struct targets {
    struct target_space *space;
    struct index_run run;
    uint64_t
        window_end; /* the index behind the last that --resume-index and --resume-count allow */
    const struct address_set *addresses; /* all that are left: those of conf, or these: */
    struct address_set with_random;      /* those of conf, and those chosen at random */
    uint128 hosts;
    uint64_t ports;
    uint128 excluded; /* addresses that were taken away */
};

/* Normalises the lists in `conf`, takes the excludes away, and settles the seed. */
int targets_settle(struct conf *conf, struct error *err);

/* Settles, and gathers the addresses only: --readrange. `conf` must stay as long as they are used.
 */
int targets_gather(struct targets *targets, struct conf *conf, struct error *err);

/* Gathers, and builds the space. */
int targets_build(struct targets *targets, struct conf *conf, struct error *err);
void targets_free(struct targets *targets);

#endif

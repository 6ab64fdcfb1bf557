/* From the configuration's outputs to open ones. */
#ifndef APP_OUTPUTS_H
#define APP_OUTPUTS_H

#include "base/error.h"
#include "conf/conf.h"
#include "output/output.h"

/* What outputs tell about the scan; owns its texts. */
struct output_facts {
    struct scan_facts facts;
    char *texts[4];
};

int output_facts_gather(struct output_facts *facts, const struct conf *conf, struct error *err);
void output_facts_free(struct output_facts *facts);

/* Are all named formats known, and can they go where they are to? To be asked before anything is
 * done. */
int outputs_check(const struct conf *conf, struct error *err);

/* Opens every output of `conf`, which gets their names with the time filled in; the console where
 * it names none. Prints notices about files that were there. `set` is zeroed, but for `past_cache`.
 * `conf` and `facts` are needed until it is closed. */
int outputs_open(struct output_set *set, struct conf *conf, const struct scan_facts *facts,
                 struct error *err);

#endif

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

/* Are all named formats and kinds of banner known? To be asked before anything is done. */
int outputs_check(const struct conf *conf, struct error *err);

/* Opens every output of `conf`; the console where it names none. Prints notices about files that
 * were there. `set` is zeroed, but for `past_cache`. */
int outputs_open(struct output_set *set, const struct conf *conf, const struct scan_facts *facts,
                 struct error *err);

#endif

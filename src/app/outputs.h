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

/* Are all named formats and kinds of banner known, can results go where they are to, and can what
 * is to be rotated be rotated? To be asked before anything is done. */
int outputs_check(const struct conf *conf, struct error *err);

/* The open outputs, and what they have to tell. Zeroed, but for `set.past_cache`. */
struct outputs {
    struct output_set set;
    struct buffer notices;
};

/* Opens every output of `conf`, which gets their names with the time filled in; the console where
 * it names none. Prints notices about files that were there. `conf` and `facts` are needed until
 * they are closed. After a failure outputs_close leaves rotated files where they are. */
int outputs_open(struct outputs *outputs, struct conf *conf, const struct scan_facts *facts,
                 struct error *err);

/* The run came to nothing: outputs_close will leave rotated files where they are. */
void outputs_refuse(struct outputs *outputs);

/* Prints what the outputs have to tell. */
void outputs_tell(struct outputs *outputs);

/* output_set_close, and prints what could not be moved. To be called however outputs_open ended, or
 * without it. */
int outputs_close(struct outputs *outputs, struct error *err);

#endif

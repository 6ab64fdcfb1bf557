/* From the configuration to the probes of a scan. */
#ifndef APP_PROBES_H
#define APP_PROBES_H

#include "app/link.h"
#include "base/error.h"
#include "base/siphash.h"
#include "conf/conf.h"
#include "probe/payload_set.h"
#include "target/space.h"

/* What the probes of all links have in common. */
struct probes_common {
    const struct conf *conf;
    const struct target_space *space;
    const struct payload_set *payloads;
    struct siphash_key key;
};

/* Makes the probes of each link, in place of those that there were, with a link header to its
 * routers, which need not be known yet. */
int probes_prepare(struct links *links, const struct probes_common *common, struct error *err);

#endif

/* Which adapter leads to which target, where a scan has several.
 *
 * A target on the subnet of an adapter is asked through that one, for nobody else reaches it by its
 * hardware address; if several are on the subnet, through any of these. All other targets are asked
 * through any adapter that has a router. "Any" is the one whose worker happens to take the pair, so
 * that each carries as much as it can; what it does not lead to it hands over (handover.h). */
#ifndef SCAN_WAYS_H
#define SCAN_WAYS_H

#include <stdbool.h>

#include "base/address.h"
#include "base/error.h"
#include "scan/adapter.h"
#include "target/address_set.h"

/* One adapter's. */
struct way {
    struct address_set networks; /* on its link */
    enum ip_families far;        /* whose other targets it leads to */
};

struct ways {
    struct way of[ADAPTERS_MAX];
    unsigned count;
    enum ip_families far; /* families with targets on no adapter's link */
    bool part;            /* some target is not every adapter's */
};

/* Finds the ways of these adapters (at most ADAPTERS_MAX) to the targets, a normal set. With
 * `by_arp` nothing goes to routers. Fails with a line where no adapter leads to a target; a single
 * adapter leads everywhere, and whether it has a router shows later. Undo with ways_fini, also
 * after a failure. */
int ways_init(struct ways *ways, const struct adapter *const adapters[], unsigned count,
              const struct address_set *targets, bool by_arp, struct error *err);
void ways_fini(struct ways *ways);

/* The families whose packets this adapter sends to its router. */
enum ip_families ways_to_router(const struct ways *ways, unsigned adapter);

/* The adapter that a target is asked through if `taker` has taken it: `taker` where it can be. */
unsigned ways_choose(const struct ways *ways, unsigned taker, struct ip_number target);

#endif

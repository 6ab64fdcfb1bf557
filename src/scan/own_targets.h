/* Targets that are this host itself: 127.0.0.0/8, and the addresses of its interfaces. They are
 * reached by the loopback only, and nothing else is. */
#ifndef SCAN_OWN_TARGETS_H
#define SCAN_OWN_TARGETS_H

#include <stdint.h>

#include "base/error.h"
#include "target/range_set.h"

struct own_targets {
    uint64_t loopback;  /* how many targets are in 127.0.0.0/8, */
    uint64_t addresses; /* and how many are other addresses of interfaces; */
    uint32_t first;     /* the lowest of these, host order */
};

/* Asks the kernel for the host's addresses, and counts them among the IPv4 targets (a normal set).
 */
int own_targets_count(struct own_targets *own, const struct range_set *targets, struct error *err);

#endif

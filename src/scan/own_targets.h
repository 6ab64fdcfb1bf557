/* Targets that are this host itself: 127.0.0.0/8, ::1, and the addresses of its interfaces, other
 * than link-local ones. They are reached by the loopback only, and nothing else is. */
#ifndef SCAN_OWN_TARGETS_H
#define SCAN_OWN_TARGETS_H

#include <stdint.h>

#include "base/error.h"
#include "target/address_set.h"

/* Of one family. */
struct own_family {
    uint64_t loopback;      /* how many targets are in 127.0.0.0/8, or are ::1, */
    uint64_t addresses;     /* and how many are other addresses of interfaces; */
    struct ip_number first; /* the lowest of these */
};

struct own_targets {
    struct own_family ipv4, ipv6;
};

/* Asks the kernel for the host's addresses, and counts them among the targets (a normal set). */
int own_targets_count(struct own_targets *own, const struct address_set *targets,
                      struct error *err);

static inline uint64_t own_targets_loopback(const struct own_targets *own)
{
    return own->ipv4.loopback + own->ipv6.loopback;
}

static inline uint64_t own_targets_addresses(const struct own_targets *own)
{
    return own->ipv4.addresses + own->ipv6.addresses;
}

#endif

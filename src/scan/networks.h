/* The networks on an adapter's own link. */
#ifndef SCAN_NETWORKS_H
#define SCAN_NETWORKS_H

#include "base/error.h"
#include "scan/adapter.h"
#include "target/address_set.h"

/* Adds, of those of these families that the adapter sends: of IPv4 the subnet of the interface's
 * first address, of IPv6 all that its routes tell to be on the link, and link-local addresses. The
 * set is normal then. */
int networks_gather(struct address_set *set, const struct adapter *adapter,
                    enum ip_families families, struct error *err);

#endif

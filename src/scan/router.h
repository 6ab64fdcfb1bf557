/* The hardware addresses of the routers, one a family. */
#ifndef SCAN_ROUTER_H
#define SCAN_ROUTER_H

#include "base/address.h"
#include "base/error.h"
#include "scan/resolve.h"

struct adapter;

/* Finds them for these families, where the link needs them and the user gave none: in the kernel's
 * neighbour table, else by asking, as resolve_ask does. 0, or RESOLVE_INTERRUPTED; negative if
 * there is none, it does not answer, or the link is lost. */
int router_find(struct adapter *adapter, enum ip_families families,
                const struct resolve_asking *asking, struct error *err);

#endif

/* Hardware addresses of hosts on the adapter's link, asked for: by ARP (RFC 826), of IPv6 hosts by
 * Neighbour Discovery (RFC 4861, 7.2). The answers are taken before the first probe. */
#ifndef SCAN_RESOLVE_H
#define SCAN_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "transport/transport.h"

struct adapter;
struct frame_log;

struct resolve_host {
    struct ip_number address; /* of either family */
    struct mac_address mac;
    bool known;
};

/* Hosts in order of their addresses, each once. */
struct resolve_table {
    struct resolve_host *hosts;
    unsigned count, answered;
};

enum { RESOLVE_INTERRUPTED = 1 };

/* How they are asked. */
struct resolve_asking {
    const struct adapter *adapter;
    struct transport *transport;
    struct frame_log *frame_log; /* NULL: nobody looks at packets */
    double rate_pps;
    int signal_fd; /* readable: stop; -1: none */
};

/* Asks all, and those that stay silent twice more, each time waiting a second for the last; at the
 * rate of the scan. Blocks until then or until all have answered. 0, or RESOLVE_INTERRUPTED;
 * negative if the link is lost or the packets seen cannot be written. */
int resolve_ask(struct resolve_table *table, const struct resolve_asking *asking,
                struct error *err);

/* NULL if the address is not in the table. */
struct resolve_host *resolve_find(const struct resolve_table *table, struct ip_number address);

/* "ARP", "Neighbour Discovery": how a host with this address is asked. */
const char *resolve_protocol(struct ip_number address);

#endif

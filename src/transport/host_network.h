/* All addresses and routes of the host. What a scan needs of its own interface is in interface.h.
 */
#ifndef TRANSPORT_HOST_NETWORK_H
#define TRANSPORT_HOST_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/error.h"

enum { HOST_ROUTES_MAX = 100 };

struct host_address {
    int interface_index;
    struct ip_address address;
    unsigned prefix;
};

/* One way of a route of the main table. */
struct host_route {
    int interface_index;
    struct ip_address destination;
    unsigned prefix; /* 0: a default route */
    bool has_gateway;
    struct ip_address gateway;
    uint32_t metric;
};

struct host_network {
    struct host_address *addresses; /* IPv4 and IPv6, in the kernel's order */
    size_t address_count;
    struct host_route routes[HOST_ROUTES_MAX]; /* the first ones; IPv4, then IPv6 */
    size_t route_count;
    size_t more_routes; /* that are not in the list */
};

/* Asks the kernel; what was there is empty after a failure. */
int host_network_load(struct host_network *network, struct error *err);
void host_network_free(struct host_network *network);

#endif

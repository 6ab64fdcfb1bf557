/* Questions to the kernel through netlink (rtnetlink(7), libnl-3): what their callers share. */
#ifndef TRANSPORT_NETLINK_H
#define TRANSPORT_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/route.h>

#include "base/address.h"
#include "base/error.h"

/* Opens a socket; to be freed by nl_socket_free. */
int netlink_open(struct nl_sock **netlink, struct error *err);

/* The error of a libnl call that returned `code` when it was asked for `what`; returns -1. */
int netlink_error(struct error *err, int code, const char *what);

/* An address of either family; false if it is NULL or something else. */
bool netlink_address(struct nl_addr *from, struct ip_address *address);

/* Who looks at routes. They can be a million on a router, so the dump is looked at message by
 * message, and only what is wanted is parsed. */
struct netlink_route_reader {
    void (*begin)(void *context); /* before the first, and again if the table changed meanwhile */
    bool (*wants)(const struct rtmsg *brief);
    void (*take)(void *context, struct rtnl_route *route);
    void *context;
};

/* Reads the unicast routes of all tables, AF_INET or AF_INET6. */
int netlink_read_routes(struct nl_sock *netlink, int family, struct netlink_route_reader *reader,
                        struct error *err);

#endif

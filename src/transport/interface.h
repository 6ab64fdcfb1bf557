/* Interfaces, addresses, routes and neighbours, asked from the kernel through netlink (libnl-3,
 * libnl-route-3). */
#ifndef TRANSPORT_INTERFACE_H
#define TRANSPORT_INTERFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/error.h"

/* The most prefixes of IPv6 that are kept of one interface, of addresses and of networks each. */
enum { INTERFACE_PREFIXES_MAX = 16 };

struct interface_prefix {
    struct ip_number address;
    unsigned length; /* of the prefix, in bits */
};

/* The best default route of a family through an interface. */
struct interface_route {
    bool exists; /* with or without a gateway */
    bool has_gateway;
    struct ip_number gateway;
    uint32_t metric; /* the lowest is the best */
};

struct interface_ipv6 {
    /* Those that may be used (RFC 4862: neither tentative nor deprecated), in the kernel's order.
     */
    struct interface_prefix addresses[INTERFACE_PREFIXES_MAX];
    unsigned address_count;
    /* Networks whose hosts are on the link itself, as the routes have it. */
    struct interface_prefix on_link[INTERFACE_PREFIXES_MAX];
    unsigned on_link_count;
};

struct interface {
    char name[IF_NAMESIZE];
    int index;
    uint32_t table; /* of its routes: the main one or, if it belongs to a VRF, that one's */
    uint32_t mtu;
    bool up;
    bool loopback;
    bool has_ethernet; /* frames carry Ethernet headers that mean something: not on the loopback */
    struct mac_address mac;
    bool has_address;
    uint32_t address; /* the first IPv4 address, host order */
    uint32_t prefix;  /* its prefix length */
    struct interface_ipv6 ipv6;
    struct interface_route route, route_ipv6;
};

/* The interfaces of this network namespace, in the kernel's order. */
struct interface_list {
    struct interface *interfaces;
    size_t count;
};

/* Asks the kernel for all of them. The list is empty after a failure. */
int interface_list_load(struct interface_list *list, struct error *err);
void interface_list_free(struct interface_list *list);

/* Describes the interface called `name`; or, if `name` is NULL, the one of the best default route
 * of the main table, IPv4 before IPv6 if both are among `families`; without a default route, the
 * only interface that is up, is no loopback and has an address of these families. Otherwise an
 * error that names the choices. A named interface may be down or without an address. */
int interface_find(struct interface *interface, const char *name, enum ip_families families,
                   struct error *err);

/* The address by which the host itself would speak to an IPv6 `target` through this interface (RFC
 * 6724, 5): of the target's scope, else none; of the target's kind if it is a unique local address;
 * of those the one that has most of its leading bits. NULL if there is none. */
const struct interface_prefix *interface_source_ipv6(const struct interface *interface,
                                                     struct ip_number target);

/* The MAC that the kernel's neighbour table holds for `address` on the interface: 1
 * and `mac` if it is there and usable (not incomplete, not failed), 0 if not. `netlink` is of
 * netlink_open. */
struct nl_sock;
int interface_neighbour(struct nl_sock *netlink, const struct interface *interface,
                        struct ip_number address, struct mac_address *mac, struct error *err);

/* Frames that were lost at an interface, whoever's they were, as it counts them. */
struct interface_drops {
    uint64_t tx; /* dropped on their way out */
    uint64_t rx; /* dropped on their way in, before any socket */
};

/* Asks the kernel (rtnl link statistics) through `netlink`, of netlink_open: zeros if that is NULL,
 * or there is no such interface. */
struct interface_drops interface_read_drops(struct nl_sock *netlink, int index);

/* How many queues an interface sends and receives by, at least one each: as the driver says
 * (ethtool channels), else as the kernel made them. */
struct interface_queues {
    unsigned tx, rx;
};
struct interface_queues interface_read_queues(const char *name);

/* The error of who uses an interface that went away; returns -1. */
int interface_lost(const char *name, int errnum, struct error *err);

/* Asks for one thing about an interface: `what` is such as SIOCGIFMTU (netdevice(7)). */
int interface_ask(const char *name, unsigned long what, struct ifreq *answer, struct error *err);

bool interface_has_carrier(const char *name);

/* Waits until the interface has its carrier, but no longer than ten seconds. */
void interface_await_carrier(const char *name);

enum interface_state {
    INTERFACE_UP,
    INTERFACE_DOWN, /* switched off, or without its carrier */
    INTERFACE_GONE,
};

/* Asks the kernel, by the interface's index, so that another one of that name is none of ours.
 * `socket` may be any: a thread may have no right to open one. */
enum interface_state interface_state(int socket, int index);

/* 0 if there is such an interface, up or down; else the error of interface_lost, which `name` is
 * for. */
int interface_check_there(int socket, int index, const char *name, struct error *err);

#endif

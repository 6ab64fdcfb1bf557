/* All addresses and routes of the host. */
#include "transport/host_network.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <netlink/route/addr.h>
#include <netlink/route/nexthop.h>

#include "transport/netlink.h"

static void note_address(struct host_network *network, struct rtnl_addr *from)
{
    struct host_address *address = &network->addresses[network->address_count];
    if (!netlink_address(rtnl_addr_get_local(from), &address->address))
        return;
    address->interface_index = rtnl_addr_get_ifindex(from);
    address->prefix = (unsigned)rtnl_addr_get_prefixlen(from);
    network->address_count++;
}

static int load_addresses(struct host_network *network, struct nl_sock *netlink, struct error *err)
{
    struct nl_cache *cache;
    int code = rtnl_addr_alloc_cache(netlink, &cache);
    if (code < 0)
        return netlink_error(err, code, "the addresses of interfaces");
    network->addresses = calloc((size_t)nl_cache_nitems(cache) + 1, sizeof *network->addresses);
    struct nl_object *object = network->addresses == NULL ? NULL : nl_cache_get_first(cache);
    for (; object != NULL; object = nl_cache_get_next(object))
        note_address(network, (struct rtnl_addr *)object);
    nl_cache_free(cache);
    return network->addresses == NULL ? error_set(err, "no memory for addresses") : 0;
}

/* Where the routes of one family begin, should they have to be read again. */
struct route_reading {
    struct host_network *network;
    size_t count_before, more_before;
};

static void begin_routes(void *context)
{
    struct route_reading *reading = context;
    reading->network->route_count = reading->count_before;
    reading->network->more_routes = reading->more_before;
}

/* Of the main table, of which routes that the kernel keeps for itself are none. */
static bool is_of_table(const struct rtmsg *brief)
{
    return brief->rtm_table == RT_TABLE_MAIN && !(brief->rtm_flags & RTM_F_CLONED);
}

/* The destination of a default route is an empty address. */
static void read_destination(struct rtnl_route *from, struct host_route *route)
{
    struct nl_addr *destination = rtnl_route_get_dst(from);
    bool is_v4 = rtnl_route_get_family(from) == AF_INET;
    if (!netlink_address(destination, &route->destination))
        route->destination = (struct ip_address){.version = is_v4 ? 4 : 6};
    route->prefix = destination != NULL ? nl_addr_get_prefixlen(destination) : 0;
}

static void take_route(void *context, struct rtnl_route *from)
{
    struct host_network *network = ((struct route_reading *)context)->network;
    for (int i = 0; i < rtnl_route_get_nnexthops(from); i++) {
        struct rtnl_nexthop *hop = rtnl_route_nexthop_n(from, i);
        if (network->route_count == HOST_ROUTES_MAX) {
            network->more_routes++;
            continue;
        }
        struct host_route *route = &network->routes[network->route_count++];
        *route = (struct host_route){.interface_index = rtnl_route_nh_get_ifindex(hop),
                                     .metric = rtnl_route_get_priority(from)};
        read_destination(from, route);
        route->has_gateway = netlink_address(rtnl_route_nh_get_gateway(hop), &route->gateway);
    }
}

static int load_routes(struct host_network *network, struct nl_sock *netlink, int family,
                       struct error *err)
{
    struct route_reading reading = {network, network->route_count, network->more_routes};
    struct netlink_route_reader reader = {
        .begin = begin_routes, .wants = is_of_table, .take = take_route, .context = &reading};
    return netlink_read_routes(netlink, family, &reader, err);
}

int host_network_load(struct host_network *network, struct error *err)
{
    *network = (struct host_network){0};
    struct nl_sock *netlink;
    if (netlink_open(&netlink, err) < 0)
        return -1;
    int result = load_addresses(network, netlink, err);
    if (result == 0)
        result = load_routes(network, netlink, AF_INET, err);
    if (result == 0)
        result = load_routes(network, netlink, AF_INET6, err);
    nl_socket_free(netlink);
    if (result < 0)
        host_network_free(network);
    return result;
}

void host_network_free(struct host_network *network)
{
    free(network->addresses);
    *network = (struct host_network){0};
}

/* Interfaces, addresses, routes and neighbours, asked from the kernel through netlink
 * (rtnetlink(7)).
 *
 * Links and addresses are few and come as libnl caches; of the routes only default ones are parsed.
 */
#include "transport/interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>

#include "base/clock.h"
#include "transport/netlink.h"

enum { CARRIER_PAUSE_NS = 20 * NS_PER_MS };
static const uint64_t CARRIER_PATIENCE_NS = 10 * NS_PER_SECOND;

static bool read_mac(struct nl_addr *from, struct mac_address *mac)
{
    if (from == NULL || nl_addr_get_len(from) != sizeof mac->bytes)
        return false;
    memcpy(mac->bytes, nl_addr_get_binary_addr(from), sizeof mac->bytes);
    return true;
}

static struct interface *find_index(const struct interface_list *list, int index)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->interfaces[i].index == index)
            return &list->interfaces[i];
    return NULL;
}

/* ---- links ---- */

static void describe_link(struct interface *interface, struct rtnl_link *link)
{
    unsigned flags = rtnl_link_get_flags(link);
    unsigned type = rtnl_link_get_arptype(link);
    *interface = (struct interface){
        .index = rtnl_link_get_ifindex(link),
        .mtu = rtnl_link_get_mtu(link),
        .up = flags & IFF_UP,
        .loopback = flags & IFF_LOOPBACK,
        .has_ethernet = type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK,
    };
    snprintf(interface->name, sizeof interface->name, "%s", rtnl_link_get_name(link));
    if (interface->has_ethernet)
        read_mac(rtnl_link_get_addr(link), &interface->mac);
}

static int load_links(struct interface_list *list, struct nl_sock *netlink, struct error *err)
{
    struct nl_cache *links;
    int code = rtnl_link_alloc_cache(netlink, AF_UNSPEC, &links);
    if (code < 0)
        return netlink_error(err, code, "the network interfaces");
    list->interfaces = calloc((size_t)nl_cache_nitems(links) + 1, sizeof *list->interfaces);
    struct nl_object *object = list->interfaces == NULL ? NULL : nl_cache_get_first(links);
    for (; object != NULL; object = nl_cache_get_next(object))
        describe_link(&list->interfaces[list->count++], (struct rtnl_link *)object);
    nl_cache_free(links);
    return list->interfaces == NULL ? error_set(err, "no memory for the network interfaces") : 0;
}

/* ---- addresses ---- */

static void note_address(const struct interface_list *list, struct rtnl_addr *address)
{
    struct interface *interface = find_index(list, rtnl_addr_get_ifindex(address));
    if (interface == NULL || interface->has_address ||
        !netlink_ipv4(rtnl_addr_get_local(address), &interface->address))
        return;
    interface->has_address = true;
    interface->prefix = (uint32_t)rtnl_addr_get_prefixlen(address);
}

static int load_addresses(struct interface_list *list, struct nl_sock *netlink, struct error *err)
{
    struct nl_cache *addresses;
    int code = rtnl_addr_alloc_cache(netlink, &addresses);
    if (code < 0)
        return netlink_error(err, code, "the addresses of interfaces");
    struct nl_object *object = nl_cache_get_first(addresses);
    for (; object != NULL; object = nl_cache_get_next(object))
        note_address(list, (struct rtnl_addr *)object);
    nl_cache_free(addresses);
    return 0;
}

/* ---- default routes ---- */

static void note_next_hop(const struct interface_list *list, struct rtnl_nexthop *hop,
                          uint32_t metric)
{
    struct interface *interface = find_index(list, rtnl_route_nh_get_ifindex(hop));
    if (interface == NULL || rtnl_route_nh_get_flags(hop) & RTNH_F_DEAD)
        return;
    if (interface->has_default_route && interface->default_route_metric <= metric)
        return;
    interface->has_default_route = true;
    interface->default_route_metric = metric;
    interface->has_gateway = netlink_ipv4(rtnl_route_nh_get_gateway(hop), &interface->gateway);
}

static void forget_default_routes(void *context)
{
    const struct interface_list *list = context;
    for (size_t i = 0; i < list->count; i++) {
        list->interfaces[i].has_default_route = false;
        list->interfaces[i].has_gateway = false;
    }
}

static bool is_default_route(const struct rtmsg *brief)
{
    return brief->rtm_family == AF_INET && brief->rtm_dst_len == 0 && brief->rtm_tos == 0;
}

static void note_default_route(void *context, struct rtnl_route *route)
{
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++)
        note_next_hop(context, rtnl_route_nexthop_n(route, i), rtnl_route_get_priority(route));
}

static int load_default_routes(struct interface_list *list, struct nl_sock *netlink,
                               struct error *err)
{
    struct netlink_route_reader reader = {.begin = forget_default_routes,
                                          .wants = is_default_route,
                                          .take = note_default_route,
                                          .context = list};
    return netlink_read_routes(netlink, AF_INET, &reader, err);
}

/* ---- the list ---- */

int interface_list_load(struct interface_list *list, struct error *err)
{
    *list = (struct interface_list){0};
    struct nl_sock *netlink;
    if (netlink_open(&netlink, err) < 0)
        return -1;
    int result = load_links(list, netlink, err);
    if (result == 0)
        result = load_addresses(list, netlink, err);
    if (result == 0)
        result = load_default_routes(list, netlink, err);
    nl_socket_free(netlink);
    if (result < 0)
        interface_list_free(list);
    return result;
}

void interface_list_free(struct interface_list *list)
{
    free(list->interfaces);
    *list = (struct interface_list){0};
}

/* ---- choosing one ---- */

static const struct interface *find_name(const struct interface_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->interfaces[i].name, name) == 0)
            return &list->interfaces[i];
    return NULL;
}

static const struct interface *find_best_route(const struct interface_list *list)
{
    const struct interface *best = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct interface *candidate = &list->interfaces[i];
        if (candidate->has_default_route && candidate->up &&
            (best == NULL || candidate->default_route_metric < best->default_route_metric))
            best = candidate;
    }
    return best;
}

static const struct interface *find_only(const struct interface_list *list)
{
    const struct interface *only = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct interface *candidate = &list->interfaces[i];
        if (!candidate->up || candidate->loopback || !candidate->has_address)
            continue;
        if (only != NULL)
            return NULL;
        only = candidate;
    }
    return only;
}

/* "eth0 (192.0.2.1)", "wg0 (no IPv4 address)", "eth1 (down, 192.0.2.9)" */
static int format_choice(char *text, size_t size, const struct interface *interface)
{
    char address[IP_TEXT_SIZE] = "no IPv4 address";
    if (interface->has_address) {
        struct ip_address ip = ip_from_v4(interface->address);
        ip_format(&ip, address);
    }
    return snprintf(text, size, "%s (%s%s)", interface->name, interface->up ? "" : "down, ",
                    address);
}

/* All that fit into `text`, then how many more there are. */
static void format_choices(char *text, size_t size, const struct interface_list *list)
{
    enum { ROOM_FOR_REST = 32 };
    size_t used = 0;
    snprintf(text, size, "none");
    for (size_t i = 0; i < list->count; i++) {
        char choice[IF_NAMESIZE + IP_TEXT_SIZE + 16];
        int length = format_choice(choice, sizeof choice, &list->interfaces[i]);
        if (used + (size_t)length + ROOM_FOR_REST > size) {
            snprintf(text + used, size - used, " and %zu more", list->count - i);
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", choice);
    }
}

static int explain_choices(const struct interface_list *list, const char *name, struct error *err)
{
    char choices[384];
    format_choices(choices, sizeof choices, list);
    if (name != NULL)
        return error_set(err, "there is no network interface \"%.32s\"; there are: %s", name,
                         choices);
    return error_set(err,
                     "no IPv4 default route says which network interface to use; name one with "
                     "--adapter: %s",
                     choices);
}

static const struct interface *choose(const struct interface_list *list, const char *name)
{
    if (name != NULL)
        return find_name(list, name);
    const struct interface *best = find_best_route(list);
    return best != NULL ? best : find_only(list);
}

int interface_find(struct interface *interface, const char *name, struct error *err)
{
    struct interface_list list;
    if (interface_list_load(&list, err) < 0)
        return -1;
    int result = 0;
    const struct interface *chosen = choose(&list, name);
    if (chosen != NULL)
        *interface = *chosen;
    else
        result = explain_choices(&list, name, err);
    interface_list_free(&list);
    return result;
}

/* ---- neighbours, counters ---- */

/* The kernel tells the hardware address in just those states in which it would use it itself. */
static int find_neighbour(struct nl_cache *neighbours, int index, struct nl_addr *address,
                          struct mac_address *mac)
{
    struct rtnl_neigh *neighbour = rtnl_neigh_get(neighbours, index, address);
    if (neighbour == NULL)
        return 0;
    int found = read_mac(rtnl_neigh_get_lladdr(neighbour), mac);
    rtnl_neigh_put(neighbour);
    return found;
}

static int ask_neighbours(struct nl_sock *netlink, int index, struct nl_addr *address,
                          struct mac_address *mac, struct error *err)
{
    struct nl_cache *neighbours;
    int code = rtnl_neigh_alloc_cache(netlink, &neighbours);
    if (code < 0)
        return netlink_error(err, code, "the neighbour table");
    int found = find_neighbour(neighbours, index, address, mac);
    nl_cache_free(neighbours);
    return found;
}

int interface_neighbour(struct nl_sock *netlink, const struct interface *interface,
                        uint32_t address, struct mac_address *mac, struct error *err)
{
    uint32_t network_order = htonl(address);
    struct nl_addr *wanted = nl_addr_build(AF_INET, &network_order, sizeof network_order);
    if (wanted == NULL)
        return error_set(err, "no memory for an address");
    int found = ask_neighbours(netlink, interface->index, wanted, mac, err);
    nl_addr_put(wanted);
    return found;
}

/* ---- counters and queues ---- */

/* Asks for the link with this number, or else this name; NULL if that fails. (Without either libnl
 * would end the program.) */
static struct rtnl_link *ask_link(struct nl_sock *netlink, int index, const char *name)
{
    struct rtnl_link *link = NULL;
    if ((index == 0 && name == NULL) || rtnl_link_get_kernel(netlink, index, name, &link) < 0)
        return NULL;
    return link;
}

/* Hardware that runs out of buffers counts frames as missed, the kernel and virtual links count
 * them as dropped. */
struct interface_drops interface_read_drops(struct nl_sock *netlink, int index)
{
    struct rtnl_link *link = netlink != NULL && index > 0 ? ask_link(netlink, index, NULL) : NULL;
    if (link == NULL)
        return (struct interface_drops){0};
    struct interface_drops drops = {
        .tx = rtnl_link_get_stat(link, RTNL_LINK_TX_DROPPED),
        .rx = rtnl_link_get_stat(link, RTNL_LINK_RX_DROPPED) +
              rtnl_link_get_stat(link, RTNL_LINK_RX_MISSED_ERR) +
              rtnl_link_get_stat(link, RTNL_LINK_RX_FIFO_ERR),
    };
    rtnl_link_put(link);
    return drops;
}

static unsigned at_least_one(uint32_t number)
{
    return number > 0 ? number : 1;
}

static bool read_channels(const char *name, struct interface_queues *queues)
{
    struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
    struct ifreq request = {.ifr_data = (char *)&channels};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool known = fd >= 0 && ioctl(fd, SIOCETHTOOL, &request) == 0;
    if (fd >= 0)
        close(fd);
    queues->tx = at_least_one(channels.combined_count + channels.tx_count);
    queues->rx = at_least_one(channels.combined_count + channels.rx_count);
    return known;
}

struct interface_queues interface_read_queues(const char *name)
{
    struct interface_queues queues = {1, 1};
    struct nl_sock *netlink;
    if (read_channels(name, &queues) || netlink_open(&netlink, NULL) < 0)
        return queues;
    struct rtnl_link *link = ask_link(netlink, 0, name);
    nl_socket_free(netlink);
    if (link == NULL)
        return queues;
    queues.tx = at_least_one(rtnl_link_get_num_tx_queues(link));
    queues.rx = at_least_one(rtnl_link_get_num_rx_queues(link));
    rtnl_link_put(link);
    return queues;
}

int interface_lost(const char *name, int errnum, struct error *err)
{
    return error_sys(err, errnum, "the interface %s went down or was removed", name);
}

/* ---- small questions ---- */

int interface_ask(const char *name, unsigned long what, struct ifreq *answer, struct error *err)
{
    *answer = (struct ifreq){0};
    snprintf(answer->ifr_name, sizeof answer->ifr_name, "%s", name);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_sys(err, errno, "cannot ask for interfaces");
    int result = ioctl(fd, what, answer);
    int errnum = errno;
    close(fd);
    return result == 0 ? 0 : error_sys(err, errnum, "cannot ask for the interface %s", name);
}

bool interface_has_carrier(const char *name)
{
    struct ifreq answer;
    return interface_ask(name, SIOCGIFFLAGS, &answer, NULL) == 0 &&
           (answer.ifr_flags & IFF_RUNNING) != 0;
}

void interface_await_carrier(const char *name)
{
    uint64_t deadline = clock_monotonic_ns() + CARRIER_PATIENCE_NS;
    for (uint64_t now = 0; now < deadline && !interface_has_carrier(name);
         now = clock_monotonic_ns())
        clock_sleep_until_ns(clock_monotonic_ns() + CARRIER_PAUSE_NS);
}

int interface_check_up(int socket, const char *name, struct error *err)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(socket, SIOCGIFFLAGS, &request) < 0)
        return interface_lost(name, errno, err);
    return request.ifr_flags & IFF_UP ? 0 : interface_lost(name, ENETDOWN, err);
}

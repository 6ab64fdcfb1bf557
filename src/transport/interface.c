/* Interfaces, addresses, routes and neighbours, asked from the kernel through netlink
 * (rtnetlink(7)).
 *
 * Links and addresses are few and come as libnl caches; of the routes only default ones, and those
 * of IPv6, are parsed.
 */
#include "transport/interface.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
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
#include <netlink/route/link/vrf.h>
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
        .table = RT_TABLE_MAIN,
        .mtu = rtnl_link_get_mtu(link),
        .up = flags & IFF_UP,
        .loopback = flags & IFF_LOOPBACK,
        .has_ethernet = type == ARPHRD_ETHER,
    };
    snprintf(interface->name, sizeof interface->name, "%s", rtnl_link_get_name(link));
    if (interface->has_ethernet)
        read_mac(rtnl_link_get_addr(link), &interface->mac);
}

static void add_link(struct nl_object *object, void *context)
{
    struct interface_list *list = context;
    describe_link(&list->interfaces[list->count++], (struct rtnl_link *)object);
}

/* The interfaces of a VRF have its table. */
static void note_vrf(struct nl_object *object, void *context)
{
    uint32_t table;
    struct rtnl_link *vrf = (struct rtnl_link *)object;
    if (!rtnl_link_is_vrf(vrf) || rtnl_link_vrf_get_tableid(vrf, &table) < 0)
        return;
    struct nl_object *other = nl_cache_get_first(nl_object_get_cache(object));
    for (; other != NULL; other = nl_cache_get_next(other)) {
        struct rtnl_link *link = (struct rtnl_link *)other;
        if (rtnl_link_get_master(link) == rtnl_link_get_ifindex(vrf))
            find_index(context, rtnl_link_get_ifindex(link))->table = table;
    }
}

static int load_links(struct interface_list *list, struct nl_sock *netlink, struct error *err)
{
    struct nl_cache *links;
    int code = rtnl_link_alloc_cache(netlink, AF_UNSPEC, &links);
    if (code < 0)
        return netlink_error(err, code, "the network interfaces");
    list->interfaces = calloc((size_t)nl_cache_nitems(links) + 1, sizeof *list->interfaces);
    if (list->interfaces != NULL) {
        nl_cache_foreach(links, add_link, list);
        nl_cache_foreach(links, note_vrf, list);
    }
    nl_cache_free(links);
    return list->interfaces == NULL ? error_set(err, "no memory for the network interfaces") : 0;
}

/* ---- addresses ---- */

/* What does not fit is not known: there are few hosts with more. */
static void note_prefix(struct interface_prefix *prefixes, unsigned *count,
                        const struct ip_address *address, unsigned length)
{
    if (*count < INTERFACE_PREFIXES_MAX)
        prefixes[(*count)++] = (struct interface_prefix){ip_number_from(address), length};
}

static void note_address(const struct interface_list *list, struct rtnl_addr *from)
{
    enum { UNUSED = IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED };
    struct interface *interface = find_index(list, rtnl_addr_get_ifindex(from));
    unsigned length = (unsigned)rtnl_addr_get_prefixlen(from);
    struct ip_address address;
    if (interface == NULL || !netlink_address(rtnl_addr_get_local(from), &address))
        return;
    if (address.version == 6 && (rtnl_addr_get_flags(from) & UNUSED) == 0)
        note_prefix(interface->ipv6.addresses, &interface->ipv6.address_count, &address, length);
    if (address.version == 6 || interface->has_address)
        return;
    interface->has_address = true;
    interface->address = ip_to_v4(&address);
    interface->prefix = length;
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

/* ---- routes ---- */

static void note_default_route(struct interface_route *best, struct rtnl_nexthop *hop,
                               uint32_t metric)
{
    struct ip_address gateway;
    if (best->exists && best->metric <= metric)
        return;
    *best = (struct interface_route){.exists = true, .metric = metric};
    best->has_gateway = netlink_address(rtnl_route_nh_get_gateway(hop), &gateway);
    if (best->has_gateway)
        best->gateway = ip_number_from(&gateway);
}

/* A route without a gateway leads to hosts on the link. */
static void note_network(struct interface_ipv6 *ipv6, struct rtnl_nexthop *hop,
                         struct nl_addr *destination)
{
    struct ip_address network;
    if (rtnl_route_nh_get_gateway(hop) == NULL && netlink_address(destination, &network))
        note_prefix(ipv6->on_link, &ipv6->on_link_count, &network,
                    nl_addr_get_prefixlen(destination));
}

/* One way of a route: a default one, whose destination is empty, or one of IPv6. */
static void note_next_hop(const struct interface_list *list, struct rtnl_route *route,
                          struct rtnl_nexthop *hop)
{
    struct interface *interface = find_index(list, rtnl_route_nh_get_ifindex(hop));
    struct nl_addr *destination = rtnl_route_get_dst(route);
    bool is_v6 = rtnl_route_get_family(route) == AF_INET6;
    if (interface == NULL || rtnl_route_get_table(route) != interface->table ||
        rtnl_route_nh_get_flags(hop) & RTNH_F_DEAD)
        return;
    if (destination != NULL && nl_addr_get_prefixlen(destination) > 0)
        note_network(&interface->ipv6, hop, destination);
    else
        note_default_route(is_v6 ? &interface->route_ipv6 : &interface->route, hop,
                           rtnl_route_get_priority(route));
}

static void take_route(void *context, struct rtnl_route *route)
{
    for (int i = 0; i < rtnl_route_get_nnexthops(route); i++)
        note_next_hop(context, route, rtnl_route_nexthop_n(route, i));
}

static void forget_routes(void *context)
{
    const struct interface_list *list = context;
    for (size_t i = 0; i < list->count; i++)
        list->interfaces[i].route = (struct interface_route){0};
}

static void forget_routes_ipv6(void *context)
{
    const struct interface_list *list = context;
    for (size_t i = 0; i < list->count; i++) {
        list->interfaces[i].route_ipv6 = (struct interface_route){0};
        list->interfaces[i].ipv6.on_link_count = 0;
    }
}

static bool is_default_route(const struct rtmsg *brief)
{
    return brief->rtm_dst_len == 0 && brief->rtm_tos == 0;
}

/* Of IPv6 all that hold for packets from anywhere, but for what the kernel notes for itself. */
static bool is_wanted_ipv6(const struct rtmsg *brief)
{
    return brief->rtm_src_len == 0 && !(brief->rtm_flags & RTM_F_CLONED);
}

static int load_routes(struct interface_list *list, struct nl_sock *netlink, struct error *err)
{
    struct netlink_route_reader ipv4 = {
        .begin = forget_routes, .wants = is_default_route, .take = take_route, .context = list};
    struct netlink_route_reader ipv6 = {
        .begin = forget_routes_ipv6, .wants = is_wanted_ipv6, .take = take_route, .context = list};
    int result = netlink_read_routes(netlink, AF_INET, &ipv4, err);
    return result < 0 ? result : netlink_read_routes(netlink, AF_INET6, &ipv6, err);
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
        result = load_routes(list, netlink, err);
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

static const struct interface_route *route_of(const struct interface *interface,
                                              enum ip_families family)
{
    return family == IP_V6 ? &interface->route_ipv6 : &interface->route;
}

static const struct interface *find_best_route(const struct interface_list *list,
                                               enum ip_families family)
{
    const struct interface *best = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct interface *candidate = &list->interfaces[i];
        const struct interface_route *route = route_of(candidate, family);
        if (route->exists && candidate->up && candidate->table == RT_TABLE_MAIN &&
            (best == NULL || route->metric < route_of(best, family)->metric))
            best = candidate;
    }
    return best;
}

/* A link-local address alone leads nowhere else. */
static bool has_address(const struct interface *interface, enum ip_families families)
{
    static const struct ip_number anywhere = {0x2000ull << 48, 0};
    return (families & IP_V4 && interface->has_address) ||
           (families & IP_V6 && interface_source_ipv6(interface, anywhere) != NULL);
}

static const struct interface *find_only(const struct interface_list *list,
                                         enum ip_families families)
{
    const struct interface *only = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct interface *candidate = &list->interfaces[i];
        if (!candidate->up || candidate->loopback || !has_address(candidate, families))
            continue;
        if (only != NULL)
            return NULL;
        only = candidate;
    }
    return only;
}

/* "eth0 (192.0.2.1)", "wg0 (no address)", "eth1 (down, 2001:db8::9)" */
static int format_choice(char *text, size_t size, const struct interface *interface)
{
    char address[IP_TEXT_SIZE] = "no address";
    struct ip_address ip = ip_from_v4(interface->address);
    bool has_ipv6 = interface->ipv6.address_count > 0;
    if (!interface->has_address && has_ipv6)
        ip = ip_from_number(interface->ipv6.addresses[0].address);
    if (interface->has_address || has_ipv6)
        ip_format(&ip, address);
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

static int explain_choices(const struct interface_list *list, const char *name,
                           enum ip_families families, struct error *err)
{
    static const char *const family_names[] = {"", "IPv4 ", "IPv6 ", ""};
    char choices[384];
    format_choices(choices, sizeof choices, list);
    if (name != NULL)
        return error_set(err, "there is no network interface \"%.32s\"; there are: %s", name,
                         choices);
    return error_set(err,
                     "no %sdefault route says which network interface to use; name one with "
                     "--adapter: %s",
                     family_names[families], choices);
}

static const struct interface *choose(const struct interface_list *list, const char *name,
                                      enum ip_families families)
{
    if (name != NULL)
        return find_name(list, name);
    const struct interface *best = NULL;
    if (families & IP_V4)
        best = find_best_route(list, IP_V4);
    if (best == NULL && families & IP_V6)
        best = find_best_route(list, IP_V6);
    return best != NULL ? best : find_only(list, families);
}

int interface_find(struct interface *interface, const char *name, enum ip_families families,
                   struct error *err)
{
    struct interface_list list;
    if (interface_list_load(&list, err) < 0)
        return -1;
    int result = 0;
    const struct interface *chosen = choose(&list, name, families);
    if (chosen != NULL)
        *interface = *chosen;
    else
        result = explain_choices(&list, name, families, err);
    interface_list_free(&list);
    return result;
}

/* ---- the address to speak from ---- */

static bool is_unique_local(struct ip_number number)
{
    return number.high >> 57 == 0xfc00 >> 9; /* fc00::/7 (RFC 4193) */
}

/* How well an address fits a target: less than 0 if it cannot serve. */
static int fitness(struct ip_number address, struct ip_number target)
{
    enum { SAME_KIND = 256 }; /* above all lengths of a prefix */
    if (ip_number_is_link_local(address) != ip_number_is_link_local(target))
        return -1;
    int common = uint128_leading_zeros(ip_number_value(address) ^ ip_number_value(target));
    return common + (is_unique_local(address) == is_unique_local(target) ? SAME_KIND : 0);
}

const struct interface_prefix *interface_source_ipv6(const struct interface *interface,
                                                     struct ip_number target)
{
    const struct interface_prefix *best = NULL;
    int best_fitness = -1;
    for (unsigned i = 0; i < interface->ipv6.address_count; i++) {
        int fits = fitness(interface->ipv6.addresses[i].address, target);
        if (fits <= best_fitness)
            continue;
        best = &interface->ipv6.addresses[i];
        best_fitness = fits;
    }
    return best;
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
                        struct ip_number address, struct mac_address *mac, struct error *err)
{
    struct ip_address ip = ip_from_number(address);
    bool is_v4 = ip.version == 4;
    struct nl_addr *wanted = nl_addr_build(is_v4 ? AF_INET : AF_INET6, ip.bytes, is_v4 ? 4 : 16);
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
    return error_sys(err, errnum, "the interface %s was removed", name);
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

enum interface_state interface_state(int socket, int index)
{
    struct ifreq request = {.ifr_ifindex = index};
    if (ioctl(socket, SIOCGIFNAME, &request) < 0 || ioctl(socket, SIOCGIFFLAGS, &request) < 0)
        return errno == ENODEV || errno == ENXIO ? INTERFACE_GONE : INTERFACE_DOWN;
    bool works = (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
    return works ? INTERFACE_UP : INTERFACE_DOWN;
}

int interface_check_there(int socket, int index, const char *name, struct error *err)
{
    bool gone = interface_state(socket, index) == INTERFACE_GONE;
    return gone ? interface_lost(name, ENODEV, err) : 0;
}

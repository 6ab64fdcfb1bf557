/* --iflist: the network interfaces, the way to the rest of the world, and what a scan would use.
 *
 * Nothing is sent. What a scan would use is found out by opening it as a scan does, and closing it
 * again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/app.h"
#include "app/link.h"
#include "transport/host_network.h"
#include "transport/interface.h"
#include "transport/netlink.h"

enum { ADDRESS_COLUMN = 67 };

static const char *kind_of(const struct interface *interface)
{
    if (interface->loopback)
        return "loopback";
    return interface->has_ethernet ? "ethernet" : "raw-ip";
}

/* The first address stands in the interface's own row, each other one below it. */
static void print_addresses(const struct interface *interface, const struct host_network *network)
{
    char text[IP_TEXT_SIZE];
    int indent = 0;
    for (size_t i = 0; i < network->address_count; i++) {
        const struct host_address *address = &network->addresses[i];
        if (address->interface_index != interface->index)
            continue;
        printf("%*s%s/%u\n", indent, "", ip_format(&address->address, text), address->prefix);
        indent = ADDRESS_COLUMN;
    }
    if (indent == 0)
        printf("-\n");
}

static void print_interface(const struct interface *interface, const struct host_network *network)
{
    char mac[MAC_TEXT_SIZE] = "-";
    if (interface->has_ethernet && !interface->loopback)
        mac_format(&interface->mac, mac);
    printf("%5d  %-15s  %-5s  %-8s  %5u  %-17s  ", interface->index, interface->name,
           interface->up ? "up" : "down", kind_of(interface), interface->mtu, mac);
    print_addresses(interface, network);
}

/* " (at 02-00-00-00-00-01)", as far as the kernel knows it; nobody is asked. */
static int print_gateway(const struct interface *interface, struct ip_number number,
                         struct error *err)
{
    char text[IP_TEXT_SIZE], mac_text[MAC_TEXT_SIZE];
    struct ip_address gateway = ip_from_number(number);
    struct mac_address mac;
    struct nl_sock *netlink;
    if (netlink_open(&netlink, err) < 0)
        return -1;
    int known = interface_neighbour(netlink, interface, number, &mac, err);
    nl_socket_free(netlink);
    if (known < 0)
        return -1;
    printf(" via %s (%s%s)", ip_format(&gateway, text),
           known ? "at " : "hardware address not known", known ? mac_format(&mac, mac_text) : "");
    return 0;
}

/* Adds to `routes` if there is one. */
static int print_default_route(const struct interface *interface,
                               const struct interface_route *route, size_t *routes,
                               struct error *err)
{
    if (!route->exists)
        return 0;
    ++*routes;
    printf("default route: %s", interface->name);
    if (route->has_gateway && print_gateway(interface, route->gateway, err) < 0)
        return -1;
    printf(", metric %" PRIu32 "\n", route->metric);
    return 0;
}

/* Those of IPv4, then those of IPv6. */
static int print_default_routes(const struct interface_list *list, struct error *err)
{
    size_t routes = 0;
    for (size_t i = 0; i < 2 * list->count; i++) {
        const struct interface *interface = &list->interfaces[i % list->count];
        const struct interface_route *route =
            i < list->count ? &interface->route : &interface->route_ipv6;
        if (print_default_route(interface, route, &routes, err) < 0)
            return -1;
    }
    if (routes == 0)
        printf("default route: none\n");
    return 0;
}

static const char *name_of(const struct interface_list *list, int index)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->interfaces[i].index == index)
            return list->interfaces[i].name;
    return "?"; /* it was made meanwhile */
}

/* "route: 10.0.0.0/8 eth0 via 192.0.2.1, metric 5" */
static void print_route(const struct host_route *route, const struct interface_list *list)
{
    char destination[IP_TEXT_SIZE], gateway[IP_TEXT_SIZE] = "";
    if (route->has_gateway)
        ip_format(&route->gateway, gateway);
    printf("route: %s/%u %s%s%s, metric %" PRIu32 "\n", ip_format(&route->destination, destination),
           route->prefix, name_of(list, route->interface_index), route->has_gateway ? " via " : "",
           gateway, route->metric);
}

/* Default routes have been told already, with more than this. */
static void print_routes(const struct host_network *network, const struct interface_list *list)
{
    for (size_t i = 0; i < network->route_count; i++) {
        const struct host_route *route = &network->routes[i];
        if (route->prefix > 0)
            print_route(route, list);
    }
    if (network->more_routes > 0)
        printf("and %zu more routes\n", network->more_routes);
}

static int print_list(const struct interface_list *list, const struct host_network *network,
                      struct error *err)
{
    printf("%5s  %-15s  %-5s  %-8s  %5s  %-17s  %s\n", "index", "name", "state", "kind", "mtu",
           "mac", "addresses");
    for (size_t i = 0; i < list->count; i++)
        print_interface(&list->interfaces[i], network);
    printf("\n");
    if (print_default_routes(list, err) < 0)
        return -1;
    print_routes(network, list);
    printf("\n");
    return 0;
}

static int print_network(struct error *err)
{
    struct interface_list list;
    struct host_network network;
    if (interface_list_load(&list, err) < 0)
        return -1;
    int status = host_network_load(&network, err);
    if (status == 0) {
        status = print_list(&list, &network, err);
        host_network_free(&network);
    }
    interface_list_free(&list);
    return status;
}

static void print_router(const struct adapter_router *router)
{
    char ip_text[IP_TEXT_SIZE], mac_text[MAC_TEXT_SIZE];
    struct ip_address address = ip_from_number(router->address);
    if (router->has_mac)
        printf("its packets go to the router at %s\n", mac_format(&router->mac, mac_text));
    else if (router->has_address)
        printf("its packets go to the router %s\n", ip_format(&address, ip_text));
    else
        printf("no router is known: it needs --router-ip or --router-mac\n");
}

static void print_source(struct ip_number address, uint32_t behind)
{
    char text[IP_TEXT_SIZE];
    struct ip_address source = ip_from_number(address);
    printf("it sends from %s", ip_format(&source, text));
    if (behind > 0)
        printf(" and the %" PRIu32 " addresses behind it", behind);
    printf("\n");
}

/* What it has of each family. */
static void print_adapter(const struct adapter *adapter)
{
    const struct adapter_family *families[] = {&adapter->ipv4, &adapter->ipv6};
    bool has_ethernet = adapter->interface.has_ethernet;
    for (unsigned i = 0; i < 2; i++) {
        if (families[i]->in_use)
            print_source(families[i]->source, families[i]->source_mask);
        if (families[i]->in_use && has_ethernet)
            print_router(&families[i]->router);
    }
    if (!has_ethernet)
        printf("its packets have no hardware addresses, so no router has to be found\n");
}

/* By what frames would leave, and why not by a faster way. */
static void print_transport(const struct link *link)
{
    printf("it sends and receives by: %s\n", link->transport);
    if (link->reason.text[0] != '\0')
        printf("  and not by a faster way: %s\n", link->reason.text);
}

/* Of several adapters each has its index. */
static void print_adapter_of(const struct conf *conf, unsigned number, const struct link *link)
{
    if (conf->adapter_count > 1)
        printf("with this --adapter[%u] a scan uses: %s\n", number, link->adapter.interface.name);
    else
        printf("%s a scan uses: %s\n",
               conf->adapters[0].name != NULL ? "with this --adapter" : "without --adapter",
               link->adapter.interface.name);
    print_adapter(&link->adapter);
    if (link->transports.count > 0)
        print_transport(link);
}

/* What `links_open` came to; the rights that are missing are named by the error in `why`. */
static void print_links(const struct conf *conf, const struct links *links, bool opened,
                        const struct error *why)
{
    bool any = false;
    for (unsigned i = 0; i < links->count; i++) {
        if (links->of[i].adapter.interface.index == 0)
            continue;
        any = true;
        print_adapter_of(conf, i, &links->of[i]);
    }
    if (any && !opened)
        printf("by what it sends and receives cannot be found out: %s\n", why->text);
    else if (!any && opened)
        printf("a scan sends nothing and needs no interface\n");
    else if (!opened)
        printf("a scan is refused: %s\n", why->text);
}

/* For the targets that are given, if any are. */
static int print_choice(const struct conf *conf, struct error *err)
{
    const struct address_set *targets =
        address_set_is_empty(&conf->targets) ? NULL : &conf->targets;
    struct error why = {0};
    struct links *links = calloc(1, sizeof *links);
    if (links == NULL)
        return error_set(err, "out of memory");
    bool opened = links_open(links, conf, targets, &why) == 0;
    print_links(conf, links, opened, &why);
    links_close(links);
    free(links);
    return 0;
}

int app_iflist(const struct conf *conf, struct error *err)
{
    if (print_network(err) < 0 || print_choice(conf, err) < 0)
        return -1;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        error_set(err, "cannot write to standard output");
        return error_blame(err, ERROR_OUTPUT);
    }
    return EXIT_COMPLETE;
}

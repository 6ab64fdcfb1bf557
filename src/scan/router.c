/* The hardware addresses of the routers, one a family. */
#include "scan/router.h"

#include "scan/adapter.h"

/* The router of one family, where the adapter has it. */
struct router {
    bool has_address;
    struct ip_number address;
    bool *has_mac;
    struct mac_address *mac;
    const char *family, *mac_option;
};

static struct router router_of(struct adapter *adapter, enum ip_families family)
{
    if (family == IP_V4)
        return (struct router){.has_address = adapter->has_router_address,
                               .address = ip_number_v4(adapter->router_address),
                               .has_mac = &adapter->has_router_mac,
                               .mac = &adapter->router_mac,
                               .family = "IPv4",
                               .mac_option = "--router-mac"};
    return (struct router){.has_address = adapter->has_router_address_ipv6,
                           .address = adapter->router_address_ipv6,
                           .has_mac = &adapter->has_router_mac_ipv6,
                           .mac = &adapter->router_mac_ipv6,
                           .family = "IPv6",
                           .mac_option = "--router-mac-ipv6"};
}

/* Looks where nobody has to be asked. */
static int look_up(const struct router *router, const struct adapter *adapter, struct error *err)
{
    if (!router->has_address)
        return error_set(err,
                         "interface \"%s\" has no route to an %s router: give one with --router-ip "
                         "or %s",
                         adapter->interface.name, router->family, router->mac_option);
    if (adapter->vlan != 0)
        return 0; /* what the host knows may not be in this VLAN */
    int known = interface_neighbour(adapter->netlink, &adapter->interface, router->address,
                                    router->mac, err);
    *router->has_mac = known > 0;
    return known < 0 ? -1 : 0;
}

static int explain_silence(const struct router *router, const struct interface *interface,
                           struct error *err)
{
    char text[IP_TEXT_SIZE];
    struct ip_address address = ip_from_number(router->address);
    return error_set(err, "router %s does not answer %s on \"%s\": check --router-ip, or give %s",
                     ip_format(&address, text), resolve_protocol(router->address), interface->name,
                     router->mac_option);
}

static int ask(const struct router *router, const struct interface *interface,
               const struct resolve_asking *asking, struct error *err)
{
    struct resolve_host host = {.address = router->address};
    struct resolve_table table = {.hosts = &host, .count = 1};
    int asked = resolve_ask(&table, asking, err);
    if (asked != 0)
        return asked;
    if (!host.known)
        return explain_silence(router, interface, err);
    *router->mac = host.mac;
    *router->has_mac = true;
    return 0;
}

static int find(const struct router *router, const struct adapter *adapter,
                const struct resolve_asking *asking, struct error *err)
{
    if (*router->has_mac)
        return 0;
    if (look_up(router, adapter, err) < 0)
        return -1;
    return *router->has_mac ? 0 : ask(router, &adapter->interface, asking, err);
}

int router_find(struct adapter *adapter, enum ip_families families,
                const struct resolve_asking *asking, struct error *err)
{
    static const enum ip_families each[] = {IP_V4, IP_V6};
    int result = 0;
    for (unsigned i = 0; i < 2 && result == 0 && adapter->interface.has_ethernet; i++) {
        struct router router = router_of(adapter, each[i]);
        if (families & each[i])
            result = find(&router, adapter, asking, err);
    }
    return result;
}

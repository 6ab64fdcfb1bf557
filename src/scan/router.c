/* The hardware addresses of the routers, one a family. */
#include "scan/router.h"

#include "scan/adapter.h"

/* What is told of a family. */
struct words {
    const char *family, *mac_option;
};

/* Looks where nobody has to be asked. */
static int look_up(struct adapter_router *router, const struct words *words,
                   const struct adapter *adapter, struct error *err)
{
    if (!router->has_address)
        return error_set(err,
                         "interface \"%s\" has no route to an %s router: give one with --router-ip "
                         "or %s",
                         adapter->interface.name, words->family, words->mac_option);
    if (adapter->vlan != 0)
        return 0; /* what the host knows may not be in this VLAN */
    int known = interface_neighbour(adapter->netlink, &adapter->interface, router->address,
                                    &router->mac, err);
    router->has_mac = known > 0;
    return known < 0 ? -1 : 0;
}

static int explain_silence(const struct adapter_router *router, const struct words *words,
                           const struct interface *interface, struct error *err)
{
    char text[IP_TEXT_SIZE];
    struct ip_address address = ip_from_number(router->address);
    return error_set(err, "router %s does not answer %s on \"%s\": check --router-ip, or give %s",
                     ip_format(&address, text), resolve_protocol(router->address), interface->name,
                     words->mac_option);
}

static int ask(struct adapter_router *router, const struct words *words,
               const struct interface *interface, const struct resolve_asking *asking,
               struct error *err)
{
    struct resolve_host host = {.address = router->address};
    struct resolve_table table = {.hosts = &host, .count = 1};
    int asked = resolve_ask(&table, asking, err);
    if (asked != 0)
        return asked;
    if (!host.known)
        return explain_silence(router, words, interface, err);
    router->mac = host.mac;
    router->has_mac = true;
    return 0;
}

static int find(struct adapter_router *router, const struct words *words,
                const struct adapter *adapter, const struct resolve_asking *asking,
                struct error *err)
{
    if (router->has_mac)
        return 0;
    if (look_up(router, words, adapter, err) < 0)
        return -1;
    return router->has_mac ? 0 : ask(router, words, &adapter->interface, asking, err);
}

int router_find(struct adapter *adapter, enum ip_families families,
                const struct resolve_asking *asking, struct error *err)
{
    static const struct words ipv4 = {"IPv4", "--router-mac"}, ipv6 = {"IPv6", "--router-mac-ipv6"};
    int result = 0;
    if (!adapter->interface.has_ethernet)
        return 0;
    if (families & IP_V4)
        result = find(&adapter->ipv4.router, &ipv4, adapter, asking, err);
    if (families & IP_V6 && result == 0)
        result = find(&adapter->ipv6.router, &ipv6, adapter, asking, err);
    return result;
}

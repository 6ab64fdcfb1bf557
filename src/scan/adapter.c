/* An adapter of a scan: interface, own addresses and ports, and the way to the router. */
#include "scan/adapter.h"

#include <string.h>

#include "base/random.h"
#include "transport/netlink.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };
static const uint32_t DOCUMENTATION_ADDRESS = 0xc0000201; /* 192.0.2.1, RFC 5737 */
static const struct ip_number DOCUMENTATION_IPV6 = {0x20010db8ull << 32, 1}; /* RFC 3849 */
static const uint16_t OFFLINE_PORT = 40000;

/* ---- addresses ---- */

/* What answers a packet from a foreign address would leave the host. Whether the address is one of
 * the host's shows when ports are reserved there. */
static int check_own_address(struct adapter_family *family, struct error *err)
{
    if (family->source_mask != 0)
        return error_set(err, "--adapter-ip: this host itself is scanned from one of its addresses "
                              "(want one address)");
    family->spoofed = false;
    return 0;
}

static bool is_of_interface(const struct interface *interface, struct ip_number address)
{
    if (ip_number_is_v4(address))
        return interface->has_address && interface->address == (uint32_t)address.low;
    for (unsigned i = 0; i < interface->ipv6.address_count; i++)
        if (ip_number_equal(interface->ipv6.addresses[i].address, address))
            return true;
    return false;
}

/* The interface's own address to send from; false if it has none. */
static bool find_own(const struct interface *interface, enum ip_families family,
                     const struct adapter_wish *wish, struct ip_number *own)
{
    if (family == IP_V4) {
        *own = ip_number_v4(interface->address);
        return interface->has_address;
    }
    const struct interface_prefix *prefix = interface_source_ipv6(interface, wish->target_ipv6);
    if (prefix != NULL)
        *own = prefix->address;
    return prefix != NULL;
}

static int explain_no_source(const struct interface *interface, enum ip_families family,
                             struct ip_number target_ipv6, struct error *err)
{
    char text[IP_TEXT_SIZE];
    const struct ip_address ip = ip_from_number(target_ipv6);
    if (family == IP_V4)
        return error_set(err, "interface \"%s\" has no IPv4 address: give one with --adapter-ip",
                         interface->name);
    return error_set(err,
                     "interface \"%s\" has no IPv6 address to scan %s from: give one with "
                     "--adapter-ip",
                     interface->name, ip_format(&ip, text));
}

static int choose_source(struct adapter *adapter, enum ip_families family,
                         const struct adapter_wish *wish, struct error *err)
{
    const struct interface *interface = &adapter->interface;
    const struct family_wish *asked = family == IP_V4 ? &wish->ipv4 : &wish->ipv6;
    struct adapter_family *chosen = family == IP_V4 ? &adapter->ipv4 : &adapter->ipv6;
    chosen->in_use = true;
    if (asked->has_source) {
        chosen->source = asked->first;
        chosen->source_mask = (uint32_t)(asked->last.low - asked->first.low);
    } else if (!find_own(interface, family, wish, &chosen->source)) {
        return explain_no_source(interface, family, wish->target_ipv6, err);
    }
    chosen->spoofed = chosen->source_mask != 0 || !is_of_interface(interface, chosen->source);
    return interface->loopback ? check_own_address(chosen, err) : 0;
}

/* Which there are addresses of to send from. */
static enum ip_families possible_families(const struct interface *interface,
                                          const struct adapter_wish *wish)
{
    struct ip_number own;
    bool ipv4 = wish->ipv4.has_source || find_own(interface, IP_V4, wish, &own);
    bool ipv6 = wish->ipv6.has_source || find_own(interface, IP_V6, wish, &own);
    return (ipv4 ? IP_V4 : 0) | (ipv6 ? IP_V6 : 0);
}

/* Of the families that are scanned; where none is named, of those that there are addresses of. */
static int choose_sources(struct adapter *adapter, const struct adapter_wish *wish,
                          struct error *err)
{
    const struct interface *interface = &adapter->interface;
    enum ip_families families = wish->families;
    if (families == IP_NONE || wish->may_lack)
        families = possible_families(interface, wish) & (families == IP_NONE ? IP_BOTH : families);
    if (families == IP_NONE && wish->families != IP_NONE)
        return explain_no_source(interface, wish->families & IP_V4 ? IP_V4 : IP_V6,
                                 wish->target_ipv6, err);
    if (families == IP_NONE)
        return error_set(err, "interface \"%s\" has no IP address: give one with --adapter-ip",
                         interface->name);
    if (families & IP_V4 && choose_source(adapter, IP_V4, wish, err) < 0)
        return -1;
    return families & IP_V6 ? choose_source(adapter, IP_V6, wish, err) : 0;
}

/* ---- ports ---- */

/* The sources that the host itself would use, and so must not. */
static struct reserve_addresses addresses_to_reserve(const struct adapter *adapter)
{
    struct reserve_addresses addresses = {.interface_index = adapter->interface.index};
    const struct adapter_family *families[] = {&adapter->ipv4, &adapter->ipv6};
    for (unsigned i = 0; i < 2; i++)
        if (families[i]->in_use && !families[i]->spoofed)
            addresses.of[addresses.count++] = families[i]->source;
    return addresses;
}

/* A port that no other program has: bound where the address is ours, else simply random. */
static int choose_port(struct adapter *adapter, const struct adapter_wish *wish, struct error *err)
{
    const struct reserve_addresses own = addresses_to_reserve(adapter);
    if (wish->has_port) {
        adapter->port = wish->port_first;
        adapter->port_mask = (uint16_t)(wish->port_last - wish->port_first);
        if (own.count == 0)
            return 0;
        return port_reserve(&adapter->reservation, &own, adapter->port, adapter->port_mask + 1u,
                            err);
    }
    if (own.count > 0)
        return port_reserve_random(&adapter->reservation, &own, &adapter->port, err);
    uint16_t random;
    if (random_bytes(&random, sizeof random, err) < 0)
        return -1;
    adapter->port = (uint16_t)(40000 + random % 20000);
    return 0;
}

/* ---- hardware addresses ---- */

/* Its address, where none was named, is that of the default route. */
static struct adapter_router choose_router(const struct adapter_router *asked,
                                           const struct interface_route *route)
{
    struct adapter_router router = *asked;
    if (!asked->has_address) {
        router.has_address = route->has_gateway;
        router.address = route->gateway;
    }
    return router;
}

static void choose_macs(struct adapter *adapter, const struct adapter_wish *wish)
{
    const struct interface *interface = &adapter->interface;
    adapter->mac = wish->has_mac ? wish->mac : interface->mac;
    adapter->ipv4.router = choose_router(&wish->ipv4.router, &interface->route);
    adapter->ipv6.router = choose_router(&wish->ipv6.router, &interface->route_ipv6);
}

static int choose_vlan(struct adapter *adapter, const struct adapter_wish *wish, struct error *err)
{
    if (wish->vlan != 0 && !adapter->interface.has_ethernet)
        return error_set(err,
                         "--vlan: the interface \"%s\" has no Ethernet headers, and so no tags",
                         adapter->interface.name);
    adapter->vlan = wish->vlan;
    return 0;
}

int adapter_choose(struct adapter *adapter, const struct adapter_wish *wish, struct error *err)
{
    memset(adapter, 0, sizeof *adapter);
    enum ip_families families = wish->families == IP_NONE ? IP_BOTH : wish->families;
    if (netlink_open(&adapter->netlink, err) < 0 ||
        interface_find(&adapter->interface, wish->interface_name, families, err) < 0)
        return -1;
    if (!adapter->interface.up)
        return error_set(err, "interface \"%s\" is down: bring it up with: ip link set %s up",
                         adapter->interface.name, adapter->interface.name);
    if (choose_vlan(adapter, wish, err) < 0 || choose_sources(adapter, wish, err) < 0)
        return -1;
    choose_macs(adapter, wish);
    return choose_port(adapter, wish, err);
}

int adapter_offline(struct adapter *adapter, const struct adapter_wish *wish, unsigned number,
                    struct error *err)
{
    memset(adapter, 0, sizeof *adapter);
    struct interface *none = &adapter->interface;
    struct ip_number ipv6 = DOCUMENTATION_IPV6;
    ipv6.low += number;
    *none = (struct interface){.name = "none",
                               .up = true,
                               .has_ethernet = true,
                               .has_address = true,
                               .address = DOCUMENTATION_ADDRESS + number};
    none->ipv6.addresses[none->ipv6.address_count++].address = ipv6;
    struct adapter_wish possible = *wish;
    possible.target_ipv6 = DOCUMENTATION_IPV6; /* so that link-local ones have a source, too */
    if (choose_sources(adapter, &possible, err) < 0)
        return -1;
    choose_macs(adapter, wish);
    adapter->ipv4.router.has_mac = adapter->ipv6.router.has_mac = true;
    adapter->vlan = wish->vlan;
    adapter->port = wish->has_port ? wish->port_first : OFFLINE_PORT;
    adapter->port_mask = (uint16_t)(wish->has_port ? wish->port_last - wish->port_first : 0);
    return 0;
}

void adapter_fini(struct adapter *adapter)
{
    port_release(&adapter->reservation);
    if (adapter->netlink != NULL)
        nl_socket_free(adapter->netlink);
    adapter->netlink = NULL;
}

/* ---- for others ---- */

/* The bits that differ within first .. first + mask: a mask whose block around `first` covers them
 * all. */
static uint64_t covering_mask(uint64_t first, uint64_t count_minus_one)
{
    uint64_t differing = first ^ (first + count_minus_one);
    uint64_t ones = 0;
    while (ones < differing)
        ones = ones << 1 | 1;
    return ~ones;
}

static void add_ipv4(struct transport_setup *setup, const struct adapter_family *ipv4)
{
    uint32_t first = (uint32_t)ipv4->source.low;
    setup->address_mask = (uint32_t)covering_mask(first, ipv4->source_mask);
    setup->address = first & setup->address_mask;
}

static void add_ipv6(struct transport_setup *setup, const struct adapter_family *ipv6)
{
    uint64_t mask = covering_mask(ipv6->source.low, ipv6->source_mask);
    setup->address_ipv6 = ipv6->source;
    setup->address_ipv6.low &= mask;
    setup->address_ipv6_mask = (struct ip_number){UINT64_MAX, mask};
    setup->all_multicast = ipv6->spoofed;
}

struct transport_setup adapter_transport_setup(const struct adapter *adapter)
{
    uint16_t port_mask = (uint16_t)covering_mask(adapter->port, adapter->port_mask);
    struct transport_setup setup = {
        .interface_name = adapter->interface.name,
        .interface_index = adapter->interface.index,
        .has_ethernet = adapter->interface.has_ethernet,
        .to_host = adapter->interface.loopback,
        .vlan = adapter->vlan,
        .port = adapter->port & port_mask,
        .port_mask = port_mask,
        /* Hardware may keep frames of VLANs out that the host has no part in. */
        .promiscuous = !mac_equal(&adapter->mac, &adapter->interface.mac) || adapter->vlan != 0,
    };
    add_ipv4(&setup, &adapter->ipv4);
    if (adapter->ipv6.in_use)
        add_ipv6(&setup, &adapter->ipv6);
    return setup;
}

static struct link_header link_to(const struct adapter *adapter, const struct mac_address *router,
                                  uint16_t ethertype)
{
    if (!adapter->interface.has_ethernet)
        return (struct link_header){0};
    return link_header_ethernet(&adapter->mac, router, ethertype);
}

struct link_header adapter_link_header(const struct adapter *adapter)
{
    return link_to(adapter, &adapter->ipv4.router.mac, ETHERTYPE_IPV4);
}

struct link_header adapter_link_header_ipv6(const struct adapter *adapter)
{
    return link_to(adapter, &adapter->ipv6.router.mac, ETHERTYPE_IPV6);
}

/* An adapter that sends nothing has no MTU, and as much room as IP allows. */
uint16_t adapter_mss(const struct adapter *adapter)
{
    enum { HEADERS = 40, LONGEST = UINT16_MAX };
    uint32_t mtu = adapter->interface.mtu;
    if (mtu == 0 || mtu > LONGEST)
        return LONGEST - HEADERS;
    return mtu > HEADERS ? (uint16_t)(mtu - HEADERS) : 0;
}

const struct adapter_family *adapter_family_of(const struct adapter *adapter,
                                               struct ip_number address)
{
    return ip_number_is_v4(address) ? &adapter->ipv4 : &adapter->ipv6;
}

bool adapter_answers_for(const struct adapter *adapter, struct ip_number address)
{
    const struct adapter_family *family = adapter_family_of(adapter, address);
    if (!family->in_use || address.high != family->source.high ||
        address.low - family->source.low > family->source_mask)
        return false;
    return adapter->host_is_deaf || !is_of_interface(&adapter->interface, address);
}

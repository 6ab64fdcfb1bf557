/* The adapter of a scan: interface, own addresses and ports, and the way to the router. */
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
static int check_own_address(struct adapter *adapter, struct error *err)
{
    if (adapter->address_mask != 0)
        return error_set(err, "--adapter-ip: this host itself is scanned from one of its addresses "
                              "(want one address)");
    adapter->spoofed = false;
    return 0;
}

static int choose_address(struct adapter *adapter, const struct adapter_wish *wish,
                          struct error *err)
{
    const struct interface *interface = &adapter->interface;
    adapter->has_address = true;
    if (wish->has_address) {
        adapter->address = wish->address_first;
        adapter->address_mask = wish->address_last - wish->address_first;
    } else if (interface->has_address) {
        adapter->address = interface->address;
    } else {
        return error_set(err, "interface \"%s\" has no IPv4 address: give one with --adapter-ip",
                         interface->name);
    }
    adapter->spoofed = adapter->address_mask != 0 || !interface->has_address ||
                       adapter->address != interface->address;
    return interface->loopback ? check_own_address(adapter, err) : 0;
}

static bool is_of_interface(const struct interface *interface, struct ip_number address)
{
    for (unsigned i = 0; i < interface->ipv6.address_count; i++)
        if (ip_number_equal(interface->ipv6.addresses[i].address, address))
            return true;
    return false;
}

static int explain_no_ipv6(const struct adapter *adapter, struct ip_number target,
                           struct error *err)
{
    char text[IP_TEXT_SIZE];
    const struct ip_address ip = ip_from_number(target);
    return error_set(err,
                     "interface \"%s\" has no IPv6 address to scan %s from: give one with "
                     "--adapter-ip",
                     adapter->interface.name, ip_format(&ip, text));
}

static int choose_address_ipv6(struct adapter *adapter, const struct adapter_wish *wish,
                               struct error *err)
{
    const struct interface_prefix *own =
        interface_source_ipv6(&adapter->interface, wish->target_ipv6);
    adapter->has_address_ipv6 = true;
    if (wish->has_address_ipv6) {
        adapter->address_ipv6 = wish->address_ipv6_first;
        adapter->address_ipv6_mask =
            (uint32_t)(wish->address_ipv6_last.low - wish->address_ipv6_first.low);
    } else if (own != NULL) {
        adapter->address_ipv6 = own->address;
    } else {
        return explain_no_ipv6(adapter, wish->target_ipv6, err);
    }
    adapter->spoofed_ipv6 = adapter->address_ipv6_mask != 0 ||
                            !is_of_interface(&adapter->interface, adapter->address_ipv6);
    return 0;
}

/* Of the families that are scanned; where none is named, of those that there are addresses of. */
static int choose_addresses(struct adapter *adapter, const struct adapter_wish *wish,
                            struct error *err)
{
    const struct interface *interface = &adapter->interface;
    enum ip_families families = wish->families;
    if (families == IP_NONE) {
        bool has_ipv6 = interface_source_ipv6(interface, wish->target_ipv6) != NULL;
        families = (wish->has_address || interface->has_address ? IP_V4 : 0) |
                   (wish->has_address_ipv6 || has_ipv6 ? IP_V6 : 0);
    }
    if (families == IP_NONE)
        return error_set(err, "interface \"%s\" has no IP address: give one with --adapter-ip",
                         interface->name);
    if (families & IP_V4 && choose_address(adapter, wish, err) < 0)
        return -1;
    return families & IP_V6 ? choose_address_ipv6(adapter, wish, err) : 0;
}

/* ---- ports ---- */

/* The sources that the host itself would use, and so must not. */
static struct reserve_addresses addresses_to_reserve(const struct adapter *adapter)
{
    struct reserve_addresses addresses = {.interface_index = adapter->interface.index};
    if (adapter->has_address && !adapter->spoofed)
        addresses.of[addresses.count++] = ip_number_v4(adapter->address);
    if (adapter->has_address_ipv6 && !adapter->spoofed_ipv6)
        addresses.of[addresses.count++] = adapter->address_ipv6;
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

static void choose_macs(struct adapter *adapter, const struct adapter_wish *wish)
{
    const struct interface_route *route = &adapter->interface.route;
    const struct interface_route *route_ipv6 = &adapter->interface.route_ipv6;
    adapter->mac = wish->has_mac ? wish->mac : adapter->interface.mac;
    adapter->has_router_mac = wish->has_router_mac;
    adapter->router_mac = wish->router_mac;
    adapter->has_router_address = wish->has_router_address || route->has_gateway;
    adapter->router_address =
        wish->has_router_address ? wish->router_address : (uint32_t)route->gateway.low;
    adapter->has_router_mac_ipv6 = wish->has_router_mac_ipv6;
    adapter->router_mac_ipv6 = wish->router_mac_ipv6;
    adapter->has_router_address_ipv6 = wish->has_router_address_ipv6 || route_ipv6->has_gateway;
    adapter->router_address_ipv6 =
        wish->has_router_address_ipv6 ? wish->router_address_ipv6 : route_ipv6->gateway;
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
    if (choose_vlan(adapter, wish, err) < 0 || choose_addresses(adapter, wish, err) < 0)
        return -1;
    choose_macs(adapter, wish);
    return choose_port(adapter, wish, err);
}

int adapter_offline(struct adapter *adapter, const struct adapter_wish *wish, struct error *err)
{
    memset(adapter, 0, sizeof *adapter);
    struct interface *none = &adapter->interface;
    *none = (struct interface){
        .name = "none", .up = true, .has_ethernet = true, .address = DOCUMENTATION_ADDRESS};
    none->has_address = true;
    none->ipv6.addresses[none->ipv6.address_count++].address = DOCUMENTATION_IPV6;
    struct adapter_wish possible = *wish;
    possible.target_ipv6 = DOCUMENTATION_IPV6; /* so that link-local ones have a source, too */
    if (choose_addresses(adapter, &possible, err) < 0)
        return -1;
    choose_macs(adapter, wish);
    adapter->has_router_mac = adapter->has_router_mac_ipv6 = true;
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

static void add_ipv6(struct transport_setup *setup, const struct adapter *adapter)
{
    uint64_t mask = covering_mask(adapter->address_ipv6.low, adapter->address_ipv6_mask);
    setup->address_ipv6 = adapter->address_ipv6;
    setup->address_ipv6.low &= mask;
    setup->address_ipv6_mask = (struct ip_number){UINT64_MAX, mask};
    setup->all_multicast = adapter->spoofed_ipv6;
}

struct transport_setup adapter_transport_setup(const struct adapter *adapter)
{
    uint32_t address_mask = (uint32_t)covering_mask(adapter->address, adapter->address_mask);
    uint16_t port_mask = (uint16_t)covering_mask(adapter->port, adapter->port_mask);
    struct transport_setup setup = {
        .interface_name = adapter->interface.name,
        .interface_index = adapter->interface.index,
        .has_ethernet = adapter->interface.has_ethernet,
        .to_host = adapter->interface.loopback,
        .vlan = adapter->vlan,
        .address = adapter->address & address_mask,
        .address_mask = address_mask,
        .port = adapter->port & port_mask,
        .port_mask = port_mask,
        /* Hardware may keep frames of VLANs out that the host has no part in. */
        .promiscuous = !mac_equal(&adapter->mac, &adapter->interface.mac) || adapter->vlan != 0,
    };
    if (adapter->has_address_ipv6)
        add_ipv6(&setup, adapter);
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
    return link_to(adapter, &adapter->router_mac, ETHERTYPE_IPV4);
}

struct link_header adapter_link_header_ipv6(const struct adapter *adapter)
{
    return link_to(adapter, &adapter->router_mac_ipv6, ETHERTYPE_IPV6);
}

static bool answers_for_ipv4(const struct adapter *adapter, uint32_t address)
{
    if (!adapter->has_address || address - adapter->address > adapter->address_mask)
        return false;
    return adapter->host_is_deaf || !adapter->interface.has_address ||
           address != adapter->interface.address;
}

static bool answers_for_ipv6(const struct adapter *adapter, struct ip_number address)
{
    if (!adapter->has_address_ipv6 || address.high != adapter->address_ipv6.high ||
        address.low - adapter->address_ipv6.low > adapter->address_ipv6_mask)
        return false;
    return adapter->host_is_deaf || !is_of_interface(&adapter->interface, address);
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

bool adapter_answers_for(const struct adapter *adapter, struct ip_number address)
{
    return ip_number_is_v4(address) ? answers_for_ipv4(adapter, (uint32_t)address.low)
                                    : answers_for_ipv6(adapter, address);
}

/* The networks on an adapter's own link. */
#include "scan/networks.h"

static const struct interface_prefix LINK_LOCAL = {.address = {0xfe80ull << 48, 0}, .length = 10};

static int add_subnet(struct range_set *set, const struct interface *interface, struct error *err)
{
    if (!interface->has_address || interface->prefix == 0)
        return 0;
    uint32_t host_bits = (uint32_t)(0xffffffffull >> interface->prefix);
    uint32_t first = interface->address & ~host_bits;
    return range_set_add(set, first, first | host_bits, err);
}

static int add_prefix(struct range6_set *set, const struct interface_prefix *prefix,
                      struct error *err)
{
    uint128 hosts = ((uint128)1 << (128 - prefix->length)) - 1;
    uint128 first = ip_number_value(prefix->address) & ~hosts;
    return range6_set_add(set, first, first | hosts, err);
}

static int add_prefixes(struct range6_set *set, const struct interface_ipv6 *ipv6,
                        struct error *err)
{
    if (add_prefix(set, &LINK_LOCAL, err) < 0)
        return -1;
    for (unsigned i = 0; i < ipv6->on_link_count; i++)
        if (add_prefix(set, &ipv6->on_link[i], err) < 0)
            return -1;
    return 0;
}

int networks_gather(struct address_set *set, const struct adapter *adapter,
                    enum ip_families families, struct error *err)
{
    const struct interface *interface = &adapter->interface;
    if (families & IP_V4 && adapter->ipv4.in_use && add_subnet(&set->v4, interface, err) < 0)
        return -1;
    if (families & IP_V6 && adapter->ipv6.in_use &&
        add_prefixes(&set->v6, &interface->ipv6, err) < 0)
        return -1;
    return address_set_normalise(set, err);
}

/* Neighbours: targets on the adapter's own link, and their hardware addresses. */
#include "scan/neighbours.h"

#include <stdlib.h>

#include "scan/adapter.h"

static const struct interface_prefix LINK_LOCAL = {.address = {0xfe80ull << 48, 0}, .length = 10};

static int add_subnet(struct range_set *near, const struct interface *interface, struct error *err)
{
    if (!interface->has_address || interface->prefix == 0)
        return 0;
    uint32_t host_bits = (uint32_t)(0xffffffffull >> interface->prefix);
    uint32_t first = interface->address & ~host_bits;
    return range_set_add(near, first, first | host_bits, err);
}

static int add_prefix(struct range6_set *near, const struct interface_prefix *prefix,
                      struct error *err)
{
    uint128 hosts = ((uint128)1 << (128 - prefix->length)) - 1;
    uint128 first = ip_number_value(prefix->address) & ~hosts;
    return range6_set_add(near, first, first | hosts, err);
}

static int add_prefixes(struct range6_set *near, const struct interface_ipv6 *ipv6,
                        struct error *err)
{
    if (add_prefix(near, &LINK_LOCAL, err) < 0)
        return -1;
    for (unsigned i = 0; i < ipv6->on_link_count; i++)
        if (add_prefix(near, &ipv6->on_link[i], err) < 0)
            return -1;
    return 0;
}

static int gather_networks(struct address_set *near, const struct adapter *adapter,
                           struct error *err)
{
    const struct interface *interface = &adapter->interface;
    if (!interface->has_ethernet)
        return 0;
    if (adapter->has_address && !adapter->has_router_mac &&
        add_subnet(&near->v4, interface, err) < 0)
        return -1;
    if (adapter->has_address_ipv6 && !adapter->has_router_mac_ipv6 &&
        add_prefixes(&near->v6, &interface->ipv6, err) < 0)
        return -1;
    return address_set_normalise(near, err);
}

/* How many targets are on these networks: UINT64_MAX for that many and more. */
static uint64_t count_near(const struct address_set *near, const struct address_set *targets)
{
    uint128 count = 0;
    for (size_t i = 0; i < near->v4.count; i++)
        count += range_set_count_between(&targets->v4, near->v4.ranges[i].first,
                                         near->v4.ranges[i].last);
    for (size_t i = 0; i < near->v6.count && count < UINT64_MAX; i++)
        count += range6_set_count_between(&targets->v6, near->v6.ranges[i].first,
                                          near->v6.ranges[i].last);
    return count < UINT64_MAX ? (uint64_t)count : UINT64_MAX;
}

static void add_host(struct neighbours *neighbours, struct ip_number address)
{
    neighbours->table.hosts[neighbours->table.count++].address = address;
    unsigned *count = ip_number_is_v4(address) ? &neighbours->ipv4_count : &neighbours->ipv6_count;
    ++*count;
}

/* What two ranges have in common. */
static void gather_common(struct neighbours *neighbours, struct range6 network, struct range6 range)
{
    uint128 first = range.first > network.first ? range.first : network.first;
    uint128 last = range.last < network.last ? range.last : network.last;
    for (uint128 address = first; address <= last; address++)
        add_host(neighbours, ip_number_of(address));
}

/* Networks of one family only meet targets of the same: no IPv6 packet goes to where IPv4 addresses
 * stand among the numbers. */
static void gather_hosts(struct neighbours *neighbours, const struct address_set *targets)
{
    size_t networks = address_set_range_count(&neighbours->near);
    size_t ranges = address_set_range_count(targets);
    for (size_t n = 0; n < networks; n++) {
        bool is_v4 = n < neighbours->near.v4.count;
        size_t begin = is_v4 ? 0 : targets->v4.count, end = is_v4 ? targets->v4.count : ranges;
        for (size_t i = begin; i < end; i++)
            gather_common(neighbours, address_set_range(&neighbours->near, n),
                          address_set_range(targets, i));
    }
}

static int compare_hosts(const void *a, const void *b)
{
    const struct resolve_host *first = a, *second = b;
    return ip_number_compare(first->address, second->address);
}

int neighbours_init(struct neighbours *neighbours, const struct adapter *adapter,
                    const struct address_set *targets, struct error *err)
{
    *neighbours = (struct neighbours){0};
    if (gather_networks(&neighbours->near, adapter, err) < 0)
        return -1;
    uint64_t near = count_near(&neighbours->near, targets);
    if (near == 0)
        return 0;
    if (near > NEIGHBOURS_MAX)
        return error_set(err,
                         "%llu targets are on the subnet of \"%s\" itself, more than the %d that "
                         "can be asked for their hardware addresses: scan it in parts, or give "
                         "--router-mac",
                         (unsigned long long)near, adapter->interface.name, NEIGHBOURS_MAX);
    neighbours->table.hosts = calloc(near, sizeof *neighbours->table.hosts);
    if (neighbours->table.hosts == NULL)
        return error_set(err, "out of memory");
    gather_hosts(neighbours, targets);
    qsort(neighbours->table.hosts, neighbours->table.count, sizeof *neighbours->table.hosts,
          compare_hosts);
    return 0;
}

void neighbours_fini(struct neighbours *neighbours)
{
    address_set_fini(&neighbours->near);
    free(neighbours->table.hosts);
    *neighbours = (struct neighbours){0};
}

const char *neighbours_protocol(const struct neighbours *neighbours)
{
    if (neighbours->ipv6_count == 0)
        return "ARP";
    return neighbours->ipv4_count == 0 ? "Neighbour Discovery" : "ARP and Neighbour Discovery";
}

const struct mac_address *neighbours_find(const struct neighbours *neighbours,
                                          struct ip_number address)
{
    const struct resolve_host *host = resolve_find(&neighbours->table, address);
    return host != NULL && host->known ? &host->mac : NULL;
}

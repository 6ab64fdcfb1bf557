/* Neighbours: targets on the adapter's own link, and their hardware addresses. */
#include "scan/neighbours.h"

#include <stdlib.h>

#include "scan/adapter.h"
#include "scan/networks.h"

/* None of a family whose packets all go to a hardware address that the user named. */
static int gather_networks(struct address_set *near, const struct adapter *adapter,
                           struct error *err)
{
    enum ip_families asked =
        (adapter->ipv4.router.has_mac ? 0 : IP_V4) | (adapter->ipv6.router.has_mac ? 0 : IP_V6);
    return adapter->interface.has_ethernet ? networks_gather(near, adapter, asked, err) : 0;
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
    char text[UINT128_TEXT_SIZE];
    *neighbours = (struct neighbours){0};
    if (gather_networks(&neighbours->near, adapter, err) < 0)
        return -1;
    uint128 near = address_set_count_common(&neighbours->near, targets);
    if (near == 0)
        return 0;
    if (near > NEIGHBOURS_MAX)
        return error_set(err,
                         "%s targets are on the subnet of \"%s\" itself, more than the %d that "
                         "can be asked for their hardware addresses: scan it in parts, or give "
                         "--router-mac",
                         uint128_text(text, near), adapter->interface.name, NEIGHBOURS_MAX);
    neighbours->table.hosts = calloc((size_t)near, sizeof *neighbours->table.hosts);
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

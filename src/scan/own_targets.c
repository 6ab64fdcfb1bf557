/* Targets that are this host itself. */
#include "scan/own_targets.h"

#include "transport/host_network.h"

enum { LOOPBACK_FIRST = 0x7f000000, LOOPBACK_LAST = 0x7fffffff, LOOPBACK_IPV6 = 1 };

/* Those of the loopback are another matter, and a link-local one says nothing without its link. */
static bool counts(struct ip_number address)
{
    if (ip_number_is_v4(address))
        return (uint32_t)address.low < LOOPBACK_FIRST || (uint32_t)address.low > LOOPBACK_LAST;
    return ip_number_value(address) != LOOPBACK_IPV6 && !ip_number_is_link_local(address);
}

static int add(struct address_set *set, struct ip_number address, struct error *err)
{
    if (ip_number_is_v4(address))
        return range_set_add(&set->v4, (uint32_t)address.low, (uint32_t)address.low, err);
    return range6_set_add(&set->v6, ip_number_value(address), ip_number_value(address), err);
}

/* The addresses of interfaces, each once. */
static int gather_addresses(struct address_set *set, const struct host_network *network,
                            struct error *err)
{
    for (size_t i = 0; i < network->address_count; i++) {
        struct ip_number address = ip_number_from(&network->addresses[i].address);
        if (counts(address) && add(set, address, err) < 0)
            return -1;
    }
    return address_set_normalise(set, err);
}

static void count_address(struct own_targets *own, struct ip_number address,
                          const struct address_set *targets)
{
    struct own_family *family = ip_number_is_v4(address) ? &own->ipv4 : &own->ipv6;
    if (address_set_contains(targets, address))
        family->first = family->addresses++ == 0 ? address : family->first;
}

static void count_among(struct own_targets *own, const struct address_set *addresses,
                        const struct address_set *targets)
{
    own->ipv4.loopback = range_set_count_between(&targets->v4, LOOPBACK_FIRST, LOOPBACK_LAST);
    own->ipv6.loopback = range6_set_contains(&targets->v6, LOOPBACK_IPV6);
    for (size_t i = 0; i < address_set_range_count(addresses); i++) {
        const struct range6 range = address_set_range(addresses, i);
        for (uint128 left = range.last - range.first + 1; left > 0; left--)
            count_address(own, ip_number_of(range.last - left + 1), targets);
    }
}

int own_targets_count(struct own_targets *own, const struct address_set *targets, struct error *err)
{
    struct host_network network;
    struct address_set addresses = {0};
    *own = (struct own_targets){0};
    if (host_network_load(&network, err) < 0)
        return -1;
    int result = gather_addresses(&addresses, &network, err);
    if (result == 0)
        count_among(own, &addresses, targets);
    address_set_fini(&addresses);
    host_network_free(&network);
    return result;
}

/* Targets that are this host itself. */
#include "scan/own_targets.h"

#include "transport/host_network.h"

enum { LOOPBACK_FIRST = 0x7f000000, LOOPBACK_LAST = 0x7fffffff };

/* The IPv4 addresses of interfaces, each once; those of the loopback network are another matter. */
static int gather_addresses(struct range_set *set, const struct host_network *network,
                            struct error *err)
{
    for (size_t i = 0; i < network->address_count; i++) {
        const struct ip_address *address = &network->addresses[i].address;
        if (address->version != 4 || ip_to_v4(address) >> 24 == LOOPBACK_FIRST >> 24)
            continue;
        if (range_set_add(set, ip_to_v4(address), ip_to_v4(address), err) < 0)
            return -1;
    }
    return range_set_normalise(set, err);
}

static void count_among(struct own_targets *own, const struct range_set *addresses,
                        const struct range_set *targets)
{
    own->loopback = range_set_count_between(targets, LOOPBACK_FIRST, LOOPBACK_LAST);
    for (size_t i = 0; i < addresses->count; i++) {
        const struct range *range = &addresses->ranges[i];
        for (uint64_t address = range->first; address <= range->last; address++) {
            if (!range_set_contains(targets, (uint32_t)address))
                continue;
            own->first = own->addresses++ == 0 ? (uint32_t)address : own->first;
        }
    }
}

int own_targets_count(struct own_targets *own, const struct range_set *targets, struct error *err)
{
    struct host_network network;
    struct range_set addresses = {0};
    *own = (struct own_targets){0};
    if (host_network_load(&network, err) < 0)
        return -1;
    int result = gather_addresses(&addresses, &network, err);
    if (result == 0)
        count_among(own, &addresses, targets);
    range_set_fini(&addresses);
    host_network_free(&network);
    return result;
}

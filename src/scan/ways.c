/* Which adapter leads to which target. */
#include "scan/ways.h"

#include "scan/networks.h"

/* Of one adapter: a family that it sends, and whose packets find a router, or need none. */
static bool leads_far(const struct adapter *adapter, const struct adapter_family *family,
                      bool by_arp)
{
    return family->in_use && (by_arp || !adapter->interface.has_ethernet ||
                              family->router.has_mac || family->router.has_address);
}

static enum ip_families far_families(const struct adapter *adapter, bool by_arp)
{
    return (leads_far(adapter, &adapter->ipv4, by_arp) ? IP_V4 : 0) |
           (leads_far(adapter, &adapter->ipv6, by_arp) ? IP_V6 : 0);
}

/* All networks together. */
static int unite(const struct ways *ways, struct address_set *all, struct error *err)
{
    for (unsigned i = 0; i < ways->count; i++)
        if (address_set_add_all(all, &ways->of[i].networks, err) < 0)
            return -1;
    return address_set_normalise(all, err);
}

/* How many targets of each family are on no adapter's link. */
struct far_targets {
    uint128 ipv4, ipv6;
};

static struct far_targets count_far(const struct address_set *near,
                                    const struct address_set *targets)
{
    const struct address_set near_ipv4 = {.v4 = near->v4}, near_ipv6 = {.v6 = near->v6};
    return (struct far_targets){
        .ipv4 = range_set_size(&targets->v4) - address_set_count_common(&near_ipv4, targets),
        .ipv6 = range6_set_size(&targets->v6) - address_set_count_common(&near_ipv6, targets),
    };
}

static int refuse_far(const struct far_targets *far, enum ip_families lost, struct error *err)
{
    char text[UINT128_TEXT_SIZE];
    return error_set(err,
                     "no adapter leads to %s of the %s targets: they are on none of the adapters' "
                     "subnets, and no adapter has an %s router (give one with --router-ip[0] or "
                     "--router-mac[0])",
                     uint128_text(text, lost & IP_V4 ? far->ipv4 : far->ipv6),
                     lost & IP_V4 ? "IPv4" : "IPv6", lost & IP_V4 ? "IPv4" : "IPv6");
}

/* Do all adapters lead to the same targets? */
static bool is_same_for_all(const struct ways *ways, const struct address_set *near,
                            const struct address_set *targets)
{
    uint128 all = address_set_count_common(near, targets);
    for (unsigned i = 0; i < ways->count; i++)
        if (address_set_count_common(&ways->of[i].networks, targets) != all ||
            (ways->far & ~ways->of[i].far) != 0)
            return false;
    return true;
}

static int judge(struct ways *ways, const struct address_set *near,
                 const struct address_set *targets, struct error *err)
{
    const struct far_targets far = count_far(near, targets);
    enum ip_families led = 0;
    for (unsigned i = 0; i < ways->count; i++)
        led |= ways->of[i].far;
    ways->far = (far.ipv4 > 0 ? IP_V4 : 0) | (far.ipv6 > 0 ? IP_V6 : 0);
    enum ip_families lost = ways->far & ~led;
    if (ways->count == 1)
        return 0;
    ways->part = !is_same_for_all(ways, near, targets);
    return lost != 0 ? refuse_far(&far, lost, err) : 0;
}

int ways_init(struct ways *ways, const struct adapter *const adapters[], unsigned count,
              const struct address_set *targets, bool by_arp, struct error *err)
{
    struct address_set near = {0};
    *ways = (struct ways){.count = count};
    int result = 0;
    for (unsigned i = 0; i < count && result == 0; i++) {
        ways->of[i].far = far_families(adapters[i], by_arp);
        result = networks_gather(&ways->of[i].networks, adapters[i], IP_BOTH, err);
    }
    if (result == 0)
        result = unite(ways, &near, err);
    if (result == 0)
        result = judge(ways, &near, targets, err);
    address_set_fini(&near);
    return result;
}

void ways_fini(struct ways *ways)
{
    for (unsigned i = 0; i < ways->count; i++)
        address_set_fini(&ways->of[i].networks);
    *ways = (struct ways){0};
}

enum ip_families ways_to_router(const struct ways *ways, unsigned adapter)
{
    return ways->count == 1 ? ways->far : ways->far & ways->of[adapter].far;
}

unsigned ways_choose(const struct ways *ways, unsigned taker, struct ip_number target)
{
    enum ip_families family = ip_number_is_v4(target) ? IP_V4 : IP_V6;
    if (address_set_contains(&ways->of[taker].networks, target))
        return taker;
    for (unsigned i = 0; i < ways->count; i++)
        if (address_set_contains(&ways->of[i].networks, target))
            return i;
    for (unsigned i = 0; i < ways->count && !(ways->of[taker].far & family); i++)
        if (ways->of[i].far & family)
            return i;
    return taker;
}

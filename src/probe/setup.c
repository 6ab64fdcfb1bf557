/* Questions that every probe asks of its setup. */
#include "probe/setup.h"

#include "target/range_set.h"

static bool is_power_of_two_range(uint32_t first, uint32_t mask, uint32_t largest)
{
    return (mask & (mask + 1)) == 0 && first <= largest && mask <= largest - first;
}

int setup_check(const struct probe_setup *setup, struct error *err)
{
    if (!is_power_of_two_range(setup->source_port, setup->source_port_mask, 65535))
        return error_set(err,
                         "source ports: %u ports from %u on are no usable range; the number must "
                         "be a power of two and the last port at most 65535",
                         setup->source_port_mask + 1u, setup->source_port);
    if (!is_power_of_two_range(setup->source_address, setup->source_address_mask, UINT32_MAX))
        return error_set(err,
                         "source addresses: %llu addresses from 0x%08x on are no usable range; the "
                         "number must be a power of two and the last at most 255.255.255.255",
                         setup->source_address_mask + 1ull, setup->source_address);
    if ((setup->source_ipv6_mask & (setup->source_ipv6_mask + 1)) != 0 ||
        setup->source_ipv6_mask > UINT64_MAX - setup->source_ipv6.low)
        return error_set(err,
                         "source addresses: %llu IPv6 addresses are no usable range; the number "
                         "must be a power of two, and all must share the first 64 bits",
                         setup->source_ipv6_mask + 1ull);
    return 0;
}

bool setup_first_port(const struct probe_setup *setup, uint32_t first, uint32_t last,
                      uint32_t *port)
{
    const struct range_set *ports = target_space_ports(setup->space);
    for (size_t i = 0; i < ports->count; i++) {
        const struct range *range = &ports->ranges[i];
        if (range->last < first || range->first > last)
            continue;
        *port = range->first > first ? range->first : first;
        return true;
    }
    return false;
}

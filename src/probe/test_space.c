/* A target space for tests. */
#include "probe/test_space.h"

#include <assert.h>

void test_space_add_ports(struct target_space *space, uint32_t first, uint32_t last)
{
    assert(space->ports.count < TEST_SPACE_RANGES);
    space->ranges[space->ports.count++] = (struct range){first, last};
    space->ports.ranges = space->ranges;
    space->ports.capacity = TEST_SPACE_RANGES;
    space->ports.normal = true;
}

const struct range_set *target_space_ports(const struct target_space *space)
{
    return &space->ports;
}

bool target_space_has_ipv6(const struct target_space *space)
{
    return space->ipv6.last != 0;
}

static bool contains_address(const struct target_space *space, struct ip_number address)
{
    uint128 value = ip_number_value(address);
    if (ip_number_is_v4(address))
        return (uint32_t)address.low >= space->first && (uint32_t)address.low <= space->last;
    return value >= space->ipv6.first && value <= space->ipv6.last;
}

bool target_space_contains(const struct target_space *space, struct ip_number address,
                           uint32_t port_code)
{
    if (!contains_address(space, address))
        return false;
    for (size_t i = 0; i < space->ports.count; i++)
        if (port_code >= space->ranges[i].first && port_code <= space->ranges[i].last)
            return true;
    return false;
}

/* A set of addresses of both families. */
#include "target/address_set.h"

void address_set_init(struct address_set *set)
{
    *set = (struct address_set){.v4 = {.normal = true}, .v6 = {.normal = true}};
}

void address_set_fini(struct address_set *set)
{
    range_set_fini(&set->v4);
    range6_set_fini(&set->v6);
    set->zone[0] = '\0';
}

bool address_set_is_empty(const struct address_set *set)
{
    return set->v4.count == 0 && set->v6.count == 0;
}

int address_set_add_all(struct address_set *set, const struct address_set *other, struct error *err)
{
    if (range_set_add_all(&set->v4, &other->v4, err) < 0)
        return -1;
    return range6_set_add_all(&set->v6, &other->v6, err);
}

int address_set_normalise(struct address_set *set, struct error *err)
{
    if (range_set_normalise(&set->v4, err) < 0)
        return -1;
    return range6_set_normalise(&set->v6, err);
}

int address_set_subtract(struct address_set *set, const struct address_set *removed,
                         struct error *err)
{
    if (range_set_subtract(&set->v4, &removed->v4, err) < 0)
        return -1;
    return range6_set_subtract(&set->v6, &removed->v6, err);
}

uint128 address_set_size(const struct address_set *set)
{
    uint128 v4 = range_set_size(&set->v4), size = v4 + range6_set_size(&set->v6);
    return size < v4 ? UINT128_MAX : size;
}

bool address_set_contains(const struct address_set *set, struct ip_number address)
{
    if (ip_number_is_v4(address))
        return range_set_contains(&set->v4, (uint32_t)address.low);
    return range6_set_contains(&set->v6, ip_number_value(address));
}

uint128 address_set_count_common(const struct address_set *one, const struct address_set *other)
{
    uint128 count = 0;
    for (size_t i = 0; i < one->v4.count; i++)
        count +=
            range_set_count_between(&other->v4, one->v4.ranges[i].first, one->v4.ranges[i].last);
    for (size_t i = 0; i < one->v6.count; i++)
        count +=
            range6_set_count_between(&other->v6, one->v6.ranges[i].first, one->v6.ranges[i].last);
    return count;
}

size_t address_set_range_count(const struct address_set *set)
{
    return set->v4.count + set->v6.count;
}

struct range6 address_range_v4(struct range range)
{
    return (struct range6){ip_number_value(ip_number_v4(range.first)),
                           ip_number_value(ip_number_v4(range.last))};
}

struct range6 address_set_range(const struct address_set *set, size_t index)
{
    if (index < set->v4.count)
        return address_range_v4(set->v4.ranges[index]);
    return set->v6.ranges[index - set->v4.count];
}

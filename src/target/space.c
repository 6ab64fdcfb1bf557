/* The space of a scan: the permutation over ranks, and the sets the ranks stand for. */
#include "target/space.h"

#include <stdlib.h>
#include <string.h>

#include "target/permutation.h"
#include "target/rank6_lookup.h"
#include "target/rank_lookup.h"

struct target_space {
    struct permutation order; /* the larger set's ranks are its majors */
    struct rank_lookup addresses, ports;
    struct rank6_lookup addresses_ipv6; /* their ranks follow those of `addresses` */
    const struct range6_set *ipv6;
    struct range_set port_set; /* what `ports` was made from */
    bool ports_are_majors;
};

static const uint64_t size_limit = 1ull << 63;

/* The shortest prefix of an IPv6 block of which all pairs with so many ports fit. */
static int fitting_prefix(uint64_t ports)
{
    int bits = 63 - __builtin_clzll((size_limit - 1) / ports);
    return 128 - bits;
}

static int refuse_size(uint128 addresses, uint64_t ports, struct error *err)
{
    char text[UINT128_TEXT_SIZE];
    return error_set(err,
                     "%s addresses x %llu port%s is too much for one scan (want fewer than "
                     "2^63 pairs: with so many ports no more than an IPv6 /%d)",
                     uint128_text(text, addresses), (unsigned long long)ports,
                     ports == 1 ? "" : "s", fitting_prefix(ports));
}

static int init_order(struct target_space *space, uint64_t seed, struct error *err)
{
    uint64_t addresses = space->addresses.size + space->addresses_ipv6.size;
    uint64_t ports = space->ports.size;
    space->ports_are_majors = ports > addresses;
    uint64_t majors = space->ports_are_majors ? ports : addresses;
    uint64_t minors = space->ports_are_majors ? addresses : ports;
    return permutation_init(&space->order, majors, (uint32_t)minors, seed, err);
}

static int init_addresses(struct target_space *space, const struct address_set *addresses,
                          struct error *err)
{
    space->ipv6 = &addresses->v6;
    if (addresses->v4.count > 0 && rank_lookup_init(&space->addresses, &addresses->v4, err) < 0)
        return -1;
    if (addresses->v6.count == 0)
        return 0;
    return rank6_lookup_init(&space->addresses_ipv6, &addresses->v6, err);
}

static int init_space(struct target_space *space, const struct address_set *addresses,
                      const struct range_set *ports, uint64_t seed, struct error *err)
{
    uint64_t port_count = range_set_size(ports);
    if (address_set_size(addresses) > (size_limit - 1) / port_count)
        return refuse_size(address_set_size(addresses), port_count, err);
    if (init_addresses(space, addresses, err) < 0 ||
        rank_lookup_init(&space->ports, ports, err) < 0)
        return -1;
    if (range_set_add_all(&space->port_set, ports, err) < 0 ||
        range_set_normalise(&space->port_set, err) < 0)
        return -1;
    if (init_order(space, seed, err) < 0)
        return -1;
    target_space_use_level(space, cpu_level_best());
    return 0;
}

struct target_space *target_space_new(const struct address_set *addresses,
                                      const struct range_set *ports, uint64_t seed,
                                      struct error *err)
{
    if (address_set_is_empty(addresses) || ports->count == 0) {
        error_set(err, "nothing to scan: no %s left (want at least one address and one port)",
                  address_set_is_empty(addresses) ? "address is" : "port is");
        return NULL;
    }
    struct target_space *space = calloc(1, sizeof *space);
    if (space == NULL) {
        error_set(err, "out of memory for the space of the scan");
        return NULL;
    }
    if (init_space(space, addresses, ports, seed, err) < 0) {
        target_space_free(space);
        return NULL;
    }
    return space;
}

void target_space_free(struct target_space *space)
{
    if (space == NULL)
        return;
    rank_lookup_fini(&space->addresses);
    rank6_lookup_fini(&space->addresses_ipv6);
    rank_lookup_fini(&space->ports);
    range_set_fini(&space->port_set);
    free(space);
}

void target_space_use_level(struct target_space *space, enum cpu_level level)
{
    space->order.level = level;
    space->addresses.level = level;
    space->addresses_ipv6.level = level;
    space->ports.level = level;
}

uint64_t target_space_size(const struct target_space *space)
{
    return space->order.size;
}

void target_space_batch(const struct target_space *space, uint64_t first, uint64_t stride,
                        unsigned count, uint32_t address[BATCH_LANES], uint32_t port[BATCH_LANES])
{
    uint32_t *major = space->ports_are_majors ? port : address;
    uint32_t *minor = space->ports_are_majors ? address : port;
    permutation_batch(&space->order, first, stride, count, major, minor);
    rank_lookup_batch(&space->addresses, address);
    rank_lookup_batch(&space->ports, port);
}

bool target_space_has_ipv6(const struct target_space *space)
{
    return space->addresses_ipv6.size > 0;
}

/* Ranks of addresses and ports, whichever are the majors. */
MULTIVERSION(void, swap_ranks, (uint64_t *restrict rank, uint32_t *restrict port), (rank, port))
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        uint32_t address_rank = port[i];
        port[i] = (uint32_t)rank[i];
        rank[i] = address_rank;
    }
}

/* Ranks within each family; where a lane is of the other one, 0. All ranks are below 2^63, so they
 * compare as signed numbers, as x86-64 does it. */
MULTIVERSION(void, part_ranks,
             (uint64_t v4_size, const uint64_t *restrict rank, uint32_t *restrict v4_rank,
              uint64_t *restrict v6_rank),
             (v4_size, rank, v4_rank, v6_rank))
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        bool is_v4 = (int64_t)rank[i] < (int64_t)v4_size;
        v4_rank[i] = is_v4 ? (uint32_t)rank[i] : 0;
        v6_rank[i] = is_v4 ? 0 : rank[i] - v4_size;
    }
}

/* Puts the IPv4 addresses into the lanes that are theirs. */
MULTIVERSION(void, join_families,
             (uint64_t v4_size, const uint64_t *restrict rank, const uint32_t *restrict v4,
              struct address_lanes *restrict address),
             (v4_size, rank, v4, address))
{
    for (unsigned i = 0; i < BATCH_LANES; i++) {
        bool is_v4 = (int64_t)rank[i] < (int64_t)v4_size;
        address->high[i] = is_v4 ? 0 : address->high[i];
        address->low[i] = is_v4 ? IP_NUMBER_V4_PREFIX << 32 | v4[i] : address->low[i];
    }
}

/* Each family is looked up in all lanes. */
static void look_up_both(const struct target_space *space, const uint64_t *rank,
                         struct address_lanes *address)
{
    alignas(64) uint32_t v4[BATCH_LANES];
    alignas(64) uint64_t v6_rank[BATCH_LANES];
    const enum cpu_level level = space->order.level;
    const uint64_t v4_size = space->addresses.size;
    part_ranks[level](v4_size, rank, v4, v6_rank);
    rank_lookup_batch(&space->addresses, v4);
    rank6_lookup_batch(&space->addresses_ipv6, v6_rank, address->high, address->low);
    join_families[level](v4_size, rank, v4, address);
}

static void make_ranks(const struct target_space *space, uint64_t first, uint64_t stride,
                       unsigned count, uint64_t *rank, uint32_t *port)
{
    permutation_batch_wide(&space->order, first, stride, count, rank, port);
    if (space->ports_are_majors)
        swap_ranks[space->order.level](rank, port);
}

static void look_up(const struct target_space *space, const uint64_t *rank,
                    struct address_lanes *address, uint32_t *port)
{
    if (space->addresses.size == 0)
        rank6_lookup_batch(&space->addresses_ipv6, rank, address->high, address->low);
    else
        look_up_both(space, rank, address);
    rank_lookup_batch(&space->ports, port);
}

void target_space_batch_wide(const struct target_space *space, uint64_t first, uint64_t stride,
                             unsigned count, struct address_lanes *address,
                             uint32_t port[BATCH_LANES])
{
    alignas(64) uint64_t rank[BATCH_LANES];
    make_ranks(space, first, stride, count, rank, port);
    look_up(space, rank, address, port);
}

/* Ranks of both families are of no use: a batch is parted before it is made. */
static void look_ahead(const struct target_space *space, struct space_ahead *ahead, uint64_t first,
                       uint64_t stride)
{
    uint64_t size = space->order.size;
    if (first >= size || (size - first - 1) / stride < BATCH_LANES - 1 ||
        space->addresses.size > 0 || !rank6_lookup_has_places(&space->addresses_ipv6))
        return;
    make_ranks(space, first, stride, BATCH_LANES, ahead->rank, ahead->port);
    rank6_lookup_places(&space->addresses_ipv6, ahead->rank, ahead->place);
    ahead->places = ahead->place;
    ahead->first = first;
    ahead->stride = stride;
}

void target_space_batch_ahead(const struct target_space *space, struct space_ahead *ahead,
                              uint64_t first, uint64_t stride, unsigned count,
                              struct address_lanes *address, uint32_t port[BATCH_LANES])
{
    bool known = ahead->places != NULL && ahead->first == first && ahead->stride == stride;
    if (!known)
        make_ranks(space, first, stride, count, ahead->rank, ahead->port);
    memcpy(port, ahead->port, sizeof ahead->port);
    look_up(space, ahead->rank, address, port);
    ahead->places = NULL;
    if (count == BATCH_LANES)
        look_ahead(space, ahead, first + stride * BATCH_LANES, stride);
}

static bool contains_address(const struct target_space *space, struct ip_number address)
{
    if (!ip_number_is_v4(address))
        return range6_set_contains(space->ipv6, ip_number_value(address));
    return space->addresses.size > 0 &&
           rank_lookup_contains(&space->addresses, (uint32_t)address.low);
}

bool target_space_contains(const struct target_space *space, struct ip_number address,
                           uint32_t port_code)
{
    return rank_lookup_contains(&space->ports, port_code) && contains_address(space, address);
}

const struct range_set *target_space_ports(const struct target_space *space)
{
    return &space->port_set;
}

/* The space of a scan: the permutation over ranks, and the sets the ranks stand for. */
#include "target/space.h"

#include <stdlib.h>

#include "target/permutation.h"
#include "target/rank_lookup.h"

struct target_space {
    struct permutation order; /* the larger set's ranks are its majors */
    struct rank_lookup addresses, ports;
    struct range_set port_set; /* what `ports` was made from */
    bool ports_are_majors;
};

static int init_order(struct target_space *space, uint64_t seed, struct error *err)
{
    uint64_t addresses = space->addresses.size, ports = space->ports.size;
    space->ports_are_majors = ports > addresses;
    uint64_t majors = space->ports_are_majors ? ports : addresses;
    uint64_t minors = space->ports_are_majors ? addresses : ports;
    if (majors >= (1ull << 63) / minors + ((1ull << 63) % minors != 0))
        return error_set(err,
                         "%llu addresses x %llu ports is too much for one scan (want fewer than "
                         "2^63 pairs)",
                         (unsigned long long)addresses, (unsigned long long)ports);
    return permutation_init(&space->order, majors, (uint32_t)minors, seed, err);
}

static int init_space(struct target_space *space, const struct range_set *addresses,
                      const struct range_set *ports, uint64_t seed, struct error *err)
{
    if (rank_lookup_init(&space->addresses, addresses, err) < 0)
        return -1;
    if (rank_lookup_init(&space->ports, ports, err) < 0)
        return -1;
    if (range_set_add_all(&space->port_set, ports, err) < 0 ||
        range_set_normalise(&space->port_set, err) < 0)
        return -1;
    if (init_order(space, seed, err) < 0)
        return -1;
    target_space_use_level(space, cpu_level_best());
    return 0;
}

struct target_space *target_space_new(const struct range_set *addresses,
                                      const struct range_set *ports, uint64_t seed,
                                      struct error *err)
{
    if (addresses->count == 0 || ports->count == 0) {
        error_set(err, "nothing to scan: no %s left (want at least one address and one port)",
                  addresses->count == 0 ? "address is" : "port is");
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
    rank_lookup_fini(&space->ports);
    range_set_fini(&space->port_set);
    free(space);
}

void target_space_use_level(struct target_space *space, enum cpu_level level)
{
    space->order.level = level;
    space->addresses.level = level;
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

bool target_space_contains(const struct target_space *space, uint32_t address, uint32_t port_code)
{
    return rank_lookup_contains(&space->ports, port_code) &&
           rank_lookup_contains(&space->addresses, address);
}

const struct range_set *target_space_ports(const struct target_space *space)
{
    return &space->port_set;
}

/* Neighbours: targets on the adapter's own link, and their hardware addresses.
 *
 * They are asked for (resolve.h) before the first probe, paced like everything else, so that
 * sending only looks them up and its state stays an index. A scan without such targets has an empty
 * table, which costs a comparison a batch. */
#ifndef SCAN_NEIGHBOURS_H
#define SCAN_NEIGHBOURS_H

#include <stdbool.h>

#include "base/address.h"
#include "base/error.h"
#include "scan/resolve.h"
#include "target/address_set.h"

/* The most that are asked for, of both families: as many as an IPv4 subnet of /16 has. */
enum { NEIGHBOURS_MAX = 65536 };

struct adapter;

struct neighbours {
    struct address_set near; /* the adapter's own networks */
    struct resolve_table table;
    unsigned ipv4_count, ipv6_count; /* of those in the table */
};

/* Gathers the targets on the adapter's own networks: of IPv4 on the subnet of its first address, of
 * IPv6 on all that its routes tell to be on the link, and link-local ones. None of a family whose
 * packets all go to a hardware address that the user named, and none where the link has no Ethernet
 * headers. Sends nothing. Refuses more than NEIGHBOURS_MAX. Undo with neighbours_fini. */
int neighbours_init(struct neighbours *neighbours, const struct adapter *adapter,
                    const struct address_set *targets, struct error *err);
void neighbours_fini(struct neighbours *neighbours);

/* How they are asked: "ARP", "Neighbour Discovery", or both with "and". */
const char *neighbours_protocol(const struct neighbours *neighbours);

static inline bool neighbours_exist(const struct neighbours *neighbours)
{
    return neighbours->table.count > 0;
}

/* Is the address on a network whose hosts were asked? */
static inline bool neighbours_near(const struct neighbours *neighbours, struct ip_number address)
{
    return neighbours_exist(neighbours) && address_set_contains(&neighbours->near, address);
}

/* The hardware address of a neighbour; NULL if it did not answer. */
const struct mac_address *neighbours_find(const struct neighbours *neighbours,
                                          struct ip_number address);

#endif

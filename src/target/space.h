/* The space of a scan: every (address, port) pair once, in the scan's random order.
 *
 * Built once from normal sets (excludes already taken away), then only read, by any number of
 * threads. */
#ifndef TARGET_SPACE_H
#define TARGET_SPACE_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/multiversion.h"
#include "target/address_set.h"

struct target_space;

/* A new space; the order follows from `seed`, the sets' sizes, and nothing else. At least one
 * address and one port; the product must be below 2^63. IPv6 addresses stay in `addresses`, which
 * must outlive the space; all else is copied. NULL and `err` on failure. */
struct target_space *target_space_new(const struct address_set *addresses,
                                      const struct range_set *ports, uint64_t seed,
                                      struct error *err);
void target_space_free(struct target_space *space);

/* Computes the batches with the instructions of `level`, at most cpu_level_best(), which is what a
 * new space uses. They come out the same, sooner or later. Not while other threads use the space.
 */
void target_space_use_level(struct target_space *space, enum cpu_level level);

/* The number of pairs. */
uint64_t target_space_size(const struct target_space *space);

/* The ports of the space, as codes of base/port.h: the space's own normal set, valid as long as the
 * space. */
const struct range_set *target_space_ports(const struct target_space *space);

/* The pairs at the indices first, first + stride, ...: `count` of them, 1 to BATCH_LANES, all below
 * the size. Addresses in host order, ports as codes of base/port.h. Lanes past `count` hold valid
 * pairs of no meaning. */
void target_space_batch(const struct target_space *space, uint64_t first, uint64_t stride,
                        unsigned count, uint32_t address[BATCH_LANES], uint32_t port[BATCH_LANES]);

/* Are there IPv6 addresses? Then only the following makes batches. */
bool target_space_has_ipv6(const struct target_space *space);

/* Addresses of a batch, as the halves of struct ip_number. */
struct address_lanes {
    alignas(64) uint64_t high[BATCH_LANES];
    alignas(64) uint64_t low[BATCH_LANES];
};

static inline struct ip_number address_lane(const struct address_lanes *lanes, unsigned lane)
{
    return (struct ip_number){lanes->high[lane], lanes->low[lane]};
}

/* As target_space_batch, for addresses of either family. */
void target_space_batch_wide(const struct target_space *space, uint64_t first, uint64_t stride,
                             unsigned count, struct address_lanes *address,
                             uint32_t port[BATCH_LANES]);

/* What is known of the batch after one: the ranks of its pairs, and where in memory the addresses
 * are (NULL: none, nothing is known). A list of millions of addresses is in no cache, and so a
 * batch takes about as long to look up as to send; who asks for the places (prefetch) while a batch
 * is made does both at once. Of one thread; all zero at first. */
struct space_ahead {
    uint64_t first, stride;
    const void *const *places; /* BATCH_LANES of them */
    alignas(64) uint64_t rank[BATCH_LANES];
    alignas(64) uint32_t port[BATCH_LANES];
    alignas(64) const void *place[BATCH_LANES];
};

/* As target_space_batch_wide, for who goes through the space batch by batch. After a full batch
 * `ahead` knows the next one, if that helps. */
void target_space_batch_ahead(const struct target_space *space, struct space_ahead *ahead,
                              uint64_t first, uint64_t stride, unsigned count,
                              struct address_lanes *address, uint32_t port[BATCH_LANES]);

/* Is this pair a part of the scan? Used on replies that carry no cookie. */
bool target_space_contains(const struct target_space *space, struct ip_number address,
                           uint32_t port_code);

#endif

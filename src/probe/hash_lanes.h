/* The hash of all pairs of a batch: what cookies are made of. */
#ifndef PROBE_HASH_LANES_H
#define PROBE_HASH_LANES_H

#include "base/siphash.h"
#include "probe/probe.h"

/* SipHash-2-4 of each pair (address of the batch's family, port): the lower half goes to `cookie`,
 * the upper to `tag`. */
void hash_lanes(enum cpu_level level, const struct siphash_key *key,
                struct probe_batch *restrict batch);

#endif

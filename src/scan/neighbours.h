/* Neighbours: targets on the adapter's own subnet, and their hardware addresses.
 *
 * They are asked for by ARP (RFC 826) before the first probe, paced like everything else, so that
 * sending only looks them up and its state stays an index. A scan without such targets has an empty
 * table, which costs a comparison a batch. */
#ifndef SCAN_NEIGHBOURS_H
#define SCAN_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "target/range_set.h"
#include "transport/transport.h"

/* The most that are asked for: a subnet of /16. */
enum { NEIGHBOURS_MAX = 65536 };

struct adapter;
struct frame_log;
struct neighbour;

struct neighbours {
    uint32_t first, last;    /* the subnet, host order */
    struct neighbour *hosts; /* in order of their addresses */
    unsigned count, answered;
};

/* Gathers the targets on the adapter's own subnet: none where the link has no Ethernet headers, or
 * where the user named the hardware address that everything goes to. Sends nothing. Refuses more
 * than NEIGHBOURS_MAX. Undo with neighbours_fini. */
int neighbours_init(struct neighbours *neighbours, const struct adapter *adapter,
                    const struct range_set *targets, struct error *err);
void neighbours_fini(struct neighbours *neighbours);

enum { NEIGHBOURS_INTERRUPTED = 1 };

/* How they are asked. */
struct neighbours_asking {
    const struct adapter *adapter;
    struct transport *transport;
    struct frame_log *frame_log; /* NULL: nobody looks at packets */
    double rate_pps;
    int signal_fd; /* readable: stop; -1: none */
};

/* Asks all, and those that stay silent twice more, each time waiting a second for the last. Blocks
 * until then or until all have answered. 0, or NEIGHBOURS_INTERRUPTED; negative if the link is
 * lost or the packets seen cannot be written. */
int neighbours_ask(struct neighbours *neighbours, const struct neighbours_asking *asking,
                   struct error *err);

/* Is the address on the subnet whose hosts were asked? */
static inline bool neighbours_near(const struct neighbours *neighbours, uint32_t address)
{
    return neighbours->count > 0 &&
           address - neighbours->first <= neighbours->last - neighbours->first;
}

/* The hardware address of a neighbour; NULL if it did not answer. */
const struct mac_address *neighbours_find(const struct neighbours *neighbours, uint32_t address);

#endif

/* What this machine lost, by cause. */
#ifndef SCAN_DROPS_H
#define SCAN_DROPS_H

#include <stdint.h>

struct scan_drops {
    uint64_t ring;         /* replies: the ring that the kernel fills for us was full */
    uint64_t socket;       /* replies: refused by our socket for another reason */
    uint64_t interface_rx; /* frames that arrived, of whatever kind, before any socket */
    uint64_t interface_tx; /* frames that were taken to be sent, whoever's */
};

static inline uint64_t scan_drops_sum(const struct scan_drops *drops)
{
    return drops->ring + drops->socket + drops->interface_rx + drops->interface_tx;
}

#endif

/* What it means when a packet socket does not take a frame. */
#ifndef TRANSPORT_REFUSAL_H
#define TRANSPORT_REFUSAL_H

#include <stdint.h>

#include "transport/patience.h"
#include "transport/transport.h"

struct refusal {
    int socket; /* that the frame was offered to */
    const char *interface_name;
    uint32_t length; /* of the frame */
    int errnum;      /* what sending it said */
};

/* 1: offer it again, after the pause that was due; 0: give up for now; negative: the link is lost,
 * or the frame can never be sent. Counts what the driver refused in stats->tx_refused. */
int refusal_handle(const struct refusal *refusal, struct patience *patience,
                   struct transport_stats *stats, struct error *err);

#endif

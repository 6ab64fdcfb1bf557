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

/* What is to be done with it. */
enum refusal_verdict {
    REFUSAL_GIVE_UP = 0, /* for now: nothing of it was sent */
    REFUSAL_OFFER_AGAIN, /* the pause that was due is over */
    REFUSAL_PASS_OVER,   /* the interface took it, and has no way to where it goes */
};

/* As above, or negative: the link is lost, or the frame can never be sent. Counts what the driver
 * refused in stats->tx_refused, and what has no way in stats->tx_wayless. */
int refusal_handle(const struct refusal *refusal, struct patience *patience,
                   struct transport_stats *stats, struct error *err);

#endif

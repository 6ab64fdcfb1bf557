/* A transport that others look through: each frame that it sends or receives is shown to an
 * observer. It stands in front of any other transport and changes nothing of what goes through, so
 * whoever sends and receives need not know, and pays nothing where nobody looks. */
#ifndef TRANSPORT_OBSERVED_H
#define TRANSPORT_OBSERVED_H

#include "transport/transport.h"

/* Called on the thread that uses the instance; bytes are valid during the call. */
struct transport_observer {
    void *context;

    /* May more be sent now? If not, tx_reserve has no room. NULL: always. */
    bool (*may_send)(void *context, unsigned instance);

    /* A frame that the transport took, in the order of sending. NULL: not wanted. */
    void (*sent)(void *context, unsigned instance, const uint8_t *frame, uint32_t length);

    /* A frame that arrived, once each, when it is first given out. NULL: not wanted. */
    void (*received)(void *context, unsigned instance, const uint8_t *frame, uint32_t length);
};

/* Puts the observer, which is copied, in front of every instance of an open group; they are closed
 * as before. On failure the group is as it was. */
int transport_group_observe(struct transport_group *group,
                            const struct transport_observer *observer, struct error *err);

#endif

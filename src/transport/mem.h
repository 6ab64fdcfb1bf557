/* The transport in memory: what is sent goes to a peer function or nowhere; what the peer queues is
 * received. Used by
 * `--offline` (no peer) and by tests of the whole pipeline. */
#ifndef TRANSPORT_MEM_H
#define TRANSPORT_MEM_H

#include "transport/transport.h"

extern const struct transport_ops transport_mem;

/* Called for each frame sent. It may queue answers with transport_mem_receive. */
typedef void transport_mem_peer(void *context, struct transport *transport, const uint8_t *frame,
                                uint32_t length);

/* Connects an open mem transport to a peer; NULL disconnects. */
void transport_mem_connect(struct transport *transport, transport_mem_peer *peer, void *context);

/* Queues a frame to be received (copied). False, and counted in rx_dropped, if the queue is full.
 */
bool transport_mem_receive(struct transport *transport, const uint8_t *frame, uint32_t length);

#endif

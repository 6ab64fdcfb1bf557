/* The transport in memory: what is sent goes to a peer function or nowhere; what the peer queues is
 * received. Used by `--offline` (no peer) and by tests of the whole pipeline. */
#ifndef TRANSPORT_MEM_H
#define TRANSPORT_MEM_H

#include "transport/transport.h"

enum { TRANSPORT_MEM_QUEUE = 1024 }; /* frames that wait to be received, at most */

extern const struct transport_ops transport_mem;

/* Called for each frame sent, from inside tx_commit. It may queue answers with
 * transport_mem_receive; `transport` is valid during the call only. */
typedef void transport_mem_peer(void *context, struct transport *transport, const uint8_t *frame,
                                uint32_t length);

/* Connects an open mem transport to a peer; NULL disconnects. */
void transport_mem_connect(struct transport *transport, transport_mem_peer *peer, void *context);

/* Queues a frame to be received (copied; cut to TRANSPORT_FRAME_SIZE). False, and counted in
 * ring_dropped, if TRANSPORT_MEM_QUEUE frames wait already (those given out and not yet released
 * included). */
bool transport_mem_receive(struct transport *transport, const uint8_t *frame, uint32_t length);

#endif

/* An AF_XDP socket on one queue of an interface. */
#ifndef TRANSPORT_XDP_SOCKET_H
#define TRANSPORT_XDP_SOCKET_H

#include <net/if.h>

#include <xdp/xsk.h>

#include "transport/transport.h"
#include "transport/xdp_umem.h"

enum { XDP_SOCKET_TX_CHUNKS = 1024 };

struct xdp_socket {
    struct xsk_ring_prod fill, tx;
    struct xsk_ring_cons completion, rx;
    struct xsk_socket *socket;
    uint8_t *area; /* of the UMEM */
    uint32_t chunk_size;
    int fd; /* for poll */
    bool zero_copy;
    char interface_name[IF_NAMESIZE];
    unsigned kick_limit;                       /* how many frames one system call sends at most */
    unsigned offer_limit;                      /* how many it is given, as room has been lately */
    uint64_t free_frame[XDP_SOCKET_TX_CHUNKS]; /* a stack of addresses to send from */
    unsigned free_count;
    bool reserved;              /* handed out, not committed */
    uint32_t rx_first, rx_held; /* descriptors given out, not released */
    uint64_t refused;           /* frames that the driver dropped and were offered again */
    uint64_t retried;
};

struct xdp_socket_setup {
    const char *interface_name;
    unsigned queue;
    struct xdp_umem *umem;
    uint32_t rx_chunks; /* a power of two */
    bool sends;         /* else it only receives, and has no chunks to send from */
    bool may_zero_copy; /* of the first socket of a UMEM; the others follow it */
};

/* Opens on a queue of an interface: zero-copy if that is allowed and the driver can, else by
 * copying. Tries again for up to two seconds while the queue is busy, as it is for a moment after
 * another one closed. `xdp` holds zeros, but for the rings that its UMEM was opened with, and stays
 * where it is. After a failure only xdp_socket_close may be called; it does nothing on one that is
 * all zeros. */
int xdp_socket_open(struct xdp_socket *xdp, const struct xdp_socket_setup *setup,
                    struct error *err);
void xdp_socket_close(struct xdp_socket *xdp);

/* As tx_reserve and tx_commit of a transport. The lengths must be valid. */
void xdp_socket_reserve(struct xdp_socket *xdp, struct tx_slots *slots, unsigned wanted);
int xdp_socket_commit(struct xdp_socket *xdp, const struct tx_slots *slots, struct error *err);

/* As rx_peek, but appends to what `frames` holds already; and to be called again only after a
 * release. */
void xdp_socket_peek(struct xdp_socket *xdp, struct rx_frames *frames);
void xdp_socket_release(struct xdp_socket *xdp);

/* Is there a frame to peek at? */
bool xdp_socket_ready(struct xdp_socket *xdp);

/* Frames that arrived in vain. Asks the kernel. */
struct xdp_socket_drops {
    uint64_t ring;  /* no room in a ring, or no free chunk */
    uint64_t other; /* such as longer than a chunk */
};
struct xdp_socket_drops xdp_socket_drops(const struct xdp_socket *xdp);

#endif

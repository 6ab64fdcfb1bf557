/* The memory that AF_XDP sockets share with the kernel (UMEM), cut into chunks of one frame each.
 */
#ifndef TRANSPORT_XDP_UMEM_H
#define TRANSPORT_XDP_UMEM_H

#include <stddef.h>
#include <stdint.h>

#include <xdp/xsk.h>

#include "base/error.h"

/* Chunk i begins at i * chunk_size; the kernel knows it by that number. */
struct xdp_umem {
    struct xsk_umem *umem;
    uint8_t *area;
    size_t size;
    uint32_t chunk_size; /* 2048 or 4096 */
    uint32_t fill_size;  /* entries of each socket's rings, powers of two */
    uint32_t completion_size;
    uint32_t chunks_given; /* to sockets, so far */
};

/* Maps `chunks` chunks and registers them. Sockets get rings of the two sizes; `fill` and
 * `completion` are those of the first socket, and must stay where they are. Needs CAP_IPC_LOCK or a
 * limit of locked memory that is high enough. After a failure only xdp_umem_close may be called; it
 * does nothing on one that is all zeros. */
int xdp_umem_open(struct xdp_umem *umem, uint32_t chunks, struct xsk_ring_prod *fill,
                  struct xsk_ring_cons *completion, struct error *err);
void xdp_umem_close(struct xdp_umem *umem);

/* The number of the first of `chunks` chunks that are the caller's from now on. */
uint32_t xdp_umem_take(struct xdp_umem *umem, uint32_t chunks);

#endif

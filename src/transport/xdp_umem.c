/* The memory that AF_XDP sockets share with the kernel. */
#include "transport/xdp_umem.h"

#include <errno.h>
#include <sys/mman.h>

static int explain(int errnum, size_t size, struct error *err)
{
    if (errnum == EPERM) {
        error_set(err, "an AF_XDP socket needs the capability CAP_NET_RAW");
        return error_blame(err, ERROR_PERMISSION);
    }
    if (errnum == ENOBUFS)
        return error_set(err,
                         "the limit of locked memory (ulimit -l) leaves no %zu MiB for the frames "
                         "of AF_XDP, and the capability CAP_IPC_LOCK is missing",
                         size >> 20);
    return error_sys(err, errnum, "cannot share memory with the kernel for AF_XDP");
}

int xdp_umem_open(struct xdp_umem *umem, uint32_t chunks, struct xsk_ring_prod *fill,
                  struct xsk_ring_cons *completion, struct error *err)
{
    size_t size = (size_t)chunks * umem->chunk_size;
    void *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return error_sys(err, errno, "no memory for the frames of AF_XDP (%zu bytes)", size);
    umem->area = area;
    umem->size = size;
    const struct xsk_umem_config config = {.fill_size = umem->fill_size,
                                           .comp_size = umem->completion_size,
                                           .frame_size = umem->chunk_size};
    int failed = xsk_umem__create(&umem->umem, area, size, fill, completion, &config);
    return failed == 0 ? 0 : explain(-failed, size, err);
}

void xdp_umem_close(struct xdp_umem *umem)
{
    if (umem->umem != NULL)
        xsk_umem__delete(umem->umem);
    if (umem->area != NULL)
        munmap(umem->area, umem->size);
    *umem = (struct xdp_umem){0};
}

uint32_t xdp_umem_take(struct xdp_umem *umem, uint32_t chunks)
{
    uint32_t first = umem->chunks_given;
    umem->chunks_given += chunks;
    return first;
}

/* The XDP program that hands frames to AF_XDP sockets: loaded, attached to an interface, and gone
 * with this process, however that ends. */
#ifndef TRANSPORT_XDP_PROGRAM_H
#define TRANSPORT_XDP_PROGRAM_H

#include <stdbool.h>

#include "transport/transport.h"

struct af_xdp_bpf; /* made from af_xdp.bpf.c */

struct xdp_program {
    struct af_xdp_bpf *loaded;
    int link_fd;
    bool native; /* runs in the driver; else generic: in the kernel, behind the driver */
};

/* Loads the program for the addresses and ports of `setup`, and `queues` queues, and attaches it:
 * native if the driver can do that, and it is no bond, else generic. Until sockets have joined it
 * passes every frame on. Fails if another program is attached already. After a failure only
 * xdp_program_close may be called; it does nothing on one that is all zeros but for a link_fd of
 * -1. */
int xdp_program_attach(struct xdp_program *program, const struct transport_setup *setup,
                       unsigned queues, struct error *err);

/* From now on own frames that arrive on this queue go to this AF_XDP socket. */
int xdp_program_join(struct xdp_program *program, uint32_t queue, int socket, struct error *err);

void xdp_program_close(struct xdp_program *program);

#endif

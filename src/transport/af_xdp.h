/* The fast transport of Linux: an AF_XDP socket, and a packet tap for what it leaves to the kernel.
 */
#ifndef TRANSPORT_AF_XDP_H
#define TRANSPORT_AF_XDP_H

#include "transport/transport.h"

/* Needs CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW to open, and CAP_IPC_LOCK unless as much memory may
 * be locked. TCP, UDP and SCTP to the own addresses and ports are kept from the host's own stack;
 * it goes on seeing everything else. Links without Ethernet headers and the loopback interface are
 * refused, and interfaces to which another XDP program is attached. */
extern const struct transport_ops transport_af_xdp;

#endif

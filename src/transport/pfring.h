/* The transport over PF_RING ZC: the adapter's own memory, without the kernel. */
#ifndef TRANSPORT_PFRING_H
#define TRANSPORT_PFRING_H

#include "transport/transport.h"

/* Needs root, the library of PF_RING, its kernel module, and a ZC driver for the adapter. While it
 * is open the host's own stack has no use of the interface. */
extern const struct transport_ops transport_pfring;

#endif

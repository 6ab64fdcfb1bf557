/* The transport over packet sockets: works on every link of Linux. */
#ifndef TRANSPORT_AF_PACKET_H
#define TRANSPORT_AF_PACKET_H

#include "transport/transport.h"

/* Needs CAP_NET_RAW. Sees what the interface receives besides the host's own stack, which goes on
 * seeing it too. On links without Ethernet headers a frame is an IPv4 packet. */
extern const struct transport_ops transport_af_packet;

#endif

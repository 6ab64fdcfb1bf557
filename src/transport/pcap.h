/* The transport over libpcap: the last resort, where the faster ones cannot be. */
#ifndef TRANSPORT_PCAP_H
#define TRANSPORT_PCAP_H

#include "transport/transport.h"

/* Needs CAP_NET_RAW. Sees what the interface receives besides the host's own stack, which goes on
 * seeing it too. Links are Ethernet, or carry bare IP packets. VLAN tags stay in received frames.
 */
extern const struct transport_ops transport_pcap;

#endif

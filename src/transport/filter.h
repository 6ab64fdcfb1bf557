/* The classic BPF program that keeps foreign frames out of a packet socket. */
#ifndef TRANSPORT_FILTER_H
#define TRANSPORT_FILTER_H

#include <linux/filter.h>

#include "transport/transport.h"

enum {
    FILTER_MAX = 32, /* instructions */
    FILTER_SNAP_LENGTH = 65536 + 64,
};

/* Writes a program that accepts, up to FILTER_SNAP_LENGTH bytes each,
 * - ARP (on links with Ethernet headers),
 * - IPv4 to the address block of `setup`: TCP, UDP and SCTP to its port block (of a fragmented
 *   packet the first fragment), ICMP, and with all_protocols every other protocol,
 * and nothing else. Frames are expected with their VLAN tag taken out, as the kernel does before
 * packet sockets see them. Returns the number of instructions. */
unsigned filter_build(struct sock_filter program[FILTER_MAX], const struct transport_setup *setup);

#endif

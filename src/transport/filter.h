/* Classic BPF programs for packet sockets: one keeps foreign frames out, one shares frames among
 * several sockets. */
#ifndef TRANSPORT_FILTER_H
#define TRANSPORT_FILTER_H

#include <linux/filter.h>

#include "transport/transport.h"

enum {
    FILTER_MAX = 96, /* instructions */
    FILTER_SNAP_LENGTH = 65536 + 64,
};

/* Writes a program that accepts, up to FILTER_SNAP_LENGTH bytes each,
 * - ARP (on links with Ethernet headers),
 * - IPv4 to the address block of `setup`: TCP, UDP and SCTP to its port block (of a fragmented
 *   packet the first fragment), ICMP, and with all_protocols every other protocol,
 * - IPv6 to its IPv6 address block, if there is one: the same, and what has extension headers, but
 *   for further fragments; and Neighbour Solicitations to any group,
 * on links with Ethernet headers if they are of the VLAN of `setup`, and nothing else. Frames are
 * expected with their VLAN tag taken out, as the kernel does before
 * packet sockets see them. Returns the number of instructions. */
unsigned filter_build(struct sock_filter program[FILTER_MAX], const struct transport_setup *setup);

/* Writes a program that chooses a socket of a fanout group (PACKET_FANOUT_CBPF): by a hash of the
 * source address for IP, the first for everything else, Neighbour Discovery too. Returns the number
 * of instructions. */
unsigned filter_build_chooser(struct sock_filter program[FILTER_MAX]);

#endif

/* The adapter of a scan: interface, own addresses and ports, and the way to the router.
 *
 * Gathered in two steps: adapter_choose asks the kernel and reserves the source ports;
 * adapter_find_router, which needs the open transport, finds the router's hardware address, from
 * the kernel's neighbour table or by ARP. */
#ifndef SCAN_ADAPTER_H
#define SCAN_ADAPTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "packet/build.h"
#include "transport/interface.h"
#include "transport/reserve.h"
#include "transport/transport.h"

/* What the user asked for. */
struct adapter_wish {
    const char *interface_name; /* NULL: choose */
    bool has_address, has_port, has_mac, has_router_mac, has_router_address;
    uint32_t address_first, address_last; /* a power-of-two count, host order */
    uint16_t port_first, port_last;       /* a power-of-two count */
    struct mac_address mac, router_mac;
    uint32_t router_address;
};

struct adapter {
    struct interface interface;
    uint32_t address, address_mask; /* first source address, and count - 1 */
    uint16_t port, port_mask;       /* first source port, and count - 1 */
    bool spoofed;                   /* some source address is not the host's */
    bool host_is_deaf;              /* the host's own stack hears nothing: it answers no ARP */
    struct mac_address mac;
    bool has_router_mac, has_router_address;
    struct mac_address router_mac;
    uint32_t router_address;
    struct port_reservation reservation;
    struct nl_sock *netlink; /* open, as no socket may be opened later; NULL: asks no kernel */
};

/* Everything but the router's MAC. Sends nothing. Undo with adapter_fini. */
int adapter_choose(struct adapter *adapter, const struct adapter_wish *wish, struct error *err);

/* An adapter for scans that send nothing: asks nothing of the kernel, takes what the wish names and
 * documentation addresses (RFC 5737) for the rest. */
int adapter_offline(struct adapter *adapter, const struct adapter_wish *wish, struct error *err);

void adapter_fini(struct adapter *adapter);

/* What a transport needs to open on this adapter. */
struct transport_setup adapter_transport_setup(const struct adapter *adapter);

/* Finds the router's MAC where the link needs one and the user gave none. Blocks up to about three
 * seconds. */
int adapter_find_router(struct adapter *adapter, struct transport *transport, struct error *err);

/* What stands before the IP header of packets to the router. */
struct link_header adapter_link_header(const struct adapter *adapter);

/* Does the scanner answer ARP requests for this address? Yes for its own that the kernel does not
 * answer for. */
bool adapter_answers_for(const struct adapter *adapter, uint32_t address);

#endif

/* The adapter of a scan: interface, own addresses and ports, and the way to the router.
 *
 * Gathered in two steps: adapter_choose asks the kernel and reserves the source ports; router_find
 * (router.h), which needs the open transport, finds the hardware addresses of routers.
 *
 * Each family has a source and a router of its own, and either may be missing. */
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
    const char *interface_name;   /* NULL: choose */
    enum ip_families families;    /* of the targets; IP_NONE: of what the interface has addresses */
    struct ip_number target_ipv6; /* one of them, that the source of IPv6 is chosen for */
    bool has_address, has_port, has_mac, has_router_mac, has_router_address;
    bool has_address_ipv6, has_router_mac_ipv6, has_router_address_ipv6;
    uint32_t address_first, address_last;                   /* a power-of-two count, host order */
    struct ip_number address_ipv6_first, address_ipv6_last; /* the same, in one /64 */
    uint16_t port_first, port_last;                         /* a power-of-two count */
    struct mac_address mac, router_mac, router_mac_ipv6;
    uint32_t router_address;
    struct ip_number router_address_ipv6;
    uint16_t vlan; /* 0: none */
};

struct adapter {
    struct interface interface;
    bool has_address, has_address_ipv6; /* in use: the families that can be sent to */
    uint32_t address, address_mask;     /* first source address, and count - 1 */
    struct ip_number address_ipv6;
    uint32_t address_ipv6_mask;
    uint16_t port, port_mask;   /* first source port, and count - 1 */
    bool spoofed, spoofed_ipv6; /* some source address is not the host's */
    bool host_is_deaf;          /* the host's own stack hears nothing there: it answers no ARP */
    struct mac_address mac;
    bool has_router_mac, has_router_address;
    struct mac_address router_mac;
    uint32_t router_address;
    bool has_router_mac_ipv6, has_router_address_ipv6;
    struct mac_address router_mac_ipv6;
    struct ip_number router_address_ipv6;
    uint16_t vlan; /* whose tag frames have; 0: none */
    struct port_reservation reservation;
    struct nl_sock *netlink; /* open, as no socket may be opened later; NULL: asks no kernel */
};

/* Everything but the routers' MACs. Sends nothing. Undo with adapter_fini. */
int adapter_choose(struct adapter *adapter, const struct adapter_wish *wish, struct error *err);

/* An adapter for scans that send nothing: asks nothing of the kernel, takes what the wish names and
 * documentation addresses (RFC 5737, RFC 3849) for the rest. */
int adapter_offline(struct adapter *adapter, const struct adapter_wish *wish, struct error *err);

void adapter_fini(struct adapter *adapter);

/* What a transport needs to open on this adapter. */
struct transport_setup adapter_transport_setup(const struct adapter *adapter);

/* What stands before the IP header of packets to the router. */
struct link_header adapter_link_header(const struct adapter *adapter);
struct link_header adapter_link_header_ipv6(const struct adapter *adapter);

/* The largest TCP segment that a packet of the link takes over IPv4. */
uint16_t adapter_mss(const struct adapter *adapter);

/* Does the scanner answer who asks for the hardware address of this address, by ARP or Neighbour
 * Discovery? Yes for its own that the kernel does not answer for. */
bool adapter_answers_for(const struct adapter *adapter, struct ip_number address);

#endif

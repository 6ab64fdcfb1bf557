/* An adapter of a scan: interface, own addresses and ports, and the way to the router.
 *
 * Gathered in two steps: adapter_choose asks the kernel and reserves the source ports; router_find
 * (router.h), which needs the open transport, finds the hardware addresses of routers.
 *
 * Each family has a source and a router of its own, and either may be missing. A scan has one
 * adapter or several, which share its pairs: ways.h. */
#ifndef SCAN_ADAPTER_H
#define SCAN_ADAPTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "packet/build.h"
#include "transport/interface.h"
#include "transport/reserve.h"
#include "transport/transport.h"

enum { ADAPTERS_MAX = 8 }; /* of one scan */

/* The router of one family. */
struct adapter_router {
    bool has_mac, has_address;
    struct mac_address mac;
    struct ip_number address;
};

/* What the user asked for, of one family. */
struct family_wish {
    bool has_source;
    struct ip_number first, last; /* a power-of-two count; of IPv6, in one /64 */
    struct adapter_router router;
};

/* And of all. */
struct adapter_wish {
    const char *interface_name;   /* NULL: choose */
    enum ip_families families;    /* of the targets; IP_NONE: of what the interface has addresses */
    bool may_lack;                /* one of them, as another adapter may have it */
    struct ip_number target_ipv6; /* one of them, that the source of IPv6 is chosen for */
    struct family_wish ipv4, ipv6;
    bool has_port, has_mac;
    uint16_t port_first, port_last; /* a power-of-two count */
    struct mac_address mac;
    uint16_t vlan; /* 0: none */
};

/* One family of an adapter. */
struct adapter_family {
    bool in_use;             /* it can be sent to */
    bool spoofed;            /* some source address is not the host's */
    struct ip_number source; /* the first source address, */
    uint32_t source_mask;    /* and their count - 1 */
    struct adapter_router router;
};

struct adapter {
    struct interface interface;
    struct adapter_family ipv4, ipv6;
    uint16_t port, port_mask; /* first source port, and count - 1 */
    bool host_is_deaf;        /* the host's own stack hears nothing there: it answers no ARP */
    struct mac_address mac;
    uint16_t vlan; /* whose tag frames have; 0: none */
    struct port_reservation reservation;
    struct nl_sock *netlink; /* open, as no socket may be opened later; NULL: asks no kernel */
};

/* Everything but the routers' MACs. Sends nothing. Undo with adapter_fini. */
int adapter_choose(struct adapter *adapter, const struct adapter_wish *wish, struct error *err);

/* An adapter for scans that send nothing: asks nothing of the kernel, takes what the wish names and
 * documentation addresses (RFC 5737, RFC 3849) for the rest, which those with another `number` do
 * not have. */
int adapter_offline(struct adapter *adapter, const struct adapter_wish *wish, unsigned number,
                    struct error *err);

void adapter_fini(struct adapter *adapter);

/* Its family that this address is of. */
const struct adapter_family *adapter_family_of(const struct adapter *adapter,
                                               struct ip_number address);

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

/* The adapter of a scan: interface, own addresses and ports, and the way to the router. */
#include "scan/adapter.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "packet/decode.h"
#include "transport/netlink.h"

enum { ARP_ATTEMPTS = 5, ETHERTYPE_IPV4 = 0x0800 };
static const uint64_t ARP_WAIT_NS = 600 * NS_PER_MS;
static const uint32_t DOCUMENTATION_ADDRESS = 0xc0000201; /* 192.0.2.1, RFC 5737 */
static const uint16_t OFFLINE_PORT = 40000;

static int choose_address(struct adapter *adapter, const struct adapter_wish *wish,
                          struct error *err)
{
    const struct interface *interface = &adapter->interface;
    if (wish->has_address) {
        adapter->address = wish->address_first;
        adapter->address_mask = wish->address_last - wish->address_first;
    } else if (interface->has_address) {
        adapter->address = interface->address;
        adapter->address_mask = 0;
    } else {
        return error_set(err, "interface \"%s\" has no IPv4 address: give one with --adapter-ip",
                         interface->name);
    }
    adapter->spoofed = adapter->address_mask != 0 || !interface->has_address ||
                       adapter->address != interface->address;
    return 0;
}

/* A port that no other program has: bound where the address is ours, else simply random. */
static int choose_port(struct adapter *adapter, const struct adapter_wish *wish, struct error *err)
{
    if (wish->has_port) {
        adapter->port = wish->port_first;
        adapter->port_mask = (uint16_t)(wish->port_last - wish->port_first);
        if (adapter->spoofed)
            return 0;
        return port_reserve(&adapter->reservation, adapter->address, adapter->port,
                            adapter->port_mask + 1u, err);
    }
    if (!adapter->spoofed)
        return port_reserve_random(&adapter->reservation, adapter->address, &adapter->port, err);
    uint16_t random;
    if (random_bytes(&random, sizeof random, err) < 0)
        return -1;
    adapter->port = (uint16_t)(40000 + random % 20000);
    return 0;
}

static void choose_macs(struct adapter *adapter, const struct adapter_wish *wish)
{
    adapter->mac = wish->has_mac ? wish->mac : adapter->interface.mac;
    adapter->has_router_mac = wish->has_router_mac;
    adapter->router_mac = wish->router_mac;
    adapter->has_router_address = wish->has_router_address || adapter->interface.has_gateway;
    adapter->router_address =
        wish->has_router_address ? wish->router_address : adapter->interface.gateway;
}

int adapter_choose(struct adapter *adapter, const struct adapter_wish *wish, struct error *err)
{
    memset(adapter, 0, sizeof *adapter);
    if (netlink_open(&adapter->netlink, err) < 0 ||
        interface_find(&adapter->interface, wish->interface_name, err) < 0)
        return -1;
    if (!adapter->interface.up)
        return error_set(err, "interface \"%s\" is down: bring it up with: ip link set %s up",
                         adapter->interface.name, adapter->interface.name);
    if (choose_address(adapter, wish, err) < 0)
        return -1;
    choose_macs(adapter, wish);
    return choose_port(adapter, wish, err);
}

int adapter_offline(struct adapter *adapter, const struct adapter_wish *wish, struct error *err)
{
    memset(adapter, 0, sizeof *adapter);
    adapter->interface = (struct interface){
        .name = "none", .up = true, .has_ethernet = true, .address = DOCUMENTATION_ADDRESS};
    adapter->interface.has_address = true;
    if (choose_address(adapter, wish, err) < 0)
        return -1;
    choose_macs(adapter, wish);
    adapter->has_router_mac = true;
    adapter->port = wish->has_port ? wish->port_first : OFFLINE_PORT;
    adapter->port_mask = (uint16_t)(wish->has_port ? wish->port_last - wish->port_first : 0);
    return 0;
}

void adapter_fini(struct adapter *adapter)
{
    port_release(&adapter->reservation);
    if (adapter->netlink != NULL)
        nl_socket_free(adapter->netlink);
    adapter->netlink = NULL;
}

/* The bits that differ within first .. first + mask: a mask whose block around `first` covers them
 * all. */
static uint32_t covering_mask(uint32_t first, uint32_t count_minus_one)
{
    uint32_t differing = first ^ (first + count_minus_one);
    uint32_t ones = 0;
    while (ones < differing)
        ones = ones << 1 | 1;
    return ~ones;
}

struct transport_setup adapter_transport_setup(const struct adapter *adapter)
{
    uint32_t address_mask = covering_mask(adapter->address, adapter->address_mask);
    uint16_t port_mask = (uint16_t)covering_mask(adapter->port, adapter->port_mask);
    return (struct transport_setup){
        .interface_name = adapter->interface.name,
        .interface_index = adapter->interface.index,
        .has_ethernet = adapter->interface.has_ethernet,
        .address = adapter->address & address_mask,
        .address_mask = address_mask,
        .port = adapter->port & port_mask,
        .port_mask = port_mask,
        .promiscuous = !mac_equal(&adapter->mac, &adapter->interface.mac),
    };
}

static int send_arp_request(const struct adapter *adapter, struct transport *transport,
                            struct error *err)
{
    struct arp_packet request = {
        .operation = ARP_REQUEST,
        .sender_mac = adapter->mac,
        .sender = adapter->address,
        .target = adapter->router_address,
    };
    struct tx_slots slots;
    if (transport->ops->tx_reserve(transport->state, &slots, 1, err) < 0)
        return -1;
    if (slots.count == 0)
        return 0;
    slots.length[0] = (uint32_t)packet_build_arp(slots.frame[0], &request);
    return transport->ops->tx_commit(transport->state, &slots, err) < 0 ? -1 : 0;
}

/* Takes the router's MAC from a frame if it is the answer. */
static bool take_arp_answer(struct adapter *adapter, const uint8_t *frame, size_t length)
{
    struct packet packet;
    if (packet_decode(&packet, frame, length, true) != PACKET_OK || packet.kind != PACKET_ARP)
        return false;
    if (packet.arp.operation != ARP_REPLY || packet.arp.sender != adapter->router_address)
        return false;
    adapter->router_mac = packet.arp.sender_mac;
    adapter->has_router_mac = true;
    return true;
}

/* Looks through what has arrived; 1 if the router's answer was there. */
static int receive_arp_answer(struct adapter *adapter, struct transport *transport,
                              struct error *err)
{
    struct rx_frames frames;
    if (transport->ops->rx_peek(transport->state, &frames, err) < 0)
        return -1;
    int found = 0;
    for (unsigned i = 0; i < frames.count && !found; i++)
        found = take_arp_answer(adapter, frames.frame[i], frames.length[i]);
    transport->ops->rx_release(transport->state);
    return found;
}

/* One request, and the answers until its time is over. */
static int ask_by_arp(struct adapter *adapter, struct transport *transport, struct error *err)
{
    if (send_arp_request(adapter, transport, err) < 0)
        return -1;
    uint64_t deadline = clock_monotonic_ns() + ARP_WAIT_NS;
    for (uint64_t now = 0; now < deadline; now = clock_monotonic_ns()) {
        int found = receive_arp_answer(adapter, transport, err);
        if (found != 0)
            return found;
        if (transport->ops->wait(transport->state, ARP_WAIT_NS / 20, err) < 0)
            return -1;
    }
    return 0;
}

int adapter_find_router(struct adapter *adapter, struct transport *transport, struct error *err)
{
    if (adapter->has_router_mac || !adapter->interface.has_ethernet)
        return 0;
    const char *name = adapter->interface.name;
    if (!adapter->has_router_address)
        return error_set(err,
                         "interface \"%s\" has no route to a router: give one with --router-ip or "
                         "--router-mac",
                         name);
    int known = interface_neighbour(adapter->netlink, &adapter->interface, adapter->router_address,
                                    &adapter->router_mac, err);
    for (int attempt = 0; known == 0 && attempt < ARP_ATTEMPTS; attempt++)
        known = ask_by_arp(adapter, transport, err);
    if (known < 0)
        return -1;
    char text[IP_TEXT_SIZE];
    struct ip_address router = ip_from_v4(adapter->router_address);
    if (known == 0)
        return error_set(err,
                         "router %s does not answer ARP on \"%s\": check --router-ip, or give "
                         "--router-mac",
                         ip_format(&router, text), name);
    adapter->has_router_mac = true;
    return 0;
}

struct link_header adapter_link_header(const struct adapter *adapter)
{
    if (!adapter->interface.has_ethernet)
        return (struct link_header){0};
    return link_header_ethernet(&adapter->mac, &adapter->router_mac, ETHERTYPE_IPV4);
}

bool adapter_answers_for(const struct adapter *adapter, uint32_t address)
{
    if (address - adapter->address > adapter->address_mask)
        return false;
    return adapter->host_is_deaf || !adapter->interface.has_address ||
           address != adapter->interface.address;
}

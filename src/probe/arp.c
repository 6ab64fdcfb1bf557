/* ARP: who has this address (RFC 826)? The request goes to everybody on the link; whoever has the
 * address answers with its hardware address, and is up.
 *
 * The frame stands on the link itself, without IP, so it has no place for a cookie, and a reply
 * repeats nothing but the addresses of who asked. So a reply counts if it goes to where its probe
 * came from, and tells of an address of the scan; announcements, which go to all, do not. */
#include <net/ethernet.h>

#include "packet/build.h"
#include "packet/bytes.h"
#include "probe/cookie.h"
#include "probe/frame.h"
#include "probe/probes.h"
#include "probe/setup.h"

enum {
    MAC_LENGTH = 6,
    ETHERNET_LEAST = 60, /* bytes of a frame; the rest of it is padding */
    ETHERNET_SOURCE = 6, /* offsets in the frame */
    ARP_SENDER_ADDRESS = 28,
    ARP_TARGET_ADDRESS = 38,
    RESULT_PROTOCOL = 0,
};

struct arp {
    const struct probe_setup *setup;
    struct mac_address mac;
    alignas(64) uint8_t template[FRAME_BLOCK];
};

/* To everybody, so that of the link header to the router only the source is of use. */
static void write_template(struct arp *arp)
{
    const struct arp_packet request = {.operation = ARP_REQUEST, .sender_mac = arp->mac};
    uint8_t whole[PACKET_HEADERS_MAX];
    memcpy(arp->template, whole, packet_build_arp(whole, &request));
}

static int arp_init(void *state, const struct probe_setup *setup, struct error *err)
{
    struct arp *arp = state;
    *arp = (struct arp){.setup = setup};
    if (setup->link.length == 0)
        return error_set(err, "ARP needs an adapter with Ethernet headers; this one has none");
    if (target_space_has_ipv6(setup->space))
        return error_set(err, "ARP asks for IPv4 addresses only; leave the IPv6 targets out");
    memcpy(arp->mac.bytes, setup->link.bytes + ETHERNET_SOURCE, MAC_LENGTH);
    write_template(arp);
    return 0;
}

static void arp_fini(void *state)
{
    (void)state;
}

static void arp_patch(const void *state, const struct probe_batch *batch, uint8_t *const frame[],
                      uint32_t length[])
{
    const struct arp *arp = state;
    for (unsigned i = 0; i < batch->count; i++) {
        memcpy(frame[i], arp->template, sizeof arp->template);
        put_be32(frame[i] + ARP_SENDER_ADDRESS, batch->source_address[i]);
        put_be32(frame[i] + ARP_TARGET_ADDRESS, batch->address[i]);
        length[i] = ETHERNET_LEAST;
    }
}

/* Group addresses belong to nobody. */
static bool is_station(const struct mac_address *mac)
{
    static const struct mac_address nobody;
    return (mac->bytes[0] & 1) == 0 && !mac_equal(mac, &nobody);
}

static enum probe_verdict arp_match(const void *state, const struct packet *packet,
                                    struct probe_reply *reply)
{
    const struct arp *arp = state;
    const uint32_t port = port_code(PORT_ARP, 0);
    if (packet->kind != PACKET_ARP || packet->arp.operation != ARP_REPLY)
        return PROBE_IGNORE;
    const struct ip_number host = ip_number_v4(packet->arp.sender);
    const struct ip_number here = ip_number_v4(packet->arp.target);
    if (!mac_equal(&packet->arp.target_mac, &arp->mac) || !setup_owns_address(arp->setup, here) ||
        !target_space_contains(arp->setup->space, host, port))
        return PROBE_IGNORE;
    struct cookie cookie = cookie_of(arp->setup, host, port);
    if (!ip_number_equal(here, cookie.source_address) || !is_station(&packet->arp.sender_mac))
        return PROBE_FORGED;
    *reply = (struct probe_reply){
        .address = host,
        .port = port,
        .protocol = RESULT_PROTOCOL,
        .mac = packet->arp.sender_mac,
    };
    return PROBE_UP;
}

const struct probe_ops probe_arp = {
    .name = "arp",
    .help = "ARP: a request to all on the link; a reply means up",
    .class = PORT_ARP,
    .state_size = sizeof(struct arp),
    .init = arp_init,
    .fini = arp_fini,
    .patch = arp_patch,
    .match = arp_match,
};

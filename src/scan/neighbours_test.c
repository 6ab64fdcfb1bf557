/* Which targets are neighbours, whose answers count, and how routers are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packet/build.h"
#include "packet/decode.h"
#include "scan/adapter.h"
#include "scan/neighbours.h"
#include "scan/router.h"
#include "transport/mem.h"

enum { SUBNET = 0x0a090000, OWN = SUBNET | 2 }; /* 10.9.0.0/24 */

static const struct ip_number PREFIX = {0x20010db8ull << 32 | 9, 0}; /* 2001:db8:0:9::/64 */
static const struct ip_number OWN_IPV6 = {0x20010db8ull << 32 | 9, 2};

struct lan {
    struct adapter adapter;
    struct address_set targets;
    struct transport_group transports;
    struct neighbours neighbours;
    unsigned requests;
};

static void lan_init(struct lan *lan, uint8_t prefix)
{
    memset(lan, 0, sizeof *lan);
    struct adapter *adapter = &lan->adapter;
    adapter->interface = (struct interface){
        .name = "lan", .has_ethernet = true, .has_address = true, .address = OWN, .prefix = prefix};
    adapter->interface.ipv6.on_link[adapter->interface.ipv6.on_link_count++] =
        (struct interface_prefix){PREFIX, 64};
    adapter->ipv4.in_use = adapter->ipv6.in_use = true;
    adapter->ipv4.source = ip_number_v4(OWN);
    adapter->ipv6.source = OWN_IPV6;
}

static void add(struct lan *lan, uint32_t first, uint32_t last)
{
    assert_int_equal(range_set_add(&lan->targets.v4, first, last, NULL), 0);
}

static struct ip_number host_ipv6(uint64_t number)
{
    return (struct ip_number){PREFIX.high, number};
}

static void add_ipv6(struct lan *lan, struct ip_number first, struct ip_number last)
{
    assert_int_equal(
        range6_set_add(&lan->targets.v6, ip_number_value(first), ip_number_value(last), NULL), 0);
}

static void lan_fini(struct lan *lan)
{
    neighbours_fini(&lan->neighbours);
    address_set_fini(&lan->targets);
}

static int gather(struct lan *lan, struct error *err)
{
    assert_int_equal(address_set_normalise(&lan->targets, err), 0);
    return neighbours_init(&lan->neighbours, &lan->adapter, &lan->targets, err);
}

static uint32_t answer_arp(uint8_t *answer, const struct packet *packet, uint8_t liar)
{
    const struct arp_packet reply = {
        .operation = ARP_REPLY,
        .sender_mac = {{2, 0, 0, 0, liar, (uint8_t)packet->arp.target}},
        .sender = packet->arp.target,
        .target = OWN,
    };
    return (uint32_t)packet_build_arp(answer, &reply);
}

static uint32_t answer_solicitation(uint8_t *answer, const struct packet *packet, uint8_t liar)
{
    const struct neighbour_packet reply = {
        .sender_mac = {{2, 0, 0, 0, liar, (uint8_t)packet->neighbour.target.low}},
        .sender = packet->neighbour.target,
        .target = packet->neighbour.target,
        .receiver = packet->source_ipv6,
        .receiver_mac = packet->source_mac,
    };
    return (uint32_t)packet_build_advertisement(answer, &reply);
}

/* Odd hosts answer, each by an address that ends in its own; a second answer comes from a liar. */
static void hear(void *context, struct transport *transport, const uint8_t *frame, uint32_t length)
{
    struct lan *lan = context;
    struct packet packet;
    assert_int_equal(packet_decode(&packet, frame, length, true), PACKET_OK);
    assert_true(packet.kind == PACKET_ARP || packet.kind == PACKET_NEIGHBOUR);
    bool is_arp = packet.kind == PACKET_ARP;
    if (is_arp)
        assert_true(packet.arp.target - SUBNET <= 255);
    else
        assert_true(packet.neighbour.type == ICMPV6_SOLICITATION && packet.neighbour.has_mac &&
                    packet.neighbour.target.high == PREFIX.high &&
                    ip_number_equal(packet.source_ipv6, OWN_IPV6));
    lan->requests++;
    if ((is_arp ? packet.arp.target : packet.neighbour.target.low) % 2 == 0)
        return;
    uint8_t answer[PACKET_HEADERS_MAX];
    for (uint8_t liar = 0; liar < 2; liar++)
        transport_mem_receive(transport, answer,
                              is_arp ? answer_arp(answer, &packet, liar)
                                     : answer_solicitation(answer, &packet, liar));
}

static void the_subnet_and_no_more(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 24);
    add(&lan, SUBNET - 16, SUBNET + 300);
    assert_int_equal(gather(&lan, &err), 0);
    assert_int_equal(lan.neighbours.table.count, 256);
    assert_true(neighbours_near(&lan.neighbours, ip_number_v4(SUBNET)));
    assert_true(neighbours_near(&lan.neighbours, ip_number_v4(SUBNET + 255)));
    assert_false(neighbours_near(&lan.neighbours, ip_number_v4(SUBNET - 1)));
    assert_false(neighbours_near(&lan.neighbours, ip_number_v4(SUBNET + 256)));
    assert_string_equal(neighbours_protocol(&lan.neighbours), "ARP");
    lan_fini(&lan);
}

/* On-link prefixes may lie in each other: each host is asked once. */
static void networks_of_ipv6(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    const struct ip_number link_local = {0xfe80ull << 48, 7};
    lan_init(&lan, 24);
    struct interface_ipv6 *ipv6 = &lan.adapter.interface.ipv6;
    ipv6->on_link[ipv6->on_link_count++] = (struct interface_prefix){host_ipv6(5), 128};
    add_ipv6(&lan, host_ipv6(1), host_ipv6(20));
    add_ipv6(&lan, (struct ip_number){PREFIX.high + 1, 1}, (struct ip_number){PREFIX.high + 1, 9});
    add_ipv6(&lan, link_local, link_local);
    add_ipv6(&lan, (struct ip_number){0, 1}, (struct ip_number){0, 1}); /* below IPv4 as a number */
    add(&lan, SUBNET + 1, SUBNET + 2);
    assert_int_equal(gather(&lan, &err), 0);
    assert_int_equal(lan.neighbours.ipv4_count, 2);
    assert_int_equal(lan.neighbours.ipv6_count, 21);
    assert_true(neighbours_near(&lan.neighbours, link_local));
    assert_true(neighbours_near(&lan.neighbours, host_ipv6(UINT64_MAX)));
    assert_false(neighbours_near(&lan.neighbours, (struct ip_number){PREFIX.high + 1, 1}));
    assert_string_equal(neighbours_protocol(&lan.neighbours), "ARP and Neighbour Discovery");
    for (unsigned i = 0; i < lan.neighbours.table.count; i++) {
        struct ip_number address = lan.neighbours.table.hosts[i].address;
        assert_ptr_equal(resolve_find(&lan.neighbours.table, address),
                         &lan.neighbours.table.hosts[i]);
    }
    lan_fini(&lan);
}

static void none_where_a_router_is_named(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 24);
    add(&lan, SUBNET, SUBNET + 255);
    add_ipv6(&lan, host_ipv6(1), host_ipv6(9));
    lan.adapter.ipv4.router.has_mac = true;
    assert_int_equal(gather(&lan, &err), 0);
    assert_int_equal(lan.neighbours.ipv4_count, 0);
    assert_int_equal(lan.neighbours.ipv6_count, 9);
    assert_false(neighbours_near(&lan.neighbours, ip_number_v4(SUBNET)));
    neighbours_fini(&lan.neighbours);
    lan.adapter.ipv6.router.has_mac = true;
    assert_int_equal(gather(&lan, &err), 0);
    assert_int_equal(lan.neighbours.table.count, 0);
    assert_false(neighbours_near(&lan.neighbours, host_ipv6(1)));
    lan_fini(&lan);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 8);
    add(&lan, 0x0a000000, 0x0a000000 + NEIGHBOURS_MAX - 1);
    add_ipv6(&lan, host_ipv6(1), host_ipv6(1));
    assert_true(gather(&lan, &err) < 0);
    assert_non_null(strstr(err.text, "65537 targets"));
    neighbours_fini(&lan.neighbours);
    add_ipv6(&lan, host_ipv6(0), host_ipv6(UINT64_MAX));
    assert_true(gather(&lan, &err) < 0);
    lan_fini(&lan);
}

static void open_link(struct lan *lan)
{
    struct error err;
    struct transport_setup link = adapter_transport_setup(&lan->adapter);
    link.instances = 1;
    assert_int_equal(transport_group_open(&lan->transports, &transport_mem, &link, &err), 0);
    transport_mem_connect(&lan->transports.member[0], hear, lan);
}

static void silent_ones_are_asked_three_times(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 24);
    add(&lan, SUBNET, SUBNET + 255);
    add_ipv6(&lan, host_ipv6(0), host_ipv6(255));
    assert_int_equal(gather(&lan, &err), 0);
    open_link(&lan);
    const struct resolve_asking asking = {.adapter = &lan.adapter,
                                          .transport = &lan.transports.member[0],
                                          .rate_pps = 1e5,
                                          .signal_fd = -1};
    assert_int_equal(resolve_ask(&lan.neighbours.table, &asking, &err), 0);
    assert_int_equal(lan.requests, 2 * (128 + 3 * 128));
    assert_int_equal(lan.neighbours.table.answered, 2 * 128);
    for (uint32_t i = 0; i < 512; i++) {
        struct ip_number host = i < 256 ? ip_number_v4(SUBNET + i) : host_ipv6(i % 256);
        const struct mac_address *mac = neighbours_find(&lan.neighbours, host);
        assert_true((mac != NULL) == (i % 2 == 1));
        if (mac != NULL)
            assert_true(mac->bytes[4] == 0 && mac->bytes[5] == i % 256);
    }
    transport_group_close(&lan.transports);
    lan_fini(&lan);
}

/* The routers are asked alike, each by its own protocol. */
static void routers_of_both_families(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 24);
    open_link(&lan);
    const struct resolve_asking asking = {.adapter = &lan.adapter,
                                          .transport = &lan.transports.member[0],
                                          .rate_pps = 1e5,
                                          .signal_fd = -1};
    struct adapter *adapter = &lan.adapter;
    adapter->ipv4.router.has_address = true;
    adapter->ipv4.router.address = ip_number_v4(SUBNET + 1);
    assert_int_equal(router_find(adapter, IP_V4, &asking, &err), 0);
    assert_true(adapter->ipv4.router.has_mac && adapter->ipv4.router.mac.bytes[5] == 1);
    assert_false(adapter->ipv6.router.has_mac);
    assert_true(router_find(adapter, IP_BOTH, &asking, &err) < 0);
    assert_non_null(strstr(err.text, "no route to an IPv6 router"));
    adapter->ipv6.router.has_address = true;
    adapter->ipv6.router.address = host_ipv6(4);
    assert_true(router_find(adapter, IP_BOTH, &asking, &err) < 0);
    assert_non_null(strstr(err.text, "2001:db8:0:9::4 does not answer Neighbour Discovery"));
    adapter->ipv6.router.address = host_ipv6(3);
    assert_int_equal(router_find(adapter, IP_BOTH, &asking, &err), 0);
    assert_true(adapter->ipv6.router.has_mac && adapter->ipv6.router.mac.bytes[5] == 3);
    assert_int_equal(lan.requests, 1 + 3 + 1);
    transport_group_close(&lan.transports);
    lan_fini(&lan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_subnet_and_no_more),
        cmocka_unit_test(networks_of_ipv6),
        cmocka_unit_test(none_where_a_router_is_named),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(silent_ones_are_asked_three_times),
        cmocka_unit_test(routers_of_both_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

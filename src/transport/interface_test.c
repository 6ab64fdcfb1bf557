/* Interfaces, routes and neighbours as a network namespace made by the test has them. */
#include "transport/interface.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "transport/netlink.h"
#include "transport/testing/netns.h"

#define RUN(...) assert_true(netns_run(__VA_ARGS__))

/* eth1 is 192.0.2.10/24 with 02:00:00:00:00:01, eth2 198.51.100.10/25; bare1 has no address. */
static int make_links(void **state)
{
    (void)state;
    bool made = netns_make_veth("eth1", "far1") && netns_make_veth("eth2", "far2") &&
                netns_make_veth("bare1", "bare2") &&
                netns_run("ip link set dev eth1 address 02:00:00:00:00:01 mtu 1400") &&
                netns_run("ip addr add 192.0.2.10/24 dev eth1") &&
                netns_run("ip addr add 192.0.2.77/24 dev eth1") &&
                netns_run("ip addr add 198.51.100.10/25 dev eth2") &&
                netns_run("ip link set dev lo up");
    return made ? 0 : -1;
}

static int remove_links(void **state)
{
    (void)state;
    return netns_run("for i in eth1 eth2 bare1; do ip link del dev $i; done") ? 0 : -1;
}

static struct interface find(const char *name)
{
    struct interface interface;
    struct error err = {0};
    if (interface_find(&interface, name, IP_V4, &err) < 0)
        fail_msg("%s", err.text);
    return interface;
}

static void a_named_interface_is_described(void **state)
{
    (void)state;
    struct interface eth1 = find("eth1");
    assert_string_equal(eth1.name, "eth1");
    assert_int_equal(eth1.index, if_nametoindex("eth1"));
    assert_int_equal(eth1.mtu, 1400);
    assert_true(eth1.up && eth1.has_ethernet && eth1.has_address);
    assert_false(eth1.loopback || eth1.route.has_gateway || eth1.route.exists);
    assert_memory_equal(eth1.mac.bytes, "\x02\0\0\0\0\x01", 6);
    assert_int_equal(eth1.address, 0xc000020a); /* the first of two */
    assert_int_equal(eth1.prefix, 24);
    assert_int_equal(find("eth2").prefix, 25);
}

static void an_interface_without_address_or_down_is_found(void **state)
{
    (void)state;
    struct interface bare = find("bare1");
    assert_true(bare.up && bare.has_ethernet);
    assert_false(bare.has_address);
    RUN("ip link set dev eth2 down");
    struct interface down = find("eth2");
    assert_false(down.up);
    assert_true(down.has_address);
}

static void loopback_is_flagged(void **state)
{
    (void)state;
    struct interface lo = find("lo");
    assert_true(lo.loopback && !lo.has_ethernet && lo.up && lo.has_address);
    assert_int_equal(lo.address, 0x7f000001);
    assert_int_equal(lo.prefix, 8);
}

static void a_tun_link_has_no_ethernet(void **state)
{
    (void)state;
    int tun = netns_make_tun("tun7", false);
    if (tun < 0 && errno == EACCES)
        skip();
    assert_true(tun >= 0);
    RUN("ip addr add 203.0.113.1 peer 203.0.113.2/32 dev tun7");
    struct interface interface = find("tun7");
    assert_false(interface.has_ethernet);
    assert_true(interface.up && interface.has_address);
    assert_int_equal(interface.address, 0xcb007101); /* ours, not the peer's */
    RUN("ip route add default dev tun7");
    interface = find(NULL);
    assert_string_equal(interface.name, "tun7");
    assert_true(interface.route.exists);
    assert_false(interface.route.has_gateway);
    close(tun);
}

static void the_best_default_route_chooses(void **state)
{
    (void)state;
    RUN("ip route add default via 192.0.2.1 dev eth1 metric 200");
    struct interface chosen = find(NULL);
    assert_string_equal(chosen.name, "eth1");
    assert_true(chosen.route.has_gateway);
    assert_int_equal((uint32_t)chosen.route.gateway.low, 0xc0000201);
    RUN("ip route add default via 198.51.100.1 dev eth2 metric 100");
    chosen = find(NULL);
    assert_string_equal(chosen.name, "eth2");
    assert_int_equal((uint32_t)chosen.route.gateway.low, 0xc6336401);
    RUN("ip route add default via 192.0.2.2 dev eth1 metric 50");
    chosen = find(NULL);
    assert_string_equal(chosen.name, "eth1");
    assert_int_equal((uint32_t)chosen.route.gateway.low,
                     0xc0000202); /* of the best route, not the first */
    assert_int_equal(chosen.route.metric, 50);
    assert_int_equal((uint32_t)find("eth2").route.gateway.low, 0xc6336401);
}

static void other_routes_are_no_default_routes(void **state)
{
    (void)state;
    RUN("ip route add 0.0.0.0/1 via 192.0.2.1 dev eth1");
    RUN("ip route add default via 192.0.2.1 dev eth1 table 100");
    RUN("ip route add unreachable default metric 1");
    assert_false(find("eth1").route.exists);
    RUN("ip route add default via 198.51.100.1 dev eth2 metric 9");
    assert_string_equal(find(NULL).name, "eth2");
    RUN("ip route del unreachable default metric 1");
    RUN("ip route flush table 100");
}

static void a_multipath_default_route_serves_both(void **state)
{
    (void)state;
    RUN("ip route add default nexthop via 192.0.2.1 dev eth1 nexthop via 198.51.100.1 dev eth2");
    assert_int_equal((uint32_t)find("eth1").route.gateway.low, 0xc0000201);
    assert_int_equal((uint32_t)find("eth2").route.gateway.low, 0xc6336401);
    assert_true(find(NULL).route.has_gateway);
}

static void without_default_route_the_only_interface_is_taken(void **state)
{
    (void)state;
    struct interface interface;
    struct error err = {0};
    assert_true(interface_find(&interface, NULL, IP_V4, &err) < 0); /* eth1 or eth2? */
    RUN("ip link set dev eth1 down");
    assert_string_equal(find(NULL).name, "eth2");
    RUN("ip addr flush dev eth2");
    assert_true(interface_find(&interface, NULL, IP_V4, &err) < 0); /* only lo has an address */
}

static void errors_name_the_choices(void **state)
{
    (void)state;
    struct interface interface;
    struct error err = {0};
    RUN("ip link set dev bare2 down");
    assert_true(interface_find(&interface, "etc1", IP_V4, &err) < 0);
    assert_non_null(strstr(err.text, "\"etc1\""));
    assert_non_null(strstr(err.text, "eth1 (192.0.2.10)"));
    assert_non_null(strstr(err.text, "bare1 (no address)"));
    assert_non_null(strstr(err.text, "bare2 (down, no address)"));
    assert_true(interface_find(&interface, NULL, IP_V4, &err) < 0);
    assert_non_null(strstr(err.text, "--adapter"));
    assert_non_null(strstr(err.text, "eth2 (198.51.100.10)"));
}

/* ---- IPv6 ---- */

/* With addresses that may be used at once. */
static void give_ipv6(void)
{
    RUN("sysctl -qw net.ipv6.conf.eth1.disable_ipv6=0 net.ipv6.conf.eth2.disable_ipv6=0 "
        "net.ipv6.conf.eth1.addr_gen_mode=1 net.ipv6.conf.eth2.addr_gen_mode=1 "
        "net.ipv6.conf.eth1.accept_ra=0 net.ipv6.conf.eth2.accept_ra=0");
    RUN("ip addr add 2001:db8:0:1::7/64 dev eth1 nodad");
    RUN("ip addr add fe80::7/64 dev eth1 nodad");
    RUN("ip addr add fd00:1::7/64 dev eth1 nodad");
    RUN("ip addr add 2001:db8:0:2::7/64 dev eth2 nodad");
}

static struct ip_number number_of(const char *text)
{
    struct ip_address address;
    assert_true(ip_parse(&address, text, strlen(text)));
    return ip_number_from(&address);
}

static bool source_is(const struct interface *interface, const char *target, const char *wanted)
{
    const struct interface_prefix *source = interface_source_ipv6(interface, number_of(target));
    if (source == NULL)
        return wanted == NULL;
    return wanted != NULL && ip_number_equal(source->address, number_of(wanted));
}

static void ipv6_sources_are_those_of_the_host(void **state)
{
    (void)state;
    assert_true(source_is(&(struct interface){0}, "2000::", NULL));
    give_ipv6();
    RUN("ip addr add 2001:db8:0:3::7/64 dev eth1 nodad preferred_lft 0");
    struct interface eth1 = find("eth1"), eth2 = find("eth2");
    assert_int_equal(eth1.ipv6.address_count, 3); /* the last one is deprecated */
    assert_true(source_is(&eth1, "2001:db8:0:3::1", "2001:db8:0:1::7"));
    assert_true(source_is(&eth1, "2000::", "2001:db8:0:1::7"));
    assert_true(source_is(&eth1, "fd00:2::1", "fd00:1::7"));
    assert_true(source_is(&eth1, "fe80::1", "fe80::7"));
    assert_true(source_is(&eth2, "fd00:2::1", "2001:db8:0:2::7"));
    assert_true(source_is(&eth2, "fe80::1", NULL));
    RUN("ip addr add 2a00::7/64 dev eth1 nodad");
    eth1 = find("eth1");
    assert_true(source_is(&eth1, "2a00:1::1", "2a00::7"));
    assert_true(source_is(&eth1, "2001:db8::1", "2001:db8:0:1::7"));
}

static bool has_network(const struct interface *interface, const char *network, unsigned length)
{
    for (unsigned i = 0; i < interface->ipv6.on_link_count; i++)
        if (ip_number_equal(interface->ipv6.on_link[i].address, number_of(network)) &&
            interface->ipv6.on_link[i].length == length)
            return true;
    return false;
}

static void ipv6_networks_on_the_link(void **state)
{
    (void)state;
    give_ipv6();
    RUN("ip -6 route add 2001:db8:5::/48 dev eth1");
    RUN("ip -6 route add 2001:db8:6::/48 via fe80::1 dev eth1");
    RUN("ip -6 route add 2001:db8:7::/48 dev eth1 table 100");
    RUN("ip -6 route add unreachable 2001:db8:8::/48");
    struct interface eth1 = find("eth1");
    assert_int_equal(eth1.ipv6.on_link_count, 4);
    assert_true(has_network(&eth1, "2001:db8:0:1::", 64) && has_network(&eth1, "fd00:1::", 64) &&
                has_network(&eth1, "fe80::", 64) && has_network(&eth1, "2001:db8:5::", 48));
    RUN("ip -6 route del unreachable 2001:db8:8::/48");
    RUN("for i in $(seq 40); do ip -6 route add 2001:db8:9:$i::/64 dev eth1; done");
    assert_int_equal(find("eth1").ipv6.on_link_count, INTERFACE_PREFIXES_MAX);
}

static void ipv6_default_routes_choose_for_ipv6(void **state)
{
    (void)state;
    struct interface chosen;
    struct error err = {0};
    give_ipv6();
    assert_true(interface_find(&chosen, NULL, IP_V6, &err) < 0);
    assert_non_null(strstr(err.text, "no IPv6 default route"));
    RUN("ip -6 route add default via fe80::1 dev eth1 metric 200");
    RUN("ip -6 route add default via 2001:db8:0:2::1 dev eth2 metric 100");
    RUN("ip route add default via 192.0.2.1 dev eth1 metric 300");
    assert_int_equal(interface_find(&chosen, NULL, IP_V6, &err), 0);
    assert_string_equal(chosen.name, "eth2");
    assert_true(chosen.route_ipv6.has_gateway && !chosen.route.exists);
    assert_true(ip_number_equal(chosen.route_ipv6.gateway, number_of("2001:db8:0:2::1")));
    assert_int_equal(interface_find(&chosen, NULL, IP_BOTH, &err), 0);
    assert_string_equal(chosen.name, "eth1"); /* IPv4 decides */
    assert_true(ip_number_equal(chosen.route_ipv6.gateway, number_of("fe80::1")));
    assert_int_equal(chosen.route_ipv6.metric, 200);
    RUN("ip -6 route del default via fe80::1 dev eth1 metric 200");
    RUN("ip -6 route del default via 2001:db8:0:2::1 dev eth2 metric 100");
    RUN("ip link set dev eth1 down");
    assert_int_equal(interface_find(&chosen, NULL, IP_V6, &err), 0);
    assert_string_equal(chosen.name, "eth2"); /* the only one that is up and has an address */
}

static int neighbour(const struct interface *interface, struct ip_number address,
                     struct mac_address *mac)
{
    struct nl_sock *netlink;
    struct error err = {0};
    assert_int_equal(netlink_open(&netlink, &err), 0);
    int known = interface_neighbour(netlink, interface, address, mac, &err);
    nl_socket_free(netlink);
    return known;
}

static void ipv6_neighbours_are_found(void **state)
{
    (void)state;
    struct mac_address mac;
    give_ipv6();
    struct interface eth1 = find("eth1");
    assert_int_equal(neighbour(&eth1, number_of("fe80::1"), &mac), 0);
    RUN("ip neigh add fe80::1 lladdr 02:00:00:00:00:fe dev eth1 nud stale");
    assert_int_equal(neighbour(&eth1, number_of("fe80::1"), &mac), 1);
    assert_memory_equal(mac.bytes, "\x02\0\0\0\0\xfe", 6);
    assert_int_equal(neighbour(&eth1, number_of("fe80::2"), &mac), 0);
}

/* ---- the rest ---- */

static void many_choices_are_cut_with_a_count(void **state)
{
    (void)state;
    struct interface interface;
    struct error err = {0};
    RUN("for i in $(seq 20); do ip link add name many-long-$i type veth peer name far-long-$i;"
        " done");
    assert_true(interface_find(&interface, "none", IP_V4, &err) < 0);
    assert_true(strlen(err.text) < sizeof err.text - 1);
    const char *end = strstr(err.text, " and ");
    assert_non_null(end);
    unsigned rest = (unsigned)strtoul(end + 5, NULL, 10), named = 0;
    assert_string_equal(err.text + strlen(err.text) - 5, " more");
    for (const char *at = err.text; (at = strstr(at, " (")) != NULL; at++)
        named++;
    struct interface_list list;
    assert_int_equal(interface_list_load(&list, &err), 0);
    assert_int_equal(named + rest, list.count);
    interface_list_free(&list);
    RUN("for i in $(seq 20); do ip link del dev many-long-$i; done");
}

static void the_list_holds_every_interface_once(void **state)
{
    (void)state;
    struct interface_list list;
    struct error err = {0};
    assert_int_equal(interface_list_load(&list, &err), 0);
    static const char *const names[] = {"lo", "eth1", "eth2", "bare1", "far1", "far2", "bare2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsigned found = 0;
        for (size_t n = 0; n < list.count; n++)
            found += strcmp(list.interfaces[n].name, names[i]) == 0;
        assert_int_equal(found, 1);
    }
    interface_list_free(&list);
    interface_list_free(&list);
    assert_int_equal(list.count, 0);
}

static void neighbours_are_found_if_usable(void **state)
{
    (void)state;
    struct interface eth1 = find("eth1"), eth2 = find("eth2");
    struct mac_address mac;
    assert_int_equal(neighbour(&eth1, ip_number_v4(0xc0000201), &mac), 0);
    RUN("ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:fe dev eth1 nud stale");
    assert_int_equal(neighbour(&eth1, ip_number_v4(0xc0000201), &mac), 1);
    assert_memory_equal(mac.bytes, "\x02\0\0\0\0\xfe", 6);
    assert_int_equal(neighbour(&eth1, ip_number_v4(0xc0000202), &mac), 0);
    /* the other interface */
    assert_int_equal(neighbour(&eth2, ip_number_v4(0xc0000201), &mac), 0);
    RUN("ip neigh add 192.0.2.3 lladdr 02:00:00:00:00:fd dev eth1 nud permanent");
    assert_int_equal(neighbour(&eth1, ip_number_v4(0xc0000203), &mac), 1);
    RUN("ip neigh add 192.0.2.4 dev eth1 nud incomplete");
    assert_int_equal(neighbour(&eth1, ip_number_v4(0xc0000204), &mac), 0);
    RUN("ip neigh change 192.0.2.1 lladdr 02:00:00:00:00:fe dev eth1 nud failed");
    assert_int_equal(neighbour(&eth1, ip_number_v4(0xc0000201), &mac), 0);
}

static void unknown_interfaces_have_dropped_nothing(void **state)
{
    (void)state;
    struct nl_sock *netlink;
    static const int nobodys[] = {-1, 0, 7777};
    assert_int_equal(netlink_open(&netlink, NULL), 0);
    for (unsigned i = 0; i < 3; i++) {
        struct interface_drops drops = interface_read_drops(netlink, nobodys[i]);
        assert_int_equal(drops.tx + drops.rx, 0);
    }
    assert_int_equal(interface_read_drops(NULL, 1).rx, 0);
    nl_socket_free(netlink);
}

static void queues_are_counted(void **state)
{
    (void)state;
    RUN("ip link add wide numtxqueues 3 numrxqueues 2 type veth "
        "peer name narrow numtxqueues 1 numrxqueues 1");
    RUN("ip link add name plain numtxqueues 5 type bridge");
    struct interface_queues wide = interface_read_queues("wide");
    struct interface_queues narrow = interface_read_queues("narrow");
    assert_int_equal(wide.tx, 3);
    assert_int_equal(wide.rx, 2);
    assert_int_equal(narrow.tx, 1);
    assert_int_equal(narrow.rx, 1);
    assert_int_equal(interface_read_queues("plain").tx, 5); /* its driver knows no channels */
    assert_int_equal(interface_read_queues("nosuch").tx, 1);
    assert_int_equal(interface_read_queues("nosuch").rx, 1);
    RUN("ip link del wide && ip link del plain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_links, remove_links)
        TEST(a_named_interface_is_described),
        TEST(an_interface_without_address_or_down_is_found),
        TEST(loopback_is_flagged),
        TEST(a_tun_link_has_no_ethernet),
        TEST(the_best_default_route_chooses),
        TEST(other_routes_are_no_default_routes),
        TEST(a_multipath_default_route_serves_both),
        TEST(without_default_route_the_only_interface_is_taken),
        TEST(errors_name_the_choices),
        TEST(many_choices_are_cut_with_a_count),
        TEST(the_list_holds_every_interface_once),
        TEST(neighbours_are_found_if_usable),
        TEST(unknown_interfaces_have_dropped_nothing),
        TEST(queues_are_counted),
        TEST(ipv6_sources_are_those_of_the_host),
        TEST(ipv6_networks_on_the_link),
        TEST(ipv6_default_routes_choose_for_ipv6),
        TEST(ipv6_neighbours_are_found),
    };
    int code = netns_enter_for_test();
    return code != 0 ? code : cmocka_run_group_tests_name("interface", tests, NULL, NULL);
}

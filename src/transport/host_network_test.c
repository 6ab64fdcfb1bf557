/* Addresses and routes as a network namespace made by the test has them. */
#include "transport/host_network.h"

#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "transport/testing/netns.h"

#define RUN(...) assert_true(netns_run(__VA_ARGS__))

static struct host_network load(void)
{
    struct host_network network;
    struct error err = {0};
    if (host_network_load(&network, &err) < 0)
        fail_msg("%s", err.text);
    return network;
}

static bool is(const struct ip_address *address, unsigned prefix, const char *wanted)
{
    char ip[IP_TEXT_SIZE], text[IP_TEXT_SIZE + 8];
    snprintf(text, sizeof text, "%s/%u", ip_format(address, ip), prefix);
    return strcmp(text, wanted) == 0;
}

static unsigned addresses_that_are(const struct host_network *network, const char *interface,
                                   const char *wanted)
{
    unsigned found = 0;
    for (size_t i = 0; i < network->address_count; i++)
        found += network->addresses[i].interface_index == (int)if_nametoindex(interface) &&
                 is(&network->addresses[i].address, network->addresses[i].prefix, wanted);
    return found;
}

static const struct host_route *find_route(const struct host_network *network,
                                           const char *interface, const char *wanted)
{
    for (size_t i = 0; i < network->route_count; i++) {
        const struct host_route *route = &network->routes[i];
        if (route->interface_index == (int)if_nametoindex(interface) &&
            is(&route->destination, route->prefix, wanted))
            return route;
    }
    return NULL;
}

static int make_links(void **state)
{
    (void)state;
    bool made = netns_make_veth("eth1", "far1") && netns_make_veth("eth2", "far2") &&
                netns_run("sysctl -qw net.ipv6.conf.eth1.disable_ipv6=0") &&
                netns_run("ip addr add 192.0.2.10/24 dev eth1") &&
                netns_run("ip addr add 192.0.2.77/32 dev eth1") &&
                netns_run("ip addr add 2001:db8::7/64 dev eth1 nodad") &&
                netns_run("ip addr add 198.51.100.10/25 dev eth2");
    return made ? 0 : -1;
}

static int remove_links(void **state)
{
    (void)state;
    return netns_run("for i in eth1 eth2; do ip link del dev $i; done") ? 0 : -1;
}

static void all_addresses_of_both_families_are_there(void **state)
{
    (void)state;
    struct host_network network = load();
    assert_int_equal(addresses_that_are(&network, "eth1", "192.0.2.10/24"), 1);
    assert_int_equal(addresses_that_are(&network, "eth1", "192.0.2.77/32"), 1);
    assert_int_equal(addresses_that_are(&network, "eth1", "2001:db8::7/64"), 1);
    assert_int_equal(addresses_that_are(&network, "eth2", "198.51.100.10/25"), 1);
    assert_int_equal(addresses_that_are(&network, "far1", "192.0.2.10/24"), 0);
    host_network_free(&network);
    host_network_free(&network);
}

static void routes_say_where_they_lead(void **state)
{
    (void)state;
    RUN("ip route add default via 192.0.2.1 dev eth1 metric 7");
    RUN("ip route add 10.0.0.0/9 nexthop via 192.0.2.2 dev eth1 nexthop via 198.51.100.2 dev eth2");
    RUN("ip -6 route add default via 2001:db8::1 dev eth1");
    RUN("ip route add 10.99.0.0/16 via 192.0.2.2 dev eth1 table 100");
    RUN("ip route add unreachable 10.98.0.0/16");
    struct host_network network = load();
    const struct host_route *route = find_route(&network, "eth1", "0.0.0.0/0");
    assert_non_null(route);
    assert_true(route->has_gateway && is(&route->gateway, 7, "192.0.2.1/7"));
    assert_int_equal(route->metric, 7);
    assert_non_null(find_route(&network, "eth1", "10.0.0.0/9"));
    assert_non_null(find_route(&network, "eth2", "10.0.0.0/9"));
    route = find_route(&network, "eth2", "198.51.100.0/25");
    assert_non_null(route);
    assert_false(route->has_gateway);
    route = find_route(&network, "eth1", "::/0");
    assert_non_null(route);
    assert_true(route->has_gateway && is(&route->gateway, 0, "2001:db8::1/0"));
    assert_null(find_route(&network, "eth1", "10.99.0.0/16"));
    assert_null(find_route(&network, "lo", "10.98.0.0/16"));
    assert_int_equal(network.more_routes, 0);
    host_network_free(&network);
    RUN("ip route del unreachable 10.98.0.0/16 && ip route flush table 100");
}

static void routes_beyond_the_list_are_counted(void **state)
{
    (void)state;
    struct host_network few = load();
    RUN("for i in $(seq 0 149); do echo route add 10.$i.0.0/16 via 192.0.2.1 dev eth1; done |"
        " ip -batch -");
    struct host_network many = load();
    assert_int_equal(many.route_count, HOST_ROUTES_MAX);
    assert_int_equal(many.route_count + many.more_routes, few.route_count + 150);
    host_network_free(&few);
    host_network_free(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_links, remove_links)
        TEST(all_addresses_of_both_families_are_there),
        TEST(routes_say_where_they_lead),
        TEST(routes_beyond_the_list_are_counted),
    };
    int code = netns_enter_for_test();
    return code != 0 ? code : cmocka_run_group_tests_name("host_network", tests, NULL, NULL);
}

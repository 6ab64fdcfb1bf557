/* Which adapter a target is asked through. */
#include "scan/ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NET_0 = 0x0a000000, NET_1 = 0x0a000100, NET_2 = 0x0a000200, ELSEWHERE = 0x0b000000 };
static const struct ip_number PREFIX = {0x20010db8ull << 32 | 7, 0},
                              GLOBAL = {0x20010db9ull << 32, 5};

/* Three adapters: eth0 in 10.0.0.0/24 with a router of IPv4; eth1 in 10.0.1.0/24 and
 * 2001:db8:0:7::/64 with a router of IPv6; and eth2, on the same two links, without any. */
struct scene {
    struct adapter adapters[3];
    const struct adapter *pointers[3];
    struct address_set targets;
    struct ways ways;
    struct error err;
};

static void lay(struct adapter *adapter, const char *name, uint32_t address, bool has_ipv6)
{
    struct interface *interface = &adapter->interface;
    *interface = (struct interface){
        .has_ethernet = true, .has_address = true, .address = address, .prefix = 24};
    strcpy(interface->name, name);
    adapter->ipv4.in_use = true;
    adapter->ipv6.in_use = has_ipv6;
    if (has_ipv6)
        interface->ipv6.on_link[interface->ipv6.on_link_count++] =
            (struct interface_prefix){PREFIX, 64};
}

static void set_up(struct scene *scene)
{
    memset(scene, 0, sizeof *scene);
    lay(&scene->adapters[0], "eth0", NET_0 + 9, false);
    lay(&scene->adapters[1], "eth1", NET_1 + 9, true);
    lay(&scene->adapters[2], "eth2", NET_1 + 10, true);
    scene->adapters[0].ipv4.router.has_address = true;
    scene->adapters[1].ipv6.router.has_mac = true;
    for (unsigned i = 0; i < 3; i++)
        scene->pointers[i] = &scene->adapters[i];
}

static void add(struct scene *scene, uint32_t first, uint32_t last)
{
    assert_int_equal(range_set_add(&scene->targets.v4, first, last, NULL), 0);
}

static void add_ipv6(struct scene *scene, struct ip_number first)
{
    uint128 value = ip_number_value(first);
    assert_int_equal(range6_set_add(&scene->targets.v6, value, value + 9, NULL), 0);
}

static int find(struct scene *scene, unsigned count)
{
    assert_int_equal(address_set_normalise(&scene->targets, NULL), 0);
    ways_fini(&scene->ways);
    return ways_init(&scene->ways, scene->pointers, count, &scene->targets, false, &scene->err);
}

static void tear_down(struct scene *scene)
{
    ways_fini(&scene->ways);
    address_set_fini(&scene->targets);
}

static unsigned choose(const struct scene *scene, unsigned taker, uint32_t address)
{
    return ways_choose(&scene->ways, taker, ip_number_v4(address));
}

static void subnets_first_then_routers(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene);
    add(&scene, NET_0, NET_1 + 255);
    add(&scene, ELSEWHERE, ELSEWHERE + 9);
    add_ipv6(&scene, PREFIX);
    add_ipv6(&scene, GLOBAL);
    assert_int_equal(find(&scene, 3), 0);
    assert_true(scene.ways.part);
    for (unsigned taker = 0; taker < 3; taker++) {
        assert_int_equal(choose(&scene, taker, NET_0 + 5), 0);
        assert_int_equal(choose(&scene, taker, NET_1 + 5), taker == 2 ? 2 : 1);
        assert_int_equal(choose(&scene, taker, ELSEWHERE + 5), 0);
        assert_int_equal(ways_choose(&scene.ways, taker, PREFIX), taker == 2 ? 2 : 1);
        assert_int_equal(ways_choose(&scene.ways, taker, GLOBAL), 1);
    }
    assert_int_equal(ways_to_router(&scene.ways, 0), IP_V4);
    assert_int_equal(ways_to_router(&scene.ways, 1), IP_V6);
    assert_int_equal(ways_to_router(&scene.ways, 2), IP_NONE);
    tear_down(&scene);
}

static void what_all_lead_to_is_not_parted(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene);
    scene.adapters[1].ipv4.router.has_mac = true;
    add(&scene, ELSEWHERE, ELSEWHERE + 9);
    assert_int_equal(find(&scene, 2), 0);
    assert_false(scene.ways.part);
    assert_int_equal(choose(&scene, 0, ELSEWHERE), 0);
    assert_int_equal(choose(&scene, 1, ELSEWHERE), 1);
    assert_int_equal(find(&scene, 3), 0); /* the third has no router */
    assert_true(scene.ways.part);
    add(&scene, NET_2, NET_2 + 5); /* on nobody's link */
    assert_int_equal(find(&scene, 2), 0);
    assert_false(scene.ways.part);
    add(&scene, NET_1, NET_1 + 5); /* on that of one */
    assert_int_equal(find(&scene, 2), 0);
    assert_true(scene.ways.part);
    tear_down(&scene);
}

static void what_none_leads_to_is_refused(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene);
    add(&scene, NET_0, NET_1 + 255);
    scene.adapters[0].ipv4.router.has_address = false;
    assert_int_equal(find(&scene, 3), 0);
    add(&scene, ELSEWHERE, ELSEWHERE + 9);
    assert_int_equal(find(&scene, 3), -1);
    assert_non_null(strstr(scene.err.text, "no adapter leads to 10 of the IPv4 targets"));
    scene.adapters[2].interface.has_ethernet = false; /* then no router is needed */
    assert_int_equal(find(&scene, 3), 0);
    assert_int_equal(choose(&scene, 0, ELSEWHERE), 2);
    add_ipv6(&scene, GLOBAL);
    scene.adapters[2].ipv6.in_use = scene.adapters[1].ipv6.router.has_mac = false;
    assert_int_equal(find(&scene, 3), -1);
    assert_non_null(strstr(scene.err.text, "no adapter leads to 10 of the IPv6 targets"));
    tear_down(&scene);
}

static void one_adapter_leads_everywhere(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene);
    scene.adapters[0].ipv4.router.has_address = false;
    add(&scene, NET_0, NET_0 + 9);
    assert_int_equal(find(&scene, 1), 0);
    assert_false(scene.ways.part);
    assert_int_equal(ways_to_router(&scene.ways, 0), IP_NONE);
    add(&scene, ELSEWHERE, ELSEWHERE + 9);
    assert_int_equal(find(&scene, 1), 0);
    assert_false(scene.ways.part);
    assert_int_equal(ways_to_router(&scene.ways, 0), IP_V4);
    tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subnets_first_then_routers),
        cmocka_unit_test(what_all_lead_to_is_not_parted),
        cmocka_unit_test(what_none_leads_to_is_refused),
        cmocka_unit_test(one_adapter_leads_everywhere),
    };
    return cmocka_run_group_tests_name("ways", tests, NULL, NULL);
}

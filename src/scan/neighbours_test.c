/* Which targets are neighbours, and whose answers count. */
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
#include "transport/mem.h"

enum { SUBNET = 0x0a090000, OWN = SUBNET | 2 }; /* 10.9.0.0/24 */

struct lan {
    struct adapter adapter;
    struct range_set targets;
    struct transport_group transports;
    struct neighbours neighbours;
    unsigned requests;
};

static void lan_init(struct lan *lan, uint8_t prefix, uint32_t first, uint32_t last)
{
    struct error err;
    memset(lan, 0, sizeof *lan);
    lan->adapter.interface = (struct interface){
        .name = "lan", .has_ethernet = true, .has_address = true, .address = OWN, .prefix = prefix};
    lan->adapter.address = OWN;
    assert_int_equal(range_set_add(&lan->targets, first, last, &err), 0);
    assert_int_equal(range_set_normalise(&lan->targets, &err), 0);
}

static void lan_fini(struct lan *lan)
{
    neighbours_fini(&lan->neighbours);
    range_set_fini(&lan->targets);
}

static int gather(struct lan *lan, struct error *err)
{
    return neighbours_init(&lan->neighbours, &lan->adapter, &lan->targets, err);
}

/* Odd hosts answer, each by an address that ends in its own; a second answer comes from a liar. */
static void hear(void *context, struct transport *transport, const uint8_t *frame, uint32_t length)
{
    struct lan *lan = context;
    struct packet packet;
    assert_int_equal(packet_decode(&packet, frame, length, true), PACKET_OK);
    assert_int_equal(packet.kind, PACKET_ARP);
    assert_true(packet.arp.target - SUBNET <= 255);
    lan->requests++;
    if (packet.arp.target % 2 == 0)
        return;
    struct arp_packet reply = {.operation = ARP_REPLY, .sender = packet.arp.target, .target = OWN};
    uint8_t answer[PACKET_HEADERS_MAX];
    for (uint8_t liar = 0; liar < 2; liar++) {
        reply.sender_mac = (struct mac_address){{2, 0, 0, 0, liar, (uint8_t)packet.arp.target}};
        transport_mem_receive(transport, answer, (uint32_t)packet_build_arp(answer, &reply));
    }
}

static void the_subnet_and_no_more(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 24, SUBNET - 16, SUBNET + 300);
    assert_int_equal(gather(&lan, &err), 0);
    assert_int_equal(lan.neighbours.count, 256);
    assert_true(neighbours_near(&lan.neighbours, SUBNET));
    assert_true(neighbours_near(&lan.neighbours, SUBNET + 255));
    assert_false(neighbours_near(&lan.neighbours, SUBNET - 1));
    assert_false(neighbours_near(&lan.neighbours, SUBNET + 256));
    lan_fini(&lan);
}

static void none_where_a_router_is_named(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 24, SUBNET, SUBNET + 255);
    lan.adapter.has_router_mac = true;
    assert_int_equal(gather(&lan, &err), 0);
    assert_int_equal(lan.neighbours.count, 0);
    assert_false(neighbours_near(&lan.neighbours, SUBNET));
    lan_fini(&lan);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 8, 0x0a000000, 0x0a000000 + NEIGHBOURS_MAX);
    assert_true(gather(&lan, &err) < 0);
    assert_non_null(strstr(err.text, "65537 targets"));
    lan_fini(&lan);
}

static void silent_ones_are_asked_three_times(void **state)
{
    (void)state;
    struct lan lan;
    struct error err;
    lan_init(&lan, 24, SUBNET, SUBNET + 255);
    assert_int_equal(gather(&lan, &err), 0);
    struct transport_setup link = adapter_transport_setup(&lan.adapter);
    link.instances = 1;
    assert_int_equal(transport_group_open(&lan.transports, &transport_mem, &link, &err), 0);
    transport_mem_connect(&lan.transports.member[0], hear, &lan);
    const struct neighbours_asking asking = {.adapter = &lan.adapter,
                                             .transport = &lan.transports.member[0],
                                             .rate_pps = 1e5,
                                             .signal_fd = -1};
    assert_int_equal(neighbours_ask(&lan.neighbours, &asking, &err), 0);
    assert_int_equal(lan.requests, 128 + 3 * 128);
    assert_int_equal(lan.neighbours.answered, 128);
    for (uint32_t i = 0; i < 256; i++) {
        const struct mac_address *mac = neighbours_find(&lan.neighbours, SUBNET + i);
        assert_true((mac != NULL) == (i % 2 == 1));
        if (mac != NULL)
            assert_true(mac->bytes[4] == 0 && mac->bytes[5] == i);
    }
    transport_group_close(&lan.transports);
    lan_fini(&lan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_subnet_and_no_more),
        cmocka_unit_test(none_where_a_router_is_named),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(silent_ones_are_asked_three_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

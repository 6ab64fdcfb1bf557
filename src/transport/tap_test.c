/* What is particular to transports that see frames besides the host's own stack: links without
 * Ethernet headers, the filter in place, VLAN tags, promiscuity, and messages. */
#include "transport/transport.h"

#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "transport/testing/frames.h"
#include "transport/testing/netns.h"

static struct transport open_on(const struct transport_ops *ops,
                                const struct transport_setup *setup)
{
    struct transport transport;
    struct error err = {0};
    if (transport_open(&transport, ops, setup, &err) < 0)
        fail_msg("%s", err.text);
    return transport;
}

static struct transport open_all(const struct transport_ops *ops, const char *name)
{
    struct transport_setup setup = netns_setup(name, true);
    return open_on(ops, &setup);
}

static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    if (syscall(SYS_capset, &header, none) < 0)
        _exit(9);
}

/* In a child: 0 if opening fails with the right advice. */
static int open_without_capabilities(const struct transport_ops *ops)
{
    struct transport_setup setup = netns_setup("veth1", true);
    struct transport transport;
    struct error err = {0};
    drop_capabilities();
    if (transport_open(&transport, ops, &setup, &err) >= 0)
        return 1;
    if (strstr(err.text, "CAP_NET_RAW") == NULL || strstr(err.text, "sudo") == NULL)
        return 2;
    return strstr(err.text, "setcap cap_net_raw,cap_net_admin,cap_bpf=eip /") == NULL ? 3 : 0;
}

static void without_capabilities_the_message_helps(void **state)
{
    pid_t child = fork();
    if (child == 0)
        _exit(open_without_capabilities(*state));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- what is received ---- */

static void foreign_and_own_frames_stay_out(void **state)
{
    struct transport_setup one = netns_setup("veth1", true), other = netns_setup("veth2", true);
    other.address = 0xc0000201;
    other.address_mask = 0xffffffff;
    struct transport near = open_on(*state, &one), far = open_on(*state, &other);
    struct error err = {0};
    struct rx_frames frames;
    uint8_t frame[PROBE];
    write_ethernet(frame, 0x86dd, 1);
    assert_int_equal(send_one(&near, frame, PROBE, &err), 1);
    write_ethernet(frame, 0x0800, 2); /* to 0.0.0.0 */
    assert_int_equal(send_one(&near, frame, PROBE, &err), 1);
    write_ethernet(frame, 0x0806, 3);
    assert_int_equal(send_one(&far, frame, PROBE, &err), 1);
    assert_true(send_as_host("veth2", frame, PROBE));
    assert_int_equal(send_serials(&near, 1, 4, &err), 1);
    peek_some(&far, &frames);
    assert_int_equal(frames.count, 1);
    assert_int_equal(serial_of(frames.frame[0]), 4);
    assert_int_equal(stats_of(&far).ring_dropped, 0);
    transport_close(&far);
    transport_close(&near);
}

/* The kernel takes the tag out; libpcap puts it back. */
static void only_frames_of_the_own_vlan_come_in(void **state)
{
    const struct transport_ops *ops = *state;
    bool has_tag = strcmp(ops->name, "pcap") == 0;
    struct transport near = open_all(*state, "veth1");
    static const uint16_t vlans[] = {0, 0x2a, 0x2b}; /* 0: without a tag */
    uint8_t plain[PROBE], tagged[PROBE + 4];
    struct error err = {0};
    struct rx_frames frames;
    for (unsigned own = 0; own < 3; own++) {
        struct transport_setup setup = netns_setup("veth2", true);
        setup.vlan = vlans[own];
        struct transport far = open_on(*state, &setup);
        for (unsigned other = 0; other < 3; other++) {
            write_ethernet(plain, 0x0806, other);
            memcpy(tagged, plain, 12);
            memcpy(tagged + 12, (uint8_t[]){0x81, 0x00, 0x20, (uint8_t)vlans[other]}, 4);
            memcpy(tagged + 16, plain + 12, PROBE - 12);
            assert_int_equal(send_one(&near, vlans[other] ? tagged : plain,
                                      vlans[other] ? sizeof tagged : PROBE, &err),
                             1);
        }
        peek_some(&far, &frames);
        assert_int_equal(frames.count, 1);
        assert_int_equal(serial_of(frames.frame[0] + (has_tag && vlans[own] ? 4 : 0)), own);
        assert_int_equal(frames.length[0], has_tag && vlans[own] ? sizeof tagged : PROBE);
        transport_close(&far);
    }
    transport_close(&near);
}

static bool is_promiscuous(const char *name)
{
    return netns_run("ip -d link show dev %s | grep -q 'promiscuity 1'", name);
}

static void promiscuity_ends_with_the_transport(void **state)
{
    struct transport_setup setup = netns_setup("veth1", true);
    struct transport transport = open_on(*state, &setup);
    assert_false(is_promiscuous("veth1"));
    transport_close(&transport);
    setup.promiscuous = true;
    transport = open_on(*state, &setup);
    assert_true(is_promiscuous("veth1"));
    transport_close(&transport);
    assert_false(is_promiscuous("veth1"));
}

/* An IPv4 packet without transport header: ICMP to 192.0.2.1. */
static const uint8_t ipv4_packet[28] = {0x45, 0, 0, 28, 0,   0, 0, 0, 64, 1, 0,    0,
                                        192,  0, 2, 2,  192, 0, 2, 1, 8,  0, 0xf7, 0xff};

static void links_without_ethernet_carry_bare_ip(void **state)
{
    int tun = netns_make_tun("tun", false);
    if (tun < 0 && errno == EACCES)
        skip();
    assert_true(tun >= 0);
    struct transport_setup setup = netns_setup("tun", false);
    setup.address = 0xc0000201;
    setup.address_mask = 0xffffffff;
    struct transport transport = open_on(*state, &setup);
    struct error err = {0};
    struct rx_frames frames;
    uint8_t packet[64];
    assert_int_equal(send_one(&transport, ipv4_packet, sizeof ipv4_packet, &err), 1);
    assert_int_equal(read(tun, packet, sizeof packet), sizeof ipv4_packet);
    assert_memory_equal(packet, ipv4_packet, sizeof ipv4_packet);
    packet[19] = 9; /* to another address: kept out */
    assert_int_equal(write(tun, packet, sizeof ipv4_packet), sizeof ipv4_packet);
    assert_int_equal(write(tun, ipv4_packet, sizeof ipv4_packet), sizeof ipv4_packet);
    peek_some(&transport, &frames);
    assert_int_equal(frames.count, 1);
    assert_int_equal(frames.length[0], sizeof ipv4_packet);
    assert_memory_equal(frames.frame[0], ipv4_packet, sizeof ipv4_packet);
    transport_close(&transport);
    close(tun);
}

static void loopback_carries_frames(void **state)
{
    assert_true(netns_run("ip link set dev lo up"));
    struct transport transport = open_all(*state, "lo");
    struct error err = {0};
    struct rx_frames frames;
    assert_int_equal(send_serials(&transport, 3, 100, &err), 3);
    unsigned received = 0;
    while (received < 3) {
        peek_some(&transport, &frames);
        for (unsigned i = 0; i < frames.count; i++, received++)
            assert_int_equal(serial_of(frames.frame[i]), 100 + received);
        transport.ops->rx_release(transport.state);
    }
    transport_close(&transport);
}

static int run_over(const char *name)
{
    const struct transport_ops *ops = transport_find(name);
    void *state = (void *)ops;
    const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_prestate(function, state)
        TEST(without_capabilities_the_message_helps), TEST(foreign_and_own_frames_stay_out),
        TEST(only_frames_of_the_own_vlan_come_in),    TEST(promiscuity_ends_with_the_transport),
        TEST(links_without_ethernet_carry_bare_ip),   TEST(loopback_carries_frames),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    int code = netns_enter_for_test();
    if (code != 0)
        return code;
    if (!netns_make_veth("veth1", "veth2"))
        return EXIT_FAILURE;
    return run_over("af_packet") + run_over("pcap");
}

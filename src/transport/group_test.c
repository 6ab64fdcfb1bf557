/* Several instances on one link: what arrives is shared among them, what they send leaves, and
 * nothing comes twice or gets lost between them.
 *
 * A veth pair with QUEUES queues; both ends are groups. A frame that instance i of an AF_XDP group
 * sends travels by queue i and arrives at the same queue. Its serial number is in the source MAC.
 */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "transport/mem.h"
#include "transport/testing/descriptors.h"
#include "transport/testing/netns.h"

enum { QUEUES = 4, FRAMES = 400, HOSTS = 50, FRAME = 60, SERIALS = QUEUES * FRAMES, NOBODY = -1 };

struct rig {
    const char *name;
    unsigned near_instances, far_instances;
    struct transport_group near, far;
    int seen_by[SERIALS]; /* the instance that gave it out */
};

static void open_group(struct transport_group *group, const char *name, const char *interface,
                       unsigned instances)
{
    struct error err = {0};
    struct transport_setup setup = netns_setup(interface, true);
    setup.instances = instances;
    if (transport_group_open(group, transport_find(name), &setup, &err) < 0)
        fail_msg("%s", err.text);
}

static int setup(void **state)
{
    struct rig *rig = *state;
    open_group(&rig->near, rig->name, "near", rig->near_instances);
    open_group(&rig->far, rig->name, "far", rig->far_instances);
    for (unsigned i = 0; i < SERIALS; i++)
        rig->seen_by[i] = NOBODY;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    transport_group_close(&rig->near);
    transport_group_close(&rig->far);
    return 0;
}

/* What is sent: UDP in IPv4 or IPv6 from one of HOSTS hosts, ARP, Neighbour Discovery. */
enum sort { UDP, UDP_IPV6, ARP, ADVERTISEMENT };

/* From hosts that differ in one byte of their address. */
static void write_ipv6(uint8_t *frame, uint32_t serial, enum sort sort)
{
    memset(frame + 12, 0, FRAME - 12);
    memcpy(frame + 12, (uint8_t[]){0x86, 0xdd, 0x60}, 3);
    frame[19] = FRAME - 54;
    frame[20] = sort == UDP_IPV6 ? 17 : 58;
    frame[21] = 255;
    memcpy(frame + 22, (uint8_t[]){0x20, 0x01, 0x0d, 0xb8}, 4);
    frame[22 + 11] = (uint8_t)(serial % HOSTS);
    frame[38] = 0x20;
    frame[54] = sort == UDP_IPV6 ? 0 : 136;
}

static void write_frame(uint8_t *frame, uint32_t serial, enum sort sort)
{
    static const uint8_t udp[FRAME] = {2, 0,  0, 0, 0, 1, 2,  0,  0, 0, 0,  0, 0x08, 0, 0x45, 0,
                                       0, 46, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0,    0, 0};
    memcpy(frame, udp, FRAME);
    if (sort == ARP)
        frame[13] = 0x06;
    else if (sort != UDP)
        write_ipv6(frame, serial, sort);
    for (uint32_t i = 0; i < 4; i++)
        frame[8 + i] = (uint8_t)(serial >> 8 * i);
    if (sort == UDP)
        frame[29] = (uint8_t)(serial % HOSTS);
}

static void send_frames(struct transport *transport, uint32_t first, unsigned count, enum sort sort)
{
    struct tx_slots slots;
    struct error err = {0};
    while (count > 0) {
        transport->ops->tx_reserve(transport->state, &slots, count, &err);
        for (unsigned i = 0; i < slots.count; i++) {
            write_frame(slots.frame[i], first + i, sort);
            slots.length[i] = FRAME;
        }
        int sent = transport->ops->tx_commit(transport->state, &slots, &err);
        if (sent < 0)
            fail_msg("%s", err.text);
        first += (unsigned)sent;
        count -= (unsigned)sent;
    }
}

static void note(struct rig *rig, const uint8_t *frame, int instance)
{
    uint32_t serial = 0;
    for (uint32_t i = 0; i < 4; i++)
        serial |= (uint32_t)frame[8 + i] << 8 * i;
    assert_in_range(serial, 0, SERIALS - 1);
    if (rig->seen_by[serial] != NOBODY)
        fail_msg("frame %u came to instance %d and to %d", serial, rig->seen_by[serial], instance);
    rig->seen_by[serial] = instance;
}

/* One look at each instance; returns how many frames there were. */
static unsigned look(struct rig *rig, struct transport_group *group)
{
    unsigned count = 0;
    for (unsigned i = 0; i < group->count; i++) {
        struct transport *transport = &group->member[i];
        struct rx_frames frames;
        struct error err = {0};
        assert_int_equal(transport->ops->wait(transport->state, NS_PER_MS, &err), 0);
        assert_int_equal(transport->ops->rx_peek(transport->state, &frames, &err), 0);
        for (unsigned f = 0; f < frames.count; f++)
            note(rig, frames.frame[f], (int)i);
        transport->ops->rx_release(transport->state);
        count += frames.count;
    }
    return count;
}

/* A frame that does not come makes the test run into its time-out; more than expected fail it. */
static void receive(struct rig *rig, struct transport_group *group, unsigned expected)
{
    unsigned received = 0;
    while (received < expected)
        received += look(rig, group);
    for (unsigned i = 0; i < 5; i++)
        received += look(rig, group);
    assert_int_equal(received, expected);
}

static void every_frame_comes_to_one_instance(void **state)
{
    struct rig *rig = *state;
    for (unsigned i = 0; i < rig->far.count; i++)
        send_frames(&rig->far.member[i], i * FRAMES, FRAMES, UDP);
    receive(rig, &rig->near, rig->far.count * FRAMES);
    for (unsigned i = 0; i < rig->far.count * FRAMES; i++)
        assert_int_not_equal(rig->seen_by[i], NOBODY);
}

/* Frames of one host that came by one queue. */
static void check_flows(struct rig *rig, enum sort sort)
{
    unsigned instances = 0;
    for (unsigned i = 0; i < rig->far.count; i++)
        send_frames(&rig->far.member[i], i * FRAMES, FRAMES, sort);
    receive(rig, &rig->near, rig->far.count * FRAMES);
    for (unsigned i = 0; i < rig->far.count * FRAMES; i++) {
        unsigned queue = i / FRAMES, same = queue * FRAMES + i % HOSTS;
        same += (HOSTS + i % HOSTS - same % HOSTS) % HOSTS;
        assert_int_equal(rig->seen_by[i], rig->seen_by[same]);
        instances |= 1u << rig->seen_by[i];
    }
    assert_int_equal(instances, (1u << rig->near.count) - 1); /* none goes empty-handed */
}

static void frames_of_a_flow_come_to_the_same(void **state)
{
    check_flows(*state, UDP);
}

static void ipv6_frames_of_a_flow_come_to_the_same(void **state)
{
    check_flows(*state, UDP_IPV6);
}

static void what_resolves_addresses_comes_to_the_first(void **state)
{
    static const enum sort sorts[] = {ARP, ADVERTISEMENT};
    struct rig *rig = *state;
    for (unsigned i = 0; i < rig->far.count; i++)
        send_frames(&rig->far.member[i], i * 10, 10, sorts[i % 2]);
    receive(rig, &rig->near, rig->far.count * 10);
    for (unsigned i = 0; i < rig->far.count * 10; i++)
        assert_int_equal(rig->seen_by[i], 0);
}

static void all_can_send(void **state)
{
    struct rig *rig = *state;
    uint64_t sent = 0;
    for (unsigned i = 0; i < rig->near.count; i++)
        send_frames(&rig->near.member[i], i * FRAMES, FRAMES, UDP);
    receive(rig, &rig->far, rig->near.count * FRAMES);
    for (unsigned i = 0; i < rig->near.count; i++) {
        struct transport_stats stats;
        rig->near.member[i].ops->stats(rig->near.member[i].state, &stats);
        assert_int_equal(stats.sent, FRAMES);
        sent += stats.sent;
    }
    assert_int_equal(sent, rig->near.count * FRAMES);
}

static void no_more_are_opened_than_may_be(void **state)
{
    struct rig *rig = *state;
    struct transport_setup setup = netns_setup("near", true);
    const struct transport_ops *ops = transport_find(rig->name);
    unsigned most = transport_instances_max(ops, &setup);
    transport_group_close(&rig->near);
    open_group(&rig->near, rig->name, "near", TRANSPORT_GROUP_MAX + 1);
    assert_int_equal(rig->near.count, most);
    assert_int_equal(most, strcmp(rig->name, "af_xdp") == 0 ? QUEUES : TRANSPORT_GROUP_MAX);
}

static void closing_leaves_nothing_behind(void **state)
{
    struct rig *rig = *state;
    transport_group_close(&rig->near);
    unsigned descriptors = count_descriptors();
    for (unsigned i = 0; i < 3; i++) {
        open_group(&rig->near, rig->name, "near", rig->near_instances);
        transport_group_close(&rig->near);
        transport_group_close(&rig->near); /* does nothing */
    }
    assert_int_equal(count_descriptors(), descriptors);
}

static int run_over(struct rig *rig)
{
    char title[64];
    const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_prestate_setup_teardown(function, setup, teardown, rig)
        TEST(every_frame_comes_to_one_instance),
        TEST(frames_of_a_flow_come_to_the_same),
        TEST(ipv6_frames_of_a_flow_come_to_the_same),
        TEST(what_resolves_addresses_comes_to_the_first),
        TEST(all_can_send),
        TEST(no_more_are_opened_than_may_be),
        TEST(closing_leaves_nothing_behind),
    };
    snprintf(title, sizeof title, "%s, %u instances", rig->name, rig->near_instances);
    return cmocka_run_group_tests_name(title, tests, NULL, NULL);
}

int main(void)
{
    static struct rig rigs[] = {
        {"af_packet", 2, 2},
        {"af_packet", 3, 1},
        {"af_xdp", QUEUES, QUEUES},
        {"af_xdp", 2, QUEUES}, /* fewer instances than queues */
    };
    bool root = geteuid() == 0;
    int code = netns_enter_for_test(), failed = 0;
    if (code != 0)
        return code;
    if (!netns_run("ip link add near numtxqueues %d numrxqueues %d type veth "
                   "peer name far numtxqueues %d numrxqueues %d && "
                   "ip link set dev near up && ip link set dev far up",
                   QUEUES, QUEUES, QUEUES, QUEUES))
        return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof rigs / sizeof rigs[0]; i++)
        if (root || strcmp(rigs[i].name, "af_xdp") != 0) /* the kernel lets only root use BPF */
            failed += run_over(&rigs[i]);
    return failed;
}

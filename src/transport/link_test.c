/* What every transport over a link must do when the link makes trouble: a driver without room, a
 * link that goes away or never was, frames that do not fit. */
#include "transport/transport.h"

#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "transport/interface.h"
#include "transport/netlink.h"
#include "transport/pfring.h"
#include "transport/testing/descriptors.h"
#include "transport/testing/frames.h"
#include "transport/testing/netns.h"

enum { TAP_QUEUE = 64, SLOW_FRAMES = 2000 };

static struct transport open_by(const struct transport_ops *ops, const char *name)
{
    struct transport_setup setup = netns_setup(name, true);
    struct transport transport;
    struct error err = {0};
    if (transport_open(&transport, ops, &setup, &err) < 0)
        fail_msg("%s", err.text);
    return transport;
}

/* ---- a driver without room ---- */

/* Reads the frames that wait in the tap device; each must carry the next serial number. */
static uint32_t read_tap(int tap, uint32_t next)
{
    uint8_t frame[2048];
    ssize_t length;
    while ((length = read(tap, frame, sizeof frame)) > 0) {
        assert_int_equal(length, PROBE);
        assert_int_equal(serial_of(frame), next);
        next++;
    }
    assert_int_equal(errno, EAGAIN);
    return next;
}

static int open_small_tap(void)
{
    int tap = netns_make_tun("tap", true);
    if (tap < 0 && errno == EACCES)
        skip();
    assert_true(tap >= 0);
    assert_true(netns_run("ip link set dev tap txqueuelen %d", TAP_QUEUE));
    return tap;
}

static uint64_t dropped_on_the_way_out(const char *name)
{
    struct nl_sock *netlink;
    assert_int_equal(netlink_open(&netlink, NULL), 0);
    uint64_t dropped = interface_read_drops(netlink, (int)if_nametoindex(name)).tx;
    nl_socket_free(netlink);
    return dropped;
}

static void what_a_full_driver_refuses_is_not_sent(void **state)
{
    int tap = open_small_tap();
    struct transport transport = open_by(*state, "tap");
    struct error err = {0};
    uint32_t sent = 0;
    for (unsigned round = 0; round < 5; round++) {
        int taken = send_serials(&transport, TRANSPORT_BATCH, sent, &err);
        assert_int_equal(taken, TAP_QUEUE);
        assert_int_equal(send_serials(&transport, 1, sent + TAP_QUEUE, &err), 0);
        sent += TAP_QUEUE;
        assert_int_equal(read_tap(tap, sent - TAP_QUEUE), sent);
    }
    struct transport_stats stats = stats_of(&transport);
    assert_int_equal(stats.sent, sent);
    assert_true(stats.tx_retried > 0);
    /* The tap counts refusals as drops: they can be taken off. The slots of PF_RING's drivers,
     * which this is not, are full before anything is dropped. */
    if (*state != &transport_pfring) {
        assert_true(stats.tx_refused > 0);
        assert_int_equal(dropped_on_the_way_out("tap"), stats.tx_refused);
    }
    transport_close(&transport);
    close(tap);
}

struct slow_reader {
    int tap;
    uint32_t read;
    bool in_order;
};

/* Reads one frame at a time, with rests, until all have come. */
static void *read_slowly(void *argument)
{
    struct slow_reader *reader = argument;
    uint8_t frame[2048];
    reader->in_order = true;
    while (reader->read < SLOW_FRAMES) {
        if (read(reader->tap, frame, sizeof frame) != PROBE) {
            clock_sleep_until_ns(clock_monotonic_ns() + 50000);
            continue;
        }
        reader->in_order &= serial_of(frame) == reader->read;
        reader->read++;
    }
    return NULL;
}

static void a_slow_driver_gets_every_frame_once(void **state)
{
    struct slow_reader reader = {.tap = open_small_tap()};
    struct transport transport = open_by(*state, "tap");
    struct error err = {0};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reader), 0);
    for (uint32_t sent = 0; sent < SLOW_FRAMES;) {
        unsigned left = SLOW_FRAMES - sent;
        int taken =
            send_serials(&transport, left < TRANSPORT_BATCH ? left : TRANSPORT_BATCH, sent, &err);
        assert_true(taken >= 0);
        sent += (uint32_t)taken;
    }
    pthread_join(thread, NULL);
    assert_true(reader.in_order);
    assert_int_equal(stats_of(&transport).sent, SLOW_FRAMES);
    transport_close(&transport);
    close(reader.tap);
}

/* ---- a link that goes away, or never was ---- */

static void expect_lost(struct transport *transport, const char *name)
{
    struct error err = {0};
    assert_true(send_serials(transport, 3, 0, &err) < 0);
    assert_non_null(strstr(err.text, name));
    assert_non_null(strstr(err.text, "was removed"));
    err.text[0] = '\0';
    assert_true(transport->ops->wait(transport->state, 3600 * NS_PER_SECOND, &err) < 0);
    assert_non_null(strstr(err.text, name));
}

static void a_lost_link_is_an_error(void **state)
{
    assert_true(netns_make_veth("lost1", "lost2"));
    struct transport transport = open_by(*state, "lost1");
    assert_true(netns_run("ip link del dev lost1"));
    expect_lost(&transport, "lost1");
    assert_int_equal(stats_of(&transport).sent, 0);
    transport_close(&transport);
}

static void a_receiver_hears_of_a_lost_link(void **state)
{
    assert_true(netns_make_veth("lost1", "lost2"));
    struct transport transport = open_by(*state, "lost1");
    struct error err = {0};
    struct rx_frames frames;
    assert_true(netns_run("ip link del dev lost1"));
    transport.ops->rx_peek(transport.state, &frames, &err);
    transport.ops->rx_release(transport.state);
    assert_true(transport.ops->wait(transport.state, 3600 * NS_PER_SECOND, &err) < 0);
    assert_non_null(strstr(err.text, "lost1 was removed"));
    transport_close(&transport);
}

/* ---- a link that is down for a while ---- */

/* Sends frames with these serial numbers, and sees just them arrive. */
static void expect_passage(struct transport *from, struct transport *to, uint32_t first)
{
    struct error err = {0};
    struct rx_frames frames;
    assert_int_equal(send_serials(from, 3, first, &err), 3);
    for (unsigned received = 0; received < 3;) {
        peek_some(to, &frames);
        for (unsigned i = 0; i < frames.count; i++)
            assert_int_equal(serial_of(frames.frame[i]), first + received++);
        to->ops->rx_release(to->state);
    }
}

/* Nothing is taken, nothing arrives, and neither is an error. */
static void expect_silence(struct transport *transport)
{
    struct error err = {0};
    struct rx_frames frames;
    for (unsigned round = 0; round < 40; round++) {
        assert_int_equal(send_serials(transport, TRANSPORT_BATCH, 1000, &err), 0);
        assert_int_equal(transport->ops->rx_peek(transport->state, &frames, &err), 0);
        assert_int_equal(frames.count, 0);
        transport->ops->rx_release(transport->state);
        assert_int_equal(transport->ops->wait(transport->state, NS_PER_MS, &err), 0);
    }
}

/* Switched off, or without its carrier because the other end is. */
static void a_link_that_is_down_takes_nothing_until_it_is_up(void **state)
{
    assert_true(netns_make_veth("down1", "down2"));
    struct transport near = open_by(*state, "down1");
    struct transport far = open_by(transport_find("af_packet"), "down2");
    for (uint32_t round = 0; round < 4; round++) {
        const char *which = round % 2 == 0 ? "down1" : "down2";
        expect_passage(&near, &far, 10 * round);
        expect_passage(&far, &near, 10 * round + 5);
        assert_true(netns_run("ip link set dev %s down", which));
        expect_silence(&near);
        assert_true(netns_run("ip link set dev %s up", which));
        interface_await_carrier("down1");
        interface_await_carrier("down2");
    }
    assert_int_equal(stats_of(&near).sent, 12);
    transport_close(&near);
    transport_close(&far);
    assert_true(netns_run("ip link del dev down1"));
}

static void a_failed_open_says_why_and_leaves_nothing(void **state)
{
    struct transport_setup setup = {.interface_name = "gone7", .interface_index = 7777};
    struct transport transport;
    struct error err = {0};
    unsigned descriptors = count_descriptors();
    assert_true(transport_open(&transport, *state, &setup, &err) < 0);
    assert_non_null(strstr(err.text, "gone7"));
    assert_null(transport.state);
    assert_int_equal(count_descriptors(), descriptors);
}

static void frames_that_can_never_be_sent_are_errors(void **state)
{
    struct transport transport = open_by(*state, "veth1");
    struct error err = {0};
    uint8_t frame[1600] = {0};
    write_ethernet(frame, 0x0806, 0);
    assert_true(send_one(&transport, frame, 1515, &err) < 0);
    assert_non_null(strstr(err.text, "1515"));
    assert_non_null(strstr(err.text, "MTU of veth1"));
    assert_true(send_one(&transport, frame, 0, &err) < 0);
    assert_int_equal(send_one(&transport, frame, 1514, &err), 1);
    assert_int_equal(stats_of(&transport).sent, 1);
    transport_close(&transport);
}

static int run_over(const char *name)
{
    const struct transport_ops *ops = transport_find(name);
    void *state = (void *)ops;
    struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_prestate(function, state)
        TEST(what_a_full_driver_refuses_is_not_sent),
        TEST(a_slow_driver_gets_every_frame_once),
        TEST(a_lost_link_is_an_error),
        TEST(a_receiver_hears_of_a_lost_link),
        TEST(a_link_that_is_down_takes_nothing_until_it_is_up),
        TEST(a_failed_open_says_why_and_leaves_nothing),
        TEST(frames_that_can_never_be_sent_are_errors),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    bool root = geteuid() == 0;
    int code = netns_enter_for_test();
    if (code != 0)
        return code;
    if (!netns_make_veth("veth1", "veth2"))
        return EXIT_FAILURE;
    int failed = run_over("af_packet") + run_over("pcap") + run_over("pfring");
    return root ? failed + run_over("af_xdp") : failed; /* the kernel lets only root use BPF */
}

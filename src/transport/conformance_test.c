/* What every transport must do, run over each of them.
 *
 * A rig has a near end that sends and a far end that receives what was sent: the memory transport
 * with a peer that reflects, so that both ends are the same instance; AF_PACKET or AF_XDP on both
 * ends of a veth pair. The frames look like ARP or like UDP, which every receive filter lets
 * through here; AF_XDP takes them different ways. A serial number in the source address tells which
 * one it is and what its content must be. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "transport/mem.h"
#include "transport/observed.h"
#include "transport/testing/descriptors.h"
#include "transport/testing/netns.h"

enum {
    ARP_MIN = 14,
    UDP_MIN = 42,
    FRAME_MAX = 1514,
    PROBE = 60,
    IN_FLIGHT = 768, /* fewer than any queue on the way holds (netdev_max_backlog is 1000) */
    FLOOD = 24000,   /* full-sized frames: more than any transport's queue holds */
    MANY = 100000,
};

/* What stands before the content of a frame. */
struct kind {
    uint8_t header[PROBE];
    uint32_t length; /* the least */
};

static const struct kind arp = {{2, 0, 0, 0, 0, 1, 2, [12] = 0x08, [13] = 0x06}, ARP_MIN};
static const struct kind udp = {{2, 0, 0, 0, 0, 1, 2, [12] = 0x08, [14] = 0x45, [22] = 64, 17},
                                UDP_MIN};
/* For transports that pad frames to the least length of Ethernet. */
static const struct kind long_udp = {{2, 0, 0, 0, 0, 1, 2, [12] = 0x08, [14] = 0x45, [22] = 64, 17},
                                     PROBE};

struct rig {
    const char *name;
    const char *title;
    void (*open)(struct rig *rig);
    const struct kind *kind;
    unsigned mtu; /* of the veth pair; too large a one lets its driver refuse XDP programs */
    bool brief;   /* only what may differ from another rig of the transport */
    struct transport near, far_end;
    struct transport *far;
    uint32_t sent, received; /* serial numbers: the next one to send, the next one expected */
};

/* ---- the rigs ---- */

static void reflect(void *context, struct transport *transport, const uint8_t *frame,
                    uint32_t length)
{
    (void)context;
    transport_mem_receive(transport, frame, length);
}

static void open_checked(struct transport *transport, const struct transport_ops *ops,
                         const struct transport_setup *setup)
{
    struct error err = {0};
    if (transport_open(transport, ops, setup, &err) < 0)
        fail_msg("%s", err.text);
}

static void open_mem(struct rig *rig)
{
    struct transport_setup setup = {0};
    open_checked(&rig->near, &transport_mem, &setup);
    transport_mem_connect(&rig->near, reflect, NULL);
    rig->far = &rig->near;
}

static void ignore_frame(void *context, unsigned instance, const uint8_t *frame, uint32_t length)
{
    (void)context;
    (void)instance;
    (void)frame;
    (void)length;
}

/* The same, looked through. */
static void open_observed_mem(struct rig *rig)
{
    static const struct transport_observer observer = {.sent = ignore_frame,
                                                       .received = ignore_frame};
    struct transport_group group = {.count = 1};
    open_mem(rig);
    group.member[0] = rig->near;
    assert_int_equal(transport_group_observe(&group, &observer, NULL), 0);
    rig->near = group.member[0];
}

static void open_veth(struct rig *rig)
{
    struct transport_setup near = netns_setup("near", true);
    struct transport_setup far = netns_setup("far", true);
    open_checked(&rig->near, transport_find(rig->name), &near);
    open_checked(&rig->far_end, transport_find(rig->name), &far);
    rig->far = &rig->far_end;
}

static void close_rig(struct rig *rig)
{
    transport_close(&rig->near);
    transport_close(&rig->far_end);
}

static int setup(void **state)
{
    struct rig *rig = *state;
    rig->sent = rig->received = 0;
    rig->open(rig);
    return 0;
}

static int teardown(void **state)
{
    close_rig(*state);
    return 0;
}

/* ---- frames ---- */

static uint8_t content(uint32_t serial, uint32_t at)
{
    uint32_t mixed = (serial * 0x9e3779b1u + at) * 0x85ebca6bu;
    return (uint8_t)(mixed >> 24);
}

static void write_frame(const struct rig *rig, uint8_t *frame, uint32_t length, uint32_t serial)
{
    memcpy(frame, rig->kind->header, rig->kind->length);
    for (uint32_t i = 0; i < 4; i++)
        frame[8 + i] = (uint8_t)(serial >> 8 * i);
    for (uint32_t i = rig->kind->length; i < length; i++)
        frame[i] = content(serial, i);
}

static uint32_t serial_of(const uint8_t *frame)
{
    uint32_t serial = 0;
    for (uint32_t i = 0; i < 4; i++)
        serial |= (uint32_t)frame[8 + i] << 8 * i;
    return serial;
}

static void check_frame(const struct rig *rig, const uint8_t *frame, uint32_t length,
                        uint32_t expected_length, uint32_t serial)
{
    uint8_t expected[FRAME_MAX];
    assert_int_equal(length, expected_length);
    write_frame(rig, expected, length, serial);
    assert_memory_equal(frame, expected, length);
}

/* ---- sending and receiving ---- */

static void reserve(struct rig *rig, struct tx_slots *slots, unsigned wanted)
{
    struct error err = {0};
    assert_int_equal(rig->near.ops->tx_reserve(rig->near.state, slots, wanted, &err), 0);
}

static unsigned commit(struct rig *rig, const struct tx_slots *slots)
{
    struct error err = {0};
    int sent = rig->near.ops->tx_commit(rig->near.state, slots, &err);
    if (sent < 0)
        fail_msg("%s", err.text);
    assert_in_range(sent, 0, slots->count);
    return (unsigned)sent;
}

static unsigned peek(struct rig *rig, struct rx_frames *frames)
{
    struct error err = {0};
    assert_int_equal(rig->far->ops->rx_peek(rig->far->state, frames, &err), 0);
    assert_in_range(frames->count, 0, TRANSPORT_BATCH);
    return frames->count;
}

static void release(struct rig *rig)
{
    rig->far->ops->rx_release(rig->far->state);
}

static void wait_far(struct rig *rig, uint64_t timeout_ns)
{
    struct error err = {0};
    if (rig->far->ops->wait(rig->far->state, timeout_ns, &err) < 0)
        fail_msg("%s", err.text);
}

static struct transport_stats stats_of(struct transport *transport)
{
    struct transport_stats stats;
    transport->ops->stats(transport->state, &stats);
    return stats;
}

static uint64_t dropped(struct transport_stats stats)
{
    return stats.ring_dropped + stats.socket_dropped;
}

/* Sends the next `count` frames of `length` bytes, in as many commits as it takes. A transport that
 * takes none makes the test run into its time-out. */
static void send_batch(struct rig *rig, unsigned count, uint32_t length)
{
    struct tx_slots slots;
    for (unsigned sent; count > 0; count -= sent) {
        reserve(rig, &slots, count);
        assert_int_equal(slots.count, count);
        for (unsigned i = 0; i < count; i++) {
            write_frame(rig, slots.frame[i], length, rig->sent + i);
            slots.length[i] = length;
        }
        sent = commit(rig, &slots);
        rig->sent += sent;
    }
}

/* Waits until frames are there. A transport that loses them makes the test run into its time-out.
 */
static void peek_some(struct rig *rig, struct rx_frames *frames)
{
    while (peek(rig, frames) == 0)
        wait_far(rig, NS_PER_SECOND);
}

/* Receives all that was sent, in order, each of `length` bytes. */
static void drain(struct rig *rig, uint32_t length)
{
    struct rx_frames frames;
    while (rig->received < rig->sent) {
        peek_some(rig, &frames);
        for (unsigned i = 0; i < frames.count; i++)
            check_frame(rig, frames.frame[i], frames.length[i], length, rig->received++);
        release(rig);
    }
    assert_int_equal(rig->received, rig->sent);
}

static void expect_nothing_more(struct rig *rig)
{
    struct rx_frames frames;
    wait_far(rig, 20 * NS_PER_MS);
    assert_int_equal(peek(rig, &frames), 0);
}

/* ---- the tests ---- */

static void slots_are_whole_and_apart(void **state)
{
    struct rig *rig = *state;
    struct tx_slots slots;
    reserve(rig, &slots, TRANSPORT_BATCH);
    assert_int_equal(slots.count, TRANSPORT_BATCH);
    for (unsigned i = 0; i < slots.count; i++)
        memset(slots.frame[i], (int)i, TRANSPORT_FRAME_SIZE);
    for (unsigned i = 0; i < slots.count; i++)
        for (unsigned at = 0; at < TRANSPORT_FRAME_SIZE; at++)
            assert_int_equal(slots.frame[i][at], i);
}

static void reserve_without_commit_sends_nothing(void **state)
{
    struct rig *rig = *state;
    struct tx_slots first, second;
    reserve(rig, &first, 10);
    for (unsigned i = 0; i < first.count; i++)
        write_frame(rig, first.frame[i], first.length[i] = PROBE, 1000 + i);
    reserve(rig, &second, 10);
    assert_int_equal(second.count, first.count);
    for (unsigned i = 0; i < first.count; i++)
        assert_ptr_equal(first.frame[i], second.frame[i]);
    expect_nothing_more(rig);
    assert_int_equal(stats_of(&rig->near).sent, 0);
    send_batch(rig, 3, PROBE);
    drain(rig, PROBE);
    expect_nothing_more(rig);
}

/* Sends `count` of 8 reserved frames, and again until all `count` have left. */
static void send_lowered(struct rig *rig, unsigned count)
{
    struct tx_slots slots;
    unsigned sent;
    do {
        reserve(rig, &slots, 8);
        for (unsigned i = 0; i < slots.count; i++)
            write_frame(rig, slots.frame[i], slots.length[i] = PROBE, rig->sent + i);
        slots.count = count;
        sent = commit(rig, &slots);
        rig->sent += sent;
        count -= sent;
    } while (count > 0);
}

static void a_lowered_count_sends_the_first_ones(void **state)
{
    struct rig *rig = *state;
    for (unsigned wanted = 0; wanted <= 8; wanted++)
        send_lowered(rig, wanted);
    drain(rig, PROBE);
    expect_nothing_more(rig);
    assert_int_equal(stats_of(&rig->near).sent, 36);
}

static void batches_of_every_size_arrive_in_order(void **state)
{
    struct rig *rig = *state;
    for (unsigned count = 1; count <= TRANSPORT_BATCH; count++) {
        if (rig->sent - rig->received + count > IN_FLIGHT)
            drain(rig, PROBE);
        send_batch(rig, count, PROBE);
    }
    drain(rig, PROBE);
    expect_nothing_more(rig);
}

static void frames_of_every_length_arrive_unchanged(void **state)
{
    enum { AT_A_TIME = 79 };
    struct rig *rig = *state;
    struct rx_frames frames;
    for (uint32_t length = rig->kind->length; length <= FRAME_MAX;) {
        uint32_t first = length;
        for (uint32_t i = 0; i < AT_A_TIME && length <= FRAME_MAX; i++)
            send_batch(rig, 1, length++);
        for (uint32_t next = first; next < length; release(rig)) {
            peek_some(rig, &frames);
            for (unsigned i = 0; i < frames.count; i++, next++)
                check_frame(rig, frames.frame[i], frames.length[i], next, rig->received++);
        }
    }
    assert_int_equal(rig->received, FRAME_MAX - rig->kind->length + 1);
}

static void lengths_may_differ_inside_a_batch(void **state)
{
    struct rig *rig = *state;
    const uint32_t lengths[] = {60, 1514, rig->kind->length, 61, 1000, 128};
    enum { COUNT = sizeof lengths / sizeof lengths[0] };
    struct tx_slots slots;
    struct rx_frames frames;
    for (uint32_t sent = 0; sent < COUNT; sent += commit(rig, &slots)) {
        reserve(rig, &slots, COUNT - sent);
        for (uint32_t i = 0; i < COUNT - sent; i++)
            write_frame(rig, slots.frame[i], slots.length[i] = lengths[sent + i], sent + i);
    }
    for (uint32_t received = 0; received < COUNT; release(rig)) {
        peek_some(rig, &frames);
        for (unsigned i = 0; i < frames.count; i++, received++)
            check_frame(rig, frames.frame[i], frames.length[i], lengths[received], received);
    }
}

static void peeked_frames_stay_until_released(void **state)
{
    struct rig *rig = *state;
    struct rx_frames first, again, rest;
    send_batch(rig, 5, PROBE);
    peek_some(rig, &first);
    unsigned held = first.count;
    send_batch(rig, 256, FRAME_MAX);
    wait_far(rig, 20 * NS_PER_MS);
    assert_in_range(peek(rig, &again), held, TRANSPORT_BATCH);
    for (unsigned i = 0; i < held; i++) {
        assert_ptr_equal(first.frame[i], again.frame[i]);
        check_frame(rig, first.frame[i], first.length[i], PROBE, i);
    }
    assert_int_equal(stats_of(rig->far).received, again.count);
    release(rig);
    release(rig); /* releases nothing more */
    for (uint32_t next = again.count; next < rig->sent; release(rig)) {
        peek_some(rig, &rest);
        for (unsigned i = 0; i < rest.count; i++, next++)
            check_frame(rig, rest.frame[i], rest.length[i], next < 5 ? PROBE : FRAME_MAX, next);
    }
    expect_nothing_more(rig);
}

static void release_before_any_peek_does_nothing(void **state)
{
    struct rig *rig = *state;
    release(rig);
    send_batch(rig, 2, PROBE);
    release(rig);
    drain(rig, PROBE);
}

static void wait_returns_when_a_frame_is_there(void **state)
{
    struct rig *rig = *state;
    struct rx_frames frames;
    for (unsigned i = 0; i < 10; i++) {
        send_batch(rig, 1, PROBE);
        wait_far(rig, 3600 * NS_PER_SECOND);
        assert_int_equal(peek(rig, &frames), 1);
        wait_far(rig, UINT64_MAX); /* not released: still there */
        release(rig);
    }
}

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
    (void)number;
    alarms++;
}

static void wait_blocks_until_a_signal(void **state)
{
    struct rig *rig = *state;
    struct sigaction action = {.sa_handler = count_alarm}, before;
    struct itimerval every = {.it_interval.tv_usec = 20000, .it_value.tv_usec = 20000};
    struct itimerval never = {0};
    alarms = 0;
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &every, NULL);
    wait_far(rig, 3600 * NS_PER_SECOND);
    setitimer(ITIMER_REAL, &never, NULL);
    int seen = alarms; /* ThreadSanitizer calls the handler with the next call of the C library */
    sigaction(SIGALRM, &before, NULL);
    assert_int_not_equal(seen, 0);
}

static void wait_times_out(void **state)
{
    struct rig *rig = *state;
    struct rx_frames frames;
    for (uint64_t timeout_ns = 0; timeout_ns < 10 * NS_PER_MS; timeout_ns = timeout_ns * 10 + 1)
        wait_far(rig, timeout_ns);
    assert_int_equal(peek(rig, &frames), 0);
}

static void counters_add_up(void **state)
{
    struct rig *rig = *state;
    struct transport_stats near = stats_of(&rig->near), far = stats_of(rig->far);
    assert_int_equal(near.sent + far.received + dropped(far) + near.tx_refused, 0);
    for (unsigned i = 1; i <= 20; i++) {
        send_batch(rig, i, PROBE);
        drain(rig, PROBE);
        assert_int_equal(stats_of(&rig->near).sent, rig->sent);
        assert_int_equal(stats_of(rig->far).received, rig->sent);
    }
    assert_int_equal(dropped(stats_of(rig->far)), 0);
}

static void many_frames_pass_without_loss(void **state)
{
    struct rig *rig = *state;
    while (rig->sent < MANY) {
        unsigned count = MANY - rig->sent < TRANSPORT_BATCH ? MANY - rig->sent : TRANSPORT_BATCH;
        if (rig->sent - rig->received + count > IN_FLIGHT)
            drain(rig, PROBE);
        send_batch(rig, count, PROBE);
    }
    drain(rig, PROBE);
    struct transport_stats far = stats_of(rig->far);
    assert_int_equal(far.received, MANY);
    assert_int_equal(dropped(far), 0);
    assert_int_equal(stats_of(&rig->near).sent, MANY);
}

/* Takes what survived: in order, and no frame twice. */
static uint64_t drain_survivors(struct rig *rig)
{
    struct rx_frames frames;
    uint64_t received = 0;
    int64_t last = -1;
    for (unsigned idle = 0; idle < 3;) {
        wait_far(rig, 20 * NS_PER_MS);
        idle = peek(rig, &frames) == 0 ? idle + 1 : 0;
        for (unsigned i = 0; i < frames.count; i++) {
            uint32_t serial = serial_of(frames.frame[i]);
            assert_true(serial > last);
            last = serial;
            check_frame(rig, frames.frame[i], frames.length[i], FRAME_MAX, serial);
        }
        received += frames.count;
        release(rig);
    }
    return received;
}

static void a_full_queue_drops_and_counts(void **state)
{
    struct rig *rig = *state;
    for (unsigned i = 0; i < FLOOD / TRANSPORT_BATCH; i++)
        send_batch(rig, TRANSPORT_BATCH, FRAME_MAX);
    uint64_t received = drain_survivors(rig);
    struct transport_stats far = stats_of(rig->far);
    assert_int_equal(far.received, received);
    assert_true(received >= TRANSPORT_BATCH);
    assert_true(dropped(far) > 0);
    assert_int_equal(received + dropped(far), rig->sent);
    rig->received = rig->sent;
    send_batch(rig, 100, PROBE);
    drain(rig, PROBE);
    assert_int_equal(dropped(stats_of(rig->far)), dropped(far));
}

static unsigned count_packet_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    char line[512];
    unsigned count = 0;
    while (fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, "socket:") != NULL;
    fclose(maps);
    return count;
}

static void closing_leaves_nothing_behind(void **state)
{
    struct rig *rig = *state;
    close_rig(rig);
    unsigned descriptors = count_descriptors(), mappings = count_packet_mappings();
    for (unsigned i = 0; i < 5; i++) {
        rig->open(rig);
        close_rig(rig);
        close_rig(rig); /* does nothing */
    }
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(count_packet_mappings(), mappings);
    assert_int_equal(mappings, 0);
}

static void is_in_the_table(void **state)
{
    struct rig *rig = *state;
    char text[TRANSPORT_DESCRIPTION_SIZE];
    assert_ptr_equal(transport_find(rig->name)->name, rig->near.ops->name);
    assert_null(transport_find("nothing"));
    transport_describe(&rig->near, text);
    assert_string_equal(text, rig->title);
}

static int run_over(struct rig *rig)
{
    struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_prestate_setup_teardown(function, setup, teardown, rig)
        /* how frames arrive */
        TEST(frames_of_every_length_arrive_unchanged),
        TEST(peeked_frames_stay_until_released),
        TEST(wait_returns_when_a_frame_is_there),
        TEST(many_frames_pass_without_loss),
        TEST(a_full_queue_drops_and_counts),
        TEST(is_in_the_table),
        /* the rest */
        TEST(slots_are_whole_and_apart),
        TEST(reserve_without_commit_sends_nothing),
        TEST(a_lowered_count_sends_the_first_ones),
        TEST(batches_of_every_size_arrive_in_order),
        TEST(lengths_may_differ_inside_a_batch),
        TEST(release_before_any_peek_does_nothing),
        TEST(wait_blocks_until_a_signal),
        TEST(wait_times_out),
        TEST(counters_add_up),
        TEST(closing_leaves_nothing_behind),
    };
    enum { COUNT = sizeof tests / sizeof tests[0], BRIEF = 6 };
    return _cmocka_run_group_tests(rig->title, tests, rig->brief ? BRIEF : COUNT, NULL, NULL);
}

static bool can_run(const struct rig *rig)
{
    return rig->mtu == 0 ||
           netns_run("ip link set near mtu %u && ip link set far mtu %u", rig->mtu, rig->mtu);
}

int main(void)
{
    static struct rig rigs[] = {
        {"mem", "mem", open_mem, &arp},
        {"mem", "mem", open_observed_mem, &arp},
        {"af_packet", "af_packet", open_veth, &arp, 1500},
        {"pcap", "pcap", open_veth, &arp, 1500},
        {"pfring", "pfring, zc", open_veth, &long_udp, 1500}, /* by testing/pfring_stand_in.c */
        {"af_xdp", "af_xdp, native, copy", open_veth, &udp, 1500},
        {"af_xdp", "af_xdp, native, copy", open_veth, &arp, 1500, true},
        {"af_xdp", "af_xdp, generic, copy", open_veth, &udp, 9000, true},
    };
    bool root = geteuid() == 0;
    int code = netns_enter_for_test();
    if (code != 0)
        return code;
    if (!netns_make_veth("near", "far"))
        return EXIT_FAILURE;
    int failed = 0;
    for (size_t i = 0; i < sizeof rigs / sizeof rigs[0]; i++)
        if (root || strcmp(rigs[i].name, "af_xdp") != 0) /* the kernel lets only root use BPF */
            failed += can_run(&rigs[i]) ? run_over(&rigs[i]) : 1;
    return failed;
}

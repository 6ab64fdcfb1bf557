/* What is particular to the transport over PF_RING: where it refuses to open and what it says then,
 * frames that are too short for Ethernet, and errors of the library that are final.
 *
 * By stand-ins for the library (testing/pfring_stand_in.c), which is itself not tested here. */
#include "transport/pfring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "transport/pfring_library.h"
#include "transport/testing/descriptors.h"
#include "transport/testing/frames.h"
#include "transport/testing/netns.h"

static void expect_words(const struct error *err, const char *const words[])
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (strstr(err->text, words[i]) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err->text, words[i]);
}

/* ---- the library ---- */

static void expect_no_library(const char *const names[], const char *const words[])
{
    struct pfring_library library;
    struct error err = {0};
    assert_true(pfring_library_load(&library, names, &err) < 0);
    assert_null(library.handle);
    expect_words(&err, words);
}

static void without_the_library_the_message_helps(void **state)
{
    (void)state;
    const char *const names[] = {"libpfring-absent.so.1", "libpfring-absent.so", NULL};
    expect_no_library(names, (const char *const[]){"libpfring-absent.so.1", "No such file",
                                                   "packages.ntop.org", NULL});
}

static void an_old_library_is_refused(void **state)
{
    (void)state;
    const char *const names[] = {"libpfring-old.so", NULL};
    expect_no_library(names, (const char *const[]){"6.3.0", "6.4.0 or later", NULL});
}

static void a_library_that_lacks_a_function_is_refused(void **state)
{
    (void)state;
    const char *const names[] = {"libpfring-lacking.so", NULL};
    expect_no_library(names, (const char *const[]){"no function pfring_poll", "6.4.0", NULL});
}

static void the_next_name_is_tried(void **state)
{
    (void)state;
    const char *const names[] = {"libpfring-absent.so.1", "libpfring.so.1", NULL};
    struct pfring_library library;
    struct error err = {0};
    uint32_t version = 0;
    if (pfring_library_load(&library, names, &err) < 0)
        fail_msg("%s", err.text);
    library.version_noring(&version);
    assert_int_equal(version, 0x080401);
    pfring_library_unload(&library);
    pfring_library_unload(&library); /* does nothing */
}

/* ---- the device ---- */

static void expect_refused(const char *name, bool has_ethernet, const char *const words[])
{
    struct transport_setup setup = netns_setup(name, has_ethernet);
    struct transport transport;
    struct error err = {0};
    unsigned descriptors = count_descriptors();
    assert_true(transport_open(&transport, &transport_pfring, &setup, &err) < 0);
    expect_words(&err, words);
    assert_int_equal(count_descriptors(), descriptors);
}

static void only_zero_copy_will_do(void **state)
{
    (void)state;
    assert_true(netns_make_veth("plain1", "copied1"));
    expect_refused("plain1", true,
                   (const char *const[]){"zc:plain1", "ZC driver", "No such device", NULL});
    expect_refused("copied1", true,
                   (const char *const[]){"copied1", "not by a ZC (DNA) driver", "--pfring", NULL});
    expect_refused("copied1", false,
                   (const char *const[]){"copied1", "without Ethernet headers", NULL});
    assert_true(netns_run("ip link del dev plain1"));
}

static struct transport open_on(const char *name)
{
    struct transport_setup setup = netns_setup(name, true);
    struct transport transport;
    struct error err = {0};
    if (transport_open(&transport, &transport_pfring, &setup, &err) < 0)
        fail_msg("%s", err.text);
    return transport;
}

static void what_is_sent_is_not_received(void **state)
{
    (void)state;
    struct transport near = open_on("near"), far = open_on("far");
    struct error err = {0};
    struct rx_frames frames;
    uint8_t frame[PROBE];
    write_ethernet(frame, 0x0806, 1);
    assert_true(send_as_host("far", frame, PROBE));
    assert_int_equal(send_serials(&far, 1, 2, &err), 1);
    assert_int_equal(send_serials(&near, 1, 3, &err), 1);
    peek_some(&far, &frames);
    assert_int_equal(frames.count, 1);
    assert_int_equal(serial_of(frames.frame[0]), 3);
    transport_close(&far);
    transport_close(&near);
}

static void short_frames_are_padded(void **state)
{
    (void)state;
    enum { SHORT = 42 };
    struct transport near = open_on("near"), far = open_on("far");
    struct error err = {0};
    struct tx_slots slots;
    struct rx_frames frames;
    uint8_t expected[PROBE];
    near.ops->tx_reserve(near.state, &slots, 1, &err);
    memset(slots.frame[0], 0xff, TRANSPORT_FRAME_SIZE); /* what an earlier frame left */
    write_ethernet(expected, 0x0806, 7);
    assert_int_equal(send_one(&near, expected, SHORT, &err), 1);
    peek_some(&far, &frames);
    assert_int_equal(frames.length[0], PROBE);
    assert_memory_equal(frames.frame[0], expected, PROBE);
    transport_close(&far);
    transport_close(&near);
}

/* The first frames of the batch are sent, and not again. */
static void the_end_of_the_demo_is_told(void **state)
{
    (void)state;
    assert_true(netns_make_veth("demo1", "behind1"));
    struct transport demo = open_on("demo1"), behind = open_on("behind1");
    struct error err = {0};
    struct rx_frames frames;
    assert_true(send_serials(&demo, 8, 0, &err) < 0);
    expect_words(&err, (const char *const[]){"demo1", "demo mode is over", "licence", NULL});
    assert_int_equal(stats_of(&demo).sent, 5);
    peek_some(&behind, &frames);
    assert_int_equal(frames.count, 5);
    transport_close(&behind);
    transport_close(&demo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_library_the_message_helps),
        cmocka_unit_test(an_old_library_is_refused),
        cmocka_unit_test(a_library_that_lacks_a_function_is_refused),
        cmocka_unit_test(the_next_name_is_tried),
        cmocka_unit_test(only_zero_copy_will_do),
        cmocka_unit_test(what_is_sent_is_not_received),
        cmocka_unit_test(short_frames_are_padded),
        cmocka_unit_test(the_end_of_the_demo_is_told),
    };
    int code = netns_enter_for_test();
    if (code != 0)
        return code;
    if (!netns_make_veth("near", "far"))
        return EXIT_FAILURE;
    return cmocka_run_group_tests_name("pfring", tests, NULL, NULL);
}

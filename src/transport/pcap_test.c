/* What is particular to the transport over libpcap: links that it cannot use, the longest frames,
 * and the place it has among the others. */
#include "transport/pcap.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/seccomp.h>
#include <net/if_arp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "transport/testing/descriptors.h"
#include "transport/testing/frames.h"
#include "transport/testing/netns.h"

static int make_tun(const char *name, bool ethernet)
{
    int fd = netns_make_tun(name, ethernet);
    if (fd < 0 && errno == EACCES)
        skip();
    assert_true(fd >= 0);
    return fd;
}

/* ---- links that it cannot use ---- */

/* A tun interface that says to be of another kind. */
static int make_link_of_type(unsigned long type)
{
    int fd = make_tun("odd", false);
    assert_true(netns_run("ip link set dev odd down"));
    assert_int_equal(ioctl(fd, TUNSETLINK, type), 0);
    assert_true(netns_run("ip link set dev odd up"));
    return fd;
}

static void expect_refused(bool has_ethernet, const char *type)
{
    struct transport_setup setup = netns_setup("odd", has_ethernet);
    struct transport transport;
    struct error err = {0};
    unsigned descriptors = count_descriptors();
    assert_true(transport_open(&transport, &transport_pcap, &setup, &err) < 0);
    if (strstr(err.text, "odd as") == NULL || strstr(err.text, type) == NULL ||
        strstr(err.text, "--packet-io af_packet") == NULL)
        fail_msg("%s", err.text);
    assert_int_equal(count_descriptors(), descriptors);
}

static void links_with_a_header_of_their_own_are_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned long hardware;
        const char *type;
    } links[] = {
        {ARPHRD_PPP, "LINUX_SLL"},
        {ARPHRD_IEEE80211, "IEEE802_11 "},
        {ARPHRD_ETHER, "EN10MB"},
    };
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        int fd = make_link_of_type(links[i].hardware);
        expect_refused(false, links[i].type);
        close(fd);
    }
    int fd = make_link_of_type(ARPHRD_NONE);
    expect_refused(true, "RAW");
    close(fd);
}

/* ---- the longest frames ---- */

enum { LONGEST = 65535, LONG_FRAMES = 20 };

static void write_long(uint8_t *frame, uint32_t serial)
{
    write_ethernet(frame, 0x0806, serial);
    for (uint32_t i = PROBE; i < LONGEST; i++)
        frame[i] = (uint8_t)(i * 7 + serial);
}

static void long_frames_come_whole(void **state)
{
    (void)state;
    static uint8_t frame[LONGEST];
    int tap = make_tun("long", true);
    assert_true(netns_run("ip link set dev long mtu 65521"));
    struct transport_setup setup = netns_setup("long", true);
    struct transport transport;
    struct error err = {0};
    assert_int_equal(transport_open(&transport, &transport_pcap, &setup, &err), 0);
    for (uint32_t i = 0; i < LONG_FRAMES; i++) {
        write_long(frame, i);
        assert_int_equal(write(tap, frame, LONGEST), LONGEST);
    }
    for (uint32_t next = 0; next < LONG_FRAMES;) {
        struct rx_frames frames;
        assert_int_equal(transport.ops->wait(transport.state, NS_PER_SECOND, &err), 0);
        assert_int_equal(transport.ops->rx_peek(transport.state, &frames, &err), 0);
        for (unsigned i = 0; i < frames.count; i++) {
            write_long(frame, next++);
            assert_int_equal(frames.length[i], LONGEST);
            assert_memory_equal(frames.frame[i], frame, LONGEST);
        }
        transport.ops->rx_release(transport.state);
    }
    assert_int_equal(stats_of(&transport).received, LONG_FRAMES);
    transport_close(&transport);
    close(tap);
}

/* ---- its place among the others ---- */

static int in_a_child(int (*function)(void))
{
    pid_t child = fork();
    if (child == 0)
        _exit(function());
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* From here on the kernel does not know the option, as those before Linux 4.20. */
static bool forget_ignore_outgoing(void)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsockopt, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_IGNORE_OUTGOING, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOPROTOOPT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof steps / sizeof steps[0], .filter = steps};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int open_on_an_old_kernel(void)
{
    static struct transport_group group;
    struct transport_setup setup = netns_setup("lo", true);
    struct error reason = {0}, err = {0};
    if (!forget_ignore_outgoing())
        return 1;
    if (transport_group_open_fastest(&group, &setup, &reason, &err) < 0)
        return 2;
    if (group.count != 1 || group.member[0].ops != &transport_pcap)
        return 3;
    transport_group_close(&group);
    const char *of_af_packet = strstr(reason.text, "; this kernel has no PACKET_IGNORE_OUTGOING");
    return strstr(reason.text, "AF_XDP") == NULL || of_af_packet == NULL ? 4 : 0;
}

static int open_without_capabilities(void)
{
    static struct transport_group group;
    struct transport_setup setup = netns_setup("lo", true);
    struct error reason = {0}, err = {0};
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    if (syscall(SYS_capset, &header, none) < 0)
        return 1;
    if (transport_group_open_fastest(&group, &setup, &reason, &err) == 0)
        return 2;
    return strncmp(err.text, "raw packets need the capability CAP_NET_RAW", 43) != 0 ? 3 : 0;
}

static void the_last_resort_is_taken_where_nothing_else_works(void **state)
{
    (void)state;
    assert_true(netns_run("ip link set dev lo up"));
    assert_int_equal(in_a_child(open_on_an_old_kernel), 0);
    assert_int_equal(in_a_child(open_without_capabilities), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_with_a_header_of_their_own_are_refused),
        cmocka_unit_test(long_frames_come_whole),
        cmocka_unit_test(the_last_resort_is_taken_where_nothing_else_works),
    };
    int code = netns_enter_for_test();
    if (code != 0)
        return code;
    return cmocka_run_group_tests_name("pcap", tests, NULL, NULL);
}

/* A network namespace of its own for tests and benchmarks. */
#include "transport/testing/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return written;
}

/* Root inside, the same user outside. */
static int become_root_inside(uid_t user, gid_t group, struct error *err)
{
    char text[64];
    write_file("/proc/self/setgroups", "deny");
    snprintf(text, sizeof text, "0 %u 1", user);
    if (!write_file("/proc/self/uid_map", text))
        return error_sys(err, errno, "cannot map the user into the user namespace");
    snprintf(text, sizeof text, "0 %u 1", group);
    if (!write_file("/proc/self/gid_map", text))
        return error_sys(err, errno, "cannot map the group into the user namespace");
    return 0;
}

static int make_namespace(struct error *err)
{
    uid_t user = geteuid();
    gid_t group = getegid();
    if (unshare(CLONE_NEWNET) == 0)
        return 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return error_sys(err, errno, "cannot make a network namespace");
    return become_root_inside(user, group, err);
}

static ino_t current_namespace(void)
{
    struct stat namespace;
    return stat("/proc/self/ns/net", &namespace) == 0 ? namespace.st_ino : 0;
}

int netns_enter(struct error *err)
{
    ino_t before = current_namespace();
    if (make_namespace(err) < 0)
        return -1;
    ino_t after = current_namespace();
    if (before == 0 || after == 0 || before == after)
        return error_set(err, "the network namespace is not a new one");
    /* Neighbour discovery and multicast reports would be frames that nobody asked for. */
    write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
    write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
    return 0;
}

int netns_enter_for_test(void)
{
    bool root = geteuid() == 0;
    struct error err;
    if (netns_enter(&err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return root ? EXIT_FAILURE : NETNS_EXIT_SKIP;
}

bool netns_run(const char *format, ...)
{
    char command[512];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(command, sizeof command, format, args);
    va_end(args);
    return length < (int)sizeof command && system(command) == 0;
}

bool netns_make_veth(const char *one, const char *other)
{
    return netns_run("ip link add name %s type veth peer name %s && ip link set dev %s up && "
                     "ip link set dev %s up",
                     one, other, one, other);
}

int netns_make_tun(const char *name, bool ethernet)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    struct ifreq request = {.ifr_flags = (short)((ethernet ? IFF_TAP : IFF_TUN) | IFF_NO_PI)};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(fd, TUNSETIFF, &request) == 0 && netns_run("ip link set dev %s up", name))
        return fd;
    close(fd);
    return -1;
}

struct transport_setup netns_setup(const char *name, bool has_ethernet)
{
    return (struct transport_setup){
        .interface_name = name,
        .interface_index = (int)if_nametoindex(name),
        .has_ethernet = has_ethernet,
        .address_ipv6 = {.low = 1}, /* there is one, and by its mask any is it */
    };
}

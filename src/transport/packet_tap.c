/* A packet socket that receives.
 *
 * Ring (tpacket_ring.c) and filter (filter.c) are both in place before it is bound: nothing foreign
 * ever enters. It listens to all protocols, as only such sockets see a frame before the host's own
 * packet filters may drop it. */
#include "transport/packet_tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/filter.h"
#include "transport/interface.h"

enum { SEND_BUFFER = 4 * 1024 * 1024 };

int packet_explain_no_permission(struct error *err)
{
    char program[256];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length < 0 ? 0 : length] = '\0';
    error_set(err,
              "raw packets need the capability CAP_NET_RAW: run with sudo, or give it once "
              "with: sudo setcap cap_net_raw,cap_net_admin,cap_bpf=eip %s",
              length < 0 ? "masscan" : program);
    return error_blame(err, ERROR_PERMISSION);
}

int packet_socket_open(bool has_ethernet, struct error *err)
{
    int type = has_ethernet ? SOCK_RAW : SOCK_DGRAM;
    int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EPERM)
        return packet_explain_no_permission(err);
    if (fd < 0)
        return error_sys(err, errno, "cannot open a packet socket");
    return fd;
}

int packet_socket_bind(int fd, const struct transport_setup *setup, uint16_t protocol,
                       struct error *err)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(protocol),
        .sll_ifindex = setup->interface_index,
    };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return error_sys(err, errno, "cannot bind a packet socket to the interface %s",
                         setup->interface_name);
    return 0;
}

/* Room for frames that the driver has taken and not finished. The limit of the system may be
 * exceeded only with CAP_NET_ADMIN; less room costs speed alone. */
void packet_socket_enlarge(int fd)
{
    int size = SEND_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

static int attach_filter(int fd, const struct transport_setup *setup, struct error *err)
{
    struct sock_filter program[FILTER_MAX];
    struct sock_fprog attached = {.filter = program};
    attached.len = (unsigned short)filter_build(program, setup);
    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) < 0)
        return error_sys(err, errno, "cannot attach the receive filter");
    return 0;
}

/* Has the interface take more than what is addressed to it: PACKET_MR_PROMISC, ..._ALLMULTI. */
static int widen(int fd, const struct transport_setup *setup, unsigned short how, struct error *err)
{
    struct packet_mreq membership = {.mr_ifindex = setup->interface_index, .mr_type = how};
    if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) < 0)
        return error_sys(err, errno, "cannot make the interface %s %s", setup->interface_name,
                         how == PACKET_MR_PROMISC ? "promiscuous" : "take all multicast frames");
    return 0;
}

int packet_tap_open(struct packet_tap *tap, const struct transport_setup *setup, size_t ring_size,
                    struct error *err)
{
    int on = 1;
    *tap = (struct packet_tap){.fd = packet_socket_open(setup->has_ethernet, err)};
    snprintf(tap->interface_name, sizeof tap->interface_name, "%s", setup->interface_name);
    tap->interface_index = setup->interface_index;
    if (tap->fd < 0)
        return -1;
    if (setsockopt(tap->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0)
        return error_sys(err, errno, "this kernel has no PACKET_IGNORE_OUTGOING (Linux 4.20)");
    if (attach_filter(tap->fd, setup, err) < 0 ||
        tpacket_ring_map(&tap->ring, tap->fd, ring_size, err) < 0)
        return -1;
    if ((setup->promiscuous && widen(tap->fd, setup, PACKET_MR_PROMISC, err) < 0) ||
        (setup->all_multicast && widen(tap->fd, setup, PACKET_MR_ALLMULTI, err) < 0))
        return -1;
    return packet_socket_bind(tap->fd, setup, ETH_P_ALL, err);
}

/* Joins the group, or makes one and tells its number. */
static int enter_group(int fd, uint16_t flags, uint16_t *group, struct error *err)
{
    int option = *group | (PACKET_FANOUT_CBPF | flags) << 16;
    socklen_t size = sizeof option;
    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &option, size) < 0 ||
        getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &option, &size) < 0)
        return error_sys(err, errno, "the kernel cannot share what arrives among workers");
    *group = (uint16_t)option;
    return 0;
}

int packet_tap_share(struct packet_tap *first, struct error *err)
{
    struct sock_filter program[FILTER_MAX];
    struct sock_fprog chooser = {.filter = program};
    chooser.len = (unsigned short)filter_build_chooser(program);
    if (enter_group(first->fd, PACKET_FANOUT_FLAG_UNIQUEID, &first->group, err) < 0)
        return -1;
    if (setsockopt(first->fd, SOL_PACKET, PACKET_FANOUT_DATA, &chooser, sizeof chooser) < 0)
        return error_sys(err, errno, "the kernel refuses the program that shares what arrives");
    return 0;
}

int packet_tap_join(struct packet_tap *tap, const struct packet_tap *first, struct error *err)
{
    tap->group = first->group;
    return enter_group(tap->fd, 0, &tap->group, err);
}

void packet_tap_close(struct packet_tap *tap)
{
    tpacket_ring_unmap(&tap->ring);
    if (tap->fd >= 0)
        close(tap->fd);
    tap->fd = -1;
}

/* The kernel leaves an error on a socket whose interface goes down or away; one that is down it
 * gives to the socket again when it is up. */
int packet_tap_check(const struct packet_tap *tap, struct error *err)
{
    int errnum = 0;
    socklen_t size = sizeof errnum;
    getsockopt(tap->fd, SOL_SOCKET, SO_ERROR, &errnum, &size);
    if (errnum == 0)
        return 0;
    return interface_check_there(tap->fd, tap->interface_index, tap->interface_name, err);
}

/* Reading these counters sets them to zero. */
uint64_t packet_tap_dropped(struct packet_tap *tap)
{
    struct tpacket_stats_v3 since_last = {0};
    socklen_t size = sizeof since_last;
    if (getsockopt(tap->fd, SOL_PACKET, PACKET_STATISTICS, &since_last, &size) == 0)
        tap->dropped += since_last.tp_drops;
    return tap->dropped;
}

/* How many frames a second the transports carry, in a network namespace that this program makes for
 * itself: whatever it sends stays in there.
 *
 *   transport_bench mem                   64-byte stores into reserved slots, committed to nowhere
 *   transport_bench send BY               over a veth pair whose far end drops, on the same core
 *   transport_bench send-threaded BY      the same, the far end's NAPI in a thread on core 1
 *   transport_bench receive BY [PPS]      a thread on core 1 sends, at most PPS; this one receives
 *
 * BY is af_packet, af_xdp, af_xdp-generic or pcap. Each runs for three seconds on core 0 and prints
 * one line. Dropping at the far end takes nft(8). */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "base/clock.h"
#include "transport/af_xdp.h"
#include "transport/mem.h"
#include "transport/testing/netns.h"

enum { SECONDS = 3, FRAME = 60 };

/* Ethernet, IPv4, TCP to 192.0.2.1: passes the receive filter, and is nobody's in this namespace.
 */
static const uint8_t probe[64] = {
    2, 0, 0, 0,  0, 1, 2, 0,   0, 0, 0, 2,   0x08, 0x00, 0x45, 0, 0,  40,   0,
    0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 2, 192, 0,    2,    1,    0, 80, 0x9c, 0x40,
};

static int die(const struct error *err)
{
    fprintf(stderr, "%s\n", err->text);
    exit(EXIT_FAILURE);
}

static void pin(int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set); /* with one core only: runs wherever it may */
}

static uint64_t far_received(void)
{
    struct nl_sock *netlink = nl_socket_alloc();
    struct rtnl_link *link;
    uint64_t received = 0;
    nl_connect(netlink, NETLINK_ROUTE);
    if (rtnl_link_get_kernel(netlink, 0, "far", &link) == 0) {
        received = rtnl_link_get_stat(link, RTNL_LINK_RX_PACKETS);
        rtnl_link_put(link);
    }
    nl_socket_free(netlink);
    return received;
}

static struct transport open_transport(const struct transport_ops *ops, const char *name)
{
    struct transport transport;
    struct transport_setup setup = netns_setup(name, true);
    struct error err;
    if (transport_open(&transport, ops, &setup, &err) < 0)
        die(&err);
    return transport;
}

static unsigned send_batch(struct transport *transport)
{
    struct tx_slots slots;
    struct error err;
    transport->ops->tx_reserve(transport->state, &slots, TRANSPORT_BATCH, &err);
    for (unsigned i = 0; i < slots.count; i++) {
        memcpy(slots.frame[i], probe, sizeof probe);
        slots.length[i] = FRAME;
    }
    int sent = transport->ops->tx_commit(transport->state, &slots, &err);
    return sent < 0 ? (unsigned)die(&err) : (unsigned)sent;
}

/* Sends for SECONDS; a rate of 0 is as fast as it goes. Returns the time it took. */
static double send_for_a_while(struct transport *transport, double pps)
{
    uint64_t begin = clock_monotonic_ns(), now = begin, sent = 0;
    for (; now - begin < SECONDS * NS_PER_SECOND; now = clock_monotonic_ns()) {
        if (pps > 0 && (double)sent > pps * (double)(now - begin) / 1e9)
            continue;
        for (unsigned i = 0; i < (pps > 0 ? 1 : 16); i++)
            sent += send_batch(transport);
    }
    return (double)(now - begin) / 1e9;
}

static struct transport_stats stats_of(struct transport *transport)
{
    struct transport_stats stats;
    transport->ops->stats(transport->state, &stats);
    return stats;
}

static void bench_mem(void)
{
    struct transport transport = open_transport(&transport_mem, "lo");
    double seconds = send_for_a_while(&transport, 0);
    printf("mem: %.1f million frames/s\n", (double)stats_of(&transport).sent / seconds / 1e6);
    transport_close(&transport);
}

static void bench_send(const char *label, const struct transport_ops *ops)
{
    struct transport transport = open_transport(ops, "near");
    if (!netns_run("nft 'add table netdev t; add chain netdev t c { type filter hook ingress "
                   "device far priority 0; policy drop; }'"))
        exit(EXIT_FAILURE);
    uint64_t before = far_received();
    double seconds = send_for_a_while(&transport, 0);
    struct transport_stats stats = stats_of(&transport);
    printf("%s: %.2f million frames/s at the far end; %lu sent, %lu arrived, %lu retries, %lu "
           "refused\n",
           label, (double)(far_received() - before) / seconds / 1e6, stats.sent,
           far_received() - before, stats.tx_retried, stats.tx_refused);
    transport_close(&transport);
}

static bool set_feature(const char *name, uint32_t command, uint32_t value)
{
    struct ethtool_value feature = {.cmd = command, .data = value};
    struct ifreq request = {.ifr_data = (char *)&feature};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool set = fd >= 0 && ioctl(fd, SIOCETHTOOL, &request) == 0;
    close(fd);
    return set;
}

/* veth takes its NAPI path only with GRO at the receiving and without TSO at the sending end. */
static bool thread_the_far_end(void)
{
    return set_feature("near", ETHTOOL_STSO, 0) && set_feature("far", ETHTOOL_SGRO, 1) &&
           netns_run("unshare -m sh -c 'mount -t sysfs none /sys && "
                     "echo 1 > /sys/class/net/far/threaded' && "
                     "for p in $(pgrep '^napi/far-'); do taskset -pc 1 $p >/dev/null; done");
}

struct blaster {
    const struct transport_ops *ops;
    double pps;
    uint64_t sent;
    _Atomic bool done;
};

static void *blast(void *argument)
{
    struct blaster *blaster = argument;
    pin(1);
    struct transport transport = open_transport(blaster->ops, "near");
    send_for_a_while(&transport, blaster->pps);
    blaster->sent = stats_of(&transport).sent;
    transport_close(&transport);
    blaster->done = true;
    return NULL;
}

static uint64_t receive_some(struct transport *transport)
{
    struct rx_frames frames;
    struct error err;
    uint64_t sum = 0;
    if (transport->ops->wait(transport->state, 20 * NS_PER_MS, &err) < 0 ||
        transport->ops->rx_peek(transport->state, &frames, &err) < 0)
        die(&err);
    for (unsigned i = 0; i < frames.count; i++)
        sum += frames.frame[i][37]; /* look at each, as a scanner does */
    transport->ops->rx_release(transport->state);
    return sum;
}

static void bench_receive(const struct transport_ops *ops, double pps)
{
    struct transport transport = open_transport(ops, "far");
    struct blaster blaster = {.ops = ops, .pps = pps};
    uint64_t sum = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, blast, &blaster);
    while (!blaster.done)
        sum += receive_some(&transport);
    pthread_join(thread, NULL);
    for (unsigned i = 0; i < 20; i++)
        sum += receive_some(&transport);
    struct transport_stats stats = stats_of(&transport);
    printf("receive: %.2f million frames/s; %lu sent, %lu received, %lu dropped%s\n",
           (double)stats.received / SECONDS / 1e6, blaster.sent, stats.received,
           stats.ring_dropped + stats.socket_dropped,
           sum == stats.received * probe[37] ? "" : " (DAMAGED)");
    transport_close(&transport);
}

/* Generic XDP: the driver refuses programs while its frames may be this long. */
static const struct transport_ops *transport_by(const char *name)
{
    if (strcmp(name, "af_xdp-generic") != 0)
        return transport_find(name);
    bool refused = netns_run("ip link set near mtu 9000 && ip link set far mtu 9000");
    return refused ? &transport_af_xdp : NULL;
}

/* The most memory that this process held at a time. */
static void print_memory(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("  %ld MiB of memory\n", usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    struct error err;
    if (netns_enter(&err) < 0)
        die(&err);
    if (!netns_make_veth("near", "far"))
        return EXIT_FAILURE;
    const struct transport_ops *ops = argc > 2 ? transport_by(argv[2]) : NULL;
    pin(0);
    if (strcmp(mode, "mem") == 0)
        bench_mem();
    else if (ops != NULL && strcmp(mode, "send") == 0)
        bench_send(mode, ops);
    else if (ops != NULL && strcmp(mode, "send-threaded") == 0 && thread_the_far_end())
        bench_send(mode, ops);
    else if (ops != NULL && strcmp(mode, "receive") == 0)
        bench_receive(ops, argc > 3 ? strtod(argv[3], NULL) : 0);
    else
        return fprintf(stderr, "usage: transport_bench mem | send|send-threaded|receive "
                               "af_packet|af_xdp|af_xdp-generic|pcap [PPS]\n"),
               2;
    print_memory();
    return 0;
}

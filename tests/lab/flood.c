/* A sender to test the lab with: TCP SYNs to every pair of some prefixes and ports, in plain order,
 * at a steady rate, and a list of what answered.
 *
 * usage: flood SOURCE RATE TIMES WAIT_MS --interface NAME --router ADDRESS --prefix … --ports …
 *
 * Each pair is probed TIMES times. Answers go to standard output in the form of `sim truth`, one
 * line an answer; what was counted goes to standard error as JSON. An answer counts as wrong if it
 * does not acknowledge the sequence number of the pair. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "options.h"

enum {
    SOURCE_PORT = 61000,
    BATCH = 64,
    FRAME_LENGTH = WIRE_HEADERS + sizeof(struct tcphdr),
    RING_BLOCK = 1 << 20,
    RING_BLOCKS = 64,
};

#define COOKIE_KEY 0x666c6f6f64ull

struct flood {
    struct sim_options options;
    uint32_t source; /* network order */
    double rate;
    unsigned times;
    uint64_t wait_ns;
    int socket;
    uint8_t mac[6];
    uint64_t sent, failed;
};

struct catch
{
    const struct flood *flood;
    int socket;
    uint8_t *ring;
    atomic_bool stop;
    uint64_t answers, wrong, dropped;
};

static uint32_t cookie(uint32_t address, uint32_t port)
{
    return (uint32_t)truth_hash(COOKIE_KEY, address, port);
}

/* ---- sending ---- */

static void build(const struct flood *flood, struct wire_frame *frame, uint32_t address,
                  uint32_t port)
{
    uint32_t router = htonl(flood->options.config.router);
    uint64_t sum = 0;
    memcpy(frame->eth.h_dest, (uint8_t[]){2, 0}, 2);
    memcpy(frame->eth.h_dest + 2, &router, 4);
    memcpy(frame->eth.h_source, flood->mac, 6);
    frame->eth.h_proto = htons(ETH_P_IP);
    frame->ip = (struct iphdr){.version = 4,
                               .ihl = 5,
                               .tot_len = htons(FRAME_LENGTH - ETH_HLEN),
                               .ttl = 64,
                               .protocol = WIRE_PROTO_TCP,
                               .saddr = flood->source,
                               .daddr = htonl(address)};
    frame->ip.check = (uint16_t)~wire_fold(wire_ip_sum(&frame->ip));
    frame->tcp = (struct tcphdr){.source = htons(SOURCE_PORT),
                                 .dest = htons((uint16_t)port),
                                 .seq = htonl(cookie(address, port)),
                                 .doff = 5,
                                 .syn = 1,
                                 .window = htons(1024)};
    for (size_t i = 0; i < sizeof frame->tcp / 4; i++)
        sum += frame->word[i];
    frame->tcp.check = (uint16_t)~wire_fold(sum + wire_pseudo_sum(&frame->ip, sizeof frame->tcp));
}

static void send_batch(struct flood *flood, struct wire_frame *frames, unsigned n)
{
    struct mmsghdr messages[BATCH] = {0};
    struct iovec parts[BATCH];
    for (unsigned i = 0; i < n; i++) {
        parts[i] = (struct iovec){&frames[i].eth, FRAME_LENGTH};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (unsigned at = 0; at < n;) {
        int done = sendmmsg(flood->socket, messages + at, n - at, 0);
        if (done < 0) {
            flood->failed++;
            at++;
            continue;
        }
        flood->sent += (unsigned)done;
        at += (unsigned)done;
    }
}

/* The pair of an index: pairs of all prefixes laid end to end, ports innermost. */
static void locate(const struct flood *flood, uint64_t index, uint32_t *address, uint32_t *port)
{
    const struct sim_config *config = &flood->options.config;
    uint64_t rank = index / flood->options.ports_n;
    uint32_t prefix = config->prefixes - 1;
    while (config->prefix[prefix].first > rank)
        prefix--;
    *address = config->prefix[prefix].network + (uint32_t)(rank - config->prefix[prefix].first);
    *port = port_code_number(flood->options.ports[index % flood->options.ports_n]);
}

static void send_all(struct flood *flood)
{
    static struct wire_frame frames[BATCH];
    uint64_t pairs = flood->options.addresses * flood->options.ports_n;
    uint64_t total = pairs * flood->times, start = clock_monotonic_ns();
    for (uint64_t at = 0; at < total;) {
        unsigned n = 0;
        for (; n < BATCH && at < total; n++, at++) {
            uint32_t address, port;
            locate(flood, at % pairs, &address, &port);
            build(flood, &frames[n], address, port);
        }
        send_batch(flood, frames, n);
        clock_sleep_until_ns(start + (uint64_t)((double)at * 1e9 / flood->rate));
    }
    double seconds = (double)(clock_monotonic_ns() - start) / 1e9;
    fprintf(stderr, "{\"sent\": %llu, \"failed\": %llu, \"per_second\": %.0f",
            (unsigned long long)flood->sent, (unsigned long long)flood->failed,
            (double)flood->sent / seconds);
}

/* ---- catching ---- */

static void judge(struct catch *catch, const uint8_t *bytes, uint32_t length)
{
    struct wire_frame frame;
    if (length < FRAME_LENGTH)
        return;
    memcpy(&frame.eth, bytes, FRAME_LENGTH);
    if (frame.eth.h_proto != htons(ETH_P_IP) || frame.ip.protocol != WIRE_PROTO_TCP ||
        frame.tcp.dest != htons(SOURCE_PORT) || frame.ip.daddr != catch->flood->source)
        return;
    uint32_t address = ntohl(frame.ip.saddr), port = ntohs(frame.tcp.source);
    if (ntohl(frame.tcp.ack_seq) != cookie(address, port) + 1) {
        catch->wrong++;
        return;
    }
    catch->answers++;
    printf("%s tcp %u %u.%u.%u.%u\n", frame.tcp.rst ? "closed" : "open", port, address >> 24,
           address >> 16 & 255, address >> 8 & 255, address & 255);
}

static void judge_block(struct catch *catch, const uint8_t *block)
{
    const struct tpacket_hdr_v1 *head = &((const struct tpacket_block_desc *)block)->hdr.bh1;
    const uint8_t *at = block + head->offset_to_first_pkt;
    for (uint32_t i = 0; i < head->num_pkts; i++) {
        const struct tpacket3_hdr *packet = (const struct tpacket3_hdr *)at;
        judge(catch, at + packet->tp_mac, packet->tp_snaplen);
        at += packet->tp_next_offset;
    }
}

static void *catch_all(void *argument)
{
    struct catch *catch = argument;
    struct pollfd wait = {.fd = catch->socket, .events = POLLIN};
    struct tpacket_stats_v3 stats = {0};
    socklen_t size = sizeof stats;
    for (unsigned at = 0;;) {
        uint8_t *block = catch->ring + (size_t)at * RING_BLOCK;
        uint32_t *status = &((struct tpacket_block_desc *)block)->hdr.bh1.block_status;
        if (__atomic_load_n(status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) {
            judge_block(catch, block);
            __atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
            at = (at + 1) % RING_BLOCKS;
        } else if (atomic_load(&catch->stop)) {
            break;
        } else {
            poll(&wait, 1, 20);
        }
    }
    if (getsockopt(catch->socket, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
        catch->dropped = stats.tp_drops;
    return NULL;
}

static int open_catch(struct catch *catch, struct error *err)
{
    int version = TPACKET_V3, one = 1;
    struct tpacket_req3 ring = {.tp_block_size = RING_BLOCK,
                                .tp_block_nr = RING_BLOCKS,
                                .tp_frame_size = 2048,
                                .tp_frame_nr = RING_BLOCK / 2048 * RING_BLOCKS,
                                .tp_retire_blk_tov = 20};
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex(catch->flood->options.interface)};
    catch->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (catch->socket < 0 ||
        setsockopt(catch->socket, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0 ||
        setsockopt(catch->socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) < 0 ||
        setsockopt(catch->socket, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) < 0)
        return error_sys(err, errno, "cannot open a receiving packet socket");
    catch->ring = mmap(NULL, (size_t)RING_BLOCK * RING_BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED,
                       catch->socket, 0);
    if (catch->ring == MAP_FAILED || bind(catch->socket, (struct sockaddr *)&at, sizeof at) < 0)
        return error_sys(err, errno, "cannot receive on %s", catch->flood->options.interface);
    return 0;
}

/* ---- both ---- */

static int open_sender(struct flood *flood, struct error *err)
{
    struct ifreq request = {0};
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_ifindex = (int)if_nametoindex(flood->options.interface)};
    int one = 1;
    strncpy(request.ifr_name, flood->options.interface, sizeof request.ifr_name - 1);
    flood->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (flood->socket < 0 || ioctl(flood->socket, SIOCGIFHWADDR, &request) < 0 ||
        bind(flood->socket, (struct sockaddr *)&at, sizeof at) < 0 ||
        setsockopt(flood->socket, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) < 0)
        return error_sys(err, errno, "cannot send through %s", flood->options.interface);
    memcpy(flood->mac, request.ifr_hwaddr.sa_data, 6);
    return 0;
}

static int scan(struct flood *flood, struct error *err)
{
    struct catch catch = {.flood = flood};
    pthread_t thread;
    if (open_sender(flood, err) < 0 || open_catch(&catch, err) < 0)
        return -1;
    int failed = pthread_create(&thread, NULL, catch_all, &catch);
    if (failed)
        return error_sys(err, failed, "cannot start a thread");
    send_all(flood);
    clock_sleep_until_ns(clock_monotonic_ns() + flood->wait_ns);
    atomic_store(&catch.stop, true);
    pthread_join(thread, NULL);
    fprintf(stderr, ", \"answers\": %llu, \"wrong\": %llu, \"dropped\": %llu}\n",
            (unsigned long long)catch.answers, (unsigned long long)catch.wrong,
            (unsigned long long)catch.dropped);
    return 0;
}

static int read_arguments(struct flood *flood, int argc, char *argv[], struct error *err)
{
    enum { OWN = 4 };
    if (argc <= OWN)
        return error_set(err, "expected SOURCE RATE TIMES WAIT_MS and options of sim");
    flood->rate = atof(argv[2]);
    flood->times = (unsigned)atoi(argv[3]);
    flood->wait_ns = (uint64_t)atoi(argv[4]) * NS_PER_MS;
    if (inet_pton(AF_INET, argv[1], &flood->source) != 1 || !(flood->rate > 0) || flood->times == 0)
        return error_set(err, "expected an IPv4 address, a rate and a number of times above 0");
    if (sim_options_read(&flood->options, argc - OWN, argv + OWN, err) < 0)
        return -1;
    return flood->options.ports_n ? 0 : error_set(err, "no --ports given");
}

int main(int argc, char *argv[])
{
    struct flood flood = {0};
    struct error err;
    int result = read_arguments(&flood, argc, argv, &err);
    if (result == 0)
        result = scan(&flood, &err);
    sim_options_free(&flood.options);
    if (result < 0)
        fprintf(stderr, "flood: %s\n", err.text);
    return result < 0;
}

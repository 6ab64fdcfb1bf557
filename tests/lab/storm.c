/* A storm: sends the frames of a capture file, from the first to the last and over again, as fast
 * as the link takes them or at a rate, until it is told to stop (SIGTERM) or its time is up.
 *
 * usage: storm INTERFACE FILE SECONDS [RATE]
 *
 * Says "ready" when the first frames have left, and how many left at the end. */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

enum { FRAMES_MAX = 1 << 16, BATCH = 64 };

struct storm {
    int socket;
    struct iovec frames[FRAMES_MAX];
    size_t count, next;
    uint64_t sent;
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

/* Takes copies of all frames of the file. */
static void load(struct storm *storm, const char *path)
{
    char why[PCAP_ERRBUF_SIZE];
    pcap_t *file = pcap_open_offline(path, why);
    struct pcap_pkthdr *header;
    const u_char *bytes;
    if (file == NULL)
        errx(1, "storm: %s", why);
    while (storm->count < FRAMES_MAX && pcap_next_ex(file, &header, &bytes) == 1) {
        struct iovec *frame = &storm->frames[storm->count++];
        *frame = (struct iovec){malloc(header->caplen), header->caplen};
        if (frame->iov_base == NULL)
            errx(1, "storm: out of memory");
        memcpy(frame->iov_base, bytes, header->caplen);
    }
    pcap_close(file);
    if (storm->count == 0)
        errx(1, "storm: there is no frame in %s", path);
}

static void open_link(struct storm *storm, const char *interface)
{
    const struct sockaddr_ll at = {.sll_family = AF_PACKET,
                                   .sll_ifindex = (int)if_nametoindex(interface)};
    const int yes = 1;
    storm->socket = socket(AF_PACKET, SOCK_RAW, 0);
    if (storm->socket < 0 || at.sll_ifindex == 0 ||
        bind(storm->socket, (const struct sockaddr *)&at, sizeof at) < 0 ||
        setsockopt(storm->socket, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) < 0)
        err(1, "storm: %s", interface);
}

/* A batch; what the link had no room for is not sent again. */
static void send_some(struct storm *storm, unsigned most)
{
    struct mmsghdr messages[BATCH] = {0};
    unsigned count = most < BATCH ? most : BATCH;
    for (unsigned i = 0; i < count; i++) {
        messages[i].msg_hdr.msg_iov = &storm->frames[storm->next];
        messages[i].msg_hdr.msg_iovlen = 1;
        storm->next = (storm->next + 1) % storm->count;
    }
    int sent = sendmmsg(storm->socket, messages, count, 0);
    if (sent > 0)
        storm->sent += (uint64_t)sent;
    else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
        err(1, "storm: cannot send a frame of %zu bytes", messages[0].msg_hdr.msg_iov->iov_len);
}

/* How many may leave by now; without a rate as many as can. */
static unsigned allowed(const struct storm *storm, double rate, uint64_t elapsed_ns)
{
    double due = rate * (double)elapsed_ns / (double)NS_PER_SECOND - (double)storm->sent;
    if (rate == 0)
        return BATCH;
    return due < 0 ? 0 : due > BATCH ? BATCH : (unsigned)due;
}

static void run(struct storm *storm, double seconds, double rate)
{
    uint64_t begin_ns = clock_monotonic_ns(), elapsed_ns = 0;
    bool told = false;
    while (!stopped && (double)elapsed_ns < seconds * (double)NS_PER_SECOND) {
        unsigned count = allowed(storm, rate, elapsed_ns);
        if (count > 0)
            send_some(storm, count);
        else
            clock_sleep_until_ns(begin_ns + elapsed_ns + NS_PER_MS);
        if (!told && storm->sent > 0)
            told = puts("ready") >= 0 && fflush(stdout) == 0;
        elapsed_ns = clock_monotonic_ns() - begin_ns;
    }
    printf("%llu\n", (unsigned long long)storm->sent);
}

int main(int argc, char **argv)
{
    if (argc < 4 || atof(argv[3]) <= 0)
        errx(2, "usage: storm INTERFACE FILE SECONDS [RATE]");
    struct storm *storm = calloc(1, sizeof *storm);
    const struct sigaction action = {.sa_handler = stop};
    if (storm == NULL || sigaction(SIGTERM, &action, NULL) < 0)
        err(1, "storm");
    load(storm, argv[2]);
    open_link(storm, argv[1]);
    run(storm, atof(argv[3]), argc > 4 ? atof(argv[4]) : 0);
    return 0;
}

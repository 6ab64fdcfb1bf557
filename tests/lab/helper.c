/* Copies, late replies and lies, sent through a packet socket. */
#include "helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

static int open_socket(const char *interface, struct error *err)
{
    /* Protocol 0: sends only. */
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_ifindex = (int)if_nametoindex(interface)};
    int one = 1;
    if (fd < 0)
        return error_sys(err, errno, "cannot open a packet socket");
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) < 0) {
        close(fd);
        return error_sys(err, errno, "cannot send through %s", interface);
    }
    return fd;
}

int helper_init(struct helper *helper, const struct sim_options *options, struct error *err)
{
    *helper = (struct helper){.options = options, .next_unsolicited_ns = UINT64_MAX};
    helper->socket = open_socket(options->interface, err);
    if (helper->socket < 0)
        return -1;
    srand48((long)options->config.truth.key);
    if (options->unsolicited_pps > 0)
        helper->next_unsolicited_ns = clock_monotonic_ns();
    return 0;
}

void helper_fini(struct helper *helper)
{
    if (helper->socket >= 0)
        close(helper->socket);
    hold_free(&helper->hold);
}

static void send_frame(struct helper *helper, const void *bytes, uint32_t length)
{
    if (send(helper->socket, bytes, length, 0) == (ssize_t)length)
        helper->sent++;
    else
        helper->failed++;
}

static void tell_lie(struct helper *helper, enum forge_kind kind, const struct wire_frame *probe)
{
    struct wire_frame lie;
    uint32_t length = forge_reply(kind, helper->options, probe, &lie);
    send_frame(helper, &lie.eth, length);
    helper->forged[kind]++;
}

static void tell_lies(struct helper *helper, const struct wire_frame *probe)
{
    for (int kind = 0; kind < FORGE_KINDS; kind++)
        if (forge_answers((enum forge_kind)kind, probe->ip.protocol))
            tell_lie(helper, (enum forge_kind)kind, probe);
}

void helper_take(struct helper *helper, const struct sim_event *event)
{
    if (event->kind == SIM_EVENT_FORGE)
        tell_lies(helper, &event->frame);
    else if (hold_add(&helper->hold, clock_monotonic_ns() + event->delay_ns, &event->frame.eth,
                      event->length) < 0)
        helper->failed++;
}

static void send_unsolicited(struct helper *helper, const struct sim_peer *peer)
{
    struct wire_frame probe;
    enum forge_kind kind = (enum forge_kind)(lrand48() % FORGE_KINDS);
    forge_probe(kind, helper->options, peer, &probe);
    tell_lie(helper, kind, &probe);
}

void helper_run(struct helper *helper, const struct sim_peer *peer)
{
    uint64_t now = clock_monotonic_ns();
    struct held_frame *frame;
    while ((frame = hold_take(&helper->hold, now)) != NULL) {
        send_frame(helper, frame->bytes, frame->length);
        free(frame);
    }
    /* Behind by a second: let the missed ones go. */
    if (now > NS_PER_SECOND && helper->next_unsolicited_ns < now - NS_PER_SECOND)
        helper->next_unsolicited_ns = now;
    while (helper->next_unsolicited_ns <= now) {
        if (peer->known)
            send_unsolicited(helper, peer);
        helper->next_unsolicited_ns +=
            (uint64_t)((double)NS_PER_SECOND / helper->options->unsolicited_pps);
    }
}

uint64_t helper_next_ns(const struct helper *helper)
{
    uint64_t due = hold_next_due(&helper->hold);
    return due < helper->next_unsolicited_ns ? due : helper->next_unsolicited_ns;
}

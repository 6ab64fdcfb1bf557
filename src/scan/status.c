/* The status line: how fast, how far, how long still, how many found. */
#include "scan/status.h"

#include <unistd.h>

#include "base/clock.h"

enum { LINE_WIDTH = 79 };
static const uint64_t TERMINAL_INTERVAL_NS = NS_PER_SECOND / 4;
static const uint64_t PLAIN_INTERVAL_NS = 10 * NS_PER_SECOND;
/* Weight of the newest measurement in the smoothed rates. */
static const double NEWEST = 0.3;

void status_init(struct status *status, int fd, uint64_t now_ns)
{
    *status = (struct status){.fd = fd, .terminal = fd >= 0 && isatty(fd), .last_ns = now_ns};
}

static double smoothed(double rate, uint64_t number, double seconds)
{
    double newest = (double)number / seconds;
    return rate == 0 ? newest : rate + (newest - rate) * NEWEST;
}

static void measure(struct status *status, const struct status_facts *facts, uint64_t now_ns)
{
    double seconds = (double)(now_ns - status->last_ns) / (double)NS_PER_SECOND;
    status->packet_rate =
        smoothed(status->packet_rate, facts->packets - status->last_packets, seconds);
    status->probe_rate = smoothed(status->probe_rate, facts->probes - status->last_probes, seconds);
    status->last_packets = facts->packets;
    status->last_probes = facts->probes;
    status->last_ns = now_ns;
}

static void remaining_text(const struct status *status, const struct status_facts *facts,
                           struct buffer *out)
{
    if (status->probe_rate <= 0) {
        buffer_text(out, "   ?:??:?? remaining");
        return;
    }
    double left = (double)facts->probes_left / status->probe_rate;
    uint64_t seconds = left > 1e10 ? 10000000000ull : (uint64_t)left;
    buffer_printf(out, "%4u:%02u:%02u remaining", (unsigned)(seconds / 3600),
                  (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

static void waiting_text(const struct status_facts *facts, struct buffer *out)
{
    if (facts->wait_seconds < 0)
        buffer_text(out, " waiting forever");
    else
        buffer_printf(out, " waiting %d-secs", (int)facts->wait_seconds);
}

void status_text(const struct status *status, const struct status_facts *facts, struct buffer *out)
{
    double total = (double)facts->probes + (double)facts->probes_left;
    double percent = total > 0 ? (double)facts->probes / total * 100 : 100;
    buffer_printf(out, "rate:%6.2f-kpps, %5.2f%% done,", status->packet_rate / 1000, percent);
    if (facts->waiting)
        waiting_text(facts, out);
    else
        remaining_text(status, facts, out);
    buffer_printf(out, ", found=%llu", (unsigned long long)facts->found);
    if (facts->dropped > 0)
        buffer_printf(out, ", dropped=%llu", (unsigned long long)facts->dropped);
}

/* A status that cannot be written is no reason to end a scan. */
static void write_all(int fd, const struct buffer *text)
{
    size_t done = 0;
    while (done < text->length) {
        ssize_t wrote = write(fd, text->bytes + done, text->length - done);
        if (wrote <= 0)
            return;
        done += (size_t)wrote;
    }
}

static void draw(struct status *status, const struct status_facts *facts)
{
    struct buffer line;
    buffer_init(&line, 1024);
    status_text(status, facts, &line);
    while (status->terminal && line.length < LINE_WIDTH)
        buffer_char(&line, ' ');
    buffer_char(&line, status->terminal ? '\r' : '\n');
    write_all(status->fd, &line);
    buffer_fini(&line);
    status->drawn = true;
}

bool status_due(const struct status *status, uint64_t now_ns)
{
    uint64_t interval_ns = status->terminal ? TERMINAL_INTERVAL_NS : PLAIN_INTERVAL_NS;
    return status->fd >= 0 && now_ns - status->last_ns >= interval_ns;
}

void status_update(struct status *status, const struct status_facts *facts, uint64_t now_ns)
{
    measure(status, facts, now_ns);
    draw(status, facts);
}

void status_clear(struct status *status)
{
    if (!status->terminal || !status->drawn)
        return;
    struct buffer line;
    buffer_init(&line, 1024);
    buffer_printf(&line, "%*s\r", LINE_WIDTH, "");
    write_all(status->fd, &line);
    buffer_fini(&line);
    status->drawn = false;
}

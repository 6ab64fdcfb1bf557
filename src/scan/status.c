/* When a status is shown, and where; its words are in status_text.c. */
#include "scan/status.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

enum { WIDTH_DEFAULT = 80, LINE_ROOM = 4096 };
static const uint64_t interval_ns[] = {
    [STATUS_NONE] = UINT64_MAX,
    [STATUS_PLAIN] = 10 * NS_PER_SECOND,
    [STATUS_TERMINAL] = NS_PER_SECOND / 4,
    [STATUS_NDJSON] = NS_PER_SECOND,
};
/* Weight of the newest measurement in the smoothed rates. */
static const double NEWEST = 0.3;

void status_init(struct status *status, int fd, enum status_style style, uint64_t now_ns)
{
    *status = (struct status){.fd = fd, .style = style, .last_ns = now_ns};
}

static double smoothed(double rate, uint64_t number, double seconds)
{
    double newest = (double)number / seconds;
    return rate == 0 ? newest : rate + (newest - rate) * NEWEST;
}

static void measure(struct status *status, const struct status_facts *facts, uint64_t now_ns)
{
    if (now_ns <= status->last_ns)
        return;
    double seconds = (double)(now_ns - status->last_ns) / (double)NS_PER_SECOND;
    status->packet_rate =
        smoothed(status->packet_rate, facts->packets - status->last_packets, seconds);
    status->probe_rate = smoothed(status->probe_rate, facts->probes - status->last_probes, seconds);
    status->last_packets = facts->packets;
    status->last_probes = facts->probes;
    status->last_ns = now_ns;
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

/* The columns a line may take: in the last one some terminals begin a new line. */
static size_t line_width(const struct status *status)
{
    struct winsize size;
    bool known = ioctl(status->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return (known ? size.ws_col : WIDTH_DEFAULT) - 1u;
}

/* Over what stands there: blanks for what was longer. */
static void redraw(struct status *status, struct buffer *line)
{
    size_t width = line_width(status);
    if (line->length > width)
        line->length = width;
    size_t drawn = line->length;
    while (!line->failed && line->length < status->drawn && line->length < width)
        buffer_char(line, ' ');
    buffer_char(line, '\r');
    status->drawn = drawn;
}

static void show(struct status *status, const struct status_facts *facts)
{
    struct buffer line;
    buffer_init(&line, LINE_ROOM);
    if (status->style == STATUS_NDJSON)
        status_json(status, facts, clock_wall_seconds(), &line);
    else
        status_text(status, facts, &line);
    if (status->style == STATUS_TERMINAL)
        redraw(status, &line);
    else
        buffer_char(&line, '\n');
    write_all(status->fd, &line);
    buffer_fini(&line);
}

bool status_due(const struct status *status, uint64_t now_ns)
{
    return now_ns - status->last_ns >= interval_ns[status->style];
}

void status_update(struct status *status, const struct status_facts *facts, uint64_t now_ns)
{
    measure(status, facts, now_ns);
    show(status, facts);
}

void status_clear(struct status *status)
{
    if (status->drawn == 0)
        return;
    struct buffer line;
    buffer_init(&line, LINE_ROOM);
    buffer_printf(&line, "%*s\r", (int)status->drawn, "");
    write_all(status->fd, &line);
    buffer_fini(&line);
    status->drawn = 0;
}

void status_say(struct status *status, const char *line)
{
    if (status->style == STATUS_NDJSON)
        return;
    status_clear(status);
    struct buffer text;
    buffer_init(&text, LINE_ROOM);
    buffer_printf(&text, "%s\n", line);
    write_all(status->fd, &text);
    buffer_fini(&text);
}

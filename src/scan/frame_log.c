/* The packets themselves, for who wants to see them. */
#include "scan/frame_log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/byte_ring.h"
#include "base/clock.h"
#include "base/file.h"
#include "packet/describe.h"
#include "scan/adapter.h"
#include "scan/counter.h"
#include "transport/observed.h"

enum {
    RINGS_SIZE = 8 << 20,
    RING_SIZE_LEAST = 1 << 20, /* half of it has room for a batch of frames of the longest kind */
    FRAME_MAX = 1 << 17,       /* longer ones no transport gives out */
    DRAIN_MAX = 8192,          /* frames of one worker at a time */
    TEXT_SIZE = 1 << 16,
};

/* A frame in a ring; its bytes stand behind. */
struct note {
    uint64_t seen_ns; /* monotonic */
    uint32_t length;
    bool sent;
};

/* What belongs to one worker. */
struct lane {
    struct byte_ring ring;
    bool has_ethernet;
    _Atomic uint64_t left_out; /* frames received for which there was no room */
};

/* The lanes of one link: an observer's context. */
struct side {
    struct frame_log *log;
    struct lane *lanes;
};

struct frame_log {
    struct frame_log_setup setup;
    struct side sides[ADAPTERS_MAX];
    struct lane *lanes;
    unsigned count;
    uint64_t started_ns;      /* monotonic */
    uint64_t started_wall_ns; /* the same moment, since 1970 */
    uint64_t saved, lines_failed;
    struct buffer text;
    uint8_t *record; /* room for one */
};

/* ---- on the workers' threads ---- */

static bool note_frame(struct lane *lane, bool sent, const uint8_t *frame, uint32_t length)
{
    const struct note note = {clock_monotonic_ns(), length < FRAME_MAX ? length : FRAME_MAX, sent};
    return byte_ring_put(&lane->ring, &note, sizeof note, frame, note.length);
}

static void see_received(void *context, unsigned instance, const uint8_t *frame, uint32_t length)
{
    struct lane *lane = &((struct side *)context)->lanes[instance];
    if (!note_frame(lane, false, frame, length))
        counter_add(&lane->left_out, 1);
}

/* There is room: may_send saw to that. */
static void see_sent(void *context, unsigned instance, const uint8_t *frame, uint32_t length)
{
    note_frame(&((struct side *)context)->lanes[instance], true, frame, length);
}

static bool may_send(void *context, unsigned instance)
{
    const struct byte_ring *ring = &((struct side *)context)->lanes[instance].ring;
    return byte_ring_room(ring) >= ring->capacity / 2;
}

/* ---- its life ---- */

static uint64_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static int init_lanes(struct frame_log *log, unsigned count, struct error *err)
{
    size_t size = RINGS_SIZE;
    while (size > RING_SIZE_LEAST && size * count > RINGS_SIZE)
        size /= 2;
    log->lanes = aligned_alloc(_Alignof(struct lane), count * sizeof *log->lanes);
    if (log->lanes == NULL)
        return error_set(err, "no memory to look at packets");
    memset(log->lanes, 0, count * sizeof *log->lanes);
    for (; log->count < count; log->count++)
        if (byte_ring_init(&log->lanes[log->count].ring, size, err) < 0)
            return -1;
    return 0;
}

/* Looks through a link, whose lanes are these. */
static int observe(struct frame_log *log, struct side *side, const struct frame_log_link *link,
                   struct lane *lanes, struct error *err)
{
    bool traces = log->setup.trace_fd >= 0;
    const struct transport_observer observer = {
        .context = side,
        .may_send = traces ? may_send : NULL,
        .sent = traces ? see_sent : NULL,
        .received = see_received,
    };
    *side = (struct side){log, lanes};
    for (unsigned i = 0; i < link->transports->count; i++)
        lanes[i].has_ethernet = link->has_ethernet;
    return transport_group_observe(link->transports, &observer, err);
}

static int init(struct frame_log *log, const struct frame_log_link *links, unsigned count,
                struct error *err)
{
    unsigned workers = 0, lane = 0;
    for (unsigned i = 0; i < count; i++)
        workers += links[i].transports->count;
    log->record = malloc(sizeof(struct note) + FRAME_MAX);
    if (log->record == NULL)
        return error_set(err, "no memory to look at packets");
    if (init_lanes(log, workers, err) < 0)
        return -1;
    log->started_ns = clock_monotonic_ns();
    log->started_wall_ns = wall_ns();
    for (unsigned i = 0; i < count; i++) {
        if (observe(log, &log->sides[i], &links[i], &log->lanes[lane], err) < 0)
            return -1;
        lane += links[i].transports->count;
    }
    return 0;
}

struct frame_log *frame_log_new(const struct frame_log_setup *setup,
                                const struct frame_log_link *links, unsigned count,
                                struct error *err)
{
    struct frame_log *log = calloc(1, sizeof *log);
    if (log == NULL) {
        error_set(err, "no memory to look at packets");
        return NULL;
    }
    log->setup = *setup;
    buffer_init(&log->text, 2 * TEXT_SIZE);
    if (init(log, links, count, err) == 0)
        return log;
    frame_log_free(log);
    return NULL;
}

void frame_log_free(struct frame_log *log)
{
    if (log == NULL)
        return;
    for (unsigned i = 0; i < log->count; i++)
        byte_ring_fini(&log->lanes[i].ring);
    free(log->lanes);
    free(log->record);
    buffer_fini(&log->text);
    free(log);
}

/* ---- on the output thread ---- */

/* Lines that cannot be written are no reason to end a scan: they are counted. */
static void write_lines(struct frame_log *log)
{
    size_t done = file_write_all(log->setup.trace_fd, log->text.bytes, log->text.length);
    for (; done < log->text.length; done++)
        log->lines_failed += log->text.bytes[done] == '\n';
    buffer_clear(&log->text);
}

/* SENT (0.0123) TCP  ... */
static void trace(struct frame_log *log, const struct lane *lane, const struct note *note,
                  const uint8_t *frame)
{
    char text[PACKET_TEXT_SIZE];
    double seconds = (double)(note->seen_ns - log->started_ns) / (double)NS_PER_SECOND;
    packet_describe(text, frame, note->length, lane->has_ethernet);
    buffer_printf(&log->text, "%s (%.4f) %s\n", note->sent ? "SENT" : "RCVD", seconds, text);
    if (log->text.length >= TEXT_SIZE)
        write_lines(log);
}

static int save(struct frame_log *log, const struct note *note, const uint8_t *frame,
                struct error *err)
{
    uint64_t time_ns = log->started_wall_ns + (note->seen_ns - log->started_ns);
    if (pcap_file_add(log->setup.pcap, time_ns, frame, note->length, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    log->saved++;
    return 0;
}

static int take(struct frame_log *log, const struct lane *lane, struct error *err)
{
    struct note note;
    const uint8_t *frame = log->record + sizeof note;
    memcpy(&note, log->record, sizeof note);
    if (log->setup.trace_fd >= 0)
        trace(log, lane, &note, frame);
    return log->setup.pcap != NULL && !note.sent ? save(log, &note, frame, err) : 0;
}

static int drain_lane(struct frame_log *log, struct lane *lane, struct error *err)
{
    int taken = 0;
    while (taken < DRAIN_MAX && byte_ring_take(&lane->ring, log->record) >= 0) {
        if (take(log, lane, err) < 0)
            return -1;
        taken++;
    }
    return taken;
}

bool frame_log_has_lines(const struct frame_log *log)
{
    for (unsigned i = 0; i < log->count && log->setup.trace_fd >= 0; i++)
        if (!byte_ring_is_empty(&log->lanes[i].ring))
            return true;
    return false;
}

int frame_log_drain(struct frame_log *log, struct error *err)
{
    int taken = 0, result = 0;
    for (unsigned i = 0; i < log->count && result >= 0; i++) {
        result = drain_lane(log, &log->lanes[i], err);
        taken += result > 0 ? result : 0;
    }
    write_lines(log);
    return result < 0 ? -1 : taken;
}

int frame_log_flush(struct frame_log *log, struct error *err)
{
    if (log->setup.pcap == NULL || pcap_file_flush(log->setup.pcap, err) == 0)
        return 0;
    return error_blame(err, ERROR_OUTPUT);
}

struct frame_log_counts frame_log_count(const struct frame_log *log)
{
    uint64_t left_out = 0;
    for (unsigned i = 0; i < log->count; i++)
        left_out += counter_read(&log->lanes[i].left_out);
    bool traces = log->setup.trace_fd >= 0, saves = log->setup.pcap != NULL;
    return (struct frame_log_counts){
        .saved = log->saved,
        .unsaved = saves ? left_out : 0,
        .untraced = traces ? left_out + log->lines_failed : 0,
    };
}

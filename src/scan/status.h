/* The status: how fast, how far, how long still, how many found.
 *
 * On a terminal it is a line redrawn in place four times a second, as wide as the terminal lets it
 * be; a plain line every ten seconds elsewhere; or, for programs, a JSON object every second. */
#ifndef SCAN_STATUS_H
#define SCAN_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "scan/adapter.h"
#include "scan/drops.h"

enum status_style {
    STATUS_NONE,
    STATUS_PLAIN,    /* lines of text */
    STATUS_TERMINAL, /* one line, redrawn in place */
    STATUS_NDJSON,   /* lines of JSON */
};

enum status_phase {
    STATUS_SENDING,
    STATUS_PAUSED,
    STATUS_LINK_DOWN, /* sending or waiting, if there were a link */
    STATUS_WAITING,
    STATUS_DONE,
};

/* Of one adapter. */
struct status_adapter {
    const char *name;         /* of its interface */
    uint64_t packets, frames; /* sent and received so far */
    bool down;
};

/* What a status tells. */
struct status_facts {
    enum status_phase phase;
    uint64_t elapsed_ns;
    uint64_t packets;     /* sent so far: probes, resets, ARP */
    uint64_t probes;      /* sent so far */
    uint64_t probes_left; /* of this run */
    uint64_t frames;      /* received */
    uint64_t replies;     /* proven by their cookie */
    uint64_t found;
    bool talks;       /* to servers: then */
    uint64_t active;  /* conversations now, and */
    uint64_t banners; /* fields so far */
    struct scan_drops drops;
    int64_t wait_seconds; /* left to wait, in STATUS_WAITING; -1: for ever */
    struct status_adapter adapters[ADAPTERS_MAX]; /* told of if there are several */
    unsigned adapter_count;
};

struct status {
    int fd;
    enum status_style style;
    size_t drawn; /* columns of the line that stands on the terminal */
    uint64_t last_ns;
    uint64_t last_packets, last_probes;
    double packet_rate, probe_rate; /* smoothed, a second */
};

void status_init(struct status *status, int fd, enum status_style style, uint64_t now_ns);

/* Appends "h:mm:ss"; the hours take `width` columns at least. */
void status_duration(struct buffer *out, int width, uint64_t seconds);

/* Is it time for a status? */
bool status_due(const struct status *status, uint64_t now_ns);

/* Shows it. */
void status_update(struct status *status, const struct status_facts *facts, uint64_t now_ns);

/* Removes the line from a terminal, so that other text can stand there. */
void status_clear(struct status *status);

/* Writes a line that stays, in any style but JSON. */
void status_say(struct status *status, const char *line);

/* The line's text, without line end. */
void status_text(const struct status *status, const struct status_facts *facts, struct buffer *out);

/* The same as a JSON object, at the wall clock's `now` in seconds; without line end. */
void status_json(const struct status *status, const struct status_facts *facts, uint64_t now,
                 struct buffer *out);

#endif

/* The status line: how fast, how far, how long still, how many found.
 *
 * On a terminal it is redrawn in place four times a second; elsewhere it is a plain line every ten
 * seconds. */
#ifndef SCAN_STATUS_H
#define SCAN_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* What a status line tells. */
struct status_facts {
    uint64_t packets;     /* sent so far */
    uint64_t probes;      /* sent so far */
    uint64_t probes_left; /* of this run */
    uint64_t found;
    uint64_t dropped;     /* replies and probes that were lost on this machine */
    bool waiting;         /* all is sent */
    int64_t wait_seconds; /* left to wait; -1: for ever */
};

struct status {
    int fd; /* -1: draws nothing */
    bool terminal;
    bool drawn;
    uint64_t last_ns;
    uint64_t last_packets, last_probes;
    double packet_rate, probe_rate; /* smoothed, a second */
};

void status_init(struct status *status, int fd, uint64_t now_ns);

/* Is it time for a line? */
bool status_due(const struct status *status, uint64_t now_ns);

/* Draws a line. */
void status_update(struct status *status, const struct status_facts *facts, uint64_t now_ns);

/* Removes the line from a terminal, so that other text can stand there. */
void status_clear(struct status *status);

/* The line's text, without line end. */
void status_text(const struct status *status, const struct status_facts *facts, struct buffer *out);

#endif

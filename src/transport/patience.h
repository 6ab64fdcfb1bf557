/* How long, and in which steps, a sender waits for a driver that has no room.
 *
 * Nothing tells when a driver has room again, so the sender sleeps, longer each time, until
 * TRANSPORT_PATIENCE_NS have gone by. */
#ifndef TRANSPORT_PATIENCE_H
#define TRANSPORT_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct patience {
    uint64_t deadline_ns; /* 0 until the first wait: the clock costs nothing while all is well */
    uint64_t pause_ns;
};

/* At the start of a commit. */
void patience_begin(struct patience *patience);

/* There was room: the next pause is a short one again. */
void patience_encourage(struct patience *patience);

/* What is left of the time, in nanoseconds; 0 when it is over. */
uint64_t patience_left_ns(struct patience *patience);

/* Sleeps a moment, or until a signal; false at once if the time is over. */
bool patience_pause(struct patience *patience);

/* For ppoll and nanosleep. */
struct timespec patience_timespec(uint64_t ns);

#endif

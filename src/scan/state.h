/* Where a scan stands: enough to go on later, with any number of workers, without a gap and without
 * probing anything once more. */
#ifndef SCAN_STATE_H
#define SCAN_STATE_H

#include <stdint.h>

#include "scan/schedule.h"

struct scan_state {
    uint64_t next_index;       /* of what no worker has taken yet, the first */
    uint64_t fresh_left;       /* how many are left of the run from there on */
    struct schedule_owed owed; /* what workers have taken and not sent */
    uint64_t left;             /* probes still to be sent, retries counted */
    uint64_t stride;
    uint32_t tries;
    double rate_pps; /* the last that was asked for */
};

/* Begins with `rest`, what the supply had not handed out. */
void scan_state_begin(struct scan_state *state, struct index_run rest, uint32_t tries);

/* Adds what one worker owes. The worker may have been asked after the rest was looked at, and have
 * taken something of it: that is left out, as it is in the rest. */
void scan_state_add(struct scan_state *state, const struct schedule_owed *owed);

/* Adds a probe that counted as sent where it was taken, and has not left (handover.h): the try of
 * this number at this index. */
void scan_state_add_unsent(struct scan_state *state, uint64_t index, uint32_t attempt);

/* Joins what belongs together, and gives back to the rest what stands right before it. To be called
 * after the last worker was added. */
void scan_state_finish(struct scan_state *state);

#endif

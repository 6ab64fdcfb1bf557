/* Pacing: how many packets may leave now.
 *
 * Theory of operation. Two token buckets are filled by the clock. The long one fills at the rate
 * asked for and starts with one token, so what was sent never exceeds rate x time + 1: the average
 * is never above the rate. It may hold a second's worth, so that time lost to a busy machine is
 * made up. The short one fills a tenth faster but holds 10 ms worth only, so making up is a
 * slightly faster stream and never a burst. A packet takes a token from each. */
#ifndef SCAN_PACE_H
#define SCAN_PACE_H

#include <stdint.h>

struct pace {
    double rate_pps;
    double long_tokens;
    double short_tokens;
    double short_maximum;
    unsigned batch; /* packets worth waking up for: 5 ms worth, 1 to 256 */
    uint64_t last_ns;
};

/* `rate_pps` > 0, from one packet in hours to line rate. */
void pace_init(struct pace *pace, double rate_pps, uint64_t now_ns);

/* How many packets may leave at `now_ns`: 0 to 10 ms worth, at least 1 when any is due. */
unsigned pace_allowed(struct pace *pace, uint64_t now_ns);

/* Takes the tokens of packets that left. Packets that could not wait (answers) may drive the
 * buckets below zero. */
void pace_spend(struct pace *pace, unsigned packets);

/* May an answer leave now, ahead of its tokens? Answers may borrow 10 ms worth and no more. */
unsigned pace_answers_allowed(struct pace *pace, uint64_t now_ns);

/* When a batch worth waking up for will be allowed. */
uint64_t pace_next_ns(const struct pace *pace);

#endif

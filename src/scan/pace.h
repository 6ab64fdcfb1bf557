/* Pacing: how many packets may leave now.
 *
 * Theory of operation. Two token buckets are filled by the clock. The long one fills at the rate
 * asked for and starts with one token, so what was sent never exceeds rate x time + 1: the average
 * is never above the rate. It may hold a second's worth, so that time lost to a busy machine is
 * made up. The short one fills a tenth faster but holds 10 ms worth only, so making up is a
 * slightly faster stream and never a burst. A packet takes a token from each.
 *
 * Tokens are taken before packets are sent, and given back where the link did not take them. So
 * several workers can share a pace: each call holds a spin lock for a few nanoseconds, once a
 * batch. */
#ifndef SCAN_PACE_H
#define SCAN_PACE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct pace {
    alignas(64) atomic_flag busy;
    double rate_pps;
    double long_tokens;
    double short_tokens;
    double short_maximum;
    unsigned batch; /* packets worth waking up for: 5 ms worth, 1 to 256 */
    uint64_t last_ns;
};

/* `rate_pps` > 0, from one packet in hours to line rate. */
void pace_init(struct pace *pace, double rate_pps, uint64_t now_ns);

/* From now on at another rate; what was not sent so far is not made up. */
void pace_set_rate(struct pace *pace, double rate_pps, uint64_t now_ns);

/* Takes the tokens of up to `wanted` packets, that may leave at `now_ns`: 10 ms worth at most, and
 * none before a batch worth waking up for, or all that are wanted, may go. */
unsigned pace_take(struct pace *pace, uint64_t now_ns, unsigned wanted);

/* Gives back the tokens of packets that did not leave after all. */
void pace_give_back(struct pace *pace, unsigned packets);

/* Takes the token of a packet that cannot wait, unless one is owed already: so what was sent never
 * exceeds rate x time + 2. True if it may leave. */
bool pace_borrow(struct pace *pace, uint64_t now_ns);

/* When a batch worth waking up for will be allowed. */
uint64_t pace_next_ns(struct pace *pace);

#endif

/* Time: a monotonic clock for pacing and timers, the wall clock for results. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_SECOND 1000000000ull
#define NS_PER_MS     1000000ull

/* Nanoseconds since an arbitrary start; never goes back (CLOCK_MONOTONIC). About 20 ns a call. */
uint64_t clock_monotonic_ns(void);

/* Seconds since 1970-01-01 UTC. */
uint64_t clock_wall_seconds(void);

/* Sleeps until clock_monotonic_ns() has reached `deadline_ns`, or until a signal arrives. */
void clock_sleep_until_ns(uint64_t deadline_ns);

#endif

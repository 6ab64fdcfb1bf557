/* How long, and in which steps, a sender waits for a driver that has no room. */
#include "transport/patience.h"

#include "base/clock.h"
#include "transport/transport.h"

enum {
    PAUSE_MIN_NS = 20 * 1000,
    PAUSE_MAX_NS = 160 * 1000,
};

void patience_begin(struct patience *patience)
{
    *patience = (struct patience){.pause_ns = PAUSE_MIN_NS};
}

void patience_encourage(struct patience *patience)
{
    patience->pause_ns = PAUSE_MIN_NS;
}

uint64_t patience_left_ns(struct patience *patience)
{
    uint64_t now = clock_monotonic_ns();
    if (patience->deadline_ns == 0)
        patience->deadline_ns = now + TRANSPORT_PATIENCE_NS;
    return patience->deadline_ns > now ? patience->deadline_ns - now : 0;
}

struct timespec patience_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SECOND),
                             .tv_nsec = (long)(ns % NS_PER_SECOND)};
}

bool patience_pause(struct patience *patience)
{
    uint64_t left = patience_left_ns(patience);
    if (left == 0)
        return false;
    struct timespec pause =
        patience_timespec(patience->pause_ns < left ? patience->pause_ns : left);
    nanosleep(&pause, NULL);
    if (patience->pause_ns < PAUSE_MAX_NS)
        patience->pause_ns *= 2;
    return true;
}

/* Pacing by two token buckets; the theory is in pace.h. */
#include "scan/pace.h"

#include <sched.h>

#include "base/clock.h"

static const double LONG_SECONDS = 1.0;
static const double SHORT_SECONDS = 0.010;
static const double BATCH_SECONDS = 0.005;
static const double CATCH_UP = 1.1;
enum { BATCH_MAXIMUM = 256 };

static double at_least(double value, double floor)
{
    return value < floor ? floor : value;
}

static double at_most(double value, double ceiling)
{
    return value > ceiling ? ceiling : value;
}

static void lock(struct pace *pace)
{
    while (atomic_flag_test_and_set_explicit(&pace->busy, memory_order_acquire))
        sched_yield();
}

static void unlock(struct pace *pace)
{
    atomic_flag_clear_explicit(&pace->busy, memory_order_release);
}

static void set_rate(struct pace *pace, double rate_pps)
{
    pace->rate_pps = rate_pps;
    pace->short_maximum = at_least(rate_pps * SHORT_SECONDS, 1);
    pace->batch = (unsigned)at_most(at_least(rate_pps * BATCH_SECONDS, 1), BATCH_MAXIMUM);
}

void pace_init(struct pace *pace, double rate_pps, uint64_t now_ns)
{
    *pace = (struct pace){
        .busy = ATOMIC_FLAG_INIT, .long_tokens = 1, .short_tokens = 1, .last_ns = now_ns};
    set_rate(pace, rate_pps);
}

void pace_set_rate(struct pace *pace, double rate_pps, uint64_t now_ns)
{
    lock(pace);
    set_rate(pace, rate_pps);
    pace->long_tokens = at_most(pace->long_tokens, 1);
    pace->short_tokens = at_most(pace->short_tokens, 1);
    pace->last_ns = now_ns > pace->last_ns ? now_ns : pace->last_ns;
    unlock(pace);
}

static void refill(struct pace *pace, uint64_t now_ns)
{
    if (now_ns <= pace->last_ns)
        return;
    double tokens = (double)(now_ns - pace->last_ns) * pace->rate_pps / (double)NS_PER_SECOND;
    double long_maximum = at_least(pace->rate_pps * LONG_SECONDS, 1);
    pace->long_tokens = at_most(pace->long_tokens + tokens, long_maximum);
    pace->short_tokens = at_most(pace->short_tokens + tokens * CATCH_UP, pace->short_maximum);
    pace->last_ns = now_ns;
}

static unsigned allowed(const struct pace *pace)
{
    double tokens = at_most(pace->long_tokens, pace->short_tokens);
    return tokens < 1 ? 0 : (unsigned)at_most(tokens, 1u << 30);
}

static void spend(struct pace *pace, double packets)
{
    pace->long_tokens -= packets;
    pace->short_tokens -= packets;
}

unsigned pace_take(struct pace *pace, uint64_t now_ns, unsigned wanted)
{
    lock(pace);
    refill(pace, now_ns);
    unsigned taken = allowed(pace);
    if (taken > wanted)
        taken = wanted;
    if (taken < wanted && taken < pace->batch)
        taken = 0;
    spend(pace, taken);
    unlock(pace);
    return taken;
}

void pace_give_back(struct pace *pace, unsigned packets)
{
    if (packets == 0)
        return;
    lock(pace);
    spend(pace, -(double)packets);
    unlock(pace);
}

bool pace_borrow(struct pace *pace, uint64_t now_ns)
{
    lock(pace);
    refill(pace, now_ns);
    bool may = at_most(pace->long_tokens, pace->short_tokens) >= 0;
    spend(pace, may ? 1 : 0);
    unlock(pace);
    return may;
}

/* Nanoseconds until a bucket that fills at `rate_pps` has `wanted` tokens. */
static double filling_ns(double tokens, double wanted, double rate_pps)
{
    return at_least((wanted - tokens) / rate_pps * (double)NS_PER_SECOND, 0);
}

uint64_t pace_next_ns(struct pace *pace)
{
    lock(pace);
    double by_long = filling_ns(pace->long_tokens, pace->batch, pace->rate_pps);
    double by_short = filling_ns(pace->short_tokens, pace->batch, pace->rate_pps * CATCH_UP);
    uint64_t since_ns = pace->last_ns;
    unlock(pace);
    /* One nanosecond more, so that rounding never wakes the sender just before the token is there.
     */
    return since_ns + (uint64_t)at_least(by_long, by_short) + 1;
}

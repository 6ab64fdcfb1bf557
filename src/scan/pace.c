/* Pacing by two token buckets; the theory is in pace.h. */
#include "scan/pace.h"

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

void pace_init(struct pace *pace, double rate_pps, uint64_t now_ns)
{
    *pace = (struct pace){
        .rate_pps = rate_pps,
        .long_tokens = 1,
        .short_tokens = 1,
        .short_maximum = at_least(rate_pps * SHORT_SECONDS, 1),
        .batch = (unsigned)at_most(at_least(rate_pps * BATCH_SECONDS, 1), BATCH_MAXIMUM),
        .last_ns = now_ns,
    };
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

static double fewer_tokens(const struct pace *pace)
{
    return at_most(pace->long_tokens, pace->short_tokens);
}

unsigned pace_allowed(struct pace *pace, uint64_t now_ns)
{
    refill(pace, now_ns);
    double tokens = fewer_tokens(pace);
    return tokens < 1 ? 0 : (unsigned)at_most(tokens, 1u << 30);
}

void pace_spend(struct pace *pace, unsigned packets)
{
    pace->long_tokens -= packets;
    pace->short_tokens -= packets;
}

unsigned pace_answers_allowed(struct pace *pace, uint64_t now_ns)
{
    refill(pace, now_ns);
    double tokens = fewer_tokens(pace) + pace->short_maximum;
    return tokens < 1 ? 0 : (unsigned)at_most(tokens, 1u << 30);
}

/* Nanoseconds until a bucket that fills at `rate_pps` has `wanted` tokens. */
static double filling_ns(double tokens, double wanted, double rate_pps)
{
    return at_least((wanted - tokens) / rate_pps * (double)NS_PER_SECOND, 0);
}

uint64_t pace_next_ns(const struct pace *pace)
{
    double by_long = filling_ns(pace->long_tokens, pace->batch, pace->rate_pps);
    double by_short = filling_ns(pace->short_tokens, pace->batch, pace->rate_pps * CATCH_UP);
    /* One nanosecond more, so that rounding never wakes the sender just before the token is there.
     */
    return pace->last_ns + (uint64_t)at_least(by_long, by_short) + 1;
}

/* Pacing under a clock of its own: the average, the bound, bursts, and making up for a stall. */
#include "scan/pace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"

static const double rates[] = {0.1, 1, 3.3, 100, 999.9, 10000, 123456.7, 1e6, 14.88e6, 148.8e6};

struct outcome {
    uint64_t packets;
    unsigned largest_burst;
    double highest_excess; /* packets above rate x time, at any moment */
};

/* A sender that wakes when told, a little late each time, for as long as `packets` take. */
static struct outcome send_for(struct pace *pace, double seconds, uint64_t late_ns)
{
    struct outcome outcome = {0};
    uint64_t now = 0, end = (uint64_t)(seconds * (double)NS_PER_SECOND);
    while (now <= end) {
        unsigned allowed = pace_allowed(pace, now);
        if (allowed > 256)
            allowed = 256;
        pace_spend(pace, allowed);
        outcome.packets += allowed;
        if (allowed > outcome.largest_burst)
            outcome.largest_burst = allowed;
        double due = (double)now * pace->rate_pps / (double)NS_PER_SECOND;
        outcome.highest_excess = fmax(outcome.highest_excess, (double)outcome.packets - due);
        uint64_t next = pace_next_ns(pace);
        now = next > now ? next + late_ns : now + 1;
    }
    return outcome;
}

static double duration_for(double rate)
{
    return rate < 1000 ? 1000 / rate : fmin(1.0, 2e6 / rate);
}

static void keeps_the_average_and_never_exceeds_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct pace pace;
        pace_init(&pace, rates[i], 0);
        double seconds = duration_for(rates[i]);
        struct outcome outcome = send_for(&pace, seconds, 0);
        double wanted = rates[i] * seconds;
        assert_true(outcome.highest_excess <= 1.001);
        assert_true((double)outcome.packets >= wanted * 0.995 - 1);
    }
}

static void late_wake_ups_do_not_slow_it_down(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 100000, 0);
    struct outcome outcome = send_for(&pace, 2, 200000);
    assert_true((double)outcome.packets >= 200000 * 0.995);
    assert_true(outcome.highest_excess <= 1.001);
}

static void a_burst_is_at_most_ten_milliseconds_worth(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct pace pace;
        pace_init(&pace, rates[i], 0);
        unsigned allowed = pace_allowed(&pace, 60 * NS_PER_SECOND);
        assert_true(allowed <= fmax(1, rates[i] / 100));
    }
}

static void makes_up_for_a_stall_within_bounds(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 10000, 0);
    assert_int_equal(pace_allowed(&pace, NS_PER_SECOND / 2), 100);
    /* Half a second was lost: in the ten after it, at most a tenth more than the rate. */
    uint64_t sent = 0;
    for (uint64_t now = NS_PER_SECOND / 2; now <= 21 * NS_PER_SECOND / 2; now += NS_PER_MS) {
        unsigned allowed = pace_allowed(&pace, now);
        pace_spend(&pace, allowed);
        sent += allowed;
        double since = (double)(now - NS_PER_SECOND / 2) / (double)NS_PER_SECOND;
        assert_true((double)sent <= 10000 * 1.1 * since + 101);
    }
    assert_true(sent >= 104900 && sent <= 105001);
}

static void answers_borrow_and_are_paid_back(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000, 0);
    unsigned answers = pace_answers_allowed(&pace, 0);
    assert_int_equal(answers, 11);
    pace_spend(&pace, answers);
    assert_int_equal(pace_answers_allowed(&pace, 0), 0);
    assert_int_equal(pace_allowed(&pace, 5 * NS_PER_MS), 0);
    assert_true(pace_allowed(&pace, 12 * NS_PER_MS) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_average_and_never_exceeds_it),
        cmocka_unit_test(late_wake_ups_do_not_slow_it_down),
        cmocka_unit_test(a_burst_is_at_most_ten_milliseconds_worth),
        cmocka_unit_test(makes_up_for_a_stall_within_bounds),
        cmocka_unit_test(answers_borrow_and_are_paid_back),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}

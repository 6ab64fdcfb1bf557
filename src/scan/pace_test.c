/* Pacing under a clock of its own: the average, the bound, bursts, and making up for a stall. */
#include "scan/pace.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"

enum { MANY = 1 << 30 };

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
        unsigned allowed = pace_take(pace, now, 256);
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
        unsigned allowed = pace_take(&pace, 60 * NS_PER_SECOND, MANY);
        assert_true(allowed <= fmax(1, rates[i] / 100));
    }
}

static void makes_up_for_a_stall_within_bounds(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 10000, 0);
    uint64_t sent = pace_take(&pace, NS_PER_SECOND / 2, MANY);
    assert_int_equal(sent, 100);
    /* Half a second was lost: in the ten after it, at most a tenth more than the rate. */
    for (uint64_t now = NS_PER_SECOND / 2; now <= 21 * NS_PER_SECOND / 2; now += NS_PER_MS) {
        sent += pace_take(&pace, now, MANY);
        double since = (double)(now - NS_PER_SECOND / 2) / (double)NS_PER_SECOND;
        assert_true((double)sent <= 10000 * 1.1 * since + 101);
    }
    assert_true(sent >= 104900 && sent <= 105001);
}

static void few_packets_need_not_wait_for_a_batch(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000, 0);
    assert_int_equal(pace.batch, 5);
    assert_int_equal(pace_take(&pace, 0, 1), 1);
    assert_int_equal(pace_take(&pace, 3 * NS_PER_MS, MANY), 0);
    assert_int_equal(pace_take(&pace, 3 * NS_PER_MS, 2), 2);
}

static void what_did_not_leave_is_not_paid(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000, 0);
    assert_int_equal(pace_take(&pace, 10 * NS_PER_MS, MANY), 10);
    assert_int_equal(pace_take(&pace, 10 * NS_PER_MS, 1), 0);
    pace_give_back(&pace, 7);
    assert_int_equal(pace_take(&pace, 10 * NS_PER_MS, MANY), 7);
}

static void a_new_rate_holds_from_then_on(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000, 0);
    /* A stall that the old rate would have been made up for. */
    uint64_t now = 900 * NS_PER_MS;
    pace_set_rate(&pace, 200000, now);
    uint64_t sent = 0;
    for (int ms = 0; ms <= 1000; ms++)
        sent += pace_take(&pace, now + (uint64_t)ms * NS_PER_MS, MANY);
    assert_in_range(sent, 199000, 200001);
    now += NS_PER_SECOND;
    pace_set_rate(&pace, 10, now);
    assert_true(pace_take(&pace, now, MANY) <= 1);
    assert_true(pace_take(&pace, now + NS_PER_SECOND, MANY) <= 1);
}

static void what_could_not_wait_is_paid_back(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1000, 0);
    assert_int_equal(pace_take(&pace, 0, 1), 1);
    assert_true(pace_borrow(&pace, 0));
    assert_int_equal(pace_take(&pace, NS_PER_MS, 1), 0);
    assert_int_equal(pace_take(&pace, 2 * NS_PER_MS, 1), 1);
}

/* Somebody who borrows whenever it may: a packet more than the rate, whatever it is. */
static void nobody_borrows_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct pace pace;
        pace_init(&pace, rates[i], 0);
        uint64_t borrowed = 0, end_ns = (uint64_t)(100 / rates[i] * (double)NS_PER_SECOND);
        for (uint64_t step = 0; step <= 1000; step++)
            borrowed += pace_borrow(&pace, end_ns / 1000 * step);
        assert_in_range(borrowed, 2, 102);
    }
}

/* Threads that share a pace, each at its own hectic turn. */
struct sharer {
    struct pace *pace;
    uint64_t taken;
    pthread_t thread;
};

static void *share(void *argument)
{
    struct sharer *sharer = argument;
    for (uint64_t now = 0; now <= NS_PER_SECOND; now += NS_PER_MS / 10) {
        unsigned taken = pace_take(sharer->pace, now, 256);
        pace_give_back(sharer->pace, taken / 3);
        sharer->taken += taken - taken / 3;
    }
    return NULL;
}

static void several_threads_share_one_rate(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    struct pace pace;
    struct sharer sharers[THREADS] = {0};
    uint64_t taken = 0;
    pace_init(&pace, 1e6, 0);
    for (unsigned i = 0; i < THREADS; i++) {
        sharers[i].pace = &pace;
        assert_int_equal(pthread_create(&sharers[i].thread, NULL, share, &sharers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(sharers[i].thread, NULL);
        taken += sharers[i].taken;
    }
    /* Whatever their order, no token is used twice or lost: what was taken and what is left make
     * one and what the second brought; a short bucket that was full at times took in less. */
    assert_true(taken <= 1000001);
    assert_true((double)taken + pace.long_tokens >= 1000000.5);
    assert_true((double)taken + pace.long_tokens <= 1000001.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_average_and_never_exceeds_it),
        cmocka_unit_test(late_wake_ups_do_not_slow_it_down),
        cmocka_unit_test(a_burst_is_at_most_ten_milliseconds_worth),
        cmocka_unit_test(makes_up_for_a_stall_within_bounds),
        cmocka_unit_test(few_packets_need_not_wait_for_a_batch),
        cmocka_unit_test(what_did_not_leave_is_not_paid),
        cmocka_unit_test(a_new_rate_holds_from_then_on),
        cmocka_unit_test(what_could_not_wait_is_paid_back),
        cmocka_unit_test(nobody_borrows_twice),
        cmocka_unit_test(several_threads_share_one_rate),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}

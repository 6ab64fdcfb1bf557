/* The schedule: every index exactly `tries` times, each retry a second after the try before, across
 * pauses too. */
#include "scan/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

enum { SIZE = 5000 };

/* What a peer would have seen. */
struct seen {
    unsigned count[SIZE];
    uint64_t last_ns[SIZE];
    uint64_t earliest_gap_ns, latest_gap_ns;
};

static void note(struct seen *seen, const struct schedule_extent *what, uint64_t stride,
                 unsigned count, uint64_t now_ns)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t index = what->first + i * stride;
        assert_true(index < SIZE);
        if (seen->count[index]++ > 0) {
            uint64_t gap = now_ns - seen->last_ns[index];
            if (gap < seen->earliest_gap_ns)
                seen->earliest_gap_ns = gap;
            if (gap > seen->latest_gap_ns)
                seen->latest_gap_ns = gap;
        }
        seen->last_ns[index] = now_ns;
    }
}

static struct seen *seen_new(void)
{
    struct seen *seen = calloc(1, sizeof *seen);
    assert_non_null(seen);
    seen->earliest_gap_ns = UINT64_MAX;
    return seen;
}

/* Sends up to `wanted` probes each `step_ns` until all is sent or `turns` are over. Returns the
 * time. */
static uint64_t send(struct schedule *schedule, struct seen *seen, unsigned wanted,
                     uint64_t step_ns, uint64_t now_ns, unsigned turns)
{
    for (; turns > 0 && schedule_next_ns(schedule) != UINT64_MAX; turns--, now_ns += step_ns) {
        struct schedule_extent what;
        unsigned left = wanted, count;
        while (left > 0 && (count = schedule_next(schedule, now_ns, left, &what)) > 0) {
            assert_true(count <= left);
            if (turns % 7 == 0)
                count = (count + 1) / 2; /* a link that takes only a part */
            note(seen, &what, schedule->fresh.stride, count, now_ns);
            schedule_sent(schedule, &what, count, now_ns);
            left -= count;
        }
    }
    return now_ns;
}

static void assert_all_seen(const struct seen *seen, unsigned tries)
{
    for (unsigned i = 0; i < SIZE; i++)
        assert_int_equal(seen->count[i], tries);
}

static void every_index_gets_its_tries_a_second_apart(void **state)
{
    (void)state;
    for (uint32_t tries = 1; tries <= 4; tries++) {
        struct schedule schedule;
        struct index_run all = {0, 1, SIZE};
        assert_int_equal(schedule_init(&schedule, all, tries, NULL), 0);
        assert_int_equal(schedule.left, SIZE * tries);
        struct seen *seen = seen_new();
        send(&schedule, seen, 10, NS_PER_MS, 0, 1000000);
        assert_all_seen(seen, tries);
        assert_int_equal(schedule.left, 0);
        if (tries > 1) {
            assert_true(seen->earliest_gap_ns >= NS_PER_SECOND);
            assert_true(seen->latest_gap_ns <= NS_PER_SECOND + 20 * NS_PER_MS);
        }
        free(seen);
        schedule_fini(&schedule);
    }
}

static void retries_wait_while_nothing_is_due(void **state)
{
    (void)state;
    struct schedule schedule;
    struct index_run one = {7, 1, 1};
    assert_int_equal(schedule_init(&schedule, one, 2, NULL), 0);
    struct schedule_extent what;
    assert_int_equal(schedule_next(&schedule, 5, 100, &what), 1);
    assert_int_equal(what.first, 7);
    assert_int_equal(what.attempt, 0);
    schedule_sent(&schedule, &what, 1, 5);
    assert_int_equal(schedule_next(&schedule, 6, 100, &what), 0);
    assert_int_equal(schedule_next_ns(&schedule), 5 + NS_PER_SECOND);
    assert_int_equal(schedule_next(&schedule, 5 + NS_PER_SECOND, 100, &what), 1);
    assert_int_equal(what.attempt, 1);
    schedule_sent(&schedule, &what, 1, 5 + NS_PER_SECOND);
    assert_int_equal(schedule_next_ns(&schedule), UINT64_MAX);
    schedule_fini(&schedule);
}

/* Continues a paused scan from what the paused one says is left. */
static void resume(struct schedule *after, struct schedule *before, uint32_t tries)
{
    static struct schedule_state saved;
    schedule_save(before, &saved);
    struct index_run rest = {saved.next_index, before->fresh.stride, saved.fresh_left};
    assert_int_equal(schedule_init(after, rest, tries, NULL), 0);
    for (unsigned i = 0; i < saved.owed_count; i++)
        assert_int_equal(schedule_owe(after, &saved.owed[i], NULL), 0);
    assert_int_equal(saved.left, before->left);
    assert_int_equal(after->left, saved.left);
    schedule_fini(before);
}

static void pauses_at_any_moment_lose_and_repeat_nothing(void **state)
{
    (void)state;
    enum { TRIES = 3, SHARDS = 3 };
    for (unsigned seed = 1; seed <= 30; seed++) {
        struct seen *seen = seen_new();
        srand(seed);
        for (uint64_t shard = 0; shard < SHARDS; shard++) {
            struct schedule schedule, next;
            struct index_run run = {shard, SHARDS, (SIZE - shard + SHARDS - 1) / SHARDS};
            assert_int_equal(schedule_init(&schedule, run, TRIES, NULL), 0);
            uint64_t now = 0;
            for (int pause = 0; pause < 3; pause++) {
                now = send(&schedule, seen, 17, NS_PER_MS, now, (unsigned)(rand() % 1500));
                now += 10 * NS_PER_SECOND;
                resume(&next, &schedule, TRIES);
                schedule = next;
            }
            send(&schedule, seen, 17, NS_PER_MS, now, 1000000);
            schedule_fini(&schedule);
        }
        assert_all_seen(seen, TRIES);
        free(seen);
    }
}

/* A queue of few entries and batches too far apart to be joined: fresh probes must wait for it, and
 * nothing may get stuck or lost. */
static void a_full_queue_holds_back_but_loses_nothing(void **state)
{
    (void)state;
    struct schedule schedule;
    struct index_run all = {0, 1, SIZE};
    assert_int_equal(schedule_init(&schedule, all, 3, NULL), 0);
    schedule.mask = 15;
    struct seen *seen = seen_new();
    unsigned held_back = 0;
    for (uint64_t now = 0; schedule_next_ns(&schedule) != UINT64_MAX; now += 2 * NS_PER_MS) {
        struct schedule_extent what;
        unsigned wanted = 1 + (unsigned)(now / NS_PER_MS) % 13;
        unsigned count = schedule_next(&schedule, now, wanted, &what);
        held_back += count == 0 && schedule.fresh.count > 0;
        note(seen, &what, 1, count, now);
        schedule_sent(&schedule, &what, count, now);
        assert_true(schedule.tail - schedule.head <= 16);
    }
    assert_true(held_back > 0);
    assert_all_seen(seen, 3);
    assert_true(seen->earliest_gap_ns >= NS_PER_SECOND);
    free(seen);
    schedule_fini(&schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_gets_its_tries_a_second_apart),
        cmocka_unit_test(retries_wait_while_nothing_is_due),
        cmocka_unit_test(pauses_at_any_moment_lose_and_repeat_nothing),
        cmocka_unit_test(a_full_queue_holds_back_but_loses_nothing),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}

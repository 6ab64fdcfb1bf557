/* The schedule: every index exactly `tries` times, each retry a second after the try before, across
 * pauses too. */
#include "scan/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "scan/state.h"

enum { SIZE = 5000 };

/* A schedule with a supply of its own. */
struct rig {
    struct supply supply;
    struct schedule schedule;
};

static void rig_init(struct rig *rig, struct index_run run, uint32_t tries)
{
    supply_init(&rig->supply, run, 1);
    assert_int_equal(schedule_init(&rig->schedule, &rig->supply, tries, NULL), 0);
}

static void take_state(struct rig *rig, struct scan_state *state)
{
    static struct schedule_owed owed;
    scan_state_begin(state, supply_rest(&rig->supply), rig->schedule.tries);
    schedule_save(&rig->schedule, &owed);
    scan_state_add(state, &owed);
    scan_state_finish(state);
}

static uint64_t probes_left(struct rig *rig)
{
    static struct scan_state state;
    take_state(rig, &state);
    return state.left;
}

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
        struct rig rig;
        struct index_run all = {0, 1, SIZE};
        rig_init(&rig, all, tries);
        assert_int_equal(probes_left(&rig), SIZE * tries);
        struct seen *seen = seen_new();
        send(&rig.schedule, seen, 10, NS_PER_MS, 0, 1000000);
        assert_all_seen(seen, tries);
        assert_int_equal(probes_left(&rig), 0);
        if (tries > 1) {
            assert_true(seen->earliest_gap_ns >= NS_PER_SECOND);
            assert_true(seen->latest_gap_ns <= NS_PER_SECOND + 20 * NS_PER_MS);
        }
        free(seen);
        schedule_fini(&rig.schedule);
    }
}

static void retries_wait_while_nothing_is_due(void **state)
{
    (void)state;
    struct rig rig;
    struct index_run one = {7, 1, 1};
    rig_init(&rig, one, 2);
    struct schedule_extent what;
    assert_int_equal(schedule_next(&rig.schedule, 5, 100, &what), 1);
    assert_int_equal(what.first, 7);
    assert_int_equal(what.attempt, 0);
    schedule_sent(&rig.schedule, &what, 1, 5);
    assert_int_equal(schedule_next(&rig.schedule, 6, 100, &what), 0);
    assert_int_equal(schedule_next_ns(&rig.schedule), 5 + NS_PER_SECOND);
    assert_int_equal(schedule_next(&rig.schedule, 5 + NS_PER_SECOND, 100, &what), 1);
    assert_int_equal(what.attempt, 1);
    schedule_sent(&rig.schedule, &what, 1, 5 + NS_PER_SECOND);
    assert_int_equal(schedule_next_ns(&rig.schedule), UINT64_MAX);
    schedule_fini(&rig.schedule);
}

/* Continues a paused scan from what the paused one says is left. */
static void resume(struct rig *after, struct rig *before, uint32_t tries)
{
    static struct scan_state saved;
    take_state(before, &saved);
    struct index_run rest = {saved.next_index, before->supply.run.stride, saved.fresh_left};
    rig_init(after, rest, tries);
    for (unsigned i = 0; i < saved.owed.count; i++)
        assert_int_equal(schedule_owe(&after->schedule, &saved.owed.extents[i], NULL), 0);
    assert_int_equal(probes_left(after), saved.left);
    schedule_fini(&before->schedule);
}

static void pauses_at_any_moment_lose_and_repeat_nothing(void **state)
{
    (void)state;
    enum { TRIES = 3, SHARDS = 3 };
    for (unsigned seed = 1; seed <= 30; seed++) {
        struct seen *seen = seen_new();
        srand(seed);
        for (uint64_t shard = 0; shard < SHARDS; shard++) {
            struct rig rigs[2], *now_in = &rigs[0], *next = &rigs[1];
            struct index_run run = {shard, SHARDS, (SIZE - shard + SHARDS - 1) / SHARDS};
            rig_init(now_in, run, TRIES);
            uint64_t now = 0;
            for (int pause = 0; pause < 3; pause++) {
                now = send(&now_in->schedule, seen, 17, NS_PER_MS, now, (unsigned)(rand() % 1500));
                now += 10 * NS_PER_SECOND;
                resume(next, now_in, TRIES);
                struct rig *before = now_in;
                now_in = next;
                next = before;
            }
            send(&now_in->schedule, seen, 17, NS_PER_MS, now, 1000000);
            schedule_fini(&now_in->schedule);
        }
        assert_all_seen(seen, TRIES);
        free(seen);
    }
}

/* Two workers of which one has sent its whole piece, the other a part of one: the state names the
 * hole, and gives back what stands right before the rest. */
static void a_state_names_holes_and_gives_back_the_end(void **state)
{
    (void)state;
    enum { FIRST_PART = 100, SECOND_PART = 30 };
    static struct scan_state saved;
    static struct schedule_owed owed[2];
    struct supply supply;
    supply_init(&supply, (struct index_run){5, 2, 3 * SUPPLY_PIECE}, 1);
    struct index_run one = supply_take(&supply), other = supply_take(&supply);
    owed[0] = (struct schedule_owed){.count = 1};
    owed[0].extents[0] = (struct schedule_extent){.first = one.first + FIRST_PART * 2,
                                                  .count = one.count - FIRST_PART};
    owed[1] = (struct schedule_owed){.count = 2};
    owed[1].extents[0] = (struct schedule_extent){.first = other.first + SECOND_PART * 2,
                                                  .count = other.count - SECOND_PART};
    owed[1].extents[1] =
        (struct schedule_extent){.first = other.first, .count = SECOND_PART, .attempt = 1};
    scan_state_begin(&saved, supply_rest(&supply), 2);
    scan_state_add(&saved, &owed[0]);
    scan_state_add(&saved, &owed[1]);
    scan_state_finish(&saved);
    assert_int_equal(saved.next_index, other.first + SECOND_PART * 2);
    assert_int_equal(saved.fresh_left, 2 * SUPPLY_PIECE - SECOND_PART);
    assert_int_equal(saved.owed.count, 2);
    assert_int_equal(saved.left, 2 * (3 * SUPPLY_PIECE - FIRST_PART - SECOND_PART) + SECOND_PART);
}

/* A worker that was asked later may have taken what the rest still counts. */
static void a_state_counts_nothing_twice(void **state)
{
    (void)state;
    static struct scan_state saved;
    static struct schedule_owed owed;
    struct supply supply;
    supply_init(&supply, (struct index_run){0, 1, 2 * SUPPLY_PIECE}, 1);
    supply_take(&supply);
    struct index_run rest = supply_rest(&supply), taken = supply_take(&supply);
    owed = (struct schedule_owed){.count = 2};
    /* Retries from before the rest into it, and what was taken of it. */
    owed.extents[0] = (struct schedule_extent){.first = rest.first - 10, .count = 25, .attempt = 1};
    owed.extents[1] =
        (struct schedule_extent){.first = taken.first + 15, .count = taken.count - 15};
    scan_state_begin(&saved, rest, 2);
    scan_state_add(&saved, &owed);
    scan_state_finish(&saved);
    assert_int_equal(saved.next_index, rest.first);
    assert_int_equal(saved.fresh_left, SUPPLY_PIECE);
    assert_int_equal(saved.owed.count, 1);
    assert_int_equal(saved.owed.extents[0].count, 10);
    assert_int_equal(saved.left, 2 * SUPPLY_PIECE + 10);
}

static void assert_extent(const struct schedule_extent *extent, uint64_t first, uint64_t count,
                          uint32_t attempt)
{
    assert_int_equal(extent->first, first);
    assert_int_equal(extent->count, count);
    assert_int_equal(extent->attempt, attempt);
}

/* Probes that counted as sent, and have not left after all: their later tries are owed by them, and
 * by nobody else. */
static void a_state_takes_back_what_has_not_left(void **state)
{
    (void)state;
    enum { STRIDE = 3, TRIES = 4 };
    static struct scan_state saved;
    static struct schedule_owed owed;
    owed = (struct schedule_owed){.count = 2};
    owed.extents[0] =
        (struct schedule_extent){.first = 30, .count = 5, .attempt = 1}; /* 30 to 42 */
    owed.extents[1] = (struct schedule_extent){.first = 60, .count = 2, .attempt = 2}; /* 60, 63 */
    scan_state_begin(&saved, (struct index_run){300, STRIDE, 10}, TRIES);
    scan_state_add(&saved, &owed);
    uint64_t before = 10 * TRIES + 5 * (TRIES - 1) + 2 * (TRIES - 2);
    scan_state_add_unsent(&saved, 36, 0); /* in the midst, */
    scan_state_add_unsent(&saved, 42, 0); /* at an end; */
    scan_state_add_unsent(&saved, 60, 0); /* two tries of one pair, */
    scan_state_add_unsent(&saved, 60, 1);
    scan_state_add_unsent(&saved, 63, 1);         /* the later one; */
    scan_state_add_unsent(&saved, 90, TRIES - 1); /* and the last of one */
    scan_state_finish(&saved);
    assert_int_equal(saved.left, before + 1 + 1 + 2 + 1 + 1);
    assert_int_equal(saved.owed.count, 7);
    assert_extent(&saved.owed.extents[0], 36, 1, 0);
    assert_extent(&saved.owed.extents[1], 42, 1, 0);
    assert_extent(&saved.owed.extents[2], 60, 1, 0);
    assert_extent(&saved.owed.extents[3], 30, 2, 1);
    assert_extent(&saved.owed.extents[4], 39, 1, 1);
    assert_extent(&saved.owed.extents[5], 63, 1, 1);
    assert_extent(&saved.owed.extents[6], 90, 1, 3);
}

/* A queue of few entries and batches too far apart to be joined: fresh probes must wait for it, and
 * nothing may get stuck or lost. */
static void a_full_queue_holds_back_but_loses_nothing(void **state)
{
    (void)state;
    struct rig rig;
    struct index_run all = {0, 1, SIZE};
    rig_init(&rig, all, 3);
    rig.schedule.mask = 15;
    struct seen *seen = seen_new();
    unsigned held_back = 0;
    for (uint64_t now = 0; schedule_next_ns(&rig.schedule) != UINT64_MAX; now += 2 * NS_PER_MS) {
        struct schedule_extent what;
        unsigned wanted = 1 + (unsigned)(now / NS_PER_MS) % 13;
        unsigned count = schedule_next(&rig.schedule, now, wanted, &what);
        held_back += count == 0 && rig.schedule.fresh.count > 0;
        note(seen, &what, 1, count, now);
        schedule_sent(&rig.schedule, &what, count, now);
        assert_true(rig.schedule.tail - rig.schedule.head <= 16);
    }
    assert_true(held_back > 0);
    assert_all_seen(seen, 3);
    assert_true(seen->earliest_gap_ns >= NS_PER_SECOND);
    free(seen);
    schedule_fini(&rig.schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_gets_its_tries_a_second_apart),
        cmocka_unit_test(retries_wait_while_nothing_is_due),
        cmocka_unit_test(pauses_at_any_moment_lose_and_repeat_nothing),
        cmocka_unit_test(a_state_names_holes_and_gives_back_the_end),
        cmocka_unit_test(a_state_counts_nothing_twice),
        cmocka_unit_test(a_state_takes_back_what_has_not_left),
        cmocka_unit_test(a_full_queue_holds_back_but_loses_nothing),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}

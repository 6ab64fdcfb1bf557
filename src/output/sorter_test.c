/* Sorting and merging, in memory and through a file, against a plain comparison of results. */
#include "output/sorter.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/test_support.h"

enum { MANY = 300000, BANNERS = 8 };

static struct result many[MANY], came[MANY];
static unsigned came_count;

static const char *const banners[BANNERS] = {"",      "a",    "ab", "b", "HTTP/1.0 200 OK",
                                             "x\xff", "\xff", "z"};

static unsigned next(uint64_t *state, unsigned below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33) % below;
}

/* Few addresses, ports and times, so that all fields get their turn to decide. */
static struct result any_result(uint64_t *state)
{
    static const uint8_t protocols[] = {RESULT_TCP, RESULT_UDP, RESULT_SCTP, RESULT_ARP};
    struct result result = {.time = 1700000000u + next(state, 3) * 70000u,
                            .ip = ip_from_v4(next(state, 4) << 22 | next(state, 500)),
                            .port = (uint16_t)(next(state, 4) * 400),
                            .protocol = protocols[next(state, 4)],
                            .ttl = (uint8_t)next(state, 3)};
    if (next(state, 4) == 0) {
        result.ip.version = 6;
        result.ip.bytes[15] = (uint8_t)next(state, 256);
    }
    if (next(state, 3) == 0) {
        const char *banner = banners[next(state, BANNERS)];
        result.kind = RESULT_BANNER;
        result.app = (uint16_t)(next(state, 2) * 300);
        result.banner = (const uint8_t *)banner;
        result.banner_length = (uint32_t)strlen(banner);
    } else {
        result.status = (enum result_status)next(state, 3);
        result.reason = (uint8_t)next(state, 3);
    }
    return result;
}

static int sign(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_address(const struct result *a, const struct result *b)
{
    if (a->ip.version != b->ip.version)
        return sign(a->ip.version, b->ip.version);
    return memcmp(a->ip.bytes, b->ip.bytes, sizeof a->ip.bytes);
}

static int by_port(const struct result *a, const struct result *b)
{
    if (a->protocol != b->protocol)
        return sign(a->protocol, b->protocol);
    return sign(a->port, b->port);
}

static int by_kind(const struct result *a, const struct result *b)
{
    if (a->kind != b->kind)
        return sign(a->kind, b->kind);
    return a->kind == RESULT_BANNER ? sign(a->app, b->app) : sign(a->status, b->status);
}

static int by_banner(const struct result *a, const struct result *b)
{
    size_t shorter = a->banner_length < b->banner_length ? a->banner_length : b->banner_length;
    int order = shorter > 0 ? memcmp(a->banner, b->banner, shorter) : 0;
    return order != 0 ? order : sign(a->banner_length, b->banner_length);
}

static int by_time(const struct result *a, const struct result *b)
{
    return sign(a->time, b->time);
}

static int by_reply(const struct result *a, const struct result *b)
{
    return a->reason != b->reason ? sign(a->reason, b->reason) : sign(a->ttl, b->ttl);
}

typedef int compare_fn(const struct result *a, const struct result *b);

enum { STEPS = 6 };

static compare_fn *const plainly[][STEPS] = {
    [SORT_BY_ADDRESS] = {by_address, by_port, by_kind, by_banner, by_time, by_reply},
    [SORT_BY_PORT] = {by_port, by_address, by_kind, by_banner, by_time, by_reply},
    [SORT_BY_TIME] = {by_time, by_address, by_port, by_kind, by_banner, by_reply},
};

static int compare(const struct result *a, const struct result *b, compare_fn *const steps[],
                   unsigned count)
{
    int order = 0;
    for (unsigned i = 0; i < count && order == 0; i++)
        order = steps[i](a, b);
    return order;
}

static int compare_plainly(const void *a, const void *b, void *steps)
{
    return compare(a, b, steps, STEPS);
}

/* The banners that come are texts that all results share, so that they outlive the call. */
static int take(void *context, const struct result *result, struct error *err)
{
    (void)context;
    (void)err;
    assert_in_range(came_count, 0, MANY - 1);
    came[came_count] = *result;
    came[came_count].banner = NULL;
    for (unsigned i = 0; i < BANNERS && result->banner_length > 0; i++)
        if (strlen(banners[i]) == result->banner_length &&
            memcmp(banners[i], result->banner, result->banner_length) == 0)
            came[came_count].banner = (const uint8_t *)banners[i];
    came_count++;
    return 0;
}

static struct sorter *new_sorter(enum sort_order order, bool merge, size_t memory)
{
    const struct sorter_setup setup = {order, merge, memory, scratch_directory()};
    struct error err;
    struct sorter *sorter = sorter_new(&setup, &err);
    assert_non_null(sorter);
    return sorter;
}

static void finish(struct sorter *sorter)
{
    struct error err = {""};
    came_count = 0;
    if (sorter_finish(sorter, take, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static void make_many(unsigned count, uint64_t state)
{
    for (unsigned i = 0; i < count; i++)
        many[i] = any_result(&state);
}

static void sort_many(enum sort_order order, bool merge, size_t memory, unsigned count)
{
    struct sorter *sorter = new_sorter(order, merge, memory);
    struct error err = {""};
    for (unsigned i = 0; i < count; i++)
        if (sorter_add(sorter, &many[i], &err) < 0)
            fail_msg("%s", err.text);
    finish(sorter);
    assert_int_equal(sorter_merged(sorter) + came_count, count);
    sorter_free(sorter);
}

/* 300,000 results fill 4 MiB three times over and more. */
static void every_order_in_memory_and_by_file(void **state)
{
    (void)state;
    static const struct {
        size_t memory;
        unsigned count;
    } cases[] = {{SORTER_MEMORY_LEAST, MANY},
                 {SORTER_MEMORY, MANY},
                 {SORTER_MEMORY_LEAST, 1},
                 {SORTER_MEMORY, 0}};
    for (enum sort_order order = SORT_BY_ADDRESS; order <= SORT_BY_TIME; order++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            make_many(cases[i].count, order + 1u);
            sort_many(order, false, cases[i].memory, cases[i].count);
            assert_int_equal(came_count, cases[i].count);
            qsort_r(many, cases[i].count, sizeof *many, compare_plainly,
                    (void *)(uintptr_t)plainly[order]);
            for (unsigned j = 0; j < cases[i].count; j++)
                if (!results_equal(&many[j], &came[j]))
                    fail_msg("order %u, case %zu: result %u is wrong", order, i, j);
        }
    }
}

static void merging_keeps_the_earliest_of_each(void **state)
{
    (void)state;
    enum { IDENTITY = 4 };
    for (enum sort_order order = SORT_BY_ADDRESS; order <= SORT_BY_PORT; order++) {
        make_many(MANY, 99);
        sort_many(order, true, SORTER_MEMORY_LEAST, MANY);
        qsort_r(many, MANY, sizeof *many, compare_plainly, (void *)(uintptr_t)plainly[order]);
        unsigned kept = 0;
        for (unsigned i = 0; i < MANY; i++) {
            if (i > 0 && compare(&many[i - 1], &many[i], plainly[order], IDENTITY) == 0)
                continue;
            if (!results_equal(&many[i], &came[kept]))
                fail_msg("order %u: result %u is wrong", order, kept);
            kept++;
        }
        assert_int_equal(came_count, kept);
        assert_in_range(kept, 1000, MANY - 1000);
    }
}

/* Everything that a result can hold comes back. */
static void samples_come_back_whole(void **state)
{
    (void)state;
    for (enum sort_order order = SORT_BY_ADDRESS; order <= SORT_BY_TIME; order++) {
        for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
            uint8_t key[SORT_KEY_SIZE];
            struct result again;
            sort_key_pack(key, &samples()[i], order);
            sort_key_unpack(&again, key, order);
            again.banner = samples()[i].banner;
            again.banner_length = samples()[i].banner_length;
            assert_true(results_equal(&again, &samples()[i]));
        }
    }
}

static int measure(void *context, const struct result *result, struct error *err)
{
    (void)err;
    uint64_t *sum = context;
    for (uint32_t i = 0; i < result->banner_length; i++)
        assert_int_equal(result->banner[i], (uint8_t)result->port);
    *sum += result->banner_length;
    return 0;
}

/* Windows grow for them, memory does not. */
static void the_longest_banners_are_carried(void **state)
{
    (void)state;
    enum { LONG = 40 };
    static uint8_t text[RESULT_BANNER_MAX];
    struct error err = {""};
    uint64_t sum = 0, wanted = 0;
    struct sorter *sorter = new_sorter(SORT_BY_PORT, true, SORTER_MEMORY_LEAST);
    for (unsigned i = 0; i < LONG; i++) {
        struct result result = make_banner(text, (uint32_t)(i % 2 ? RESULT_BANNER_MAX : i * 100));
        result.port = (uint16_t)(i * 7 % LONG);
        memset(text, (uint8_t)result.port, sizeof text);
        wanted += result.banner_length;
        assert_int_equal(sorter_add(sorter, &result, &err), 0);
    }
    assert_int_equal(sorter_finish(sorter, measure, &sum, &err), 0);
    assert_int_equal(sum, wanted);
    sorter_free(sorter);
}

static int refuse(void *context, const struct result *result, struct error *err)
{
    (void)context;
    (void)result;
    return error_set(err, "enough");
}

static void errors_end_it(void **state)
{
    (void)state;
    const struct sorter_setup nowhere = {SORT_BY_ADDRESS, false, SORTER_MEMORY_LEAST,
                                         "/nonexistent"};
    struct error err = {""};
    struct sorter *sorter = sorter_new(&nowhere, &err);
    int result = 0;
    make_many(MANY, 5);
    for (unsigned i = 0; i < MANY && result == 0; i++)
        result = sorter_add(sorter, &many[i], &err);
    assert_int_equal(result, -1);
    assert_non_null(strstr(err.text, "'/nonexistent'"));
    sorter_free(sorter);
    for (unsigned count = 2; count <= MANY; count += MANY - 2) {
        sorter = new_sorter(SORT_BY_ADDRESS, false, SORTER_MEMORY_LEAST);
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(sorter_add(sorter, &many[i], &err), 0);
        assert_int_equal(sorter_finish(sorter, refuse, NULL, &err), -1);
        assert_string_equal(err.text, "enough");
        sorter_free(sorter);
    }
}

static void nothing_is_left_in_the_directory(void **state)
{
    (void)state;
    DIR *directory = opendir(scratch_directory());
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        assert_int_equal(entry->d_name[0], '.');
    closedir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_in_memory_and_by_file),
        cmocka_unit_test(merging_keeps_the_earliest_of_each),
        cmocka_unit_test(samples_come_back_whole),
        cmocka_unit_test(the_longest_banners_are_carried),
        cmocka_unit_test(errors_end_it),
        cmocka_unit_test(nothing_is_left_in_the_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

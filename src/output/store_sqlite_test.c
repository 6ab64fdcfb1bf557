/* The sqlite store, read back as another program would. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "output/output.h"
#include "output/store_conformance.h"
#include "output/test_support.h"

enum { TEXT_SIZE = 8192 };

static void start_file(char place[STORE_PLACE_SIZE])
{
    static unsigned number;
    snprintf(place, STORE_PLACE_SIZE, "%s/%u.sqlite", scratch_directory(), number++);
}

static void stop_file(const char *place)
{
    (void)place;
}

static sqlite3 *open_reader(const char *path)
{
    sqlite3 *reader;
    assert_int_equal(sqlite3_open_v2(path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return reader;
}

/* The rows of a query as "a|b|c\n"; blobs in hex. */
static const char *query(const char *path, const char *sql)
{
    static char text[TEXT_SIZE];
    char *at = text;
    sqlite3_stmt *statement;
    sqlite3 *reader = open_reader(path);
    if (sqlite3_prepare_v2(reader, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(reader));
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *value = (const char *)sqlite3_column_text(statement, i);
            at += snprintf(at, (size_t)(text + sizeof text - at), "%s%s", i > 0 ? "|" : "",
                           value != NULL ? value : "NULL");
        }
        *at++ = '\n';
    }
    *at = '\0';
    sqlite3_finalize(statement);
    sqlite3_close(reader);
    return text;
}

static unsigned count_rows(const char *path)
{
    const char *sql = "SELECT (SELECT count(*) FROM result) + (SELECT count(*) FROM banner)";
    return (unsigned)strtoul(query(path, sql), NULL, 10);
}

static void a_database_holds_what_was_recorded(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE];
    start_file(path);
    void *store = store_open_at(&store_sqlite, path, false);
    store_give(&store_sqlite, store, samples(), SAMPLE_COUNT);
    store_close_well(&store_sqlite, store);
    assert_string_equal(query(path, "SELECT time, ip, protocol, port, status, reason, ttl, scan"
                                    " FROM result ORDER BY rowid"),
                        "1700000000|192.0.2.10|tcp|80|open|syn-ack|57|1\n"
                        "1700000000|192.0.2.255|tcp|65535|closed|rst-ack|255|1\n"
                        "1700000000|10.0.0.1|arp|0|up|none|0|1\n"
                        "1700000000|2001:db8::10|udp|53|open|none|64|1\n"
                        "1700000000|2001:db8::1|tcp|1|closed|fin-syn-rst-psh-ack-urg-ece-cwr|1|1\n"
                        "1700000000|fe80::1|arp|0|up|none|0|1\n"
                        "1700000000|255.255.255.255|sctp|36412|open|none|1|1\n"
                        "1700000000|1.2.3.4|icmp|0|open|none|1|1\n"
                        "1700000000|1.2.3.4|ip|47|open|none|1|1\n");
    assert_string_equal(query(path, "SELECT ip, protocol, port, ttl, service, typeof(banner),"
                                    " length(banner) FROM banner ORDER BY rowid"),
                        "192.0.2.10|tcp|80|57|http|blob|17\n"
                        "192.0.2.10|tcp|443|57|ssl|blob|58\n"
                        "2001:db8:1:2:3:4:5:6|tcp|22|57|ssh|blob|0\n"
                        "2001:db8::|tcp|22|57|error|blob|5000\n"
                        "0.0.0.0|tcp|0|57|unknown|blob|1\n"
                        "192.0.2.10|tcp|80|57|title|blob|10\n");
    assert_string_equal(query(path, "SELECT hex(banner) FROM banner LIMIT 1"),
                        "613C623E2622275C200D0A09007F80FF7E\n");
}

static void example_range(const void *context, size_t index, struct ip_address *first,
                          struct ip_address *last)
{
    (void)context;
    *first = ip_from_v4(0x0a000000 + (uint32_t)index);
    *last = ip_from_v4(0x0a000100 + (uint32_t)index);
}

static void a_database_tells_of_the_scan(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE], notice[256];
    struct scan_facts facts = sample_facts;
    facts.command = "masscan --redis-pwd '***'";
    facts.seed = UINT64_MAX;
    facts.range_count = 2;
    facts.range = example_range;
    start_file(path);
    const struct store_setup setup = {.place = path, .facts = &facts};
    void *store = store_open_with(&store_sqlite, &setup, notice);
    assert_string_equal(query(path, "SELECT ended FROM scan"), "NULL\n");
    store_close_well(&store_sqlite, store);
    assert_string_equal(query(path, "SELECT * FROM scan"),
                        "1|0.1.0|masscan --redis-pwd '***'|18446744073709551615|1700000000|"
                        "1700000100|80-80|||\n");
    assert_string_equal(query(path, "SELECT * FROM target"),
                        "1|10.0.0.0|10.0.1.0\n1|10.0.0.1|10.0.1.1\n");
    store_close_well(&store_sqlite, store_open_at(&store_sqlite, path, true));
    assert_string_equal(query(path, "SELECT id, ended FROM scan"), "1|1700000100\n2|1700000100\n");
}

static void a_closed_database_is_one_file_with_indexes(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE], log[STORE_PLACE_SIZE + 8];
    start_file(path);
    void *store = store_open_at(&store_sqlite, path, false);
    store_give(&store_sqlite, store, samples(), 5);
    store_close_well(&store_sqlite, store);
    snprintf(log, sizeof log, "%s-wal", path);
    assert_int_not_equal(access(log, F_OK), 0);
    assert_string_equal(query(path, "PRAGMA journal_mode"), "delete\n");
    assert_non_null(strstr(query(path, "EXPLAIN QUERY PLAN SELECT * FROM result WHERE ip = '1'"),
                           "USING INDEX result_by_ip"));
    assert_non_null(strstr(query(path, "EXPLAIN QUERY PLAN SELECT * FROM result WHERE port = 1"),
                           "USING INDEX result_by_port"));
    assert_non_null(
        strstr(query(path, "EXPLAIN QUERY PLAN SELECT * FROM banner WHERE service = 'http'"),
               "USING INDEX banner_by_service"));
    assert_string_equal(query(path, "PRAGMA integrity_check"), "ok\n");
}

/* Somebody who reads neither stops the scan nor is stopped by it, and sees no half batches. */
static void readers_and_the_scan_do_not_disturb_each_other(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE];
    sqlite3_stmt *reading;
    start_file(path);
    void *store = store_open_at(&store_sqlite, path, false);
    store_give(&store_sqlite, store, samples(), 5);
    store_flush_well(&store_sqlite, store);
    sqlite3 *reader = open_reader(path);
    sqlite3_prepare_v2(reader, "SELECT ip FROM result", -1, &reading, NULL);
    assert_int_equal(sqlite3_step(reading), SQLITE_ROW);
    store_give(&store_sqlite, store, samples(), 5);
    assert_int_equal(count_rows(path), 5);
    store_flush_well(&store_sqlite, store);
    assert_int_equal(count_rows(path), 10);
    store_close_well(&store_sqlite, store); /* while it is still being read */
    sqlite3_finalize(reading);
    sqlite3_close(reader);
    assert_int_equal(count_rows(path), 10);
}

/* A scan that is killed with five records flushed and five not. */
static void kill_a_scan(const char *path)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        void *store = store_open_at(&store_sqlite, path, false);
        store_give(&store_sqlite, store, samples(), 5);
        store_flush_well(&store_sqlite, store);
        store_give(&store_sqlite, store, samples() + 5, 5);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_killed_scan_is_kept_whole(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE], kept[STORE_PLACE_SIZE + 8], notice[256],
        expected[STORE_PLACE_SIZE + 64];
    start_file(path);
    kill_a_scan(path);
    const struct store_setup setup = {.place = path, .facts = &sample_facts};
    void *store = store_open_with(&store_sqlite, &setup, notice);
    snprintf(kept, sizeof kept, "%s.~1~", path);
    snprintf(expected, sizeof expected, "kept the earlier results as %s", kept);
    assert_string_equal(notice, expected);
    store_give(&store_sqlite, store, samples(), 2);
    store_close_well(&store_sqlite, store);
    assert_int_equal(count_rows(path), 2);
    assert_int_equal(count_rows(kept), 5);
    assert_string_equal(query(kept, "SELECT ended FROM scan"), "NULL\n");
}

static void a_killed_scan_behind_a_link_is_kept_whole(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE], link[STORE_PLACE_SIZE], kept[STORE_PLACE_SIZE + 8];
    char folder[STORE_PLACE_SIZE];
    start_file(folder);
    start_file(link);
    assert_int_equal(mkdir(folder, 0777), 0);
    assert_true(snprintf(path, sizeof path, "%.200s/r", folder) > 0);
    assert_int_equal(symlink(path, link), 0);
    kill_a_scan(link);
    store_close_well(&store_sqlite, store_open_at(&store_sqlite, link, false));
    snprintf(kept, sizeof kept, "%s.~1~", path);
    assert_int_equal(count_rows(kept), 5);
    assert_int_equal(count_rows(link), 0);
}

static void a_killed_scan_is_gone_on_with(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE];
    start_file(path);
    kill_a_scan(path);
    void *store = store_open_at(&store_sqlite, path, true);
    store_give(&store_sqlite, store, samples(), 2);
    store_close_well(&store_sqlite, store);
    assert_int_equal(count_rows(path), 7);
    assert_string_equal(query(path, "SELECT id, ended FROM scan"), "1|NULL\n2|1700000100\n");
}

static void a_database_in_use_does_not_give_way(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE];
    start_file(path);
    void *store = store_open_at(&store_sqlite, path, false);
    store_give(&store_sqlite, store, samples(), 5);
    store_flush_well(&store_sqlite, store);
    const struct store_setup setup = {.place = path, .facts = &sample_facts};
    assert_non_null(
        strstr(store_open_error(&store_sqlite, &setup), "is in use by another program"));
    store_close_well(&store_sqlite, store);
    assert_int_equal(count_rows(path), 5);
}

static void check_untouched(const char *path, const char *words)
{
    struct buffer before, after;
    const struct store_setup setup = {.place = path, .append = true, .facts = &sample_facts};
    buffer_init(&before, 1 << 20);
    buffer_init(&after, 1 << 20);
    read_file(path, &before);
    const char *text = store_open_error(&store_sqlite, &setup);
    if (strstr(text, words) == NULL)
        fail_msg("%s", text);
    read_file(path, &after);
    assert_int_equal(before.length, after.length);
    assert_memory_equal(before.bytes, after.bytes, after.length);
    buffer_fini(&before);
    buffer_fini(&after);
}

static void make_foreign(const char *path, const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void only_to_databases_of_ours_is_appended(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE];
    start_file(path);
    write_file(path, "#masscan\n# end\n", 15);
    check_untouched(path, "cannot append to '");
    check_untouched(path, "it is not an SQLite database; name another file");
    start_file(path);
    make_foreign(path, "CREATE TABLE scan(x)");
    check_untouched(path, "it is an SQLite database of another program; name another file");
    start_file(path);
    store_close_well(&store_sqlite, store_open_at(&store_sqlite, path, false));
    make_foreign(path, "PRAGMA user_version = 2");
    check_untouched(path, "it is a database of another version of this program");
}

static void names_that_mean_no_file_to_sqlite_are_files(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(scratch_directory()), 0);
    static const char *const names[] = {":memory:", "file:x?mode=memory"};
    for (unsigned i = 0; i < 2; i++) {
        store_close_well(&store_sqlite, store_open_at(&store_sqlite, names[i], false));
        assert_int_equal(access(names[i], F_OK), 0);
    }
    assert_int_equal(chdir(before), 0);
}

/* No file may grow beyond `size`, as if the disk were full. */
static struct rlimit limit_files(rlim_t size)
{
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit limit = {.rlim_cur = size, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    return before;
}

static void a_full_disk_is_an_error_and_costs_no_earlier_row(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE];
    struct error err = {.text = ""};
    start_file(path);
    void *store = store_open_at(&store_sqlite, path, false);
    store_give(&store_sqlite, store, samples(), 5);
    store_flush_well(&store_sqlite, store);
    struct rlimit before = limit_files(300000);
    int outcome = 0;
    for (unsigned i = 0; i < 20000 && outcome == 0; i++) {
        outcome = store_sqlite.record(store, &samples()[0], &err);
        if (outcome == 0 && i % 100 == 99)
            outcome = store_sqlite.flush(store, &err);
    }
    assert_true(outcome < 0);
    assert_non_null(strstr(err.text, path));
    unsigned there = count_rows(path);
    store_sqlite.abandon(store);
    setrlimit(RLIMIT_FSIZE, &before);
    free(store);
    assert_in_range(there, 105, 20000);
    assert_int_equal(there % 100, 5);
    assert_int_equal(count_rows(path), there);
    assert_string_equal(query(path, "PRAGMA integrity_check"), "ok\n");
}

static void a_database_that_cannot_be_made_hides_no_earlier_one(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE], kept[STORE_PLACE_SIZE + 8];
    start_file(path);
    store_close_well(&store_sqlite, store_open_at(&store_sqlite, path, false));
    const struct store_setup setup = {.place = path, .facts = &sample_facts};
    struct rlimit before = limit_files(100);
    const char *text = store_open_error(&store_sqlite, &setup);
    setrlimit(RLIMIT_FSIZE, &before);
    snprintf(kept, sizeof kept, "%s.~1~", path);
    assert_non_null(strstr(text, "; kept the earlier results as "));
    assert_non_null(strstr(text, kept));
    assert_int_equal(count_rows(kept), 0);
}

/* As one of several outputs */

static void add_store(struct output_set *set, const char *path, bool append)
{
    struct error err;
    char notice[256];
    const struct store_setup setup = {.place = path, .append = append, .facts = &sample_facts};
    if (output_set_add_store(set, &store_sqlite, &setup, notice, &err) < 0)
        fail_msg("%s", err.text);
}

static void a_store_is_an_output_beside_files(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE], list[SCRATCH_PATH_SIZE], notice[256];
    struct output_set set = {.filter = {.open = true, .banners = true}};
    uint8_t *bytes = calloc(1, RESULT_BANNER_MAX + 100);
    const struct result longer = make_banner(bytes, RESULT_BANNER_MAX + 100);
    start_file(path);
    assert_int_equal(output_set_add(&set, writer_find("list"), scratch_path(list, "beside"),
                                    OUTPUT_REPLACE, &sample_facts, notice, NULL),
                     0);
    add_store(&set, path, false);
    assert_int_equal(output_set_record(&set, &samples()[0], NULL), 1);
    assert_int_equal(output_set_record(&set, &samples()[1], NULL), 0); /* closed */
    assert_int_equal(output_set_flush(&set, NULL), 0);
    assert_int_equal(count_rows(path), 1);
    assert_int_equal(output_set_record(&set, &longer, NULL), 1);
    assert_int_equal(output_set_close(&set, 1700000100, NULL), 0);
    char expected[32];
    snprintf(expected, sizeof expected, "%d\n", RESULT_BANNER_MAX);
    assert_string_equal(query(path, "SELECT length(banner) FROM banner"), expected);
    assert_int_equal(count_rows(path), 2);
    free(bytes);
}

static void check_shared(struct output_set *set, const char *path)
{
    struct error err;
    char notice[256];
    const struct store_setup setup = {.place = path, .append = true, .facts = &sample_facts};
    assert_true(output_set_add_store(set, &store_sqlite, &setup, notice, &err) < 0);
    assert_non_null(strstr(err.text, "two outputs go to"));
    assert_true(output_set_add(set, writer_find("list"), path, OUTPUT_APPEND, &sample_facts, notice,
                               &err) < 0);
    assert_non_null(strstr(err.text, "two outputs go to"));
}

static void a_file_takes_one_output_of_whatever_kind(void **state)
{
    (void)state;
    char path[STORE_PLACE_SIZE], link[STORE_PLACE_SIZE], notice[256];
    struct output_set set = {.filter = {.open = true}};
    start_file(path);
    start_file(link);
    assert_int_equal(symlink(path, link), 0);
    add_store(&set, path, false);
    check_shared(&set, path);
    check_shared(&set, link);
    assert_int_equal(output_set_close(&set, 1700000100, NULL), 0);
    assert_int_equal(count_rows(path), 0);
    start_file(path);
    assert_int_equal(output_set_add(&set, writer_find("list"), path, OUTPUT_REPLACE, &sample_facts,
                                    notice, NULL),
                     0);
    check_shared(&set, path);
    assert_int_equal(output_set_close(&set, 1700000100, NULL), 0);
}

static const struct store_fixture fixture = {
    &store_sqlite, start_file, count_rows, stop_file, {"-", "/dev/null", "/"}};

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_CONFORMANCE(&fixture),
        cmocka_unit_test(a_database_holds_what_was_recorded),
        cmocka_unit_test(a_database_tells_of_the_scan),
        cmocka_unit_test(a_closed_database_is_one_file_with_indexes),
        cmocka_unit_test(readers_and_the_scan_do_not_disturb_each_other),
        cmocka_unit_test(a_killed_scan_is_kept_whole),
        cmocka_unit_test(a_killed_scan_behind_a_link_is_kept_whole),
        cmocka_unit_test(a_killed_scan_is_gone_on_with),
        cmocka_unit_test(a_database_in_use_does_not_give_way),
        cmocka_unit_test(only_to_databases_of_ours_is_appended),
        cmocka_unit_test(names_that_mean_no_file_to_sqlite_are_files),
        cmocka_unit_test(a_full_disk_is_an_error_and_costs_no_earlier_row),
        cmocka_unit_test(a_database_that_cannot_be_made_hides_no_earlier_one),
        cmocka_unit_test(a_store_is_an_output_beside_files),
        cmocka_unit_test(a_file_takes_one_output_of_whatever_kind),
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests_name("store_sqlite", tests, NULL, NULL);
}

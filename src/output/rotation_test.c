/* When files are rotated, and the names they get: aligned, never over another file, also in another
 * folder and on another file system. */
#include "output/rotation.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/move.h"
#include "output/test_support.h"

enum { NOW = 1700000000 }; /* 2023-11-14 22:13:20 UTC, a Tuesday */

static void times_are_aligned(void **state)
{
    (void)state;
    static const struct {
        uint64_t period;
        int64_t offset;
        uint64_t now, next;
    } cases[] = {
        {3600, 0, NOW, 1700002800},      /* 23:00 */
        {600, 0, NOW, 1700000400},       /* 22:20 */
        {86400, 0, NOW, 1700006400},     /* midnight */
        {86400, 18000, NOW, 1700024400}, /* 05:00 UTC: midnight in New York */
        {86400, -7200, NOW, 1700085600}, /* 22:00 UTC tomorrow */
        {86400, 79200, NOW, 1700085600}, /* the same */
        {86400, 79200 + 86400 * 5, NOW, 1700085600},
        {86400, -7200, 1699999199, 1699999200}, /* a second before it */
        {86400, -7200, 1699999200, 1700085600}, /* at it */
        {604800, 0, NOW, 1700092800},           /* Thursday */
        {7, 3, 3, 10},
        {1, 0, NOW, NOW + 1},
        {4294967295, -4294967295, NOW, 4294967295},
        {0, 5, NOW, UINT64_MAX},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct output_rotation rotation = {.period = cases[i].period, .offset = cases[i].offset};
        assert_int_equal(rotation_next(&rotation, cases[i].now), cases[i].next);
    }
}

/* Slow and plain: the first second after now that is a multiple of the period plus the offset. */
static void every_edge_is_found(void **state)
{
    (void)state;
    for (int64_t period = 1; period < 20; period++)
        for (int64_t offset = -25; offset <= 25; offset++)
            for (int64_t now = 1000; now < 1040; now++) {
                struct output_rotation rotation = {.period = (uint64_t)period, .offset = offset};
                int64_t next = now + 1;
                while ((next - offset) % period != 0)
                    next++;
                assert_int_equal(rotation_next(&rotation, (uint64_t)now), next);
            }
}

static int move(const char *directory, const char *path, uint64_t now, struct rotation_count *count,
                char kept[BACKUP_PATH_SIZE], struct error *err)
{
    struct output_rotation rotation = {.size = 1, .directory = directory};
    err->text[0] = kept[0] = '\0';
    return rotation_move(&rotation, count, path, now, kept, err);
}

static void make(char path[SCRATCH_PATH_SIZE], const char *name, const char *text)
{
    write_file(scratch_path(path, name), text, strlen(text));
}

static void check_moved(const char *name, const char *directory, const char *wanted,
                        struct rotation_count *count)
{
    char path[SCRATCH_PATH_SIZE], kept[BACKUP_PATH_SIZE];
    struct error err;
    make(path, name, wanted);
    assert_int_equal(move(directory, path, NOW, count, kept, &err), ROTATION_MOVED);
    assert_string_equal(kept, wanted);
    check_file(wanted, wanted);
    assert_int_equal(access(path, F_OK), -1);
}

static void no_file_is_replaced(void **state)
{
    (void)state;
    struct rotation_count count = {0}, other = {0};
    char wanted[4][SCRATCH_PATH_SIZE], taken[SCRATCH_PATH_SIZE];
    scratch_path(wanted[0], "231114-221320-r.xml");
    make(taken, "231114-221320.2-r.xml", "mine");
    scratch_path(wanted[1], "231114-221320.3-r.xml");
    scratch_path(wanted[2], "231114-221320.4-r.xml");
    scratch_path(wanted[3], "231114-221320.5-r.xml");
    check_moved("r.xml", NULL, wanted[0], &count);
    check_moved("r.xml", NULL, wanted[1], &count);
    check_moved("r.xml", NULL, wanted[2], &count);
    check_moved("r.xml", NULL, wanted[3], &other);
    check_file(taken, "mine");
    check_file(wanted[0], wanted[0]);
}

static void another_second_begins_without_a_number(void **state)
{
    (void)state;
    struct rotation_count count = {.time = NOW - 1, .number = 7};
    char wanted[SCRATCH_PATH_SIZE];
    check_moved("s", NULL, scratch_path(wanted, "231114-221320-s"), &count);
}

static void a_folder_takes_them(void **state)
{
    (void)state;
    struct rotation_count count = {0};
    char directory[SCRATCH_PATH_SIZE], wanted[SCRATCH_PATH_SIZE];
    make_directory(directory, "folder");
    check_moved("r.xml", directory, scratch_path(wanted, "folder/231114-221320-r.xml"), &count);
    check_moved("r.xml", directory, scratch_path(wanted, "folder/231114-221320.2-r.xml"), &count);
}

/* A folder that is gone, and one that is none: the file gets its name, and stays. */
static void without_its_folder_it_stays_beside(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], kept[BACKUP_PATH_SIZE], wanted[SCRATCH_PATH_SIZE];
    struct rotation_count count = {0};
    struct error err;
    make(path, "b.xml", "beside");
    scratch_path(wanted, "231114-221320-b.xml");
    assert_int_equal(move("/nonexistent/d", path, NOW, &count, kept, &err), ROTATION_BESIDE);
    assert_string_equal(err.text, "cannot move it to '/nonexistent/d': No such file or directory");
    assert_string_equal(kept, wanted);
    check_file(wanted, "beside");
}

static void what_cannot_be_renamed_stays(void **state)
{
    (void)state;
    char kept[BACKUP_PATH_SIZE];
    struct rotation_count count = {0};
    struct error err;
    assert_true(move(NULL, "/nonexistent/r", NOW, &count, kept, &err) < 0);
    assert_string_equal(err.text, "cannot rename '/nonexistent/r' to "
                                  "'/nonexistent/231114-221320-r': No such file or directory");
}

/* A directory on another file system than the scratch directory, or a skipped test. */
static void make_far(char path[SCRATCH_PATH_SIZE])
{
    struct stat near, far;
    strcpy(path, "/dev/shm/masscan-rotation-XXXXXX");
    if (stat(scratch_directory(), &near) < 0 || stat("/dev/shm", &far) < 0 ||
        near.st_dev == far.st_dev || mkdtemp(path) == NULL)
        skip();
}

static unsigned count_files(const char *path)
{
    DIR *directory = opendir(path);
    unsigned count = 0;
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void remove_far(const char *path)
{
    char command[256];
    snprintf(command, sizeof command, "rm -r '%s'", path);
    assert_int_equal(system(command), 0);
}

static void another_file_system_takes_copies(void **state)
{
    (void)state;
    enum { LARGE = 3 << 20 };
    char far[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE], kept[BACKUP_PATH_SIZE];
    struct rotation_count count = {0};
    struct error err;
    struct buffer copy;
    struct stat facts;
    make_far(far);
    uint8_t *bytes = malloc(LARGE);
    for (unsigned i = 0; i < LARGE; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 24);
    for (unsigned n = 1; n <= 2; n++) {
        write_file(scratch_path(path, "f.bin"), bytes, LARGE);
        assert_int_equal(chmod(path, 0640), 0);
        assert_int_equal(move(far, path, NOW, &count, kept, &err), ROTATION_MOVED);
        assert_int_equal(access(path, F_OK), -1);
        assert_int_equal(count_files(far), n);
        assert_int_equal(stat(kept, &facts), 0);
        assert_int_equal(facts.st_mode & 0777, 0640);
        buffer_init(&copy, 2 * LARGE);
        read_file(kept, &copy);
        assert_int_equal(copy.length, LARGE);
        assert_memory_equal(copy.bytes, bytes, LARGE);
        buffer_fini(&copy);
    }
    assert_non_null(strstr(kept, "/231114-221320.2-f.bin"));
    free(bytes);
    remove_far(far);
}

static void a_copy_replaces_nothing(void **state)
{
    (void)state;
    char from[SCRATCH_PATH_SIZE], to[SCRATCH_PATH_SIZE];
    make(from, "from", "1");
    make(to, "to", "2");
    assert_int_equal(copy_to_new(from, to), -1);
    assert_int_equal(errno, EEXIST);
    check_file(from, "1");
    check_file(to, "2");
    assert_int_equal(copy_to_new(from, "/dev/full/x"), -1);
    check_file(from, "1");
}

static void long_names_do_not_fit(void **state)
{
    (void)state;
    char path[300] = "/d/";
    memset(path + 3, 'x', 280);
    path[3 + 200] = '\0';
    assert_true(rotation_name_fits(path));
    path[3 + 200] = 'x';
    path[3 + 240] = '\0';
    assert_false(rotation_name_fits(path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_aligned),
        cmocka_unit_test(every_edge_is_found),
        cmocka_unit_test(no_file_is_replaced),
        cmocka_unit_test(another_second_begins_without_a_number),
        cmocka_unit_test(a_folder_takes_them),
        cmocka_unit_test(without_its_folder_it_stays_beside),
        cmocka_unit_test(what_cannot_be_renamed_stays),
        cmocka_unit_test(another_file_system_takes_copies),
        cmocka_unit_test(a_copy_replaces_nothing),
        cmocka_unit_test(long_names_do_not_fit),
    };
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}

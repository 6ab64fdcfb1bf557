/* Files read and written whole: content, the maximum, replacing, and what a failure leaves. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_content(const char *path, const char *expected)
{
    char text[64] = "";
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, text, sizeof text - 1), strlen(expected));
    assert_string_equal(text, expected);
    close(fd);
}

static void text(const void *context, struct buffer *out)
{
    buffer_text(out, context);
}

static void writes_and_replaces_whole_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/file_test.XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a", folder);
    assert_int_equal(file_write_atomically(path, text, "one two", NULL), 0);
    assert_content(path, "one two");
    assert_int_equal(file_write_atomically(path, text, "three", NULL), 0);
    assert_content(path, "three");
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
}

enum { LINES = 300000 };

static void many_lines(const void *context, struct buffer *out)
{
    (void)context;
    for (int i = 0; i < LINES; i++)
        buffer_printf(out, "%09d\n", i);
    assert_true(out->capacity <= FILE_APPEND_MAX);
}

static void what_is_longer_than_a_part_is_written_whole(void **state)
{
    (void)state;
    char path[] = "/tmp/file_test.XXXXXX", line[16];
    close(mkstemp(path));
    assert_int_equal(file_write_atomically(path, many_lines, NULL, NULL), 0);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int i = 0; i < LINES; i++)
        assert_true(fgets(line, sizeof line, file) != NULL && atoi(line) == i);
    assert_null(fgets(line, sizeof line, file));
    fclose(file);
    unlink(path);
}

static void too_long_a_line(const void *context, struct buffer *out)
{
    (void)context;
    buffer_printf(out, "%*d", FILE_APPEND_MAX, 1);
}

static void what_cannot_be_written_whole_leaves_the_old_file(void **state)
{
    (void)state;
    char path[] = "/tmp/file_test.XXXXXX";
    struct error err;
    close(mkstemp(path));
    assert_int_equal(file_write_atomically(path, text, "old", NULL), 0);
    assert_true(file_write_atomically(path, too_long_a_line, NULL, &err) < 0);
    assert_non_null(strstr(err.text, "Message too long"));
    assert_content(path, "old");
    unlink(path);
}

static void a_failure_names_the_file(void **state)
{
    (void)state;
    struct error err;
    assert_true(file_write_atomically("/nonexistent/folder/a", text, "x", &err) < 0);
    assert_string_equal(err.text,
                        "cannot write \"/nonexistent/folder/a\": No such file or directory");
}

static void reads_up_to_the_maximum(void **state)
{
    (void)state;
    char path[] = "/tmp/file_test.XXXXXX";
    enum { SIZE = 200000 };
    static char text[SIZE];
    memset(text, 'x', sizeof text);
    text[SIZE - 1] = 'y';
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, SIZE), SIZE);
    close(fd);
    for (size_t maximum = SIZE - 1; maximum <= SIZE + 1; maximum++) {
        struct error err;
        struct buffer out;
        buffer_init(&out, maximum);
        assert_int_equal(file_read(path, &out, &err), maximum < SIZE ? -1 : 0);
        if (maximum < SIZE)
            assert_string_equal(err.text + strlen(path),
                                ": is too long (want at most 199999 bytes)");
        else
            assert_memory_equal(out.bytes, text, SIZE);
        buffer_fini(&out);
    }
    unlink(path);
}

static void reading_fails_with_the_path(void **state)
{
    (void)state;
    struct error err;
    struct buffer out;
    buffer_init(&out, 10);
    assert_int_equal(file_read("/nonexistent/a", &out, &err), -1);
    assert_string_equal(err.text, "/nonexistent/a: cannot be opened: No such file or directory");
    assert_int_equal(file_read("/tmp", &out, &err), -1);
    assert_string_equal(err.text, "/tmp: cannot be read: Is a directory");
    assert_int_equal(file_read("/dev/null", &out, &err), 0);
    assert_int_equal(out.length, 0);
    buffer_fini(&out);
}

/* More than the pipe holds, into its non-blocking end, while a child reads it. */
static void writes_all_into_a_full_pipe(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    static uint8_t bytes[SIZE];
    int ends[2], status;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        fcntl(ends[0], F_SETFL, 0);
        size_t taken = 0;
        for (ssize_t got; (got = read(ends[0], bytes, SIZE)) > 0;)
            taken += (size_t)got;
        _exit(taken == SIZE ? 0 : 1);
    }
    close(ends[0]);
    assert_int_equal(file_write_all(ends[1], bytes, SIZE), SIZE);
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void writing_says_how_far_it_came(void **state)
{
    (void)state;
    errno = 0;
    int fd = open("/dev/full", O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, "abc", 3), 0);
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_replaces_whole_files),
        cmocka_unit_test(what_is_longer_than_a_part_is_written_whole),
        cmocka_unit_test(what_cannot_be_written_whole_leaves_the_old_file),
        cmocka_unit_test(a_failure_names_the_file),
        cmocka_unit_test(reads_up_to_the_maximum),
        cmocka_unit_test(reading_fails_with_the_path),
        cmocka_unit_test(writes_all_into_a_full_pipe),
        cmocka_unit_test(writing_says_how_far_it_came),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}

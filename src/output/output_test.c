/* Files and pipes under the outputs: what is kept, what goes on, and what is said when writing
 * fails. */
#include "output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/backup.h"
#include "output/move.h"
#include "output/sink.h"
#include "output/test_support.h"

enum { TEXT_MAX = 64 << 20 };

static const struct output_filter everything = {true, true, true};

/* The system calls that fail, and with which errno; the linker puts these before the real ones. */
static struct {
    int rename, fsync, close;
} failing;

int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_close(int fd);
int __wrap_close(int fd);

static int result_of(int result, int failure)
{
    if (failure == 0)
        return result;
    errno = failure;
    return -1;
}

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    int result = failing.rename == 0 ? __real_renameat2(from_fd, from, to_fd, to, flags) : -1;
    return result_of(result, failing.rename);
}

int __wrap_fsync(int fd)
{
    return result_of(__real_fsync(fd), failing.fsync);
}

int __wrap_close(int fd)
{
    return result_of(__real_close(fd), failing.close);
}

static void add(struct output_set *set, const char *format, const char *path, enum output_mode mode,
                char notice[256])
{
    struct error err;
    if (output_set_add(set, writer_find(format), path, mode, &sample_facts, notice, &err) < 0)
        fail_msg("%s", err.text);
}

static void give(struct output_set *set, unsigned index)
{
    struct error err;
    if (output_set_record(set, &samples()[index], &err) < 0)
        fail_msg("%s", err.text);
}

static void close_set(struct output_set *set)
{
    struct error err;
    if (output_set_close(set, 1700000100, &err) < 0)
        fail_msg("%s", err.text);
}

/* A whole scan that finds samples `from` to `to`. */
static void scan(const char *format, const char *path, enum output_mode mode, unsigned from,
                 unsigned to, char notice[256])
{
    struct output_set set = {.filter = everything};
    add(&set, format, path, mode, notice);
    for (unsigned i = from; i < to; i++)
        give(&set, i);
    close_set(&set);
}

#define LIST_0 "open tcp 80 192.0.2.10 1700000000\n"
#define LIST_1 "closed tcp 65535 192.0.2.255 1700000000\n"
#define LIST_2 "up arp 0 10.0.0.1 1700000000\n"

static void the_filter_decides(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256];
    static const struct {
        struct output_filter filter;
        int passed[4];
    } cases[] = {{{.open = true}, {1, 0, 1, 0}},
                 {{.closed = true}, {0, 1, 0, 0}},
                 {{.banners = true}, {0, 0, 0, 1}}};
    for (unsigned c = 0; c < 3; c++) {
        struct output_set set = {.filter = cases[c].filter};
        add(&set, "list", scratch_path(path, "filter"), OUTPUT_REPLACE, notice);
        for (unsigned i = 0; i < 4; i++)
            assert_int_equal(output_set_record(&set, &samples()[i], NULL), cases[c].passed[i]);
        close_set(&set);
        unlink(path);
    }
}

static void records_reach_the_file_with_the_flush(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256];
    struct output_set set = {.filter = everything};
    add(&set, "list", scratch_path(path, "flush"), OUTPUT_REPLACE, notice);
    check_file(path, "#masscan\n");
    give(&set, 0);
    check_file(path, "#masscan\n");
    assert_int_equal(output_set_flush(&set, NULL), 0);
    check_file(path, "#masscan\n" LIST_0);
    close_set(&set);
    check_file(path, "#masscan\n" LIST_0 "# end\n");
}

static void check_many(bool past_cache)
{
    char path[SCRATCH_PATH_SIZE], notice[256];
    struct stat facts;
    struct output_set set = {.filter = everything, .past_cache = past_cache};
    add(&set, "list", scratch_path(path, past_cache ? "past" : "many"), OUTPUT_REPLACE, notice);
    for (int i = 0; i < 20000; i++)
        give(&set, 0);
    assert_int_equal(stat(path, &facts), 0);
    assert_true(facts.st_size > 500000);
    close_set(&set);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_size, 20000 * (sizeof LIST_0 - 1) + 9 + 6);
}

static void many_records_reach_the_file_without_a_flush(void **state)
{
    (void)state;
    check_many(false);
    check_many(true);
}

static void banners_are_cut_at_their_maximum(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256];
    struct stat facts;
    uint8_t *bytes = calloc(1, RESULT_BANNER_MAX + 100);
    struct output_set set = {.filter = everything};
    struct result result = make_banner(bytes, RESULT_BANNER_MAX + 100);
    add(&set, "ndjson", scratch_path(path, "long"), OUTPUT_REPLACE, notice);
    assert_int_equal(output_set_record(&set, &result, NULL), 1);
    close_set(&set);
    assert_int_equal(stat(path, &facts), 0);
    assert_in_range(facts.st_size, 6 * RESULT_BANNER_MAX, 6 * RESULT_BANNER_MAX + 300);
    free(bytes);
}

static void earlier_results_are_kept(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], kept[SCRATCH_PATH_SIZE], notice[256], expected[256];
    scan("list", scratch_path(path, "kept"), OUTPUT_REPLACE, 0, 1, notice);
    assert_string_equal(notice, "");
    write_file(scratch_path(kept, "kept.~2~"), "mine", 4);
    scan("list", path, OUTPUT_REPLACE, 1, 2, notice);
    snprintf(expected, sizeof expected, "kept the earlier results as %s.~1~", path);
    assert_string_equal(notice, expected);
    scan("list", path, OUTPUT_REPLACE, 2, 3, notice);
    snprintf(expected, sizeof expected, "kept the earlier results as %s.~3~", path);
    assert_string_equal(notice, expected);
    check_file(path, "#masscan\n" LIST_2 "# end\n");
    check_file(scratch_path(kept, "kept.~1~"), "#masscan\n" LIST_0 "# end\n");
    check_file(scratch_path(kept, "kept.~2~"), "mine");
    check_file(scratch_path(kept, "kept.~3~"), "#masscan\n" LIST_1 "# end\n");
}

static void empty_files_and_devices_need_no_backup(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], kept[BACKUP_PATH_SIZE], notice[256];
    write_file(scratch_path(path, "empty"), "", 0);
    scan("list", path, OUTPUT_REPLACE, 0, 1, notice);
    assert_string_equal(notice, "");
    scan("json", "/dev/null", OUTPUT_REPLACE, 0, 1, notice);
    assert_string_equal(notice, "");
    scan("json", "/dev/null", OUTPUT_APPEND, 0, 1, notice);
    assert_string_equal(notice, "");
    assert_int_equal(backup_make("/dev/null", kept, NULL), 0);
    assert_string_equal(kept, "");
}

static void a_link_stays_and_leads_to_the_new_file(void **state)
{
    (void)state;
    char target[SCRATCH_PATH_SIZE], link_path[SCRATCH_PATH_SIZE], kept[SCRATCH_PATH_SIZE];
    char notice[256];
    struct stat facts;
    write_file(scratch_path(target, "target"), "old", 3);
    assert_int_equal(symlink(target, scratch_path(link_path, "link")), 0);
    scan("list", link_path, OUTPUT_REPLACE, 0, 1, notice);
    assert_int_equal(lstat(link_path, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    check_file(target, "#masscan\n" LIST_0 "# end\n");
    check_file(scratch_path(kept, "target.~1~"), "old");
}

static void renaming_never_replaces(void **state)
{
    (void)state;
    char from[SCRATCH_PATH_SIZE], to[SCRATCH_PATH_SIZE];
    write_file(scratch_path(from, "from"), "1", 1);
    write_file(scratch_path(to, "to"), "2", 1);
    errno = 0;
    assert_int_equal(rename_to_new(from, to), -1);
    assert_int_equal(errno, EEXIST);
    check_file(from, "1");
    check_file(to, "2");
}

/* Does the file hold the document of these records, and nothing else? */
static void check_document(const struct writer_ops *writer, const struct result *results,
                           unsigned count, const char *path)
{
    struct buffer wanted, seen;
    buffer_init(&wanted, TEXT_MAX);
    buffer_init(&seen, TEXT_MAX);
    render(writer, results, count, true, &wanted);
    read_file(path, &seen);
    assert_int_equal(seen.length, wanted.length);
    if (wanted.length > 0)
        assert_memory_equal(seen.bytes, wanted.bytes, wanted.length);
    buffer_fini(&wanted);
    buffer_fini(&seen);
}

static void appending_keeps_one_document(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256], expected[256];
    for (unsigned i = 0; writer_table[i] != NULL; i++) {
        const char *format = writer_table[i]->name;
        scratch_path(path, format);
        scan(format, path, OUTPUT_APPEND, 0, 3, notice);
        assert_string_equal(notice, "");
        struct stat facts;
        bool has_content = stat(path, &facts) == 0 && facts.st_size > 0;
        scan(format, path, OUTPUT_APPEND, 3, 7, notice);
        snprintf(expected, sizeof expected, "going on behind the earlier results in %s", path);
        assert_string_equal(notice, has_content ? expected : "");
        check_document(writer_table[i], samples(), 7, path);
    }
}

static void appending_to_a_killed_file_cuts_what_is_torn(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256];
    static const char torn[] = "#masscan\n" LIST_0 "closed tcp 65";
    write_file(scratch_path(path, "torn"), torn, sizeof torn - 1);
    scan("list", path, OUTPUT_APPEND, 2, 3, notice);
    check_file(path, "#masscan\n" LIST_0 LIST_2 "# end\n");
    write_file(path, "#mas", 4);
    scan("list", path, OUTPUT_APPEND, 2, 3, notice);
    check_file(path, "#masscan\n" LIST_2 "# end\n");
    assert_string_equal(notice, "");
}

/* How much of it was written for sure, if zeros follow. */
static size_t without_zeros(const struct buffer *text, size_t length)
{
    while (length > 0 && text->bytes[length - 1] == 0)
        length--;
    return length;
}

/* A scan of sample 5 behind the first `cut` bytes of a file of samples 0 to 3: what is whole before
 * the cut stays, and the new one follows. */
static void check_cut(const struct writer_ops *writer, const struct buffer *earlier, size_t cut,
                      size_t zeros)
{
    char path[SCRATCH_PATH_SIZE], notice[256];
    struct buffer seen, wanted, part;
    unsigned whole = 0;
    size_t sure = zeros > 0 ? without_zeros(earlier, cut) : cut;
    buffer_init(&seen, TEXT_MAX);
    buffer_init(&wanted, TEXT_MAX);
    buffer_init(&part, TEXT_MAX);
    for (unsigned count = 1; count <= 4; count++) {
        buffer_clear(&part);
        render(writer, samples(), count, false, &part);
        whole = part.length <= sure ? count : whole;
    }
    struct result kept[5];
    memcpy(kept, samples(), sizeof kept);
    kept[whole] = samples()[5];
    render(writer, kept, whole + 1, true, &wanted);
    int fd = memfd_create("cut", 0); /* thousands of files: not on the disk */
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    write_file(path, earlier->bytes, cut);
    assert_int_equal(truncate(path, (off_t)(cut + zeros)), 0);
    scan(writer->name, path, OUTPUT_APPEND, 5, 6, notice);
    read_file(path, &seen);
    if (seen.length != wanted.length || memcmp(seen.bytes, wanted.bytes, seen.length) != 0)
        fail_msg("%s cut at %zu of %zu, and %zu zeros", writer->name, cut, earlier->length, zeros);
    close(fd);
    buffer_fini(&seen);
    buffer_fini(&wanted);
    buffer_fini(&part);
}

static void appending_to_a_file_cut_at_any_byte_keeps_what_is_whole(void **state)
{
    (void)state;
    for (unsigned w = 0; writer_table[w] != NULL; w++) {
        struct buffer earlier;
        buffer_init(&earlier, TEXT_MAX);
        render(writer_table[w], samples(), 4, true, &earlier);
        for (size_t cut = 0; cut <= earlier.length && earlier.length > 0; cut++)
            check_cut(writer_table[w], &earlier, cut, 0);
        buffer_fini(&earlier);
    }
}

/* What a machine leaves that lost its power. A binary record that ends with zeros, as one of ARP
 * does, may be half written then. */
static void appending_to_a_file_that_ends_with_zeros_keeps_what_is_whole(void **state)
{
    (void)state;
    for (unsigned w = 0; writer_table[w] != NULL; w++) {
        struct buffer earlier;
        buffer_init(&earlier, TEXT_MAX);
        render(writer_table[w], samples(), 4, true, &earlier);
        for (size_t cut = 0; cut <= earlier.length && earlier.length > 0; cut++)
            check_cut(writer_table[w], &earlier, cut, 200 + cut * 61 % 9000);
        buffer_fini(&earlier);
    }
}

static void appending_to_another_format_leaves_the_file_alone(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256], expected[512];
    struct error err;
    struct output_set set = {.filter = everything};
    scan("list", scratch_path(path, "other"), OUTPUT_REPLACE, 0, 1, notice);
    assert_true(output_set_add(&set, writer_find("json"), path, OUTPUT_APPEND, &sample_facts,
                               notice, &err) < 0);
    snprintf(expected, sizeof expected,
             "cannot append to '%s': its end, \"# end\", is not of the format json; append in the "
             "format the file has, or name another file",
             path);
    assert_string_equal(err.text, expected);
    check_file(path, "#masscan\n" LIST_0 "# end\n");
    assert_int_equal(set.count, 0);
}

static void a_file_takes_one_output(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256];
    struct error err;
    struct output_set set = {.filter = everything};
    add(&set, "list", scratch_path(path, "shared"), OUTPUT_REPLACE, notice);
    assert_true(output_set_add(&set, writer_find("hostonly"), path, OUTPUT_APPEND, &sample_facts,
                               notice, &err) < 0);
    assert_non_null(strstr(err.text, "two outputs go to"));
    for (int i = 1; i < OUTPUTS_MAX; i++)
        add(&set, "hostonly", "/dev/null", OUTPUT_REPLACE, notice);
    assert_true(output_set_add(&set, writer_find("hostonly"), "/dev/null", OUTPUT_REPLACE,
                               &sample_facts, notice, &err) < 0);
    assert_non_null(strstr(err.text, "8 outputs"));
    give(&set, 0);
    close_set(&set);
    check_file(path, "#masscan\n" LIST_0 "# end\n");
}

static void files_that_cannot_be_made_are_an_error(void **state)
{
    (void)state;
    struct error err;
    char notice[256];
    struct output_set set = {.filter = everything};
    assert_true(output_set_add(&set, writer_find("list"), "/nonexistent/x", OUTPUT_REPLACE,
                               &sample_facts, notice, &err) < 0);
    assert_string_equal(err.text, "cannot write to '/nonexistent/x': No such file or directory");
    assert_true(output_set_add(&set, writer_find("list"), "/tmp", OUTPUT_APPEND, &sample_facts,
                               notice, &err) < 0);
    assert_string_equal(err.text, "cannot write to '/tmp': Is a directory");
}

static void a_full_disk_is_told_again_and_again(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256];
    struct error err;
    struct output_set set = {.filter = everything};
    add(&set, "hostonly", "/dev/full", OUTPUT_REPLACE, notice);
    add(&set, "list", scratch_path(path, "beside"), OUTPUT_REPLACE, notice);
    assert_int_equal(output_set_record(&set, &samples()[0], &err), 1);
    assert_true(output_set_flush(&set, &err) < 0);
    assert_string_equal(err.text, "cannot write to '/dev/full': No space left on device");
    for (int i = 0; i < 2; i++) {
        err.text[0] = '\0';
        assert_true(output_set_record(&set, &samples()[1], &err) < 0);
        assert_string_equal(err.text, "cannot write to '/dev/full': No space left on device");
    }
    assert_true(output_set_close(&set, 1700000100, &err) < 0);
    assert_string_equal(err.text, "cannot write to '/dev/full': No space left on device");
    assert_int_equal(set.count, 0);
    check_file(path, "#masscan\n" LIST_0 LIST_1 LIST_1 "# end\n");
}

static void a_header_that_cannot_be_written_is_an_error_at_once(void **state)
{
    (void)state;
    char notice[256];
    struct error err;
    struct output_set set = {.filter = everything};
    assert_true(output_set_add(&set, writer_find("json"), "/dev/full", OUTPUT_REPLACE,
                               &sample_facts, notice, &err) < 0);
    assert_string_equal(err.text, "cannot write to '/dev/full': No space left on device");
}

/* A sink over one end of a pipe. */
static struct sink pipe_sink(int ends[2], int flags)
{
    assert_int_equal(pipe2(ends, flags), 0);
    return (struct sink){.fd = ends[1], .owned = true, .name = strdup("pipe")};
}

static void a_broken_pipe_is_an_error(void **state)
{
    (void)state;
    int ends[2];
    struct error err;
    struct sink sink = pipe_sink(ends, O_CLOEXEC);
    close(ends[0]);
    assert_true(sink_write(&sink, "x", 1, &err) < 0);
    assert_string_equal(err.text, "cannot write to 'pipe': Broken pipe");
    assert_int_equal(sink_close(&sink, &err), 0);
}

enum { PIPE_BYTES = 1 << 20 };

struct slow_reader {
    int fd;
    uint64_t sum, count;
};

static void *read_slowly(void *context)
{
    struct slow_reader *reader = context;
    uint8_t part[7777];
    ssize_t count;
    while ((count = read(reader->fd, part, sizeof part)) > 0) {
        for (ssize_t i = 0; i < count; i++)
            reader->sum = reader->sum * 31 + part[i];
        reader->count += (uint64_t)count;
    }
    return NULL;
}

/* The pipe is non-blocking at the writer's end only, and holds far less than is written. */
static void a_full_pipe_is_waited_for(void **state)
{
    (void)state;
    int ends[2];
    struct error err;
    struct sink sink = pipe_sink(ends, O_CLOEXEC);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    struct slow_reader reader = {.fd = ends[0]};
    uint8_t *bytes = malloc(PIPE_BYTES);
    uint64_t sum = 0;
    for (unsigned i = 0; i < PIPE_BYTES; i++)
        sum = sum * 31 + (bytes[i] = (uint8_t)(i * 7 >> 5));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &reader), 0);
    assert_int_equal(sink_write(&sink, bytes, PIPE_BYTES, &err), 0);
    assert_int_equal(sink_close(&sink, &err), 0);
    pthread_join(thread, NULL);
    assert_int_equal(reader.count, PIPE_BYTES);
    assert_true(reader.sum == sum);
    close(ends[0]);
    free(bytes);
}

static void standard_output_stays_open(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256];
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    int file = open(scratch_path(path, "stdout"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    assert_true(saved >= 0 && file >= 0);
    dup2(file, STDOUT_FILENO);
    struct output_set set = {.filter = everything};
    int added =
        output_set_add(&set, writer_find("list"), "-", OUTPUT_APPEND, &sample_facts, notice, NULL);
    int given = output_set_record(&set, &samples()[0], NULL);
    int closed = output_set_close(&set, 1700000100, NULL);
    int open_still = fcntl(STDOUT_FILENO, F_GETFD);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(file);
    assert_int_equal(added, 0);
    assert_int_equal(given, 1);
    assert_int_equal(closed, 0);
    assert_true(open_still >= 0);
    check_file(path, "#masscan\n" LIST_0 "# end\n");
}

/* Rotation. Times are those of the test: a period of 100 s that began at 1700000000. */

static struct output_set rotating_set(uint64_t size, const char *directory)
{
    struct output_set set = {.filter = everything,
                             .rotation = {.period = 100, .size = size, .directory = directory}};
    set.rotate_at = rotation_next(&set.rotation, 1700000000);
    return set;
}

static void rotate_at(struct output_set *set, uint64_t now)
{
    struct error err;
    if (output_set_rotate(set, now, &err) < 0)
        fail_msg("%s", err.text);
}

static void rotate_silently(struct output_set *set, uint64_t now)
{
    struct buffer notices;
    buffer_init(&notices, TEXT_MAX);
    set->notices = &notices;
    rotate_at(set, now);
    assert_string_equal(buffer_string(&notices), "");
    assert_false(set->unmoved);
    buffer_fini(&notices);
    set->notices = NULL;
}

static void check_in(const char *directory, const char *name, const char *expected)
{
    char path[SCRATCH_PATH_SIZE];
    assert_true(snprintf(path, sizeof path, "%s/%s", directory, name) < SCRATCH_PATH_SIZE);
    check_file(path, expected);
}

static void time_rotates_every_file(void **state)
{
    (void)state;
    char directory[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE], json[SCRATCH_PATH_SIZE];
    char notice[256];
    make_directory(directory, "hours");
    struct output_set set = rotating_set(0, directory);
    add(&set, "list", scratch_path(path, "t.list"), OUTPUT_REPLACE, notice);
    add(&set, "json", scratch_path(json, "t.json"), OUTPUT_REPLACE, notice);
    give(&set, 0);
    assert_false(output_set_is_due(&set, 1700000099));
    assert_true(output_set_is_due(&set, 1700000100));
    rotate_silently(&set, 1700000100);
    assert_false(output_set_is_due(&set, 1700000199));
    check_in(directory, "231114-221500-t.list", "#masscan\n" LIST_0 "# end\n");
    check_file(path, "#masscan\n");
    rotate_silently(&set, 1700000207); /* late, and nothing was found meanwhile */
    check_in(directory, "231114-221647-t.list", "#masscan\n# end\n");
    check_in(directory, "231114-221647-t.json", "[\n]\n");
    assert_false(output_set_is_due(&set, 1700000299));
    assert_true(output_set_is_due(&set, 1700000300));
    assert_false(output_set_is_due(&set, 1700000200));
    assert_true(output_set_is_due(&set, 1700000199)); /* the clock was set back */
    give(&set, 1);
    close_set(&set); /* at 1700000100 again */
    check_in(directory, "231114-221500.2-t.list", "#masscan\n" LIST_1 "# end\n");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(json, F_OK), -1);
}

/* Rotated after every third record, whatever the format, with documents that are those of scans
 * which found just these. */
static void every_format_rotates_whole(void **state)
{
    (void)state;
    char directory[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE], notice[256];
    make_directory(directory, "formats");
    for (unsigned w = 0; writer_table[w] != NULL; w++) {
        const char *format = writer_table[w]->name;
        struct output_set set = rotating_set(0, directory);
        add(&set, format, scratch_path(path, format), OUTPUT_REPLACE, notice);
        for (unsigned i = 0; i < 9; i++) {
            give(&set, i);
            if (i % 3 == 2)
                rotate_silently(&set, 1700000100);
            set.rotate_at = 1700000100;
        }
        close_set(&set);
        static const char *const numbers[] = {"", ".2", ".3", ".4"};
        for (unsigned n = 0; n < 4; n++) {
            char name[SCRATCH_PATH_SIZE];
            snprintf(name, sizeof name, "formats/231114-221500%s-%s", numbers[n], format);
            check_document(writer_table[w], samples() + n * 3, n < 3 ? 3 : 0,
                           scratch_path(path, name));
        }
    }
}

/* Each file ends with the record that makes it reach the size; others are left alone. */
static void size_rotates_the_file_that_has_it(void **state)
{
    (void)state;
    char directory[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE], large[SCRATCH_PATH_SIZE];
    char notice[256];
    make_directory(directory, "sizes");
    struct output_set set = rotating_set(sizeof "#masscan\n" LIST_0 LIST_0 - 1, directory);
    add(&set, "list", scratch_path(path, "z.list"), OUTPUT_REPLACE, notice);
    add(&set, "hostonly", scratch_path(large, "z.host"), OUTPUT_REPLACE, notice);
    for (unsigned i = 0; i < 5; i++) {
        give(&set, 0);
        assert_true(output_set_is_due(&set, 1700000050) == (i % 2 == 1));
        if (i % 2 == 1)
            rotate_silently(&set, 1700000050);
    }
    check_in(directory, "231114-221410-z.list", "#masscan\n" LIST_0 LIST_0 "# end\n");
    check_in(directory, "231114-221410.2-z.list", "#masscan\n" LIST_0 LIST_0 "# end\n");
    close_set(&set);
    check_in(directory, "231114-221500-z.list", "#masscan\n" LIST_0 "# end\n");
    check_in(directory, "231114-221500-z.host",
             "192.0.2.10\n192.0.2.10\n192.0.2.10\n192.0.2.10\n192.0.2.10\n");
}

/* A header alone does not make a file rotate, whatever its size. */
static void a_file_without_results_has_no_size(void **state)
{
    (void)state;
    char xml[SCRATCH_PATH_SIZE], list[SCRATCH_PATH_SIZE], notice[256];
    struct output_set set = rotating_set(1, NULL);
    add(&set, "list", scratch_path(list, "h.list"), OUTPUT_REPLACE, notice);
    give(&set, 0);
    add(&set, "xml", scratch_path(xml, "h.xml"), OUTPUT_REPLACE, notice);
    assert_true(output_set_is_due(&set, 1700000050));
    rotate_silently(&set, 1700000050);
    assert_false(output_set_is_due(&set, 1700000050));
    check_in(scratch_directory(), "231114-221410-h.list", "#masscan\n" LIST_0 "# end\n");
    assert_int_equal(access(xml, F_OK), 0);
    assert_int_equal(output_set_flush(&set, NULL), 0);
    assert_false(output_set_is_due(&set, 1700000050));
    close_set(&set);
}

/* A file that is appended to counts with all it holds. */
static void an_appended_file_counts_whole(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256];
    scan("list", scratch_path(path, "more"), OUTPUT_REPLACE, 0, 1, notice);
    struct output_set set = rotating_set(sizeof "#masscan\n" LIST_0 LIST_1 - 1, NULL);
    add(&set, "list", path, OUTPUT_APPEND, notice);
    give(&set, 1);
    assert_true(output_set_is_due(&set, 1700000050));
    rotate_silently(&set, 1700000050);
    check_in(scratch_directory(), "231114-221410-more", "#masscan\n" LIST_0 LIST_1 "# end\n");
    set.rotation = (struct output_rotation){0}; /* given up: nothing is moved */
    close_set(&set);
    check_file(path, "#masscan\n# end\n");
}

static void a_file_that_cannot_be_moved_stays_beside(void **state)
{
    (void)state;
    char directory[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE], notice[256];
    char wanted[3 * SCRATCH_PATH_SIZE];
    struct buffer notices;
    struct error err;
    buffer_init(&notices, TEXT_MAX);
    make_directory(directory, "gone");
    struct output_set set = rotating_set(0, directory);
    set.notices = &notices;
    add(&set, "list", scratch_path(path, "g"), OUTPUT_REPLACE, notice);
    give(&set, 0);
    assert_int_equal(rmdir(directory), 0);
    rotate_at(&set, 1700000100);
    snprintf(wanted, sizeof wanted,
             "the results stay in '%s/231114-221500-g': cannot move it to '%s': No such file or "
             "directory\n",
             scratch_directory(), directory);
    assert_string_equal(buffer_string(&notices), wanted);
    check_in(scratch_directory(), "231114-221500-g", "#masscan\n" LIST_0 "# end\n");
    give(&set, 1);
    assert_int_equal(output_set_flush(&set, NULL), 0);
    check_file(path, "#masscan\n" LIST_1);
    assert_int_equal(output_set_close(&set, 1700000200, &err), OUTPUT_UNMOVED);
    assert_non_null(strstr(buffer_string(&notices), "231114-221640-g': cannot move it to"));
    check_in(scratch_directory(), "231114-221640-g", "#masscan\n" LIST_1 "# end\n");
    buffer_fini(&notices);
}

/* It is tried again when the file has got its size once more. */
static void a_file_that_cannot_be_renamed_is_gone_on_with(void **state)
{
    (void)state;
    char directory[SCRATCH_PATH_SIZE], path[SCRATCH_PATH_SIZE], notice[256];
    struct buffer notices;
    struct error err;
    buffer_init(&notices, TEXT_MAX);
    make_directory(directory, "stuck");
    struct output_set set = rotating_set(sizeof "#masscan\n" LIST_0 - 1, NULL);
    set.notices = &notices;
    add(&set, "list", scratch_path(path, "stuck/s"), OUTPUT_REPLACE, notice);
    give(&set, 0);
    assert_true(output_set_is_due(&set, 1700000050));
    failing.rename = EACCES;
    rotate_at(&set, 1700000050);
    failing.rename = 0;
    assert_non_null(strstr(buffer_string(&notices), "Permission denied; the results stay in it\n"));
    assert_true(set.unmoved);
    assert_false(output_set_is_due(&set, 1700000050));
    give(&set, 1);
    assert_false(output_set_is_due(&set, 1700000050));
    give(&set, 0);
    assert_true(output_set_is_due(&set, 1700000050));
    assert_int_equal(output_set_close(&set, 1700000200, &err), OUTPUT_UNMOVED);
    check_in(directory, "231114-221640-s", "#masscan\n" LIST_0 LIST_1 LIST_0 "# end\n");
    buffer_fini(&notices);
}

/* Somebody else took the file away: what is at its place now is not touched. */
static void a_file_taken_away_is_not_missed(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], away[SCRATCH_PATH_SIZE], notice[256];
    struct buffer notices;
    buffer_init(&notices, TEXT_MAX);
    struct output_set set = rotating_set(0, NULL);
    set.notices = &notices;
    add(&set, "list", scratch_path(path, "w"), OUTPUT_REPLACE, notice);
    give(&set, 0);
    assert_int_equal(rename(path, scratch_path(away, "away")), 0);
    write_file(path, "mine", 4);
    rotate_at(&set, 1700000100);
    assert_non_null(strstr(buffer_string(&notices), "moved or removed by another program\n"));
    assert_non_null(strstr(buffer_string(&notices), "\nkept the earlier results as "));
    check_file(away, "#masscan\n" LIST_0 "# end\n");
    check_in(scratch_directory(), "w.~1~", "mine");
    give(&set, 1);
    close_set(&set);
    check_in(scratch_directory(), "231114-221500-w", "#masscan\n" LIST_1 "# end\n");
    buffer_fini(&notices);
}

static void a_link_to_a_rotated_file_stays(void **state)
{
    (void)state;
    char target[SCRATCH_PATH_SIZE], link_path[SCRATCH_PATH_SIZE], notice[256];
    struct stat facts;
    scratch_path(target, "rotated-target");
    assert_int_equal(symlink(target, scratch_path(link_path, "rotated-link")), 0);
    struct output_set set = rotating_set(0, NULL);
    add(&set, "list", link_path, OUTPUT_REPLACE, notice);
    give(&set, 0);
    rotate_silently(&set, 1700000100);
    give(&set, 1);
    assert_int_equal(output_set_flush(&set, NULL), 0);
    assert_int_equal(lstat(link_path, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    check_file(link_path, "#masscan\n" LIST_1);
    check_in(scratch_directory(), "231114-221500-rotated-target", "#masscan\n" LIST_0 "# end\n");
    close_set(&set);
}

static void what_is_no_file_cannot_be_rotated(void **state)
{
    (void)state;
    char notice[256];
    struct error err;
    struct output_set set = rotating_set(0, NULL);
    assert_true(output_set_add(&set, writer_find("list"), "/dev/null", OUTPUT_REPLACE,
                               &sample_facts, notice, &err) < 0);
    assert_string_equal(err.text, "cannot rotate '/dev/null': it is no regular file in a folder");
}

/* A disk that says only now that it did not take what was written. */
static void a_failure_to_carry_to_the_disk_is_told(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256], wanted[256];
    struct error err;
    struct output_set set = rotating_set(0, NULL);
    add(&set, "list", scratch_path(path, "eio"), OUTPUT_REPLACE, notice);
    give(&set, 0);
    failing.fsync = EIO;
    assert_true(output_set_rotate(&set, 1700000100, &err) < 0);
    failing.fsync = 0;
    snprintf(wanted, sizeof wanted, "cannot carry '%s' to the disk: Input/output error", path);
    assert_string_equal(err.text, wanted);
    assert_true(output_set_record(&set, &samples()[1], &err) < 0);
    assert_string_equal(err.text, wanted);
    assert_true(output_set_close(&set, 1700000100, &err) < 0);
    assert_string_equal(err.text, wanted);
    check_file(path, "#masscan\n" LIST_0 "# end\n"); /* not moved: it may be torn */
}

static void a_failure_to_close_is_told(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE], notice[256], wanted[256];
    struct error err;
    struct output_set set = {.filter = everything};
    add(&set, "list", scratch_path(path, "edquot"), OUTPUT_REPLACE, notice);
    failing.close = EDQUOT;
    assert_true(output_set_close(&set, 1700000100, &err) < 0);
    failing.close = 0;
    snprintf(wanted, sizeof wanted, "cannot close '%s': Disk quota exceeded", path);
    assert_string_equal(err.text, wanted);
}

/* An output that fails for good is told by each call, and what else fails at the end too. */
static void all_failures_are_told_at_the_end(void **state)
{
    (void)state;
    char notice[256];
    struct error err;
    struct output_set set = {.filter = everything};
    add(&set, "hostonly", "/dev/full", OUTPUT_REPLACE, notice);
    add(&set, "ndjson", "/dev/../dev/full", OUTPUT_REPLACE, notice);
    give(&set, 0);
    assert_true(output_set_close(&set, 1700000100, &err) < 0);
    assert_string_equal(err.text, "cannot write to '/dev/full': No space left on device; "
                                  "cannot write to '/dev/../dev/full': No space left on device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_filter_decides),
        cmocka_unit_test(records_reach_the_file_with_the_flush),
        cmocka_unit_test(many_records_reach_the_file_without_a_flush),
        cmocka_unit_test(banners_are_cut_at_their_maximum),
        cmocka_unit_test(earlier_results_are_kept),
        cmocka_unit_test(empty_files_and_devices_need_no_backup),
        cmocka_unit_test(a_link_stays_and_leads_to_the_new_file),
        cmocka_unit_test(renaming_never_replaces),
        cmocka_unit_test(appending_keeps_one_document),
        cmocka_unit_test(appending_to_a_killed_file_cuts_what_is_torn),
        cmocka_unit_test(appending_to_a_file_cut_at_any_byte_keeps_what_is_whole),
        cmocka_unit_test(appending_to_a_file_that_ends_with_zeros_keeps_what_is_whole),
        cmocka_unit_test(appending_to_another_format_leaves_the_file_alone),
        cmocka_unit_test(a_file_takes_one_output),
        cmocka_unit_test(files_that_cannot_be_made_are_an_error),
        cmocka_unit_test(a_full_disk_is_told_again_and_again),
        cmocka_unit_test(a_header_that_cannot_be_written_is_an_error_at_once),
        cmocka_unit_test(a_broken_pipe_is_an_error),
        cmocka_unit_test(a_full_pipe_is_waited_for),
        cmocka_unit_test(standard_output_stays_open),
        cmocka_unit_test(time_rotates_every_file),
        cmocka_unit_test(every_format_rotates_whole),
        cmocka_unit_test(size_rotates_the_file_that_has_it),
        cmocka_unit_test(a_file_without_results_has_no_size),
        cmocka_unit_test(an_appended_file_counts_whole),
        cmocka_unit_test(a_file_that_cannot_be_moved_stays_beside),
        cmocka_unit_test(a_file_that_cannot_be_renamed_is_gone_on_with),
        cmocka_unit_test(a_file_taken_away_is_not_missed),
        cmocka_unit_test(a_link_to_a_rotated_file_stays),
        cmocka_unit_test(what_is_no_file_cannot_be_rotated),
        cmocka_unit_test(a_failure_to_carry_to_the_disk_is_told),
        cmocka_unit_test(a_failure_to_close_is_told),
        cmocka_unit_test(all_failures_are_told_at_the_end),
    };
    signal(SIGPIPE, SIG_IGN);
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}

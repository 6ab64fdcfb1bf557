/* Writing to files and pipes: every byte once and in order, whatever the size of the pieces and
 * past the page cache or through it. */
#include "output/sink.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/test_support.h"

enum { CONTENT_SIZE = 4 << 20, LIMIT = 3 * SINK_MUCH / 2 };

static uint8_t *make_content(void)
{
    uint8_t *content = malloc(CONTENT_SIZE);
    assert_non_null(content);
    for (uint32_t i = 0; i < CONTENT_SIZE; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 24);
    return content;
}

static void open_new(struct sink *sink, const char *path)
{
    struct error err;
    char notice[256];
    if (sink_open_new(sink, path, notice, &err) < 0)
        fail_msg("%s", err.text);
    sink->past_cache = true;
}

static size_t piece_at(unsigned turn)
{
    static const size_t pieces[] = {1, SINK_MUCH,    SINK_MUCH - 1, SINK_MUCH + 4095,
                                    2, 3 * SINK_MUCH};
    return pieces[turn % (sizeof pieces / sizeof *pieces)];
}

/* The file never is longer than what was written. */
static void write_in_pieces(struct sink *sink, const uint8_t *content)
{
    struct error err;
    struct stat facts;
    size_t done = 0;
    for (unsigned turn = 0; done < CONTENT_SIZE; turn++) {
        size_t left = CONTENT_SIZE - done;
        size_t length = piece_at(turn) < left ? piece_at(turn) : left;
        if (sink_write(sink, content + done, length, &err) < 0)
            fail_msg("%s", err.text);
        done += length;
        assert_int_equal(fstat(sink->fd, &facts), 0);
        assert_int_equal(facts.st_size, done);
    }
}

static void check_content(const char *path, const uint8_t *content)
{
    struct buffer read;
    buffer_init(&read, 2 * CONTENT_SIZE);
    read_file(path, &read);
    assert_int_equal(read.length, CONTENT_SIZE);
    assert_memory_equal(read.bytes, content, CONTENT_SIZE);
    buffer_fini(&read);
}

static void check_way(bool past_cache)
{
    char path[SCRATCH_PATH_SIZE];
    struct error err;
    struct sink sink;
    uint8_t *content = make_content();
    open_new(&sink, scratch_path(path, past_cache ? "past" : "through"));
    sink.past_cache = past_cache;
    write_in_pieces(&sink, content);
    assert_int_equal(sink_close(&sink, &err), 0);
    check_content(path, content);
    free(content);
}

static void pieces_of_every_size_line_up(void **state)
{
    (void)state;
    check_way(true);
    check_way(false);
}

/* The file system of a memfd keeps all in memory, and refuses to do without. */
static void a_file_system_that_keeps_all_in_memory_does_as_well(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    struct error err;
    struct sink sink;
    uint8_t *content = make_content();
    int fd = memfd_create("sink", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    open_new(&sink, path);
    write_in_pieces(&sink, content);
    assert_int_equal(sink_close(&sink, &err), 0);
    check_content(path, content);
    close(fd);
    free(content);
}

/* From any place in a file, the pages that are whole end at a multiple of their size. */
static void whole_pages_end_with_a_page(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    struct error err;
    struct sink sink;
    uint8_t *content = make_content();
    uint64_t position = 0;
    open_new(&sink, scratch_path(path, "pages"));
    for (unsigned turn = 0; turn < 12; turn++) {
        size_t whole = sink_whole_pages(&sink, SINK_PAGES + turn);
        assert_true(whole > turn && whole <= SINK_PAGES + turn);
        assert_int_equal((position + whole) % SINK_PAGES, 0);
        assert_int_equal(sink_write(&sink, content, piece_at(turn), &err), 0);
        position += piece_at(turn);
    }
    assert_int_equal(sink_cut(&sink, 100, &err), 0);
    assert_int_equal(sink_whole_pages(&sink, SINK_PAGES), SINK_PAGES - 100);
    assert_int_equal(sink_close(&sink, &err), 0);
    free(content);
}

static void a_pipe_has_no_pages(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    struct sink sink;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
    open_new(&sink, path);
    assert_int_equal(sink_whole_pages(&sink, SINK_PAGES + 1), SINK_PAGES + 1);
    sink_abandon(&sink);
    close(ends[0]);
    close(ends[1]);
}

/* Much at once, of which only the beginning fits: that is written, and the error told. */
static void a_file_at_its_limit_is_an_error(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_SIZE];
    struct error err = {.text = ""};
    struct rlimit usual, limit;
    struct stat facts;
    struct sink sink;
    uint8_t *content = make_content();
    open_new(&sink, scratch_path(path, "limit"));
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &usual);
    limit = (struct rlimit){LIMIT, usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(sink_write(&sink, content, SINK_MUCH, &err), 0);
    assert_true(sink_write(&sink, content, SINK_MUCH, &err) < 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_non_null(strstr(err.text, "cannot write to"));
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_size, LIMIT);
    sink_abandon(&sink);
    free(content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_every_size_line_up),
        cmocka_unit_test(a_file_system_that_keeps_all_in_memory_does_as_well),
        cmocka_unit_test(whole_pages_end_with_a_page),
        cmocka_unit_test(a_pipe_has_no_pages),
        cmocka_unit_test(a_file_at_its_limit_is_an_error),
    };
    return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}

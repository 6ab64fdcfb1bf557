/* Widening pipes: only pipes, and never to less. */
#include "base/pipe.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void a_pipe_is_widened_and_never_narrowed(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int usual = fcntl(ends[1], F_GETPIPE_SZ);
    pipe_widen(ends[1]);
    int wide = fcntl(ends[1], F_GETPIPE_SZ);
    assert_true(wide > usual);
    int wider = fcntl(ends[1], F_SETPIPE_SZ, 2 * wide);
    assert_true(wider > wide);
    pipe_widen(ends[1]);
    assert_int_equal(fcntl(ends[1], F_GETPIPE_SZ), wider);
    close(ends[0]);
    close(ends[1]);
}

static void what_is_no_pipe_stays_as_it_is(void **state)
{
    (void)state;
    int null = open("/dev/null", O_WRONLY);
    pipe_widen(null);
    pipe_widen(-1);
    assert_int_equal(write(null, "x", 1), 1);
    close(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_is_widened_and_never_narrowed),
        cmocka_unit_test(what_is_no_pipe_stays_as_it_is),
    };
    return cmocka_run_group_tests_name("pipe", tests, NULL, NULL);
}

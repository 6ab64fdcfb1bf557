/* The system calls that a thread may make (seccomp(2)).
 *
 * A thread says what it is for, and gets what that needs: the tables of calls.c. Two grades stand
 * behind them. What no part of the program ever does, nor any library on its behalf, ends the
 * process at once: starting programs or processes, debugging others, loading code into the kernel.
 * Whoever tries that is no longer us, and what can still be trusted is on the disk: files as they
 * were flushed, and paused.conf as of the last checkpoint. All other calls fail with ENOSYS, as if
 * the kernel did not have them: so a C library that is younger than the tables takes the way that
 * it has for older kernels, malloc does without the files that it looks into in a worker, and what
 * is missing for a good reason is an error like any other, with its line. */
#ifndef PRIVILEGE_CALLS_H
#define PRIVILEGE_CALLS_H

#include <linux/filter.h>
#include <stdbool.h>

#include "base/error.h"

/* What a thread is for, beside memory, time, waiting for other threads, and its end. */
enum calls_need {
    CALLS_PACKETS = 1 << 0, /* on sockets that are open */
    CALLS_FILES = 1 << 1,   /* opened, written, renamed, removed; locked, for databases */
    CALLS_CONTROL = 1 << 2, /* signals, keys and size of the terminal, starting workers */
    CALLS_SERVER = 1 << 3,  /* connections to a server that takes results */
};

enum { CALLS_CODE_MAX = 2048 };

/* A program for the kernel: what it is made of needs no memory but this, so that it is whole. */
struct calls_filter {
    unsigned short count; /* 0: nothing is filtered */
    struct sock_filter code[CALLS_CODE_MAX];
};

/* False on processors whose numbers of calls are not known here, and in a build with sanitizers of
 * addresses or threads: their runtime makes calls of its own, such as tracing the process to look
 * for leaks. */
bool calls_can_be_filtered(void);

/* Lets through what these needs, of enum calls_need, call for. The process's number is part of it.
 */
void calls_filter_make(struct calls_filter *filter, unsigned needs);

enum { CALLS_UNFILTERED = 1 };

/* From now on the calling thread, and those that it starts, may do no more than that. Filters add
 * up: a thread that comes after one of more needs can be given fewer. Needs no_new_privs.
 * CALLS_UNFILTERED: the kernel cannot do it, or does not let us. */
int calls_filter_install(const struct calls_filter *filter, struct error *err);

#endif

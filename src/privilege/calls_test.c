/* The very filters of the program, and each call tried in a process that has installed one. */
#include "privilege/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORKER = CALLS_PACKETS, OUTPUT = CALLS_PACKETS | CALLS_FILES | CALLS_CONTROL };
enum { READSCAN = CALLS_FILES };

/* ---- what is tried: each returns as a system call does ---- */

static int pair[2], null_fd, file_fd; /* open before the filter is there */

static long open_a_file(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long open_the_old_way(void)
{
#ifdef SYS_open
    return syscall(SYS_open, "/etc/passwd", O_RDONLY);
#else
    return open_a_file();
#endif
}

static long open_the_new_way(void)
{
    const uint64_t how[3] = {O_RDONLY};
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how);
}

static long write_to_a_file(void)
{
    return write(null_fd, "", 1);
}

static long read_from_a_file(void)
{
    char byte;
    return read(null_fd, &byte, 1);
}

static long remove_a_file(void)
{
    return unlink("/nowhere/at all");
}

static long rename_a_file(void)
{
    return rename("/nowhere/at all", "/nowhere/else");
}

static long make_a_folder(void)
{
    return mkdir("/nowhere/at all", 0700);
}

static long change_owner(void)
{
    return fchown(null_fd, 0, 0);
}

static long change_mode_of_a_name(void)
{
    return chmod("/nowhere/at all", 0777);
}

static long open_tcp(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long open_tcp6(void)
{
    return socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long open_udp(void)
{
    return socket(AF_INET, SOCK_DGRAM, 0);
}

static long open_raw(void)
{
    return socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
}

static long open_packets(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0);
}

static long open_local(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long connect_somewhere(void)
{
    const struct sockaddr_in nowhere = {.sin_family = AF_INET};
    return connect(pair[0], (const struct sockaddr *)&nowhere, sizeof nowhere);
}

static long change_a_socket(void)
{
    const int on = 1;
    return setsockopt(pair[0], SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

static long send_a_frame(void)
{
    return sendto(pair[0], "frame", 5, MSG_DONTWAIT, NULL, 0);
}

static long send_many_frames(void)
{
    struct mmsghdr message = {0};
    return sendmmsg(pair[0], &message, 1, MSG_DONTWAIT);
}

static long receive_a_frame(void)
{
    char frame[8];
    long got = recv(pair[1], frame, sizeof frame, MSG_DONTWAIT);
    return got < 0 && errno == EAGAIN ? 0 : got;
}

static long wait_for_frames(void)
{
    struct pollfd wait = {.fd = pair[1], .events = POLLIN};
    const struct timespec at_once = {0};
    return ppoll(&wait, 1, &at_once, NULL);
}

static long ask_a_socket(void)
{
    int value;
    socklen_t size = sizeof value;
    return getsockopt(pair[0], SOL_SOCKET, SO_ERROR, &value, &size);
}

static long ask_for_the_link(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    return ioctl(pair[0], SIOCGIFFLAGS, &request);
}

static long take_the_link_down(void)
{
    struct ifreq request = {.ifr_name = "none"};
    return ioctl(pair[0], SIOCSIFFLAGS, &request);
}

static long ask_for_a_terminal(void)
{
    char terminal[128];
    return ioctl(null_fd, TCGETS, terminal);
}

static long use_memory(void)
{
    size_t size = 8 << 20;
    char *bytes = malloc(size);
    if (bytes == NULL)
        return -1;
    memset(bytes, 1, size);
    char *more = realloc(bytes, 2 * size);
    free(more != NULL ? more : bytes);
    return more != NULL ? 0 : -1;
}

static long change_memory(void)
{
    void *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static long map_a_file(void)
{
    void *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file_fd, 0);
    return page == MAP_FAILED ? -1 : 0;
}

static long map_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : 0;
}

static long turn_memory_into_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long sleep_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = 1000};
    return nanosleep(&moment, NULL);
}

static long ask_for_the_time(void)
{
    struct timespec now;
    return syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
}

static long ask_for_randomness(void)
{
    char byte;
    return getrandom(&byte, 1, 0);
}

static long take_a_turn(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    return sched_yield();
}

static long complain(void)
{
    return write(STDERR_FILENO, "", 0);
}

static long signal_oneself(void)
{
    return syscall(SYS_tgkill, getpid(), gettid(), 0);
}

static long signal_the_parent(void)
{
    return kill(getppid(), 0);
}

static long signal_a_thread_of_the_parent(void)
{
    return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static void *do_nothing(void *nothing)
{
    return nothing;
}

static long start_a_thread(void)
{
    pthread_t thread;
    errno = pthread_create(&thread, NULL, do_nothing, NULL);
    return errno == 0 && pthread_join(thread, NULL) == 0 ? 0 : -1;
}

static long start_a_process(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child;
}

static long start_a_program(void)
{
    char *const words[] = {"true", NULL};
    return execv("/bin/true", words);
}

static long become_root(void)
{
    return syscall(SYS_setuid, 0);
}

static long write_as_root(void)
{
    return syscall(SYS_setfsuid, 0) < 0 ? -1 : 0;
}

static long take_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    return syscall(SYS_capset, &header, data);
}

static long change_the_process(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long trace_a_process(void)
{
    return ptrace(PTRACE_TRACEME, 0, 0, 0);
}

static long load_bpf(void)
{
    return syscall(SYS_bpf, 0, NULL, 0);
}

static long go_around_by_io_uring(void)
{
    struct io_uring_params parameters = {0};
    return syscall(SYS_io_uring_setup, 1, &parameters);
}

static long leave_the_namespace(void)
{
    return unshare(CLONE_NEWNET);
}

static long mount_something(void)
{
    return mount("none", "/nowhere", "tmpfs", 0, NULL);
}

static long type_for_the_user(void)
{
    char key = 'x';
    return ioctl(null_fd, TIOCSTI, &key);
}

/* ---- trying ---- */

enum outcome { DONE, REFUSED, DEADLY, FAILED_OTHERWISE, UNPREPARED };

struct attempt {
    unsigned needs;
    const char *what;
    long (*try)(void);
    enum outcome outcome;
};

#define TRY(function) #function, function

static enum outcome outcome_of(const struct attempt *attempt)
{
    struct calls_filter filter;
    calls_filter_make(&filter, attempt->needs);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0 || (null_fd = open("/dev/null", O_RDWR)) < 0 ||
        (file_fd = open("/etc/passwd", O_RDONLY)) < 0 || calls_filter_install(&filter, NULL) != 0)
        return UNPREPARED;
    if (attempt->try() >= 0)
        return DONE;
    return errno == ENOSYS ? REFUSED : FAILED_OTHERWISE;
}

static enum outcome try_in_a_child(const struct attempt *attempt)
{
    pid_t child = fork();
    if (child == 0)
        _exit((int)outcome_of(attempt));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return DEADLY;
    assert_true(WIFEXITED(status));
    return (enum outcome)WEXITSTATUS(status);
}

static void try_all(const struct attempt *attempts, size_t count)
{
    static const char *const words[] = {"done", "refused", "deadly", "failed otherwise",
                                        "not even prepared"};
    for (size_t i = 0; i < count; i++) {
        enum outcome outcome = try_in_a_child(&attempts[i]);
        if (outcome != attempts[i].outcome)
            fail_msg("%s was %s, not %s", attempts[i].what, words[outcome],
                     words[attempts[i].outcome]);
    }
}

#define TRY_ALL(attempts) try_all(attempts, sizeof attempts / sizeof *(attempts))

static void a_worker_has_packets_and_memory(void **state)
{
    (void)state;
    static const struct attempt attempts[] = {
        {WORKER, TRY(send_a_frame), DONE},     {WORKER, TRY(send_many_frames), DONE},
        {WORKER, TRY(receive_a_frame), DONE},  {WORKER, TRY(wait_for_frames), DONE},
        {WORKER, TRY(ask_a_socket), DONE},     {WORKER, TRY(use_memory), DONE},
        {WORKER, TRY(change_memory), DONE},    {WORKER, TRY(sleep_a_moment), DONE},
        {WORKER, TRY(ask_for_the_time), DONE}, {WORKER, TRY(ask_for_randomness), DONE},
        {WORKER, TRY(take_a_turn), DONE},      {WORKER, TRY(complain), DONE},
        {WORKER, TRY(signal_oneself), DONE},
    };
    TRY_ALL(attempts);
}

static void a_worker_has_nothing_else(void **state)
{
    (void)state;
    static const struct attempt attempts[] = {
        {WORKER, TRY(open_a_file), REFUSED},
        {WORKER, TRY(open_the_old_way), REFUSED},
        {WORKER, TRY(open_the_new_way), REFUSED},
        {WORKER, TRY(write_to_a_file), REFUSED},
        {WORKER, TRY(read_from_a_file), REFUSED},
        {WORKER, TRY(map_a_file), REFUSED},
        {WORKER, TRY(remove_a_file), REFUSED},
        {WORKER, TRY(rename_a_file), REFUSED},
        {WORKER, TRY(change_owner), REFUSED},
        {WORKER, TRY(open_tcp), REFUSED},
        {WORKER, TRY(open_udp), REFUSED},
        {WORKER, TRY(open_raw), REFUSED},
        {WORKER, TRY(open_packets), REFUSED},
        {WORKER, TRY(open_local), REFUSED},
        {WORKER, TRY(connect_somewhere), REFUSED},
        {WORKER, TRY(change_a_socket), REFUSED},
        {WORKER, TRY(take_the_link_down), REFUSED},
        {WORKER, TRY(ask_for_a_terminal), REFUSED},
        {WORKER, TRY(signal_the_parent), REFUSED},
        {WORKER, TRY(signal_a_thread_of_the_parent), REFUSED},
        {WORKER, TRY(start_a_thread), REFUSED},
        {WORKER, TRY(become_root), REFUSED},
        {WORKER, TRY(write_as_root), REFUSED},
        {WORKER, TRY(take_capabilities), REFUSED},
        {WORKER, TRY(change_the_process), REFUSED},
    };
    TRY_ALL(attempts);
}

static void the_output_thread_has_files(void **state)
{
    (void)state;
    static const struct attempt attempts[] = {
        {OUTPUT, TRY(open_a_file), DONE},
        {OUTPUT, TRY(write_to_a_file), DONE},
        {OUTPUT, TRY(read_from_a_file), DONE},
        {OUTPUT, TRY(map_a_file), DONE},
        {OUTPUT, TRY(remove_a_file), FAILED_OTHERWISE},
        {OUTPUT, TRY(rename_a_file), FAILED_OTHERWISE},
        {OUTPUT, TRY(ask_for_a_terminal), FAILED_OTHERWISE},
        {OUTPUT, TRY(start_a_thread), DONE},
        {OUTPUT, TRY(send_a_frame), DONE},
        {OUTPUT, TRY(use_memory), DONE},
    };
    TRY_ALL(attempts);
}

static void the_output_thread_has_no_new_sockets(void **state)
{
    (void)state;
    static const struct attempt attempts[] = {
        {OUTPUT, TRY(open_tcp), REFUSED},
        {OUTPUT, TRY(open_packets), REFUSED},
        {OUTPUT, TRY(connect_somewhere), REFUSED},
        {OUTPUT, TRY(change_a_socket), REFUSED},
        {OUTPUT, TRY(open_the_new_way), REFUSED},
        {OUTPUT, TRY(make_a_folder), REFUSED},
        {OUTPUT, TRY(change_owner), REFUSED},
        {OUTPUT, TRY(change_mode_of_a_name), REFUSED},
        {OUTPUT, TRY(signal_the_parent), REFUSED},
        {OUTPUT, TRY(signal_a_thread_of_the_parent), REFUSED},
        {OUTPUT, TRY(become_root), REFUSED},
        {OUTPUT, TRY(change_the_process), REFUSED},
    };
    TRY_ALL(attempts);
}

static void a_server_for_results_is_reached_by_tcp_only(void **state)
{
    (void)state;
    static const struct attempt attempts[] = {
        {OUTPUT | CALLS_SERVER, TRY(open_tcp), DONE},
        {OUTPUT | CALLS_SERVER, TRY(open_tcp6), DONE},
        {OUTPUT | CALLS_SERVER, TRY(change_a_socket), DONE},
        {OUTPUT | CALLS_SERVER, TRY(connect_somewhere), FAILED_OTHERWISE},
        {OUTPUT | CALLS_SERVER, TRY(open_udp), REFUSED},
        {OUTPUT | CALLS_SERVER, TRY(open_raw), REFUSED},
        {OUTPUT | CALLS_SERVER, TRY(open_packets), REFUSED},
        {OUTPUT | CALLS_SERVER, TRY(open_local), REFUSED},
    };
    TRY_ALL(attempts);
}

static void reading_results_needs_files_only(void **state)
{
    (void)state;
    static const struct attempt attempts[] = {
        {READSCAN, TRY(open_a_file), DONE},         {READSCAN, TRY(write_to_a_file), DONE},
        {READSCAN, TRY(use_memory), DONE},          {READSCAN, TRY(send_a_frame), REFUSED},
        {READSCAN, TRY(send_many_frames), REFUSED}, {READSCAN, TRY(open_tcp), REFUSED},
        {READSCAN, TRY(ask_for_the_link), REFUSED}, {READSCAN, TRY(take_capabilities), REFUSED},
        {READSCAN, TRY(start_a_thread), REFUSED},
    };
    TRY_ALL(attempts);
}

static void nobody_makes_code(void **state)
{
    (void)state;
    static const struct attempt attempts[] = {
        {WORKER, TRY(map_code), REFUSED},   {WORKER, TRY(turn_memory_into_code), REFUSED},
        {OUTPUT, TRY(map_code), REFUSED},   {OUTPUT, TRY(turn_memory_into_code), REFUSED},
        {READSCAN, TRY(map_code), REFUSED}, {READSCAN, TRY(turn_memory_into_code), REFUSED},
    };
    TRY_ALL(attempts);
}

static void what_nobody_does_ends_the_process(void **state)
{
    (void)state;
    static const unsigned threads[] = {WORKER, OUTPUT, OUTPUT | CALLS_SERVER, READSCAN};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        const struct attempt attempts[] = {
            {threads[i], TRY(start_a_program), DEADLY},
            {threads[i], TRY(start_a_process), DEADLY},
            {threads[i], TRY(trace_a_process), DEADLY},
            {threads[i], TRY(load_bpf), DEADLY},
            {threads[i], TRY(go_around_by_io_uring), DEADLY},
            {threads[i], TRY(leave_the_namespace), DEADLY},
            {threads[i], TRY(mount_something), DEADLY},
            {threads[i], TRY(type_for_the_user), DEADLY},
        };
        TRY_ALL(attempts);
    }
}

/* ---- two threads ---- */

/* What the thread found: 0 if it could not open a file. */
static void *restrict_and_open(void *filter)
{
    bool restricted = calls_filter_install(filter, NULL) == 0;
    return restricted && open_a_file() < 0 && errno == ENOSYS ? NULL : filter;
}

/* With the wider filter a worker is started that gives itself the narrower one. */
static bool threads_differ(void)
{
    struct calls_filter wide, narrow;
    pthread_t thread;
    void *found;
    calls_filter_make(&wide, OUTPUT);
    calls_filter_make(&narrow, WORKER);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || calls_filter_install(&wide, NULL) != 0 ||
        pthread_create(&thread, NULL, restrict_and_open, &narrow) != 0 ||
        pthread_join(thread, &found) != 0)
        return false;
    return found == NULL && open_a_file() >= 0;
}

static void each_thread_has_its_own(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(threads_differ() ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* abort() is heard as what it is, with its signal. */
static void an_abort_is_an_abort(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct calls_filter filter;
        calls_filter_make(&filter, WORKER);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || calls_filter_install(&filter, NULL) < 0)
            _exit(1);
        abort();
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* In builds whose runtime makes calls of its own. */
static void nothing_is_filtered_under_sanitizers(void **state)
{
    (void)state;
    struct calls_filter filter;
    calls_filter_make(&filter, WORKER);
    assert_int_equal(filter.count, 0);
    assert_int_equal(calls_filter_install(&filter, NULL), CALLS_UNFILTERED);
}

int main(void)
{
    const struct CMUnitTest filtered[] = {
        cmocka_unit_test(a_worker_has_packets_and_memory),
        cmocka_unit_test(a_worker_has_nothing_else),
        cmocka_unit_test(the_output_thread_has_files),
        cmocka_unit_test(the_output_thread_has_no_new_sockets),
        cmocka_unit_test(a_server_for_results_is_reached_by_tcp_only),
        cmocka_unit_test(reading_results_needs_files_only),
        cmocka_unit_test(nobody_makes_code),
        cmocka_unit_test(what_nobody_does_ends_the_process),
        cmocka_unit_test(each_thread_has_its_own),
        cmocka_unit_test(an_abort_is_an_abort),
    };
    const struct CMUnitTest unfiltered[] = {
        cmocka_unit_test(nothing_is_filtered_under_sanitizers),
    };
    if (calls_can_be_filtered())
        return cmocka_run_group_tests_name("calls", filtered, NULL, NULL);
    return cmocka_run_group_tests_name("calls", unfiltered, NULL, NULL);
}

/* Makes calls fail that a program makes of the C library: a library to be preloaded (LD_PRELOAD).
 *
 * What fails is said by the environment:
 *
 *   FAULTS=CALL:ERROR:FIRST[:EVERY] ...
 *     the FIRST call (from 1 on) of the function CALL fails with the error of that number, and
 *     with EVERY also one of EVERY calls after it, by lot; with ERROR 0 it does half of what it
 *     was asked for, as short reads and writes do
 *
 *   FAULTS_LOG=FILE
 *     gets a line "fault CALL N" for each call that failed (the first hundred), and at exit
 *     "calls CALL N": how many there were
 *
 *   FAULTS_PLACES=1
 *     also "place CALL N" for the first call from each place, which is a stack of callers
 *
 *   FAULTS_SLOW=CALL:MILLISECONDS ...
 *     each call of the function takes so much longer, as with a disk that is busy; the log gets
 *     "slow CALL N" before it
 *
 *   FAULTS_CLOCK=SECONDS:MILLISECONDS
 *     the wall clock steps by so much every so often: ahead, back to the truth, behind it, and
 *     back again
 *
 * A call is counted whoever makes it, the program or a library of its. A function that fails is not
 * called, but for close and its like, which do their work and then fail, as the kernel's do. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* What stands in for a function has its own names for the arguments.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

enum { PLANS_MAX = 16, SLOW_MAX = 4, PLACES_MAX = 4096, DEPTH = 16, FAULTS_TOLD = 100 };

/* A function that may fail. */
struct call {
    const char *name;
    atomic_ullong count;
};

/* All of them, collected by the linker. */
extern struct call *const __start_calls[], *const __stop_calls[];

struct plan {
    char name[32];
    int error;
    unsigned long long first, every;
};

struct slowness {
    char name[32];
    long long ms;
};

static struct {
    struct plan plans[PLANS_MAX];
    unsigned count;
    struct slowness slow[SLOW_MAX];
    unsigned slow_count;
    int log;            /* 0: none */
    bool ready, places; /* nothing counts before the environment is read */
    long long clock_step, clock_period_ms;
    atomic_uint told;
    atomic_ullong seen[PLACES_MAX]; /* hashes of places, in a table with open addressing */
} shim;

static _Thread_local bool inside; /* what the shim itself does neither counts nor fails */

static void *next(const char *name)
{
    bool before = inside;
    inside = true;
    void *found = dlsym(RTLD_NEXT, name);
    inside = before;
    if (found == NULL)
        abort();
    return found;
}

/* ---- the log ---- */

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    char line[128];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    syscall(SYS_write, shim.log, line, length);
}

static uint64_t hash_of_stack(const char *name)
{
    void *frames[DEPTH];
    int depth = backtrace(frames, DEPTH);
    uint64_t hash = (uintptr_t)name;
    for (int i = 0; i < depth; i++)
        hash = (hash ^ (uintptr_t)frames[i]) * 0x9e3779b97f4a7c15;
    return hash | 1;
}

/* Remembers a place; false if it was there, or nothing finds room any more. */
static bool is_new(uint64_t hash)
{
    for (unsigned i = 0; i < PLACES_MAX; i++) {
        unsigned long long none = 0;
        atomic_ullong *slot = &shim.seen[(hash + i) % PLACES_MAX];
        if (atomic_compare_exchange_strong(slot, &none, hash))
            return true;
        if (none == hash)
            return false;
    }
    return false;
}

__attribute__((destructor)) static void tell_counts(void)
{
    inside = true;
    for (struct call *const *call = __start_calls; shim.log > 0 && call < __stop_calls; call++)
        if ((*call)->count > 0)
            tell("calls %s %llu\n", (*call)->name, (*call)->count);
}

/* ---- what is to fail ---- */

static void read_plan(const char *text)
{
    struct plan *plan = &shim.plans[shim.count];
    int fields =
        sscanf(text, "%31[^:]:%d:%llu:%llu", plan->name, &plan->error, &plan->first, &plan->every);
    if (fields < 3 || plan->first == 0)
        abort();
    shim.count++;
}

static void read_slowness(const char *text)
{
    struct slowness *slow = &shim.slow[shim.slow_count];
    if (sscanf(text, "%31[^:]:%lld", slow->name, &slow->ms) != 2)
        abort();
    shim.slow_count++;
}

/* Of a variable with several words, up to `most`. */
static void read_words(const char *variable, unsigned most, void (*read_word)(const char *))
{
    const char *text = getenv(variable);
    char copy[1024] = "", *rest = NULL;
    snprintf(copy, sizeof copy, "%s", text != NULL ? text : "");
    for (char *word = strtok_r(copy, " ", &rest); word != NULL && most > 0;
         word = strtok_r(NULL, " ", &rest), most--)
        read_word(word);
}

__attribute__((constructor)) static void read_environment(void)
{
    inside = true;
    const char *log = getenv("FAULTS_LOG"), *clock = getenv("FAULTS_CLOCK");
    if (log != NULL) /* a number that nothing else gets, as programs expect theirs to be small */
        shim.log =
            fcntl(open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), F_DUPFD_CLOEXEC, 900);
    if (clock != NULL && sscanf(clock, "%lld:%lld", &shim.clock_step, &shim.clock_period_ms) != 2)
        abort();
    shim.places = getenv("FAULTS_PLACES") != NULL;
    read_words("FAULTS", PLANS_MAX, read_plan);
    read_words("FAULTS_SLOW", SLOW_MAX, read_slowness);
    (void)hash_of_stack(""); /* loads what it needs */
    shim.ready = true;
    inside = false;
}

/* The same for each run, but in no rhythm that a program's own could be in time with. */
static unsigned long long draw(unsigned long long number)
{
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

static bool is_due(const struct plan *plan, const struct call *call, unsigned long long number)
{
    if (strcmp(plan->name, call->name) != 0 || number < plan->first)
        return false;
    return number == plan->first || (plan->every > 0 && draw(number) % plan->every == 0);
}

static void take_time(const struct call *call, unsigned long long number)
{
    for (unsigned i = 0; i < shim.slow_count; i++) {
        if (strcmp(shim.slow[i].name, call->name) != 0)
            continue;
        if (shim.log > 0)
            tell("slow %s %llu\n", call->name, number);
        const struct timespec pause = {shim.slow[i].ms / 1000, shim.slow[i].ms % 1000 * 1000000};
        syscall(SYS_nanosleep, &pause, NULL);
    }
}

/* The plan by which this call fails; NULL if it does not. */
static const struct plan *count_call(struct call *call)
{
    if (inside || !shim.ready)
        return NULL;
    inside = true;
    const struct plan *due = NULL;
    unsigned long long number = atomic_fetch_add(&call->count, 1) + 1;
    take_time(call, number);
    if (shim.log > 0 && shim.places && is_new(hash_of_stack(call->name)))
        tell("place %s %llu\n", call->name, number);
    for (unsigned i = 0; i < shim.count && due == NULL; i++)
        if (is_due(&shim.plans[i], call, number))
            due = &shim.plans[i];
    if (due != NULL && shim.log > 0 && atomic_fetch_add(&shim.told, 1) < FAULTS_TOLD)
        tell("fault %s %llu\n", call->name, number);
    inside = false;
    return due;
}

static bool fails(struct call *call)
{
    const struct plan *plan = count_call(call);
    if (plan != NULL)
        errno = plan->error;
    return plan != NULL;
}

/* *length becomes smaller where the call is only to be interrupted. */
static bool fails_or_is_short(struct call *call, size_t *length)
{
    const struct plan *plan = count_call(call);
    if (plan == NULL)
        return false;
    if (plan->error == 0) {
        *length = *length > 1 ? *length / 2 : *length;
        return false;
    }
    errno = plan->error;
    return true;
}

/* The counter of the function that this stands in. */
#define CALL(function)                                                                             \
    static struct call call = {.name = #function};                                                 \
    static struct call *const listed __attribute__((section("calls"), used)) = &call

#define REAL(function)                                                                             \
    static __typeof__(function) *real;                                                             \
    if (real == NULL)                                                                              \
    real = (__typeof__(function) *)next(#function)

/* A function that returns `failure` when it fails. */
#define FAIL(type, failure, function, parameters, ...)                                             \
    type function parameters                                                                       \
    {                                                                                              \
        CALL(function);                                                                            \
        REAL(function);                                                                            \
        return fails(&call) ? (failure) : real(__VA_ARGS__);                                       \
    }

/* One that takes or gives up to `length` bytes. */
#define FAIL_OR_SHORT(type, failure, function, parameters, length, ...)                            \
    type function parameters                                                                       \
    {                                                                                              \
        CALL(function);                                                                            \
        REAL(function);                                                                            \
        return fails_or_is_short(&call, &(length)) ? (failure) : real(__VA_ARGS__);                \
    }

/* One that does its work all the same. */
#define FAIL_AFTERWARDS(type, failure, function, parameters, ...)                                  \
    type function parameters                                                                       \
    {                                                                                              \
        CALL(function);                                                                            \
        REAL(function);                                                                            \
        const struct plan *plan = count_call(&call);                                               \
        type result = real(__VA_ARGS__);                                                           \
        if (plan == NULL)                                                                          \
            return result;                                                                         \
        errno = plan->error;                                                                       \
        return failure;                                                                            \
    }

/* One with an argument that may be missing, which is passed on whatever it is. */
#define FAIL_VARIADIC(type, function, parameters, last, passed, ...)                               \
    type function parameters                                                                       \
    {                                                                                              \
        CALL(function);                                                                            \
        REAL(function);                                                                            \
        va_list list;                                                                              \
        va_start(list, last);                                                                      \
        passed more = va_arg(list, passed);                                                        \
        va_end(list);                                                                              \
        return fails(&call) ? -1 : real(__VA_ARGS__, more);                                        \
    }

/* ---- memory ---- */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

/* Without dlsym, which itself needs memory. */
#define FAIL_MEMORY(function, parameters, allocation)                                              \
    void *function parameters                                                                      \
    {                                                                                              \
        CALL(function);                                                                            \
        return fails(&call) ? NULL : (allocation);                                                 \
    }

FAIL_MEMORY(malloc, (size_t size), __libc_malloc(size))
FAIL_MEMORY(calloc, (size_t count, size_t size), __libc_calloc(count, size))
FAIL_MEMORY(realloc, (void *old, size_t size), __libc_realloc(old, size))
FAIL_MEMORY(aligned_alloc, (size_t alignment, size_t size), __libc_memalign(alignment, size))

/* Unlike the C library's it does not go through realloc: its failures count once. */
void *reallocarray(void *old, size_t count, size_t size)
{
    CALL(reallocarray);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return fails(&call) ? NULL : __libc_realloc(old, bytes);
}

FAIL(void *, MAP_FAILED, mmap,
     (void *at, size_t length, int protection, int flags, int fd, off_t offset), at, length,
     protection, flags, fd, offset)
FAIL(void *, MAP_FAILED, mmap64,
     (void *at, size_t length, int protection, int flags, int fd, off64_t offset), at, length,
     protection, flags, fd, offset)
FAIL_AFTERWARDS(int, -1, munmap, (void *at, size_t length), at, length)
FAIL(int, -1, madvise, (void *at, size_t length, int advice), at, length, advice)

/* ---- files ---- */

FAIL_VARIADIC(int, open, (const char *path, int flags, ...), flags, int, path, flags)
FAIL_VARIADIC(int, open64, (const char *path, int flags, ...), flags, int, path, flags)
FAIL_VARIADIC(int, openat, (int folder, const char *path, int flags, ...), flags, int, folder, path,
              flags)
FAIL_VARIADIC(int, fcntl, (int fd, int command, ...), command, void *, fd, command)
FAIL_VARIADIC(int, fcntl64, (int fd, int command, ...), command, void *, fd, command)
FAIL_VARIADIC(int, ioctl, (int fd, unsigned long request, ...), request, void *, fd, request)
FAIL_AFTERWARDS(int, -1, close, (int fd), fd)
FAIL(int, -1, dup, (int fd), fd)
FAIL_OR_SHORT(ssize_t, -1, read, (int fd, void *bytes, size_t length), length, fd, bytes, length)
FAIL_OR_SHORT(ssize_t, -1, write, (int fd, const void *bytes, size_t length), length, fd, bytes,
              length)
FAIL_OR_SHORT(ssize_t, -1, pread, (int fd, void *bytes, size_t length, off_t at), length, fd, bytes,
              length, at)
FAIL_OR_SHORT(ssize_t, -1, pread64, (int fd, void *bytes, size_t length, off64_t at), length, fd,
              bytes, length, at)
FAIL_OR_SHORT(ssize_t, -1, pwrite, (int fd, const void *bytes, size_t length, off_t at), length, fd,
              bytes, length, at)
FAIL_OR_SHORT(ssize_t, -1, pwrite64, (int fd, const void *bytes, size_t length, off64_t at), length,
              fd, bytes, length, at)
FAIL_OR_SHORT(ssize_t, -1, sendfile64, (int to, int from, off64_t *at, size_t length), length, to,
              from, at, length)
FAIL(ssize_t, -1, pwritev2, (int fd, const struct iovec *pieces, int count, off_t at, int flags),
     fd, pieces, count, at, flags)
FAIL(ssize_t, -1, pwritev64v2,
     (int fd, const struct iovec *pieces, int count, off64_t at, int flags), fd, pieces, count, at,
     flags)
FAIL(int, -1, fallocate64, (int fd, int mode, off64_t at, off64_t length), fd, mode, at, length)
FAIL(int, -1, ftruncate64, (int fd, off64_t length), fd, length)
FAIL(off64_t, -1, lseek64, (int fd, off64_t at, int whence), fd, at, whence)
FAIL(int, -1, fstat, (int fd, struct stat *facts), fd, facts)
FAIL(int, -1, fstat64, (int fd, struct stat64 *facts), fd, facts)
FAIL(int, -1, stat, (const char *path, struct stat *facts), path, facts)
FAIL(int, -1, stat64, (const char *path, struct stat64 *facts), path, facts)
FAIL(int, -1, lstat64, (const char *path, struct stat64 *facts), path, facts)
FAIL(int, -1, access, (const char *path, int mode), path, mode)
FAIL(int, -1, faccessat, (int folder, const char *path, int mode, int flags), folder, path, mode,
     flags)
FAIL(int, -1, fsync, (int fd), fd)
FAIL(int, -1, fdatasync, (int fd), fd)
FAIL(int, -1, fchmod, (int fd, mode_t mode), fd, mode)
FAIL(int, -1, rename, (const char *from, const char *to), from, to)
FAIL(int, -1, renameat2,
     (int from_folder, const char *from, int to_folder, const char *to, unsigned flags),
     from_folder, from, to_folder, to, flags)
FAIL(int, -1, link, (const char *from, const char *to), from, to)
FAIL(int, -1, unlink, (const char *path), path)
FAIL(ssize_t, -1, readlink, (const char *path, char *target, size_t size), path, target, size)
FAIL(char *, NULL, realpath, (const char *path, char *resolved), path, resolved)
FAIL(int, -1, mkstemp64, (char *template), template)
FAIL(int, -1, mkostemp64, (char *template, int flags), template, flags)

/* ---- streams ---- */

/* What ferror tells is a bit of the C library's struct. */
static void set_error(FILE *stream)
{
    stream->_flags |= 0x20;
}

FAIL(FILE *, NULL, fopen, (const char *path, const char *mode), path, mode)
FAIL(FILE *, NULL, fopen64, (const char *path, const char *mode), path, mode)
FAIL(FILE *, NULL, fdopen, (int fd, const char *mode), fd, mode)
FAIL(int, (set_error(stream), EOF), fflush, (FILE * stream), stream)
FAIL(size_t, (set_error(stream), 0), fread, (void *bytes, size_t size, size_t count, FILE *stream),
     bytes, size, count, stream)
FAIL(size_t, (set_error(stream), 0), fwrite,
     (const void *bytes, size_t size, size_t count, FILE *stream), bytes, size, count, stream)
FAIL(int, (set_error(stream), EOF), fputs, (const char *text, FILE *stream), text, stream)
FAIL(ssize_t, (set_error(stream), -1), __getdelim,
     (char **line, size_t *size, int end, FILE *stream), line, size, end, stream)
FAIL_AFTERWARDS(int, EOF, fclose, (FILE * stream), stream)

/* ---- sockets ---- */

FAIL(int, -1, socket, (int domain, int type, int protocol), domain, type, protocol)
FAIL(int, -1, bind, (int fd, const struct sockaddr *address, socklen_t length), fd, address, length)
FAIL(int, -1, listen, (int fd, int backlog), fd, backlog)
FAIL(int, -1, connect, (int fd, const struct sockaddr *address, socklen_t length), fd, address,
     length)
FAIL(int, -1, getsockname, (int fd, struct sockaddr *address, socklen_t *length), fd, address,
     length)
FAIL(int, -1, setsockopt, (int fd, int level, int name, const void *value, socklen_t length), fd,
     level, name, value, length)
FAIL(int, -1, getsockopt, (int fd, int level, int name, void *value, socklen_t *length), fd, level,
     name, value, length)
FAIL(ssize_t, -1, send, (int fd, const void *bytes, size_t length, int flags), fd, bytes, length,
     flags)
FAIL(ssize_t, -1, recv, (int fd, void *bytes, size_t length, int flags), fd, bytes, length, flags)
FAIL(ssize_t, -1, sendto,
     (int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to,
      socklen_t size),
     fd, bytes, length, flags, to, size)
FAIL(ssize_t, -1, recvfrom,
     (int fd, void *bytes, size_t length, int flags, struct sockaddr *from, socklen_t *size), fd,
     bytes, length, flags, from, size)
FAIL(ssize_t, -1, sendmsg, (int fd, const struct msghdr *message, int flags), fd, message, flags)
FAIL(ssize_t, -1, recvmsg, (int fd, struct msghdr *message, int flags), fd, message, flags)

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    CALL(sendmmsg);
    REAL(sendmmsg);
    size_t some = count;
    return fails_or_is_short(&call, &some) ? -1 : real(fd, messages, (unsigned)some, flags);
}

/* ---- waiting, threads, the process ---- */

FAIL(int, -1, poll, (struct pollfd * files, nfds_t count, int timeout), files, count, timeout)
FAIL(int, -1, ppoll,
     (struct pollfd * files, nfds_t count, const struct timespec *time, const sigset_t *mask),
     files, count, time, mask)
FAIL(int, -1, nanosleep, (const struct timespec *time, struct timespec *left), time, left)
FAIL(int, errno, clock_nanosleep,
     (clockid_t clock, int flags, const struct timespec *time, struct timespec *left), clock, flags,
     time, left)
FAIL(int, errno, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
     thread, attributes, start, argument)
FAIL(int, -1, signalfd, (int fd, const sigset_t *mask, int flags), fd, mask, flags)
FAIL(int, -1, sigprocmask, (int how, const sigset_t *set, sigset_t *old), how, set, old)
FAIL(ssize_t, -1, getrandom, (void *bytes, size_t length, unsigned flags), bytes, length, flags)
FAIL(int, -1, getrlimit64, (__rlimit_resource_t resource, struct rlimit64 *limit), resource, limit)
FAIL(int, -1, setrlimit64, (__rlimit_resource_t resource, const struct rlimit64 *limit), resource,
     limit)
FAIL(int, -1, sched_setaffinity, (pid_t process, size_t size, const cpu_set_t *set), process, size,
     set)
FAIL(int, -1, sched_getaffinity, (pid_t process, size_t size, cpu_set_t *set), process, size, set)
FAIL(int, -1, tcgetattr, (int fd, struct termios *settings), fd, settings)
FAIL(int, -1, tcsetattr, (int fd, int when, const struct termios *settings), fd, when, settings)

/* What the C library does to find a user does not stand faults: it aborts, or crashes. */
struct passwd *getpwnam(const char *name)
{
    CALL(getpwnam);
    REAL(getpwnam);
    if (fails(&call))
        return NULL;
    inside = true;
    struct passwd *user = real(name);
    inside = false;
    return user;
}

extern int capset(void *header, const void *data);
FAIL(int, -1, capset, (void *header, const void *data), header, data)

int prctl(int option, ...)
{
    CALL(prctl);
    REAL(prctl);
    unsigned long passed[4];
    va_list list;
    va_start(list, option);
    for (unsigned i = 0; i < 4; i++)
        passed[i] = va_arg(list, unsigned long);
    va_end(list);
    return fails(&call) ? -1 : real(option, passed[0], passed[1], passed[2], passed[3]);
}

/* libbpf's calls to load programs, for one. */
long syscall(long number, ...)
{
    CALL(syscall);
    REAL(syscall);
    long passed[6];
    va_list list;
    va_start(list, number);
    for (unsigned i = 0; i < 6; i++)
        passed[i] = va_arg(list, long);
    va_end(list);
    return fails(&call)
               ? -1
               : real(number, passed[0], passed[1], passed[2], passed[3], passed[4], passed[5]);
}

/* ---- the wall clock ---- */

/* In seconds, at this moment. */
static long long clock_error(void)
{
    static const int phase[] = {0, 1, 0, -1};
    struct timespec now;
    if (shim.clock_period_ms == 0)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long ms = now.tv_sec * 1000ll + now.tv_nsec / 1000000;
    return shim.clock_step * phase[ms / shim.clock_period_ms % 4];
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    REAL(clock_gettime);
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        now->tv_sec += clock_error();
    return result;
}

time_t time(time_t *now)
{
    REAL(time);
    time_t result = real(NULL) + clock_error();
    if (now != NULL)
        *now = result;
    return result;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* The system calls that a thread may make. */
#include "privilege/calls.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/if_packet.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege/sanitizers.h"

/* The numbers of calls are those of this kind of processor, and of no other that the kernel might
 * run programs of beside. */
#if defined(__x86_64__) && defined(__LP64__)
#define PROCESSOR AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define PROCESSOR AUDIT_ARCH_AARCH64
#else
#define PROCESSOR 0 /* not one whose calls are known here */
#endif

/* Calls that younger processors do without, as there are newer forms of them. */
#ifdef SYS_open
#define OLDER(name) SYS_##name
#else
#define OLDER(name) NO_CALL
#endif

enum {
    NO_CALL = -1,
    ANY = ~0, /* also a thread without a need of its own */
    PACKETS = CALLS_PACKETS,
    FILES = CALLS_FILES,
    CONTROL = CALLS_CONTROL,
    SERVER = CALLS_SERVER,
    CONDITIONS_MAX = 2,
    SOCKET_TYPE_BITS = 0xf, /* the rest are flags, such as SOCK_CLOEXEC */
    ALL_BITS = -1,
};

/* TCGETS2 and TCSETSW2 of the kernel (asm/termbits.h, which knows another struct termios than the C
 * library): younger C libraries ask for these. */
#define TERMINAL_GET _IOR('T', 0x2a, char[44])
#define TERMINAL_SET _IOW('T', 0x2c, char[44])

/* Of the bits in `mask` of an argument just `value` are set. What is looked at is an int of the
 * kernel's, or bits among the first 32. */
struct condition {
    unsigned argument; /* from 0 */
    uint32_t mask, value;
};

struct rule {
    int call;
    unsigned needs;  /* it stands for any of these */
    bool of_our_own; /* the first argument is this process */
    unsigned condition_count;
    struct condition conditions[CONDITIONS_MAX]; /* all hold */
};

/* Conditions of one argument; of a kind of socket; of memory that is neither code nor a file; of an
 * option of sockets. */
#define IF(number, bits, set)                                                                      \
    .condition_count = 1, .conditions = {{number, (uint32_t)(bits), (uint32_t)(set)}}
#define IS(number, value)   IF(number, ALL_BITS, value)
#define HAS(number, bits)   IF(number, bits, bits)
#define LACKS(number, bits) IF(number, bits, 0)
#define STREAM_OF(family)                                                                          \
    .condition_count = 2,                                                                          \
    .conditions = {{0, (uint32_t)ALL_BITS, family}, {1, SOCKET_TYPE_BITS, SOCK_STREAM}}
#define PLAIN_MEMORY                                                                               \
    .condition_count = 2, .conditions = {{2, PROT_EXEC, 0}, {3, MAP_ANONYMOUS, MAP_ANONYMOUS}}
#define OPTION(level, name)                                                                        \
    .condition_count = 2,                                                                          \
    .conditions = {{1, (uint32_t)ALL_BITS, level}, {2, (uint32_t)ALL_BITS, name}}

#if PROCESSOR
static const struct rule allowed[] = {
    /* Time, which mostly needs no call at all. */
    {SYS_clock_gettime, ANY},
    {SYS_clock_getres, ANY},
    {SYS_gettimeofday, ANY},
    {OLDER(time), ANY},
    {SYS_clock_nanosleep, ANY},
    {SYS_nanosleep, ANY},
    {SYS_restart_syscall, ANY}, /* a sleep goes on behind SIGSTOP and SIGCONT */

    /* Memory: malloc, with a heap for each thread, and stacks. None of it can hold code: libraries
     * that are loaded late, as for a trace of calls, are refused, and not deadly. */
    {SYS_brk, ANY},
    {SYS_mmap, ANY, PLAIN_MEMORY},
    {SYS_mprotect, ANY, LACKS(2, PROT_EXEC)},
    {SYS_munmap, ANY},
    {SYS_mremap, ANY},
    {SYS_madvise, ANY},

    /* Threads: waiting for each other, a lock's turn, the end of one and of all. */
    {SYS_futex, ANY},
    {SYS_sched_yield, ANY},
    {SYS_exit, ANY},
    {SYS_exit_group, ANY},
    {SYS_rt_sigprocmask, ANY},
    {SYS_rt_sigreturn, ANY},

    /* What libraries ask for about themselves: OpenSSL's randomness, malloc, qsort. */
    {SYS_getrandom, ANY},
    {SYS_getpid, ANY},
    {SYS_gettid, ANY},
    {SYS_sched_getaffinity, ANY},
    {SYS_sysinfo, ANY},

    /* abort(): its line on standard error, and its signal. */
    {SYS_writev, ANY, IS(0, STDERR_FILENO)},
    {SYS_write, ANY, IS(0, STDERR_FILENO)},
    {SYS_rt_sigaction, ANY},
    {SYS_tgkill, ANY, .of_our_own = true},

    /* Frames, out and in, by all transports; whether the interface is up; what was dropped. */
    {SYS_ppoll, PACKETS},
    {OLDER(poll), PACKETS | FILES | CONTROL | SERVER},
    {SYS_sendto, PACKETS | SERVER},
    {SYS_sendmmsg, PACKETS},
    {SYS_recvfrom, PACKETS | SERVER},
    {SYS_getsockopt, PACKETS | SERVER},
    {SYS_ioctl, PACKETS, IS(1, SIOCGIFFLAGS)},
    {SYS_ioctl, PACKETS, IS(1, SIOCGIFNAME)},

    /* Results: files, and what stands there already. */
    {SYS_openat, FILES},
    {OLDER(open), FILES},
    {SYS_close, FILES | SERVER},
    {SYS_read, FILES | CONTROL | SERVER},
    {SYS_pread64, FILES},
    {SYS_readv, FILES},
    {SYS_write, FILES | SERVER},
    {SYS_writev, FILES},
    {SYS_pwrite64, FILES},
    {SYS_pwritev2, FILES},
    {SYS_sendfile, FILES},
    {SYS_mmap, FILES, LACKS(2, PROT_EXEC)}, /* the index of a database's log */
    {SYS_lseek, FILES},
    {SYS_fallocate, FILES},
    {SYS_ftruncate, FILES},
    {SYS_fsync, FILES},
    {SYS_fdatasync, FILES},
    {SYS_fadvise64, FILES},
    {SYS_fstat, FILES},
    {OLDER(stat), FILES},
    {OLDER(lstat), FILES},
    {SYS_newfstatat, FILES},
    {SYS_statx, FILES},
    {OLDER(access), FILES},
    {SYS_faccessat, FILES},
    {SYS_faccessat2, FILES},
    {OLDER(rename), FILES},
    {SYS_renameat, FILES},
    {SYS_renameat2, FILES},
    {OLDER(link), FILES},
    {SYS_linkat, FILES},
    {OLDER(unlink), FILES},
    {SYS_unlinkat, FILES},
    {SYS_fchmod, FILES},
    {OLDER(readlink), FILES},
    {SYS_readlinkat, FILES},
    {SYS_getcwd, FILES},
    {SYS_fcntl, FILES | SERVER}, /* locks of a database; a connection that does not wait */
    {SYS_geteuid, FILES | CONTROL},
    {SYS_ioctl, FILES | CONTROL, IS(1, TCGETS)}, /* isatty; the keys' terminal as it was */
    {SYS_ioctl, FILES | CONTROL, IS(1, TERMINAL_GET)},

    /* The terminal and whose it is; signals through a descriptor; stopping for ctrl-z. */
    {SYS_ioctl, CONTROL, IS(1, TCSETSW)},
    {SYS_ioctl, CONTROL, IS(1, TERMINAL_SET)},
    {SYS_ioctl, CONTROL, IS(1, TIOCGPGRP)},
    {SYS_ioctl, CONTROL, IS(1, TIOCGWINSZ)},
    {OLDER(getpgrp), CONTROL},
    {SYS_getpgid, CONTROL},

    /* The interface's counters, by a netlink socket that is open. */
    {SYS_sendmsg, CONTROL},
    {SYS_recvmsg, CONTROL},

    /* libpcap gives its ring back when it is closed. */
    {SYS_setsockopt, CONTROL, OPTION(SOL_PACKET, PACKET_RX_RING)},

    /* A worker from its birth until it has a filter of its own. */
    {SYS_clone, CONTROL, HAS(0, CLONE_THREAD)},
    {SYS_set_robust_list, CONTROL},
    {SYS_rseq, CONTROL},
    {SYS_prctl, CONTROL, IS(0, PR_SET_TIMERSLACK)},
    {SYS_sched_setaffinity, CONTROL},
    {SYS_setfsuid, CONTROL},
    {SYS_setfsgid, CONTROL},
    {SYS_getegid, CONTROL},
    {SYS_capget, CONTROL},
    {SYS_capset, CONTROL},
    {SYS_seccomp, CONTROL, IS(0, SECCOMP_SET_MODE_FILTER)},

    /* A connection that was lost is made again. */
    {SYS_socket, SERVER, STREAM_OF(AF_INET)},
    {SYS_socket, SERVER, STREAM_OF(AF_INET6)},
    {SYS_connect, SERVER},
    {SYS_setsockopt, SERVER},
};

/* What ends the process, whoever does it. */
static const struct rule deadly[] = {
    /* other programs, other processes */
    {SYS_execve, ANY},
    {SYS_execveat, ANY},
    {OLDER(fork), ANY},
    {OLDER(vfork), ANY},
    {SYS_clone, ANY, LACKS(0, CLONE_THREAD)},

    /* the memory of others, and typing on their terminal */
    {SYS_ptrace, ANY},
    {SYS_process_vm_readv, ANY},
    {SYS_process_vm_writev, ANY},
    {SYS_ioctl, ANY, IS(1, TIOCSTI)},

    /* the kernel: its code, its keys, its namespaces and mounts, ways around this filter */
    {SYS_bpf, ANY},
    {SYS_init_module, ANY},
    {SYS_finit_module, ANY},
    {SYS_kexec_load, ANY},
    {SYS_kexec_file_load, ANY},
    {SYS_add_key, ANY},
    {SYS_request_key, ANY},
    {SYS_keyctl, ANY},
    {SYS_unshare, ANY},
    {SYS_setns, ANY},
    {SYS_mount, ANY},
    {SYS_pivot_root, ANY},
    {SYS_chroot, ANY},
    {SYS_io_uring_setup, ANY},
    {SYS_userfaultfd, ANY},
    {SYS_perf_event_open, ANY},
};
#else
static const struct rule allowed[1], deadly[1];
#endif

bool calls_can_be_filtered(void)
{
    return !UNDER_SANITIZERS && PROCESSOR != 0;
}

/* ---- making a filter ---- */

/* Room is never short: the tables are the longest filter there can be. */
static void emit(struct calls_filter *filter, struct sock_filter instruction)
{
    filter->code[filter->count++] = instruction;
}

static void load(struct calls_filter *filter, size_t offset)
{
    emit(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Steps over `count` instructions unless the word that was loaded is `value`. */
static void unless_equal_skip(struct calls_filter *filter, uint32_t value, unsigned count)
{
    emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, (uint8_t)count));
}

static void answer(struct calls_filter *filter, uint32_t action)
{
    emit(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

enum { CONDITION_LENGTH = 3 };

/* `left` instructions of the rule follow. */
static void add_condition(struct calls_filter *filter, const struct condition *condition,
                          unsigned left)
{
    size_t high_first = BYTE_ORDER == BIG_ENDIAN ? sizeof(uint32_t) : 0;
    load(filter,
         offsetof(struct seccomp_data, args) + condition->argument * sizeof(uint64_t) + high_first);
    emit(filter, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, condition->mask));
    unless_equal_skip(filter, condition->value, left);
}

static void add_rule(struct calls_filter *filter, const struct rule *rule, uint32_t action)
{
    const struct condition us = {0, (uint32_t)ALL_BITS, (uint32_t)getpid()};
    const struct condition *conditions = rule->of_our_own ? &us : rule->conditions;
    unsigned count = rule->of_our_own ? 1 : rule->condition_count;
    load(filter, offsetof(struct seccomp_data, nr));
    unless_equal_skip(filter, (uint32_t)rule->call, count * CONDITION_LENGTH + 1);
    for (unsigned i = 0; i < count; i++)
        add_condition(filter, &conditions[i], (count - 1 - i) * CONDITION_LENGTH + 1);
    answer(filter, action);
}

static void add_rules(struct calls_filter *filter, const struct rule *rules, size_t count,
                      unsigned needs, uint32_t action)
{
    for (size_t i = 0; i < count; i++)
        if (rules[i].call >= 0 && (rules[i].needs & needs || rules[i].needs == (unsigned)ANY))
            add_rule(filter, &rules[i], action);
}

/* Calls by the numbers of another processor; on x86-64 those of x32 are ones that no rule has. */
static void check_processor(struct calls_filter *filter)
{
    load(filter, offsetof(struct seccomp_data, arch));
    emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROCESSOR, 1, 0));
    answer(filter, SECCOMP_RET_KILL_PROCESS);
}

enum {
    RULE_LENGTH = 3 + CONDITIONS_MAX * CONDITION_LENGTH, /* at most */
    RULES = sizeof allowed / sizeof *allowed + sizeof deadly / sizeof *deadly,
};
static_assert(4 + RULES * RULE_LENGTH <= CALLS_CODE_MAX, "every filter finds room");

void calls_filter_make(struct calls_filter *filter, unsigned needs)
{
    filter->count = 0;
    if (!calls_can_be_filtered())
        return;
    check_processor(filter);
    add_rules(filter, allowed, sizeof allowed / sizeof *allowed, needs, SECCOMP_RET_ALLOW);
    add_rules(filter, deadly, sizeof deadly / sizeof *deadly, needs, SECCOMP_RET_KILL_PROCESS);
    answer(filter, SECCOMP_RET_ERRNO | ENOSYS);
}

/* Kernels before 5.16 would slow the thread down, for the sake of programs that run the code of
 * strangers in the same memory; here is none. */
int calls_filter_install(const struct calls_filter *filter, struct error *err)
{
    const struct sock_fprog program = {filter->count, (struct sock_filter *)filter->code};
    if (filter->count == 0)
        return CALLS_UNFILTERED;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) ==
        0)
        return 0;
    if (errno == ENOSYS || errno == EINVAL || errno == EPERM)
        return CALLS_UNFILTERED;
    return error_sys(err, errno, "cannot filter system calls");
}

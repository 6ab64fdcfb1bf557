/* The system calls that a thread may make. */
#include "privilege/calls.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege/sanitizers.h"

enum {
    ANY = ~0, /* also a thread without a need of its own */
    PACKETS = CALLS_PACKETS,
    FILES = CALLS_FILES,
    CONTROL = CALLS_CONTROL,
    SERVER = CALLS_SERVER,
    CONDITIONS_MAX = 2,
    SOCKET_TYPE_BITS = 0xf, /* the rest are flags, such as SOCK_CLOEXEC */
};

/* TCGETS2 and TCSETSW2 of the kernel (asm/termbits.h, which knows another struct termios than the C
 * library): younger C libraries ask for these. */
#define TERMINAL_GET _IOR('T', 0x2a, char[44])
#define TERMINAL_SET _IOW('T', 0x2c, char[44])

struct rule {
    int call;
    unsigned needs;  /* it stands for any of these */
    bool of_our_own; /* the first argument is this process */
    unsigned condition_count;
    struct scmp_arg_cmp conditions[CONDITIONS_MAX]; /* of arguments; all hold */
};

/* Conditions of one argument, numbered from 0; of a kind of socket; of an option of sockets. */
#define IF(number, operation, ...)                                                                 \
    .condition_count = 1, .conditions = {{number, operation, __VA_ARGS__}}
#define IS(number, value)   IF(number, SCMP_CMP_EQ, value, 0)
#define HAS(number, bits)   IF(number, SCMP_CMP_MASKED_EQ, bits, bits)
#define LACKS(number, bits) IF(number, SCMP_CMP_MASKED_EQ, bits, 0)
#define STREAM_OF(family)                                                                          \
    .condition_count = 2, .conditions = {{0, SCMP_CMP_EQ, family, 0},                              \
                                         {1, SCMP_CMP_MASKED_EQ, SOCKET_TYPE_BITS, SOCK_STREAM}}
#define OPTION(level, name)                                                                        \
    .condition_count = 2, .conditions = {{1, SCMP_CMP_EQ, level, 0}, {2, SCMP_CMP_EQ, name, 0}}

static const struct rule allowed[] = {
    /* Time, which mostly needs no call at all. */
    {SCMP_SYS(clock_gettime), ANY},
    {SCMP_SYS(clock_getres), ANY},
    {SCMP_SYS(gettimeofday), ANY},
    {SCMP_SYS(time), ANY},
    {SCMP_SYS(clock_nanosleep), ANY},
    {SCMP_SYS(nanosleep), ANY},
    {SCMP_SYS(restart_syscall), ANY}, /* a sleep goes on behind SIGSTOP and SIGCONT */

    /* Memory: malloc, with a heap for each thread, and stacks. None of it can hold code: libraries
     * that are loaded late, as for a trace of calls, are refused, and not deadly. */
    {SCMP_SYS(brk), ANY},
    {SCMP_SYS(mmap), ANY, LACKS(2, PROT_EXEC)},
    {SCMP_SYS(mprotect), ANY, LACKS(2, PROT_EXEC)},
    {SCMP_SYS(munmap), ANY},
    {SCMP_SYS(mremap), ANY},
    {SCMP_SYS(madvise), ANY},

    /* Threads: waiting for each other, a lock's turn, the end of one and of all. */
    {SCMP_SYS(futex), ANY},
    {SCMP_SYS(sched_yield), ANY},
    {SCMP_SYS(exit), ANY},
    {SCMP_SYS(exit_group), ANY},
    {SCMP_SYS(rt_sigprocmask), ANY},
    {SCMP_SYS(rt_sigreturn), ANY},

    /* What libraries ask for about themselves: OpenSSL's randomness, malloc, qsort. */
    {SCMP_SYS(getrandom), ANY},
    {SCMP_SYS(getpid), ANY},
    {SCMP_SYS(gettid), ANY},
    {SCMP_SYS(sched_getaffinity), ANY},
    {SCMP_SYS(sysinfo), ANY},

    /* abort(): its line on standard error, and its signal. */
    {SCMP_SYS(writev), ANY, IS(0, STDERR_FILENO)},
    {SCMP_SYS(write), ANY, IS(0, STDERR_FILENO)},
    {SCMP_SYS(rt_sigaction), ANY},
    {SCMP_SYS(tgkill), ANY, .of_our_own = true},

    /* Frames, out and in, by all transports; whether the interface is up; what was dropped. */
    {SCMP_SYS(ppoll), PACKETS},
    {SCMP_SYS(poll), PACKETS | FILES | CONTROL | SERVER},
    {SCMP_SYS(sendto), PACKETS | SERVER},
    {SCMP_SYS(sendmmsg), PACKETS},
    {SCMP_SYS(recvfrom), PACKETS | SERVER},
    {SCMP_SYS(getsockopt), PACKETS | SERVER},
    {SCMP_SYS(ioctl), PACKETS, IS(1, SIOCGIFFLAGS)},
    {SCMP_SYS(ioctl), PACKETS, IS(1, SIOCGIFNAME)},

    /* Results: files, and what stands there already. */
    {SCMP_SYS(openat), FILES},
    {SCMP_SYS(open), FILES},
    {SCMP_SYS(close), FILES | SERVER},
    {SCMP_SYS(read), FILES | CONTROL | SERVER},
    {SCMP_SYS(pread64), FILES},
    {SCMP_SYS(readv), FILES},
    {SCMP_SYS(write), FILES | SERVER},
    {SCMP_SYS(writev), FILES},
    {SCMP_SYS(pwrite64), FILES},
    {SCMP_SYS(pwritev2), FILES},
    {SCMP_SYS(sendfile), FILES},
    {SCMP_SYS(lseek), FILES},
    {SCMP_SYS(fallocate), FILES},
    {SCMP_SYS(ftruncate), FILES},
    {SCMP_SYS(fsync), FILES},
    {SCMP_SYS(fdatasync), FILES},
    {SCMP_SYS(fadvise64), FILES},
    {SCMP_SYS(fstat), FILES},
    {SCMP_SYS(stat), FILES},
    {SCMP_SYS(lstat), FILES},
    {SCMP_SYS(newfstatat), FILES},
    {SCMP_SYS(statx), FILES},
    {SCMP_SYS(access), FILES},
    {SCMP_SYS(faccessat), FILES},
    {SCMP_SYS(faccessat2), FILES},
    {SCMP_SYS(rename), FILES},
    {SCMP_SYS(renameat), FILES},
    {SCMP_SYS(renameat2), FILES},
    {SCMP_SYS(link), FILES},
    {SCMP_SYS(linkat), FILES},
    {SCMP_SYS(unlink), FILES},
    {SCMP_SYS(unlinkat), FILES},
    {SCMP_SYS(fchmod), FILES},
    {SCMP_SYS(readlink), FILES},
    {SCMP_SYS(readlinkat), FILES},
    {SCMP_SYS(getcwd), FILES},
    {SCMP_SYS(fcntl), FILES | SERVER}, /* locks of a database; a connection that does not wait */
    {SCMP_SYS(geteuid), FILES},
    {SCMP_SYS(ioctl), FILES, IS(1, TCGETS)}, /* isatty */
    {SCMP_SYS(ioctl), FILES, IS(1, TERMINAL_GET)},

    /* The terminal and whose it is; signals through a descriptor; stopping for ctrl-z. */
    {SCMP_SYS(ioctl), CONTROL, IS(1, TCGETS)},
    {SCMP_SYS(ioctl), CONTROL, IS(1, TERMINAL_GET)},
    {SCMP_SYS(ioctl), CONTROL, IS(1, TCSETSW)},
    {SCMP_SYS(ioctl), CONTROL, IS(1, TERMINAL_SET)},
    {SCMP_SYS(ioctl), CONTROL, IS(1, TIOCGPGRP)},
    {SCMP_SYS(ioctl), CONTROL, IS(1, TIOCGWINSZ)},
    {SCMP_SYS(getpgrp), CONTROL},
    {SCMP_SYS(getpgid), CONTROL},

    /* The interface's counters, by a netlink socket that is open. */
    {SCMP_SYS(sendmsg), CONTROL},
    {SCMP_SYS(recvmsg), CONTROL},

    /* libpcap gives its ring back when it is closed. */
    {SCMP_SYS(setsockopt), CONTROL, OPTION(SOL_PACKET, PACKET_RX_RING)},

    /* A worker from its birth until it has a filter of its own. */
    {SCMP_SYS(clone), CONTROL, HAS(0, CLONE_THREAD)},
    {SCMP_SYS(set_robust_list), CONTROL},
    {SCMP_SYS(rseq), CONTROL},
    {SCMP_SYS(prctl), CONTROL, IS(0, PR_SET_TIMERSLACK)},
    {SCMP_SYS(sched_setaffinity), CONTROL},
    {SCMP_SYS(setfsuid), CONTROL},
    {SCMP_SYS(setfsgid), CONTROL},
    {SCMP_SYS(geteuid), CONTROL},
    {SCMP_SYS(getegid), CONTROL},
    {SCMP_SYS(capget), CONTROL},
    {SCMP_SYS(capset), CONTROL},
    {SCMP_SYS(seccomp), CONTROL},

    /* A connection that was lost is made again. */
    {SCMP_SYS(socket), SERVER, STREAM_OF(AF_INET)},
    {SCMP_SYS(socket), SERVER, STREAM_OF(AF_INET6)},
    {SCMP_SYS(connect), SERVER},
    {SCMP_SYS(setsockopt), SERVER},
};

/* What ends the process, whoever does it. */
static const struct rule deadly[] = {
    /* other programs, other processes */
    {SCMP_SYS(execve), ANY},
    {SCMP_SYS(execveat), ANY},
    {SCMP_SYS(fork), ANY},
    {SCMP_SYS(vfork), ANY},
    {SCMP_SYS(clone), ANY, LACKS(0, CLONE_THREAD)},

    /* the memory of others, and typing on their terminal */
    {SCMP_SYS(ptrace), ANY},
    {SCMP_SYS(process_vm_readv), ANY},
    {SCMP_SYS(process_vm_writev), ANY},
    {SCMP_SYS(ioctl), ANY, IS(1, TIOCSTI)},

    /* the kernel: its code, its keys, its namespaces and mounts, ways around this filter */
    {SCMP_SYS(bpf), ANY},
    {SCMP_SYS(init_module), ANY},
    {SCMP_SYS(finit_module), ANY},
    {SCMP_SYS(kexec_load), ANY},
    {SCMP_SYS(kexec_file_load), ANY},
    {SCMP_SYS(add_key), ANY},
    {SCMP_SYS(request_key), ANY},
    {SCMP_SYS(keyctl), ANY},
    {SCMP_SYS(unshare), ANY},
    {SCMP_SYS(setns), ANY},
    {SCMP_SYS(mount), ANY},
    {SCMP_SYS(pivot_root), ANY},
    {SCMP_SYS(chroot), ANY},
    {SCMP_SYS(io_uring_setup), ANY},
    {SCMP_SYS(userfaultfd), ANY},
    {SCMP_SYS(perf_event_open), ANY},
};

bool calls_can_be_filtered(void)
{
    return !UNDER_SANITIZERS;
}

/* ---- making a filter ---- */

static int add_rule(scmp_filter_ctx program, uint32_t action, const struct rule *rule)
{
    const struct scmp_arg_cmp us = {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};
    if (rule->of_our_own)
        return seccomp_rule_add_array(program, action, rule->call, 1, &us);
    return seccomp_rule_add_array(program, action, rule->call, rule->condition_count,
                                  rule->conditions);
}

static int add_rules(scmp_filter_ctx program, uint32_t action, const struct rule *rules,
                     size_t count, unsigned needs)
{
    for (size_t i = 0; i < count; i++) {
        bool wanted = rules[i].needs == (unsigned)ANY || rules[i].needs & needs;
        int status = wanted ? add_rule(program, action, &rules[i]) : 0;
        if (status < 0)
            return status;
    }
    return 0;
}

enum {
    TREE = 2, /* calls are looked up in a tree, not compared one by one until one fits */
    MEMORY = 16 << 20,
};

static int compose(scmp_filter_ctx program, unsigned needs)
{
    int status = seccomp_attr_set(program, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (status == 0)
        status = seccomp_attr_set(program, SCMP_FLTATR_CTL_OPTIMIZE, TREE);
    if (status == 0)
        status =
            add_rules(program, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof *allowed, needs);
    if (status == 0)
        status = add_rules(program, SCMP_ACT_KILL_PROCESS, deadly, sizeof deadly / sizeof *deadly,
                           needs);
    return status;
}

/* Takes the program out of a file in memory, to which the library writes it. */
static bool take_code(struct calls_filter *filter, int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size <= 0 || size / (off_t)sizeof *filter->code > BPF_MAXINSNS)
        return false;
    filter->code = malloc((size_t)size);
    filter->count = (unsigned short)(size / (off_t)sizeof *filter->code);
    return filter->code != NULL && pread(fd, filter->code, (size_t)size, 0) == size;
}

static int export(struct calls_filter *filter, scmp_filter_ctx program)
{
    int fd = memfd_create("calls", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int status = seccomp_export_bpf(program, fd);
    if (status == 0 && !take_code(filter, fd))
        status = -ENOMEM;
    close(fd);
    return status;
}

/* Where an allocation of its own fails, libseccomp 2.5.4 may crash, or make a program that lacks
 * calls. So what it needs, and more, is asked for first, and given back: memory that ends, ends
 * here. */
static bool has_memory(void)
{
    void *volatile all = malloc(MEMORY);
    bool has = all != NULL;
    free(all);
    return has;
}

int calls_filter_make(struct calls_filter *filter, unsigned needs, struct error *err)
{
    *filter = (struct calls_filter){0};
    if (!calls_can_be_filtered())
        return 0;
    scmp_filter_ctx program = has_memory() ? seccomp_init(SCMP_ACT_ERRNO(ENOSYS)) : NULL;
    if (program == NULL)
        return error_set(err, "no memory for a filter of system calls");
    int status = compose(program, needs);
    if (status == 0)
        status = export(filter, program);
    seccomp_release(program);
    return status == 0 ? 0 : error_sys(err, -status, "cannot make a filter of system calls");
}

void calls_filter_free(struct calls_filter *filter)
{
    free(filter->code);
    *filter = (struct calls_filter){0};
}

/* Kernels before 5.16 would slow the thread down, for the sake of programs that run the code of
 * strangers in the same memory; here is none. */
int calls_filter_install(const struct calls_filter *filter, struct error *err)
{
    const struct sock_fprog program = {.len = filter->count, .filter = filter->code};
    if (filter->code == NULL)
        return CALLS_UNFILTERED;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) ==
        0)
        return 0;
    if (errno == ENOSYS || errno == EINVAL || errno == EPERM)
        return CALLS_UNFILTERED;
    return error_sys(err, errno, "cannot filter system calls");
}

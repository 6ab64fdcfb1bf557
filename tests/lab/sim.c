/* The simulated network of the lab: answers probes to whole prefixes on one end of a veth pair, or
 * lists what a scan of them must find. See README.md. */
#include <arpa/inet.h>
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "helper.h"
#include "network.h"
#include "options.h"
#include "report.h"

/* ---- truth ---- */

static const char *address_text(const struct sim_prefix *prefix, uint32_t address,
                                char text[INET6_ADDRSTRLEN])
{
    uint32_t words[4] = {htonl(prefix->upper[0]), htonl(prefix->upper[1]), htonl(prefix->upper[2]),
                         htonl(address)};
    return prefix->is_ipv6 ? inet_ntop(AF_INET6, words, text, INET6_ADDRSTRLEN)
                           : inet_ntop(AF_INET, &words[3], text, INET6_ADDRSTRLEN);
}

static void print_pair(enum truth_state state, uint32_t code, const char *address)
{
    static const char *const states[] = {"silent", "closed", "open"};
    static const char *const classes[] = {"tcp", "udp", "sctp", "icmp", "ip"};
    printf("%s %s %u %s\n", states[state], classes[port_code_class(code)], port_code_number(code),
           address);
}

static void list_address(const struct sim_options *options, const struct sim_prefix *prefix,
                         uint32_t address)
{
    uint32_t number = prefix->is_ipv6 ? truth_number(prefix->upper, address) : address;
    char text[INET6_ADDRSTRLEN];
    for (uint32_t i = 0; i < options->ports_n; i++) {
        enum truth_state state =
            truth_state(&options->config.truth, number, options->ports[i], prefix->proxied);
        if (options->show[state])
            print_pair(state, options->ports[i], address_text(prefix, address, text));
    }
}

static int list_truth(const struct sim_options *options, struct error *err)
{
    for (uint32_t i = 0; i < options->config.prefixes; i++) {
        const struct sim_prefix *prefix = &options->config.prefix[i];
        uint32_t last = prefix->network | ~prefix->mask;
        for (uint64_t address = prefix->network; address <= last; address++)
            list_address(options, prefix, (uint32_t)address);
    }
    return fflush(stdout) == 0 ? 0 : error_sys(err, errno, "cannot write");
}

/* ---- run ---- */

static bool same_namespace(const struct stat *ours, const char *path)
{
    struct stat other;
    return stat(path, &other) == 0 && ours->st_ino == other.st_ino && ours->st_dev == other.st_dev;
}

/* Packets must not leave the machine: the network is simulated only in a namespace that the lab
 * made, and never in that of the first process. */
static int require_lab_namespace(struct error *err)
{
    struct stat ours;
    glob_t made = {0};
    bool found = false;
    if (stat("/proc/self/ns/net", &ours) < 0)
        return error_sys(err, errno, "cannot tell which network namespace this is");
    if (glob("/run/netns/mlab-*", 0, NULL, &made) == 0)
        for (size_t i = 0; i < made.gl_pathc; i++)
            found |= same_namespace(&ours, made.gl_pathv[i]);
    globfree(&made);
    if (!found || same_namespace(&ours, "/proc/1/ns/net"))
        return error_set(err, "this network namespace is not one of the lab's "
                              "(/run/netns/mlab-*): start it by tests/lab/lab");
    return 0;
}

static int write_pid(const char *path, struct error *err)
{
    if (path == NULL)
        return 0;
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return error_sys(err, errno, "%s", path);
    fprintf(file, "%d\n", (int)getpid());
    return fclose(file) == 0 ? 0 : error_sys(err, errno, "%s", path);
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static struct timespec *until(uint64_t when_ns, struct timespec *left)
{
    uint64_t now = clock_monotonic_ns();
    uint64_t ns = when_ns > now ? when_ns - now : 0;
    *left = (struct timespec){(time_t)(ns / NS_PER_SECOND), (long)(ns % NS_PER_SECOND)};
    return when_ns == UINT64_MAX ? NULL : left;
}

struct run {
    const struct sim_options *options;
    struct helper helper;
    struct network *network;
    int signals;
};

static void on_event(void *context, const struct sim_event *event)
{
    struct run *run = context;
    helper_take(&run->helper, event);
}

/* Returns 1 to go on, 0 to end, or fails. */
static int take_signal(struct run *run, struct error *err)
{
    struct signalfd_siginfo signal;
    if (read(run->signals, &signal, sizeof signal) != sizeof signal)
        return 1;
    if (run->options->counters_file != NULL &&
        report_write(run->options->counters_file, run->options, run->network, &run->helper, err) <
            0)
        return -1;
    return signal.ssi_signo == SIGUSR1;
}

static int loop(struct run *run, struct error *err)
{
    struct pollfd fds[] = {{.fd = run->signals, .events = POLLIN},
                           {.fd = network_event_fd(run->network), .events = POLLIN}};
    for (int go_on = 1; go_on > 0;) {
        struct timespec left;
        if (ppoll(fds, 2, until(helper_next_ns(&run->helper), &left), NULL) < 0 && errno != EINTR)
            return error_sys(err, errno, "cannot wait");
        network_dispatch(run->network);
        struct sim_peer peer = network_peer(run->network);
        helper_run(&run->helper, &peer);
        go_on = take_signal(run, err);
        if (go_on < 0)
            return -1;
    }
    return 0;
}

static int run_network(const struct sim_options *options, struct error *err)
{
    struct run run = {.options = options};
    int result = -1;
    run.signals = open_signals();
    if (helper_init(&run.helper, options, err) < 0)
        return -1;
    run.network = network_new(options, on_event, &run, err);
    if (run.network != NULL) {
        if (write_pid(options->pid_file, err) == 0)
            result = loop(&run, err);
        network_free(run.network);
    }
    helper_fini(&run.helper);
    close(run.signals);
    return result;
}

static int act(const struct sim_options *options, struct error *err)
{
    if (options->mode == SIM_TRUTH)
        return list_truth(options, err);
    if (require_lab_namespace(err) < 0)
        return -1;
    if (options->mode == SIM_PASS)
        return network_pass(options, err);
    return run_network(options, err);
}

int main(int argc, char *argv[])
{
    struct sim_options options;
    struct error err;
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        sim_options_help();
        return 0;
    }
    int result = sim_options_read(&options, argc, argv, &err);
    if (result == 0)
        result = act(&options, &err);
    sim_options_free(&options);
    if (result < 0)
        fprintf(stderr, "sim: %s\n", err.text);
    return result < 0;
}

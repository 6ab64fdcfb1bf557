/* A scan from configuration to exit status: check, open, announce, run, sum up. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/confine.h"
#include "app/link.h"
#include "app/outputs.h"
#include "app/pause.h"
#include "app/payloads.h"
#include "app/summary.h"
#include "app/talk.h"
#include "app/targets.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/random.h"
#include "output/vendors.h"
#include "probe/probe.h"
#include "scan/adapter.h"
#include "scan/neighbours.h"
#include "scan/router.h"
#include "scan/scan.h"
#include "transport/transport.h"

enum { TCP_MSS = 1460, SETTINGS_MAXIMUM = 1 << 30, SOURCE_TEXT_SIZE = 2 * IP_TEXT_SIZE + 8 };
static const double YEARS_100 = 100 * 365.25 * 86400; /* in seconds */

/* All that is open during a scan, in the order in which it is opened. */
struct session {
    struct conf *conf;
    struct confinement confinement;
    struct targets targets;
    struct talk talk;
    struct adapter adapter;
    struct neighbours neighbours;
    struct protocol_reservation protocols;
    struct transport_group transports;
    struct output_facts facts;
    struct outputs outputs;
    struct vendors vendors;
    struct siphash_key key; /* of all rounds, so that late replies count */
    struct pcap_file *pcap;
    struct frame_log *frame_log;
    struct payload_set payloads;
    struct probe_setup probe_setup;
    struct probe_set *probes;
    struct schedule_extent *owed;
    struct pause_context pause;
    int signal_fd;
    struct buffer settings; /* as they were at the begin, for a summary */
    char transport[TRANSPORT_DESCRIPTION_SIZE];
    struct scan_summary summary; /* of the last round, and what else is told of it: */
    uint64_t round_started, round_ended;
    uint64_t rounds, lost_rounds; /* in the latter this machine lost something */
    uint64_t silent; /* targets that are the host's own addresses, on a way out of it */
};

/* Tells if there are fewer workers than asked for. */
static void tell_workers(const struct session *session)
{
    const struct transport_group *group = &session->transports;
    if (group->count < session->conf->workers)
        fprintf(stderr, "Using %u worker%s instead of %u: %s on \"%s\" takes no more\n",
                group->count, group->count == 1 ? "" : "s", session->conf->workers,
                group->member[0].ops->name, session->adapter.interface.name);
}

static int open_link(struct session *session, struct error *err)
{
    struct error reason;
    if (link_open(session->conf, session->targets.addresses, &session->adapter,
                  &session->transports, &session->silent, &reason, err) < 0)
        return -1;
    if (reason.text[0] != '\0')
        fprintf(stderr, "Using %s: %s\n", session->transports.member[0].ops->name, reason.text);
    tell_workers(session);
    return 0;
}

static int open_outputs(struct session *session, struct error *err)
{
    if (output_facts_gather(&session->facts, session->conf, err) < 0)
        return -1;
    return outputs_open(&session->outputs, session->conf, &session->facts.facts, err);
}

/* Not even under another name can a file take both packets and results. */
static int check_apart(const struct conf *conf, struct error *err)
{
    struct stat packets, results;
    if (stat(conf->pcap, &packets) < 0 || !S_ISREG(packets.st_mode))
        return 0;
    for (unsigned i = 0; i < conf->output_count; i++) {
        const char *path = conf->outputs[i].path;
        if (path != NULL && stat(path, &results) == 0 && results.st_dev == packets.st_dev &&
            results.st_ino == packets.st_ino)
            return error_set(err, "--pcap: '%s' is the file that results go to, '%s'", conf->pcap,
                             path);
    }
    return 0;
}

static int open_pcap(struct session *session, struct error *err)
{
    char notice[256];
    const struct pcap_file_setup setup = {
        .path = session->conf->pcap,
        .has_ethernet = session->adapter.interface.has_ethernet,
        .append = session->conf->append_output,
    };
    if (check_apart(session->conf, err) < 0)
        return -1;
    session->pcap = pcap_file_open(&setup, notice, err);
    if (session->pcap == NULL) {
        error_prefix(err, "--pcap");
        return error_blame(err, ERROR_OUTPUT);
    }
    if (notice[0] != '\0')
        fprintf(stderr, "%s\n", notice);
    return 0;
}

/* Looks through the transports if anybody wants to see packets; from then on all are seen, those to
 * the router too. */
static int open_frame_log(struct session *session, struct error *err)
{
    const struct conf *conf = session->conf;
    if (conf->pcap == NULL && !conf->packet_trace)
        return 0;
    if (conf->pcap != NULL && open_pcap(session, err) < 0)
        return -1;
    const struct frame_log_setup setup = {
        .has_ethernet = session->adapter.interface.has_ethernet,
        .trace_fd = conf->packet_trace ? STDERR_FILENO : -1,
        .pcap = session->pcap,
    };
    session->frame_log = frame_log_new(&setup, &session->transports, err);
    return session->frame_log == NULL ? -1 : 0;
}

/* Nothing is left in the log unless the scan did not begin. */
static int close_frame_log(struct session *session, struct error *err)
{
    int drained = session->frame_log != NULL ? frame_log_drain(session->frame_log, err) : 0;
    int closed = pcap_file_close(session->pcap, drained < 0 ? NULL : err);
    return drained < 0 || closed < 0 ? error_blame(err, ERROR_OUTPUT) : 0;
}

/* 0: none. */
static uint16_t tcp_mss(const struct conf *conf, const struct adapter *adapter)
{
    uint16_t fits = adapter_mss(adapter);
    if (conf->has_tcp_mss)
        return conf->tcp_mss == CONF_TCP_NONE ? 0 : (uint16_t)conf->tcp_mss;
    return fits < TCP_MSS ? fits : TCP_MSS;
}

static void take_tcp_options(struct probe_setup *setup, const struct conf *conf,
                             const struct adapter *adapter)
{
    setup->tcp_mss = tcp_mss(conf, adapter);
    setup->tcp_has_window_scale = conf->has_tcp_wscale && conf->tcp_wscale != CONF_TCP_NONE;
    setup->tcp_window_scale = (uint8_t)conf->tcp_wscale;
    setup->tcp_has_timestamp = conf->has_tcp_tsecho && conf->tcp_tsecho != CONF_TCP_NONE;
    setup->tcp_timestamp = conf->tcp_tsecho;
    setup->tcp_allows_sack = conf->tcp_sackok;
}

/* The probes of the present space, with a link header to a router that need not be known yet. */
static int prepare_probes(struct session *session, struct error *err)
{
    struct probe_setup *setup = &session->probe_setup;
    const struct adapter *adapter = &session->adapter;
    *setup = (struct probe_setup){
        .link = adapter_link_header(adapter),
        .source_address = adapter->address,
        .source_address_mask = adapter->address_mask,
        .link_ipv6 = adapter_link_header_ipv6(adapter),
        .source_ipv6 = adapter->address_ipv6,
        .source_ipv6_mask = adapter->address_ipv6_mask,
        .source_port = adapter->port,
        .source_port_mask = adapter->port_mask,
        .ttl = (uint8_t)session->conf->ttl,
        .mtu = adapter->interface.mtu < UINT16_MAX ? (uint16_t)adapter->interface.mtu : 0,
        .tcp_attempt_shift = session->talk.wanted ? GRAB_ATTEMPT_SHIFT : 0,
        .level = cpu_level_best(),
        .space = session->targets.space,
        .payloads = &session->payloads,
        .key = session->key,
    };
    take_tcp_options(setup, session->conf, adapter);
    probe_set_free(session->probes);
    session->probes = probe_set_new(setup, err);
    return session->probes ? 0 : -1;
}

/* Signals from the user are taken by the output thread through a descriptor. */
static int open_signals(struct session *session, struct error *err)
{
    static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        sigaddset(&set, taken[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
        session->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
    return session->signal_fd < 0 ? error_sys(err, errno, "cannot listen for signals") : 0;
}

static int take_owed(struct session *session, struct error *err)
{
    const struct conf *conf = session->conf;
    session->owed = calloc(conf->pending_count + 1, sizeof *session->owed);
    if (session->owed == NULL)
        return error_set(err, "out of memory");
    for (unsigned i = 0; i < conf->pending_count; i++)
        session->owed[i] = (struct schedule_extent){.first = conf->pending[i].first,
                                                    .count = conf->pending[i].count,
                                                    .attempt = conf->pending[i].attempt};
    return 0;
}

/* The targets on the adapter's own subnet, whose hardware addresses probes need; requests by ARP
 * need none. */
static int find_neighbours(struct session *session, struct error *err)
{
    if (conf_asks_by_arp(session->conf))
        return 0;
    return neighbours_init(&session->neighbours, &session->adapter, session->targets.addresses,
                           err);
}

/* The first list of vendors that is there; without one hosts have addresses alone. */
static int read_vendors(struct session *session, struct error *err)
{
    static const char *const paths[] = {"/usr/share/nmap/nmap-mac-prefixes",
                                        "/usr/share/ieee-data/oui.txt"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths && conf_asks_by_arp(session->conf); i++)
        if (access(paths[i], R_OK) == 0)
            return vendors_read(&session->vendors, paths[i], err);
    return 0;
}

/* Positive: the exit status of a scan that was interrupted before its first probe. */
static int after_asking(int asked, struct error *err)
{
    if (asked < 0)
        return error_blame(err, ERROR_LINK);
    if (asked != RESOLVE_INTERRUPTED)
        return 0;
    fprintf(stderr, "Interrupted while asking: no probe was sent\n");
    return EXIT_INTERRUPTED;
}

/* The hardware addresses of the targets on the adapter's own networks. */
static int ask_neighbours(struct session *session, const struct resolve_asking *asking,
                          struct error *err)
{
    struct neighbours *neighbours = &session->neighbours;
    const char *protocol = neighbours_protocol(neighbours);
    struct resolve_table *table = &neighbours->table;
    if (!neighbours_exist(neighbours))
        return 0;
    fprintf(stderr, "%u targets are on the subnet of \"%s\" itself: asking for them by %s\n",
            table->count, session->adapter.interface.name, protocol);
    int status = after_asking(resolve_ask(table, asking, err), err);
    if (status == 0)
        fprintf(stderr, "%u hosts answered %s, %u did not\n", table->answered, protocol,
                table->count - table->answered);
    return status;
}

/* Finds the routers where some target is behind one, and gives the probes their link headers to
 * them. */
static int find_routers(struct session *session, const struct resolve_asking *asking,
                        struct error *err)
{
    const struct address_set *targets = session->targets.addresses;
    bool ipv4_is_far = range_set_size(&targets->v4) > session->neighbours.ipv4_count;
    bool ipv6_is_far = range6_set_size(&targets->v6) > session->neighbours.ipv6_count;
    enum ip_families far = (ipv4_is_far ? IP_V4 : 0) | (ipv6_is_far ? IP_V6 : 0);
    if (conf_asks_by_arp(session->conf))
        far = 0;
    int status = after_asking(router_find(&session->adapter, far, asking, err), err);
    return status != 0 ? status : prepare_probes(session, err);
}

/* All hardware addresses that are not known; the status is that of after_asking. */
static int ask_on_link(struct session *session, struct error *err)
{
    const struct resolve_asking asking = {
        .adapter = &session->adapter,
        .transport = &session->transports.member[0],
        .frame_log = session->frame_log,
        .rate_pps = session->conf->rate_pps,
        .signal_fd = session->signal_fd,
    };
    int status = find_routers(session, &asking, err);
    return status != 0 ? status : ask_neighbours(session, &asking, err);
}

/* Everything that can be refused is refused before the first packet, which asks for a router. The
 * status is that of after_asking. */
static int open_session(struct session *session, struct error *err)
{
    const char *summary = session->conf->summary;
    if (confine_prepare(&session->confinement, session->conf, err) < 0 ||
        outputs_check(session->conf, err) < 0 ||
        (summary != NULL && summary_check(summary, err) < 0) ||
        payloads_load(&session->payloads, session->conf, err) < 0 ||
        targets_build(&session->targets, session->conf, err) < 0 ||
        talk_init(&session->talk, session->conf, err) < 0 || take_owed(session, err) < 0 ||
        random_bytes(&session->key, sizeof session->key, err) < 0 ||
        open_signals(session, err) < 0 || open_link(session, err) < 0 ||
        link_reserve_protocols(session->conf, &session->adapter, &session->protocols, err) < 0 ||
        find_neighbours(session, err) < 0 || read_vendors(session, err) < 0 ||
        prepare_probes(session, err) < 0 || open_outputs(session, err) < 0 ||
        open_frame_log(session, err) < 0 ||
        confine_scan(&session->confinement, session->conf, err) < 0)
        return -1;
    return ask_on_link(session, err);
}

static int close_session(struct session *session, struct error *err)
{
    struct error late;
    int result = outputs_close(&session->outputs, err);
    if (close_frame_log(session, &late) < 0)
        result = error_join(result, &late, err);
    output_facts_free(&session->facts);
    probe_set_free(session->probes);
    payload_set_fini(&session->payloads);
    transport_group_close(&session->transports);
    frame_log_free(session->frame_log);
    protocol_release(&session->protocols);
    adapter_fini(&session->adapter);
    neighbours_fini(&session->neighbours);
    vendors_fini(&session->vendors);
    if (session->signal_fd >= 0)
        close(session->signal_fd);
    free(session->owed);
    talk_fini(&session->talk);
    targets_free(&session->targets);
    return result;
}

/* How long sending will take at the rate asked for: "0:12:30". */
static void append_duration(const struct session *session, struct buffer *text)
{
    const struct conf *conf = session->conf;
    uint32_t tries = conf->retries + 1;
    double packets = (double)session->targets.run.count * tries;
    for (unsigned i = 0; i < conf->pending_count; i++)
        packets += (double)schedule_extent_left(&session->owed[i], tries);
    double needed = packets / conf->rate_pps;
    if (needed >= YEARS_100)
        buffer_text(text, "more than a hundred years");
    else
        status_duration(text, 1, (uint64_t)needed);
}

static void announce_start(const struct conf *conf)
{
    char now_text[64] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL)
        strftime(now_text, sizeof now_text, "%Y-%m-%d %H:%M:%S", &utc);
    fprintf(stderr, "Starting %s %s at %s GMT\n", APP_NAME, APP_VERSION, now_text);
    fprintf(stderr, "Initiating %s Scan\n", conf_asks_by_arp(conf) ? "ARP" : "SYN Stealth");
}

/* The first address of each family that packets leave from: "192.0.2.1 and 2001:db8::1". */
static const char *format_source(const struct adapter *adapter, char text[SOURCE_TEXT_SIZE])
{
    char ipv4[IP_TEXT_SIZE] = "", ipv6[IP_TEXT_SIZE] = "";
    struct ip_address source = ip_from_v4(adapter->address);
    struct ip_address source_ipv6 = ip_from_number(adapter->address_ipv6);
    if (adapter->has_address)
        ip_format(&source, ipv4);
    if (adapter->has_address_ipv6)
        ip_format(&source_ipv6, ipv6);
    const char *between = adapter->has_address && adapter->has_address_ipv6 ? " and " : "";
    snprintf(text, SOURCE_TEXT_SIZE, "%s%s%s", ipv4, between, ipv6);
    return text;
}

/* What will be done: to whom, how fast and for how long, from where, by what means. */
static void announce(const struct session *session)
{
    const struct conf *conf = session->conf;
    const struct targets *targets = &session->targets;
    char source_text[SOURCE_TEXT_SIZE], workers_text[32] = "", hosts_text[UINT128_TEXT_SIZE];
    char excluded_text[UINT128_TEXT_SIZE];
    struct buffer duration;
    buffer_init(&duration, 64);
    append_duration(session, &duration);
    if (session->transports.count > 1)
        snprintf(workers_text, sizeof workers_text, ", %u workers", session->transports.count);
    fprintf(stderr, "Scanning %s hosts [%" PRIu64 " port%s/host]\n",
            uint128_text(hosts_text, targets->hosts), targets->ports,
            targets->ports == 1 ? "" : "s");
    if (session->silent > 0)
        fprintf(stderr,
                "%" PRIu64 " of them %s this host's own, which it cannot reach from outside: scan "
                "%s alone\n",
                session->silent, session->silent == 1 ? "is" : "are",
                session->silent == 1 ? "it" : "them");
    fprintf(stderr,
            "%" PRIu64 " probes, %u %s each, at %g packets/second: %s; %s"
            " addresses excluded; from %s port %u on \"%s\" by %s%s\n",
            targets->run.count, conf->retries + 1, conf->retries ? "tries" : "try", conf->rate_pps,
            buffer_string(&duration), uint128_text(excluded_text, targets->excluded),
            format_source(&session->adapter, source_text), session->adapter.port,
            session->adapter.interface.name, session->transport, workers_text);
    buffer_fini(&duration);
}

static void append_result_files(const struct conf *conf, struct buffer *text)
{
    bool rotated = conf->rotate_seconds > 0 || conf->rotate_size > 0;
    for (unsigned i = 0; i < conf->output_count; i++) {
        const char *path = conf->outputs[i].name;
        if (path == NULL || strcmp(path, "-") == 0)
            continue;
        buffer_printf(text, "  results: %s%s", path, rotated ? ", rotated" : "");
        if (rotated && conf->rotate_dir != NULL)
            buffer_printf(text, " to %s", conf->rotate_dir);
        buffer_char(text, '\n');
    }
}

static void sum_up(const struct session *session, const struct scan_summary *summary)
{
    struct buffer text;
    buffer_init(&text, 1 << 16);
    scan_summary_text(summary, &text);
    append_result_files(session->conf, &text);
    if (session->conf->pcap != NULL)
        buffer_printf(&text, "  packets: %s (%" PRIu64 " saved)\n", session->conf->pcap,
                      summary->seen.saved);
    fputs(buffer_string(&text), stderr);
    buffer_fini(&text);
}

static enum status_style status_style(enum conf_status wish)
{
    enum status_style lines = isatty(STDERR_FILENO) ? STATUS_TERMINAL : STATUS_PLAIN;
    switch (wish) {
    case CONF_STATUS_AUTOMATIC:
        return lines == STATUS_TERMINAL ? STATUS_TERMINAL : STATUS_NONE;
    case CONF_STATUS_ON:
        return lines;
    case CONF_STATUS_NDJSON:
        return STATUS_NDJSON;
    case CONF_STATUS_OFF:
        break;
    }
    return STATUS_NONE;
}

static int run_scan(struct session *session, struct error *err)
{
    const struct conf *conf = session->conf;
    const struct scan_setup setup = {
        .crew = {.space = session->targets.space,
                 .run = session->targets.run,
                 .owed = session->owed,
                 .owed_count = conf->pending_count,
                 .tries = conf->retries + 1,
                 .rate_pps = conf->rate_pps,
                 .send_resets = !conf->no_reset,
                 .raw_udp = conf->rawudp,
                 .ttl = (uint8_t)conf->ttl,
                 .adapter = &session->adapter,
                 .neighbours = &session->neighbours,
                 .transports = &session->transports,
                 .probes = session->probes,
                 .grab = talk_through(&session->talk, &session->adapter),
                 .begin = confine_worker,
                 .begin_context = &session->confinement},
        .wait_seconds = conf->wait_seconds,
        .wait_forever = conf->wait_forever,
        .dedup_mib = conf->dedup_mib,
        .outputs = &session->outputs.set,
        .names = &session->conf->host_names,
        .vendors = &session->vendors,
        .frame_log = session->frame_log,
        .signal_fd = session->signal_fd,
        .keyboard_fd = isatty(STDERR_FILENO) ? STDIN_FILENO : -1,
        .status_fd = STDERR_FILENO,
        .status_style = status_style(conf->status),
        .save = pause_save,
        .save_context = &session->pause,
    };
    struct scan_summary *summary = &session->summary;
    session->rounds++;
    session->round_started = clock_wall_seconds();
    int result = scan_run(&setup, summary, err);
    session->round_ended = clock_wall_seconds();
    session->conf->rate_pps = summary->rate_pps;
    session->lost_rounds += scan_summary_lost(summary) > 0;
    sum_up(session, summary);
    if (result < 0)
        return -1;
    return summary->interrupted || summary->cut_short ? EXIT_INTERRUPTED : EXIT_COMPLETE;
}

/* The same targets from the begin, in another order. */
static int begin_next_round(struct session *session, struct error *err)
{
    struct conf *conf = session->conf;
    conf->seed++;
    conf->resume_index = 0;
    conf->pending_count = 0;
    targets_free(&session->targets);
    if (targets_build(&session->targets, conf, err) < 0 || prepare_probes(session, err) < 0)
        return -1;
    return 0;
}

/* A scan that is interrupted changes the configuration. */
static int remember_settings(struct session *session, struct error *err)
{
    transport_describe(&session->transports.member[0], session->transport);
    if (session->conf->summary != NULL)
        conf_echo(session->conf, &session->settings);
    return session->settings.failed ? error_set(err, "out of memory for the settings") : 0;
}

static int run_rounds(struct session *session, struct error *err)
{
    if (remember_settings(session, err) < 0)
        return -1;
    announce_start(session->conf);
    int status;
    do {
        announce(session);
        status = run_scan(session, err);
    } while (session->conf->infinite && status == EXIT_COMPLETE &&
             (status = begin_next_round(session, err)) == 0);
    return status;
}

/* Closes everything; what was written for a crash goes when all results are safe. Negative, with
 * all that went wrong, if anything did. */
static int finish(struct session *session, int status, struct error *err)
{
    struct error late;
    int closed = close_session(session, &late);
    if (closed < 0)
        status = error_join(status, &late, err);
    if (status < 0)
        return -1;
    if (status == EXIT_COMPLETE && pause_end(&session->pause, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    if (status == EXIT_COMPLETE && closed == OUTPUT_UNMOVED)
        return EXIT_OUTPUT;
    return status == EXIT_COMPLETE && session->lost_rounds > 0 ? EXIT_LOSSY : status;
}

/* The very last, so that it tells how all the rest has ended. */
static int write_summary(struct session *session, int status, struct error *err)
{
    const struct summary_facts facts = {
        .scan = &session->summary,
        .settings = buffer_string(&session->settings),
        .started = session->round_started,
        .ended = session->round_ended,
        .seed = session->conf->seed,
        .round = session->rounds,
        .lost_rounds = session->lost_rounds,
        .transport = session->transport,
        .status = status,
        .error = err,
    };
    struct error late;
    if (session->conf->summary == NULL || summary_write(session->conf->summary, &facts, &late) == 0)
        return status;
    return error_join(status, &late, err);
}

static int end_session(struct session *session, int status, struct error *err)
{
    status = finish(session, status, err);
    status = write_summary(session, status, err);
    buffer_fini(&session->settings);
    return status;
}

int app_scan(struct conf *conf, struct error *err)
{
    struct session session = {.conf = conf, .signal_fd = -1};
    buffer_init(&session.settings, SETTINGS_MAXIMUM);
    session.pause = (struct pause_context){.conf = conf, .targets = &session.targets};
    int status = open_session(&session, err);
    if (status < 0) {
        outputs_refuse(&session.outputs);
        close_session(&session, NULL);
        return -1;
    }
    if (status == 0)
        status = run_rounds(&session, err);
    else
        outputs_refuse(&session.outputs);
    return end_session(&session, status, err);
}

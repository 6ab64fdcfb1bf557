/* A scan from configuration to exit status: check, open, announce, run, sum up. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/announce.h"
#include "app/app.h"
#include "app/confine.h"
#include "app/link.h"
#include "app/outputs.h"
#include "app/pause.h"
#include "app/payloads.h"
#include "app/probes.h"
#include "app/summary.h"
#include "app/talk.h"
#include "app/targets.h"
#include "base/clock.h"
#include "base/random.h"
#include "output/vendors.h"
#include "scan/adapter.h"
#include "scan/neighbours.h"
#include "scan/router.h"
#include "scan/scan.h"
#include "scan/ways.h"

enum { SETTINGS_MAXIMUM = 1 << 30 };

/* All that is open during a scan, in the order in which it is opened. */
struct session {
    struct conf *conf;
    struct confinement confinement;
    struct targets targets;
    struct talk talk;
    struct links links;
    struct ways ways; /* of their adapters */
    struct protocol_reservation protocols;
    struct output_facts facts;
    struct outputs outputs;
    struct vendors vendors;
    struct siphash_key key; /* of all rounds, so that late replies count */
    struct pcap_file *pcap;
    struct frame_log *frame_log;
    struct payload_set payloads;
    struct schedule_extent *owed;
    struct pause_context pause;
    int signal_fd;
    struct buffer settings;      /* as they were at the begin, for a summary */
    struct scan_summary summary; /* of the last round, and what else is told of it: */
    uint64_t round_started, round_ended;
    uint64_t rounds, lost_rounds; /* in the latter this machine lost something */
};

static int open_links(struct session *session, struct error *err)
{
    if (links_open(&session->links, session->conf, session->targets.addresses, err) < 0)
        return -1;
    announce_links(&session->links, session->conf);
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

/* All frames of a capture file are of one kind. */
static int check_kinds(const struct links *links, struct error *err)
{
    bool has_ethernet = links->of[0].adapter.interface.has_ethernet;
    for (unsigned i = 1; i < links->count; i++)
        if (links->of[i].adapter.interface.has_ethernet != has_ethernet)
            return error_set(err,
                             "--pcap: of \"%s\" and \"%s\" one has Ethernet headers and one has "
                             "none, and a file takes frames of one kind (want such adapters)",
                             links->of[0].adapter.interface.name,
                             links->of[i].adapter.interface.name);
    return 0;
}

static int open_pcap(struct session *session, struct error *err)
{
    char notice[256];
    const struct links *links = &session->links;
    const struct pcap_file_setup setup = {
        .path = session->conf->pcap,
        .has_ethernet = links->of[0].adapter.interface.has_ethernet,
        .append = session->conf->append_output,
    };
    if (check_apart(session->conf, err) < 0 || check_kinds(links, err) < 0)
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
    struct frame_log_link seen[ADAPTERS_MAX];
    for (unsigned i = 0; i < session->links.count; i++) {
        struct link *link = &session->links.of[i];
        seen[i] = (struct frame_log_link){&link->transports, link->adapter.interface.has_ethernet};
    }
    const struct frame_log_setup setup = {
        .trace_fd = conf->packet_trace ? STDERR_FILENO : -1,
        .pcap = session->pcap,
    };
    session->frame_log = frame_log_new(&setup, seen, session->links.count, err);
    return session->frame_log == NULL ? -1 : 0;
}

/* Nothing is left in the log unless the scan did not begin. */
static int close_frame_log(struct session *session, struct error *err)
{
    int drained = session->frame_log != NULL ? frame_log_drain(session->frame_log, err) : 0;
    int closed = pcap_file_close(session->pcap, drained < 0 ? NULL : err);
    return drained < 0 || closed < 0 ? error_blame(err, ERROR_OUTPUT) : 0;
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

/* The targets on each adapter's own subnet, whose hardware addresses probes need; requests by ARP
 * need none. */
static int find_neighbours(struct session *session, struct error *err)
{
    struct links *links = &session->links;
    for (unsigned i = 0; i < links->count && !conf_asks_by_arp(session->conf); i++)
        if (neighbours_init(&links->of[i].neighbours, &links->of[i].adapter,
                            session->targets.addresses, err) < 0)
            return -1;
    return 0;
}

static int find_ways(struct session *session, struct error *err)
{
    const struct adapter *adapters[ADAPTERS_MAX];
    for (unsigned i = 0; i < session->links.count; i++)
        adapters[i] = &session->links.of[i].adapter;
    ways_fini(&session->ways);
    int found = ways_init(&session->ways, adapters, session->links.count,
                          session->targets.addresses, conf_asks_by_arp(session->conf), err);
    return found < 0 ? error_blame(err, ERROR_LINK) : 0;
}

static int prepare_probes(struct session *session, struct error *err)
{
    const struct probes_common common = {
        .conf = session->conf,
        .space = session->targets.space,
        .payloads = &session->payloads,
        .key = session->key,
    };
    return probes_prepare(&session->links, &common, err);
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
static int ask_neighbours(struct link *link, const struct resolve_asking *asking, struct error *err)
{
    struct neighbours *neighbours = &link->neighbours;
    const char *protocol = neighbours_protocol(neighbours);
    struct resolve_table *table = &neighbours->table;
    if (!neighbours_exist(neighbours))
        return 0;
    fprintf(stderr, "%u targets are on the subnet of \"%s\" itself: asking for them by %s\n",
            table->count, link->adapter.interface.name, protocol);
    int status = after_asking(resolve_ask(table, asking, err), err);
    if (status == 0)
        fprintf(stderr, "%u hosts answered %s, %u did not\n", table->answered, protocol,
                table->count - table->answered);
    return status;
}

/* The routers, where some target is behind one, and the neighbours. The status is that of
 * after_asking. */
static int ask_on_link(struct session *session, unsigned number, struct error *err)
{
    struct link *link = &session->links.of[number];
    const struct resolve_asking asking = {
        .adapter = &link->adapter,
        .transport = &link->transports.member[0],
        .frame_log = session->frame_log,
        .rate_pps = session->conf->rate_pps,
        .signal_fd = session->signal_fd,
    };
    enum ip_families far = ways_to_router(&session->ways, number);
    if (conf_asks_by_arp(session->conf))
        far = IP_NONE;
    int status = after_asking(router_find(&link->adapter, far, &asking, err), err);
    return status != 0 ? status : ask_neighbours(link, &asking, err);
}

/* All hardware addresses that are not known, one adapter after the other; then the probes get their
 * link headers. */
static int ask_on_links(struct session *session, struct error *err)
{
    int status = 0;
    for (unsigned i = 0; i < session->links.count && status == 0; i++)
        status = ask_on_link(session, i, err);
    return status != 0 ? status : prepare_probes(session, err);
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
        open_signals(session, err) < 0 || open_links(session, err) < 0 ||
        links_reserve_protocols(&session->links, session->conf, &session->protocols, err) < 0 ||
        find_ways(session, err) < 0 || find_neighbours(session, err) < 0 ||
        read_vendors(session, err) < 0 || prepare_probes(session, err) < 0 ||
        open_outputs(session, err) < 0 || open_frame_log(session, err) < 0 ||
        confine_scan(&session->confinement, session->conf, err) < 0)
        return -1;
    return ask_on_links(session, err);
}

static int close_session(struct session *session, struct error *err)
{
    struct error late;
    int result = outputs_close(&session->outputs, err);
    if (close_frame_log(session, &late) < 0)
        result = error_join(result, &late, err);
    output_facts_free(&session->facts);
    links_close(&session->links);
    ways_fini(&session->ways);
    payload_set_fini(&session->payloads);
    frame_log_free(session->frame_log);
    protocol_release(&session->protocols);
    vendors_fini(&session->vendors);
    if (session->signal_fd >= 0)
        close(session->signal_fd);
    free(session->owed);
    talk_fini(&session->talk);
    targets_free(&session->targets);
    return result;
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

static void list_adapters(struct session *session, struct crew_adapter *adapters)
{
    for (unsigned i = 0; i < session->links.count; i++) {
        struct link *link = &session->links.of[i];
        adapters[i] = (struct crew_adapter){.adapter = &link->adapter,
                                            .neighbours = &link->neighbours,
                                            .transports = &link->transports,
                                            .probes = link->probes};
    }
}

static int run_scan(struct session *session, struct error *err)
{
    const struct conf *conf = session->conf;
    struct crew_adapter adapters[ADAPTERS_MAX];
    list_adapters(session, adapters);
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
                 .adapters = adapters,
                 .adapter_count = session->links.count,
                 .ways = &session->ways,
                 .grab = talk_setup(&session->talk),
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
    if (targets_build(&session->targets, conf, err) < 0 || find_ways(session, err) < 0 ||
        prepare_probes(session, err) < 0)
        return -1;
    return 0;
}

/* A scan that is interrupted changes the configuration. */
static int remember_settings(struct session *session, struct error *err)
{
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
        announce_scan(session->conf, &session->targets, &session->links, &session->ways);
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
        .links = &session->links,
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

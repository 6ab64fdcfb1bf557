/* A whole scan, seen from the output thread. */
#include "scan/scan.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "scan/crew.h"
#include "scan/dedup.h"
#include "scan/finding.h"
#include "scan/status.h"

/* The output thread sleeps this long between its turns, longer while there is nothing to do. */
enum { IDLE_LEAST_MS = 5, IDLE_MOST_MS = 80, DRAIN_BATCH = 64 };
static const uint64_t CHECKPOINT_INTERVAL_NS = 3 * NS_PER_SECOND;
/* Of the time, at most one part in so many goes into checkpoints. */
static const uint64_t CHECKPOINT_SHARE = 50;
static const uint64_t FLUSH_INTERVAL_NS = NS_PER_SECOND / 4;
/* Replies that are in the kernel's ring already are fetched even with --wait 0. */
static const uint64_t WAIT_MINIMUM_NS = 100 * NS_PER_MS;

/* Everything of one running scan. */
struct scan {
    const struct scan_setup *setup;
    struct scan_summary *summary;
    struct crew crew;
    struct dedup dedup;
    struct status status;
    struct scan_state state; /* as it will be saved next */
    uint64_t checkpoint_ns;  /* when the next one is due; 0 before the first */
    uint64_t started_ns, flushed_ns;
    uint64_t waiting_since_ns; /* when the last probe had left */
    bool sending_ended;
    struct interface_drops drops_before; /* this scan */
    int signals;                         /* how many asked to end */
    int idle_ms;
};

static int prepare(struct scan *scan, struct error *err)
{
    const struct scan_setup *setup = scan->setup;
    const struct crew_setup crew = {
        .space = setup->space,
        .run = setup->run,
        .owed = setup->owed,
        .owed_count = setup->owed_count,
        .tries = setup->tries,
        .rate_pps = setup->rate_pps,
        .send_resets = setup->send_resets,
        .ttl = setup->ttl,
        .adapter = setup->adapter,
        .transports = setup->transports,
        .probes = setup->probes,
    };
    uint32_t dedup_mib = setup->dedup_mib > 0 ? setup->dedup_mib : DEDUP_MEMORY_MIB;
    if (dedup_init(&scan->dedup, dedup_mib, err) < 0)
        return -1;
    return crew_init(&scan->crew, &crew, err);
}

static void release(struct scan *scan)
{
    crew_fini(&scan->crew);
    dedup_fini(&scan->dedup);
}

static uint64_t key_of(const struct finding *finding)
{
    return dedup_key(finding->address, finding->port, finding->status);
}

static int record(struct scan *scan, const struct finding *finding, struct error *err)
{
    int fresh = dedup_insert(&scan->dedup, key_of(finding), err);
    if (fresh < 0)
        return -1;
    if (fresh == 0) {
        scan->summary->duplicates++;
        return 0;
    }
    if (finding->status == RESULT_OPEN)
        scan->summary->open++;
    else
        scan->summary->closed++;
    const struct result result = {
        .kind = RESULT_STATUS,
        .status = (enum result_status)finding->status,
        .time = finding->time,
        .ip = ip_from_v4(finding->address),
        .port = (uint16_t)port_code_number(finding->port),
        .protocol = finding->protocol,
        .reason = finding->reason,
        .ttl = finding->ttl,
    };
    if (output_set_record(scan->setup->outputs, &result, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return 0;
}

/* Takes up to DRAIN_BATCH of what a worker has found. The table of duplicates is large and looked
 * into at random: what will be needed of it is fetched for all before the first is looked up. */
static int drain_batch(struct scan *scan, struct ring *findings, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        dedup_prefetch(&scan->dedup, key_of(ring_at(findings, i)));
    int result = 0;
    size_t done = 0;
    while (done < count && result == 0)
        result = record(scan, ring_at(findings, done++), err);
    ring_pop(findings, done);
    return result;
}

/* Takes everything found so far; the sleep that follows is short if there was anything. */
static int drain(struct scan *scan, struct error *err)
{
    bool idle = true;
    for (unsigned i = 0; i < scan->crew.count; i++) {
        struct ring *findings = &scan->crew.workers[i].findings;
        size_t count;
        while ((count = ring_filled(findings)) > 0) {
            idle = false;
            if (drain_batch(scan, findings, count < DRAIN_BATCH ? count : DRAIN_BATCH, err) < 0)
                return -1;
        }
    }
    int longer_ms = scan->idle_ms * 2 < IDLE_MOST_MS ? scan->idle_ms * 2 : IDLE_MOST_MS;
    scan->idle_ms = idle && longer_ms > 0 ? longer_ms : IDLE_LEAST_MS;
    return 0;
}

static int flush_outputs(struct scan *scan, struct error *err)
{
    if (output_set_flush(scan->setup->outputs, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return 0;
}

/* With a terminal the status makes room for results, which may go to the same terminal. */
static int flush(struct scan *scan, uint64_t now_ns, struct error *err)
{
    if (now_ns - scan->flushed_ns < FLUSH_INTERVAL_NS)
        return 0;
    scan->flushed_ns = now_ns;
    return flush_outputs(scan, err);
}

static uint64_t wait_ends_ns(const struct scan *scan)
{
    uint64_t wait_ns = scan->setup->wait_seconds * NS_PER_SECOND;
    if (scan->setup->wait_forever)
        return UINT64_MAX;
    return scan->waiting_since_ns + (wait_ns < WAIT_MINIMUM_NS ? WAIT_MINIMUM_NS : wait_ns);
}

static int64_t wait_left(const struct scan *scan, uint64_t now_ns)
{
    uint64_t ends_ns = wait_ends_ns(scan);
    if (scan->setup->wait_forever)
        return -1;
    return now_ns < ends_ns ? (int64_t)((ends_ns - now_ns + NS_PER_SECOND - 1) / NS_PER_SECOND) : 0;
}

static uint64_t more_than(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* What an interface counts may be ours already: a frame that its driver refused and that was sent
 * later, and one that our socket had no room for. */
static struct scan_drops count_drops(const struct scan *scan)
{
    struct interface_drops now = interface_read_drops(scan->setup->adapter->interface.index);
    uint64_t refused = crew_count(&scan->crew, COUNT_TX_REFUSED);
    uint64_t ring = crew_count(&scan->crew, COUNT_RING_DROPPED);
    uint64_t socket = crew_count(&scan->crew, COUNT_SOCKET_DROPPED);
    return (struct scan_drops){
        .ring = ring,
        .socket = socket,
        .interface_rx = more_than(now.rx, scan->drops_before.rx + ring + socket),
        .interface_tx = more_than(now.tx, scan->drops_before.tx + refused),
    };
}

static void show_status(struct scan *scan, uint64_t now_ns)
{
    if (!status_due(&scan->status, now_ns))
        return;
    uint64_t probes = crew_count(&scan->crew, COUNT_PROBES);
    struct scan_drops drops = count_drops(scan);
    const struct status_facts facts = {
        .packets = crew_count(&scan->crew, COUNT_PACKETS),
        .probes = probes,
        .probes_left = more_than(scan->crew.probes_total, probes),
        .found = scan->summary->open,
        .dropped = drops.ring + drops.socket + drops.interface_rx + drops.interface_tx,
        .waiting = scan->sending_ended,
        .wait_seconds = scan->sending_ended ? wait_left(scan, now_ns) : 0,
    };
    status_update(&scan->status, &facts, now_ns);
}

/* Sleeps a moment, or until a signal asks to end. The first ends the sending, the second
 * everything. */
static void wait_for_signal(struct scan *scan)
{
    struct pollfd poll_fd = {.fd = scan->setup->signal_fd, .events = POLLIN};
    if (poll(&poll_fd, 1, scan->idle_ms) <= 0 || !(poll_fd.revents & POLLIN))
        return;
    struct signalfd_siginfo signal;
    if (read(scan->setup->signal_fd, &signal, sizeof signal) != sizeof signal)
        return;
    bool first = scan->signals++ == 0;
    bool sending = crew_phase(&scan->crew) == WORKER_SENDING;
    scan->summary->cut_short = !(first && sending);
    crew_command(&scan->crew, first && sending ? WORKER_STOP_SENDING : WORKER_QUIT);
}

static int save(struct scan *scan, enum scan_save_reason reason, struct error *err)
{
    if (scan->setup->save == NULL)
        return 0;
    if (reason == SCAN_SAVE_REST)
        status_clear(&scan->status);
    if (scan->setup->save(scan->setup->save_context, reason, &scan->state, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return 0;
}

/* Saves the state as it was one interval ago, so that the replies to all that it counts as probed
 * had that long to arrive and be written. A state that takes long to write is written less often.
 */
static int checkpoint(struct scan *scan, uint64_t now_ns, struct error *err)
{
    if (scan->sending_ended || now_ns < scan->checkpoint_ns || !crew_snapshot_ready(&scan->crew))
        return 0;
    if (scan->checkpoint_ns != 0) {
        crew_take_snapshot(&scan->crew, &scan->state);
        if (flush_outputs(scan, err) < 0 || save(scan, SCAN_SAVE_CHECKPOINT, err) < 0)
            return -1;
    }
    crew_ask_snapshot(&scan->crew);
    uint64_t pause_ns = (clock_monotonic_ns() - now_ns) * CHECKPOINT_SHARE;
    scan->checkpoint_ns =
        now_ns + (pause_ns > CHECKPOINT_INTERVAL_NS ? pause_ns : CHECKPOINT_INTERVAL_NS);
    return 0;
}

/* What there is to do at the moment when the last probe has left: keep what is still to be sent. */
static int end_sending(struct scan *scan, uint64_t now_ns, struct error *err)
{
    scan->sending_ended = true;
    scan->waiting_since_ns = now_ns;
    scan->summary->elapsed_ns = now_ns - scan->started_ns;
    crew_take_rest(&scan->crew, &scan->state);
    scan->summary->interrupted = scan->state.left > 0;
    return scan->summary->interrupted ? save(scan, SCAN_SAVE_REST, err) : 0;
}

/* One turn of the output thread. */
static int attend(struct scan *scan, struct error *err)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (drain(scan, err) < 0 || flush(scan, now_ns, err) < 0 || checkpoint(scan, now_ns, err) < 0)
        return -1;
    if (!scan->sending_ended && crew_phase(&scan->crew) != WORKER_SENDING &&
        end_sending(scan, now_ns, err) < 0)
        return -1;
    if (scan->sending_ended && now_ns >= wait_ends_ns(scan))
        crew_command(&scan->crew, WORKER_QUIT);
    show_status(scan, now_ns);
    return 0;
}

static int attend_until_done(struct scan *scan, struct error *err)
{
    while (crew_phase(&scan->crew) < WORKER_DONE) {
        if (attend(scan, err) < 0)
            return -1;
        wait_for_signal(scan);
    }
    if (crew_phase(&scan->crew) == WORKER_FAILED) {
        *err = *crew_error(&scan->crew);
        return error_blame(err, ERROR_LINK);
    }
    return 0;
}

/* Stops the workers and takes what they left, whatever went before. An error of an earlier step is
 * kept. */
static int wind_up(struct scan *scan, int result, struct error *err)
{
    struct error *late = result < 0 ? NULL : err;
    crew_command(&scan->crew, WORKER_QUIT);
    crew_join(&scan->crew);
    if (!scan->sending_ended && end_sending(scan, clock_monotonic_ns(), late) < 0)
        result = -1;
    if (drain(scan, late) < 0 || flush_outputs(scan, late) < 0)
        result = -1;
    if (result == 0 && !scan->summary->interrupted && save(scan, SCAN_SAVE_NOTHING, late) < 0)
        result = -1;
    status_clear(&scan->status);
    return result;
}

static void fill_summary(struct scan *scan)
{
    const struct crew *crew = &scan->crew;
    struct scan_summary *summary = scan->summary;
    summary->probes = crew_count(crew, COUNT_PROBES);
    summary->packets = crew_count(crew, COUNT_PACKETS);
    summary->resets = crew_count(crew, COUNT_RESETS);
    summary->frames = crew_count(crew, COUNT_FRAMES);
    summary->replies = crew_count(crew, COUNT_REPLIES);
    summary->forged = crew_count(crew, COUNT_FORGED);
    summary->undecodable = crew_count(crew, COUNT_UNDECODABLE);
    summary->unsent_resets = crew_count(crew, COUNT_UNSENT_RESETS);
    summary->drops = count_drops(scan);
    summary->dedup_forgotten = scan->dedup.forgotten;
}

static int run(struct scan *scan, struct error *err)
{
    if (prepare(scan, err) < 0)
        return -1;
    scan->started_ns = clock_monotonic_ns();
    scan->drops_before = interface_read_drops(scan->setup->adapter->interface.index);
    status_init(&scan->status, scan->setup->status_fd, scan->started_ns);
    int started = crew_start(&scan->crew, err);
    int result = wind_up(scan, started < 0 ? -1 : attend_until_done(scan, err), err);
    fill_summary(scan);
    return result;
}

int scan_run(const struct scan_setup *setup, struct scan_summary *summary, struct error *err)
{
    *summary = (struct scan_summary){0};
    struct scan *scan = aligned_alloc(alignof(struct scan), sizeof *scan);
    if (scan == NULL)
        return error_set(err, "out of memory");
    *scan = (struct scan){.setup = setup, .summary = summary};
    int result = run(scan, err);
    release(scan);
    free(scan);
    return result;
}

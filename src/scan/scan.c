/* A whole scan, seen from the output thread. */
#include "scan/scan.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "scan/counter.h"
#include "scan/dedup.h"
#include "scan/finding.h"
#include "scan/status.h"
#include "scan/worker.h"

enum { FINDINGS_CAPACITY = 1 << 16, IDLE_MS = 20 };
static const uint64_t CHECKPOINT_INTERVAL_NS = 3 * NS_PER_SECOND;
/* Of the time, at most one part in so many goes into checkpoints. */
static const uint64_t CHECKPOINT_SHARE = 50;
static const uint64_t FLUSH_INTERVAL_NS = NS_PER_SECOND / 4;

/* Everything of one running scan. */
struct scan {
    const struct scan_setup *setup;
    struct scan_summary *summary;
    struct worker worker;
    struct ring findings;
    struct dedup dedup;
    struct status status;
    struct schedule_state state; /* as it will be saved next */
    uint64_t checkpoint_ns;      /* when the next one is due; 0 before the first */
    uint64_t started_ns, flushed_ns;
    struct interface_drops drops_before; /* this scan */
    uint64_t probes_total;               /* that this run has to send, retries counted */
    bool sending_ended;
    int signals; /* how many asked to end */
};

static int prepare_schedule(struct scan *scan, struct error *err)
{
    const struct scan_setup *setup = scan->setup;
    struct schedule *schedule = &scan->worker.schedule;
    if (schedule_init(schedule, setup->run, setup->tries, err) < 0)
        return -1;
    for (unsigned i = 0; i < setup->owed_count; i++)
        if (schedule_owe(schedule, &setup->owed[i], err) < 0)
            return -1;
    scan->probes_total = schedule->left;
    return 0;
}

static int prepare(struct scan *scan, struct error *err)
{
    const struct scan_setup *setup = scan->setup;
    scan->worker.setup = (struct worker_setup){
        .space = setup->space,
        .adapter = setup->adapter,
        .transport = setup->transport,
        .probes = setup->probes,
        .findings = &scan->findings,
        .rate_pps = setup->rate_pps,
        .wait_ns = setup->wait_forever ? UINT64_MAX : setup->wait_seconds * NS_PER_SECOND,
        .send_resets = setup->send_resets,
        .ttl = setup->ttl,
    };
    if (ring_init(&scan->findings, FINDINGS_CAPACITY, sizeof(struct finding), err) < 0)
        return -1;
    if (dedup_init(&scan->dedup, DEDUP_MEMORY_MIB, err) < 0)
        return -1;
    return prepare_schedule(scan, err);
}

static void release(struct scan *scan)
{
    schedule_fini(&scan->worker.schedule);
    dedup_fini(&scan->dedup);
    ring_fini(&scan->findings);
}

static enum worker_phase phase_of(struct scan *scan)
{
    return (enum worker_phase)atomic_load_explicit(&scan->worker.phase, memory_order_acquire);
}

static void command(struct scan *scan, enum worker_command command)
{
    atomic_store_explicit(&scan->worker.command, command, memory_order_release);
}

static int record(struct scan *scan, const struct finding *finding, struct error *err)
{
    uint64_t key = dedup_key(finding->address, finding->port, finding->status);
    int fresh = dedup_insert(&scan->dedup, key, err);
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
    return output_set_record(scan->setup->outputs, &result, err) < 0 ? -1 : 0;
}

/* Takes everything the worker has found so far. */
static int drain(struct scan *scan, struct error *err)
{
    const struct finding *finding;
    while ((finding = ring_peek(&scan->findings)) != NULL) {
        int result = record(scan, finding, err);
        ring_pop(&scan->findings);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* With a terminal the status makes room for results, which may go to the same terminal. */
static int flush(struct scan *scan, uint64_t now_ns, struct error *err)
{
    if (now_ns - scan->flushed_ns < FLUSH_INTERVAL_NS)
        return 0;
    scan->flushed_ns = now_ns;
    return output_set_flush(scan->setup->outputs, err);
}

static int64_t wait_left(const struct scan *scan, uint64_t now_ns)
{
    if (scan->setup->wait_forever)
        return -1;
    int64_t ends =
        (int64_t)(scan->worker.waiting_since_ns + scan->setup->wait_seconds * NS_PER_SECOND);
    int64_t left = ends - (int64_t)now_ns;
    return left > 0 ? (left + (int64_t)NS_PER_SECOND - 1) / (int64_t)NS_PER_SECOND : 0;
}

static uint64_t more_than(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* A frame that the driver refused was sent later, though the interface may have counted it. */
static struct scan_drops count_drops(const struct scan *scan)
{
    const struct worker_counters *counters = &scan->worker.counters;
    struct interface_drops now = interface_read_drops(scan->setup->adapter->interface.index);
    uint64_t refused = counter_read(&counters->tx_refused);
    return (struct scan_drops){
        .ring = counter_read(&counters->ring_dropped),
        .socket = counter_read(&counters->socket_dropped),
        .interface_rx = more_than(now.rx, scan->drops_before.rx),
        .interface_tx = more_than(now.tx, scan->drops_before.tx + refused),
    };
}

static void show_status(struct scan *scan, uint64_t now_ns)
{
    struct scan_drops drops = count_drops(scan);
    const struct worker_counters *counters = &scan->worker.counters;
    bool waiting = scan->sending_ended;
    uint64_t probes = counter_read(&counters->probes);
    uint64_t total = scan->probes_total;
    const struct status_facts facts = {
        .packets = counter_read(&counters->packets),
        .probes = probes,
        .probes_left = total > probes ? total - probes : 0,
        .found = scan->summary->open,
        .dropped = drops.ring + drops.socket + drops.interface_rx + drops.interface_tx,
        .waiting = waiting,
        .wait_seconds = waiting ? wait_left(scan, now_ns) : 0,
    };
    status_update(&scan->status, &facts, now_ns);
}

/* Sleeps a moment, or until a signal asks to end. The first ends the sending, the second
 * everything. */
static void wait_for_signal(struct scan *scan)
{
    struct pollfd poll_fd = {.fd = scan->setup->signal_fd, .events = POLLIN};
    if (poll(&poll_fd, 1, IDLE_MS) <= 0 || !(poll_fd.revents & POLLIN))
        return;
    struct signalfd_siginfo signal;
    if (read(scan->setup->signal_fd, &signal, sizeof signal) != sizeof signal)
        return;
    bool first = scan->signals++ == 0;
    bool sending = phase_of(scan) == WORKER_SENDING;
    scan->summary->cut_short = !(first && sending);
    command(scan, first && sending ? WORKER_STOP_SENDING : WORKER_QUIT);
}

static int save(struct scan *scan, enum scan_save_reason reason, struct error *err)
{
    if (scan->setup->save == NULL)
        return 0;
    if (reason == SCAN_SAVE_REST)
        status_clear(&scan->status);
    return scan->setup->save(scan->setup->save_context, reason, &scan->state, err);
}

/* Saves the state as it was one interval ago, so that the replies to all that it counts as probed
 * had that long to arrive and be written. A state that takes long to write is written less often.
 */
static int checkpoint(struct scan *scan, uint64_t now_ns, struct error *err)
{
    if (scan->sending_ended || now_ns < scan->checkpoint_ns ||
        !worker_snapshot_ready(&scan->worker))
        return 0;
    if (scan->checkpoint_ns != 0) {
        scan->state = scan->worker.snapshot;
        if (output_set_flush(scan->setup->outputs, err) < 0 ||
            save(scan, SCAN_SAVE_CHECKPOINT, err) < 0)
            return -1;
    }
    worker_ask_snapshot(&scan->worker);
    uint64_t pause_ns = (clock_monotonic_ns() - now_ns) * CHECKPOINT_SHARE;
    scan->checkpoint_ns =
        now_ns + (pause_ns > CHECKPOINT_INTERVAL_NS ? pause_ns : CHECKPOINT_INTERVAL_NS);
    return 0;
}

/* What there is to do at the moment when the last probe has left: keep what is still to be sent. */
static int end_sending(struct scan *scan, uint64_t now_ns, struct error *err)
{
    scan->sending_ended = true;
    scan->summary->elapsed_ns = now_ns - scan->started_ns;
    schedule_save(&scan->worker.schedule, &scan->state);
    scan->summary->interrupted = scan->state.left > 0;
    return scan->summary->interrupted ? save(scan, SCAN_SAVE_REST, err) : 0;
}

/* One turn of the output thread. */
static int attend(struct scan *scan, struct error *err)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (drain(scan, err) < 0 || flush(scan, now_ns, err) < 0 || checkpoint(scan, now_ns, err) < 0)
        return -1;
    if (!scan->sending_ended && phase_of(scan) != WORKER_SENDING &&
        end_sending(scan, now_ns, err) < 0)
        return -1;
    show_status(scan, now_ns);
    return 0;
}

static int attend_until_done(struct scan *scan, struct error *err)
{
    while (phase_of(scan) < WORKER_DONE) {
        if (attend(scan, err) < 0)
            return -1;
        wait_for_signal(scan);
    }
    if (phase_of(scan) == WORKER_FAILED) {
        *err = scan->worker.error;
        return -1;
    }
    return 0;
}

/* Stops the worker and takes what it left, whatever went before. An error of an earlier step is
 * kept. */
static int wind_up(struct scan *scan, int result, struct error *err)
{
    struct error *late = result < 0 ? NULL : err;
    command(scan, WORKER_QUIT);
    worker_join(&scan->worker);
    if (!scan->sending_ended && end_sending(scan, clock_monotonic_ns(), late) < 0)
        result = -1;
    if (drain(scan, late) < 0 || output_set_flush(scan->setup->outputs, late) < 0)
        result = -1;
    if (result == 0 && !scan->summary->interrupted && save(scan, SCAN_SAVE_NOTHING, late) < 0)
        result = -1;
    status_clear(&scan->status);
    return result;
}

static void fill_summary(struct scan *scan)
{
    const struct worker_counters *counters = &scan->worker.counters;
    struct scan_summary *summary = scan->summary;
    summary->probes = counter_read(&counters->probes);
    summary->packets = counter_read(&counters->packets);
    summary->resets = counter_read(&counters->resets);
    summary->frames = counter_read(&counters->frames);
    summary->replies = counter_read(&counters->replies);
    summary->forged = counter_read(&counters->forged);
    summary->undecodable = counter_read(&counters->undecodable);
    summary->drops = count_drops(scan);
    summary->unsent_resets = counter_read(&counters->unsent_resets);
    summary->dedup_forgotten = scan->dedup.forgotten;
}

static int run(struct scan *scan, struct error *err)
{
    if (prepare(scan, err) < 0)
        return -1;
    scan->started_ns = clock_monotonic_ns();
    scan->drops_before = interface_read_drops(scan->setup->adapter->interface.index);
    status_init(&scan->status, scan->setup->status_fd, scan->started_ns);
    if (worker_start(&scan->worker, err) < 0)
        return -1;
    int result = wind_up(scan, attend_until_done(scan, err), err);
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

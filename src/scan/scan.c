/* A whole scan, seen from the output thread. */
#include "scan/scan.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "scan/control.h"
#include "scan/crew.h"
#include "scan/link_watch.h"
#include "scan/report.h"

/* The output thread sleeps this long between its turns, longer while there is nothing to do. */
enum { IDLE_LEAST_MS = 5, IDLE_MOST_MS = 80 };
/* How long replies to what has been sent may take; conversations take longer. */
static const uint64_t CHECKPOINT_INTERVAL_NS = 3 * NS_PER_SECOND;
/* Of the time, at most one part in so many goes into checkpoints. */
static const uint64_t CHECKPOINT_SHARE = 50;
static const double RATE_STEP = 1.25;
static const uint64_t FLUSH_INTERVAL_NS = NS_PER_SECOND / 4;
/* Replies that are in the kernel's ring already are fetched even with --wait 0. */
static const uint64_t WAIT_MINIMUM_NS = 100 * NS_PER_MS;

/* Everything of one running scan. */
struct scan {
    const struct scan_setup *setup;
    struct scan_summary *summary;
    struct crew crew;
    struct report report;
    struct status status;
    struct control control;
    struct scan_state state; /* as it will be saved next */
    struct scan_state safe;  /* the last one behind whose probes all results were written */
    bool saved;              /* a state was */
    uint64_t checkpoint_ns;  /* when the next one is due; 0 before the first */
    uint64_t started_ns, flushed_ns;
    uint64_t waiting_since_ns; /* when the last probe had left */
    bool sending_ended, paused;
    struct link_watch links[ADAPTERS_MAX]; /* of each adapter */
    bool link_down;                        /* of one of them */
    double rate_pps;
    struct interface_drops drops_before; /* this scan */
    int endings;                         /* how often the end was asked for */
    int idle_ms;
};

/* Nothing of this run is done yet: all can be gone on with from here. */
static void begin_state(struct scan *scan)
{
    const struct crew_setup *setup = &scan->setup->crew;
    scan_state_begin(&scan->safe, setup->run, setup->tries);
    for (unsigned i = 0; i < setup->owed_count; i++)
        schedule_owed_add(&scan->safe.owed, setup->run.stride, &setup->owed[i]);
    scan_state_finish(&scan->safe);
}

static int prepare(struct scan *scan, struct error *err)
{
    const struct scan_setup *setup = scan->setup;
    const struct report_setup report = {
        .outputs = setup->outputs,
        .dedup_mib = setup->dedup_mib,
        .banners = setup->crew.grab != NULL,
        .asked = suspects_asked(setup->crew.space, setup->crew.run.count),
        .names = setup->names,
        .vendors = setup->vendors,
    };
    begin_state(scan);
    if (report_init(&scan->report, &report, err) < 0)
        return -1;
    return crew_init(&scan->crew, &setup->crew, err);
}

static void release(struct scan *scan)
{
    crew_fini(&scan->crew);
    report_fini(&scan->report);
}

/* Prints and saves packets, if that is asked for; returns how many. A line on the terminal takes
 * the place of the status, which comes again below it. */
static int drain_frames(struct scan *scan, struct error *err)
{
    struct frame_log *log = scan->setup->frame_log;
    if (log == NULL)
        return 0;
    if (frame_log_has_lines(log))
        status_clear(&scan->status);
    return frame_log_drain(log, err);
}

/* Takes everything so far; the sleep that follows is short if there was anything. */
static int drain(struct scan *scan, struct error *err)
{
    int any = report_take(&scan->report, &scan->crew, err);
    int frames = any < 0 ? -1 : drain_frames(scan, err);
    if (frames < 0)
        return -1;
    bool idle = any == 0 && frames == 0;
    int longer_ms = scan->idle_ms * 2 < IDLE_MOST_MS ? scan->idle_ms * 2 : IDLE_MOST_MS;
    scan->idle_ms = idle && longer_ms > 0 ? longer_ms : IDLE_LEAST_MS;
    return 0;
}

/* Carries results, and packets that are saved, to where they go. */
static int carry(struct scan *scan, struct error *err)
{
    if (report_flush(&scan->report, err) < 0)
        return -1;
    return scan->setup->frame_log != NULL ? frame_log_flush(scan->setup->frame_log, err) : 0;
}

/* With a terminal the status makes room for results, which may go to the same terminal. */
static int flush(struct scan *scan, uint64_t now_ns, struct error *err)
{
    if (now_ns - scan->flushed_ns < FLUSH_INTERVAL_NS)
        return 0;
    scan->flushed_ns = now_ns;
    if (report_has_news(&scan->report))
        status_clear(&scan->status);
    return carry(scan, err);
}

/* What became of files that were rotated. */
static void tell_notices(struct scan *scan)
{
    struct buffer *notices = scan->setup->outputs->notices;
    if (notices == NULL || notices->length == 0)
        return;
    status_clear(&scan->status);
    fputs(buffer_string(notices), stderr);
    buffer_clear(notices);
}

static uint64_t wait_ends_ns(const struct scan *scan)
{
    uint64_t wait_ns = scan->setup->wait_seconds * NS_PER_SECOND;
    bool awaits_link = scan->link_down && scan->endings == 0;
    if (scan->setup->wait_forever || awaits_link)
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

static const struct adapter *adapter_of(const struct scan *scan, unsigned number)
{
    return scan->setup->crew.adapters[number].adapter;
}

/* Do adapters before this one share its interface? */
static bool is_interface_known(const struct scan *scan, unsigned number)
{
    for (unsigned i = 0; i < number; i++)
        if (adapter_of(scan, i)->interface.index == adapter_of(scan, number)->interface.index)
            return true;
    return false;
}

/* Of all interfaces. */
static struct interface_drops read_drops(const struct scan *scan)
{
    struct interface_drops sum = {0};
    for (unsigned i = 0; i < scan->setup->crew.adapter_count; i++) {
        const struct adapter *adapter = adapter_of(scan, i);
        if (is_interface_known(scan, i))
            continue;
        struct interface_drops its =
            interface_read_drops(adapter->netlink, adapter->interface.index);
        sum.rx += its.rx;
        sum.tx += its.tx;
    }
    return sum;
}

/* What an interface counts may be ours already: a frame that its driver refused and that was sent
 * later, and one that our socket had no room for. */
static struct scan_drops count_drops(const struct scan *scan)
{
    struct interface_drops now = read_drops(scan);
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

static enum status_phase phase_of(const struct scan *scan)
{
    if (scan->link_down && crew_phase(&scan->crew) < WORKER_DONE)
        return STATUS_LINK_DOWN;
    if (!scan->sending_ended)
        return scan->paused ? STATUS_PAUSED : STATUS_SENDING;
    return crew_phase(&scan->crew) >= WORKER_DONE ? STATUS_DONE : STATUS_WAITING;
}

static struct status_facts status_facts(const struct scan *scan, uint64_t now_ns)
{
    const struct crew *crew = &scan->crew;
    uint64_t probes = crew_count(crew, COUNT_PROBES);
    struct status_facts facts = {
        .phase = phase_of(scan),
        .elapsed_ns = now_ns - scan->started_ns,
        .packets = crew_count(crew, COUNT_PACKETS),
        .probes = probes,
        .probes_left = more_than(crew->probes_total, probes + crew_count(crew, COUNT_UNREACHABLE)),
        .frames = crew_count(crew, COUNT_FRAMES),
        .replies = crew_count(crew, COUNT_REPLIES),
        .found = scan->report.open,
        .talks = scan->setup->crew.grab != NULL,
        .active = crew_count(crew, COUNT_ACTIVE),
        .banners = scan->report.banners,
        .drops = count_drops(scan),
        .wait_seconds = scan->sending_ended ? wait_left(scan, now_ns) : 0,
        .adapter_count = scan->setup->crew.adapter_count,
    };
    for (unsigned i = 0; i < facts.adapter_count; i++)
        facts.adapters[i] = (struct status_adapter){
            .name = adapter_of(scan, i)->interface.name,
            .packets = crew_count_of(crew, i, COUNT_PACKETS),
            .frames = crew_count_of(crew, i, COUNT_FRAMES),
            .down = scan->links[i].down,
        };
    return facts;
}

static void show_status(struct scan *scan, uint64_t now_ns)
{
    if (!status_due(&scan->status, now_ns))
        return;
    const struct status_facts facts = status_facts(scan, now_ns);
    status_update(&scan->status, &facts, now_ns);
}

/* ---- what the user wants ---- */

/* The first time ends the sending, the second everything. */
static void end(struct scan *scan)
{
    bool first = scan->endings++ == 0;
    bool sending = crew_phase(&scan->crew) == WORKER_SENDING;
    scan->summary->cut_short = !(first && sending);
    crew_command(&scan->crew, first && sending ? WORKER_STOP_SENDING : WORKER_QUIT);
}

/* A line that stays on the screen. */
static void say_status(struct scan *scan)
{
    uint64_t now_ns = clock_monotonic_ns();
    const struct status_facts facts = status_facts(scan, now_ns);
    struct buffer text;
    buffer_init(&text, 1024);
    status_duration(&text, 1, facts.elapsed_ns / NS_PER_SECOND);
    buffer_text(&text, " elapsed; ");
    status_text(&scan->status, &facts, &text);
    status_say(&scan->status, buffer_string(&text));
    buffer_fini(&text);
}

/* Probes are sent unless the user or the link says otherwise. What has not left during a pause is
 * not made up for. Workers that are ending their sending must not be told otherwise. */
static void pause_or_run(struct scan *scan)
{
    bool run = !scan->paused && !scan->link_down;
    if (scan->sending_ended || scan->endings > 0)
        return;
    if (run)
        crew_set_rate(&scan->crew, scan->rate_pps);
    crew_command(&scan->crew, run ? WORKER_RUN : WORKER_PAUSE);
}

static void toggle_pause(struct scan *scan)
{
    if (scan->sending_ended || scan->endings > 0)
        return;
    scan->paused = !scan->paused;
    pause_or_run(scan);
    status_say(&scan->status, scan->paused ? "paused: p goes on" : "going on");
}

static void change_rate(struct scan *scan, double factor)
{
    char line[64];
    scan->rate_pps *= factor;
    crew_set_rate(&scan->crew, scan->rate_pps);
    snprintf(line, sizeof line, "the rate is now %.4g packets/second", scan->rate_pps);
    status_say(&scan->status, line);
}

static void obey(struct scan *scan, enum control_wish wish)
{
    switch (wish) {
    case CONTROL_END:
        return end(scan);
    case CONTROL_SUSPEND:
        status_clear(&scan->status);
        return control_suspend(&scan->control);
    case CONTROL_SHOW:
        return say_status(scan);
    case CONTROL_PAUSE:
        return toggle_pause(scan);
    case CONTROL_FASTER:
        return change_rate(scan, RATE_STEP);
    case CONTROL_SLOWER:
        return change_rate(scan, 1 / RATE_STEP);
    case CONTROL_HELP:
        return status_say(&scan->status,
                          "keys: space or enter shows where the scan stands; p pauses "
                          "it and goes on; + and - change the rate; ctrl-c ends it");
    case CONTROL_NONE:
        return;
    }
}

/* ---- the link ---- */

static bool is_any_down(const struct scan *scan)
{
    for (unsigned i = 0; i < ADAPTERS_MAX; i++)
        if (scan->links[i].down)
            return true;
    return false;
}

static int watch_link(struct scan *scan, unsigned number, uint64_t now_ns, struct error *err)
{
    char line[LINK_LINE_SIZE];
    int turn = link_watch_look(&scan->links[number], adapter_of(scan, number), now_ns, line, err);
    if (turn <= LINK_SAME)
        return turn;
    scan->link_down = is_any_down(scan);
    scan->waiting_since_ns = now_ns;
    pause_or_run(scan);
    status_say(&scan->status, line);
    return 0;
}

/* A link that is down took nothing of what was offered to it, so the scan goes on where it was,
 * when all are up. For replies it waits from then on. */
static int watch_links(struct scan *scan, uint64_t now_ns, struct error *err)
{
    for (unsigned i = 0; i < scan->setup->crew.adapter_count; i++)
        if (watch_link(scan, i, now_ns, err) < 0)
            return -1;
    return 0;
}

/* ---- where it stands ---- */

static int save(struct scan *scan, enum scan_save_reason reason, struct scan_state *state,
                struct error *err)
{
    if (scan->setup->save == NULL)
        return 0;
    if (reason == SCAN_SAVE_REST)
        status_clear(&scan->status);
    scan->saved = true;
    state->rate_pps = scan->rate_pps;
    if (scan->setup->save(scan->setup->save_context, reason, state, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return 0;
}

static uint64_t checkpoint_interval_ns(const struct scan *scan)
{
    const struct grab_setup *grab = scan->setup->crew.grab;
    return CHECKPOINT_INTERVAL_NS + (grab != NULL ? grab->hello_wait_ns + grab->lifetime_ns : 0);
}

/* The snapshot that was asked for one interval ago, unless it does not hold. */
static int save_snapshot(struct scan *scan, struct error *err)
{
    if (!crew_snapshot_holds(&scan->crew))
        return 0;
    crew_take_snapshot(&scan->crew, &scan->state);
    if (carry(scan, err) < 0)
        return -1;
    scan->safe = scan->state;
    return save(scan, SCAN_SAVE_CHECKPOINT, &scan->safe, err);
}

/* Saves the state as it was one interval ago, so that the replies to all that it counts as probed
 * had that long to arrive and be written. A state that takes long to write is written less often.
 */
static int checkpoint(struct scan *scan, uint64_t now_ns, struct error *err)
{
    if (scan->sending_ended || now_ns < scan->checkpoint_ns || !crew_snapshot_ready(&scan->crew))
        return 0;
    if (scan->checkpoint_ns != 0 && save_snapshot(scan, err) < 0)
        return -1;
    crew_ask_snapshot(&scan->crew);
    uint64_t pause_ns = (clock_monotonic_ns() - now_ns) * CHECKPOINT_SHARE;
    uint64_t interval_ns = checkpoint_interval_ns(scan);
    scan->checkpoint_ns = now_ns + (pause_ns > interval_ns ? pause_ns : interval_ns);
    return 0;
}

/* What there is to do when the last probe has left, which may be noticed late (a checkpoint of many
 * targets takes long to write): note what is still to be sent. It is saved when the replies to what
 * was sent are written; until then a crash needs an earlier state. */
static int end_sending(struct scan *scan, struct error *err)
{
    const struct sending_end sending_end = crew_sending_end(&scan->crew);
    scan->sending_ended = true;
    if (scan->waiting_since_ns < sending_end.at_ns)
        scan->waiting_since_ns = sending_end.at_ns;
    scan->summary->elapsed_ns = sending_end.at_ns - scan->started_ns;
    scan->summary->packets_sending = sending_end.packets;
    crew_take_rest(&scan->crew, &scan->state);
    scan->summary->interrupted = scan->state.left > 0;
    bool needed = scan->summary->interrupted && !scan->saved;
    return needed ? save(scan, SCAN_SAVE_CHECKPOINT, &scan->safe, err) : 0;
}

/* One turn of the output thread. */
static int attend(struct scan *scan, struct error *err)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (watch_links(scan, now_ns, err) < 0 || drain(scan, err) < 0 ||
        flush(scan, now_ns, err) < 0 || report_rotate(&scan->report, err) < 0 ||
        checkpoint(scan, now_ns, err) < 0)
        return -1;
    tell_notices(scan);
    if (!scan->sending_ended && crew_phase(&scan->crew) != WORKER_SENDING &&
        end_sending(scan, err) < 0)
        return -1;
    if (scan->sending_ended && now_ns >= wait_ends_ns(scan) &&
        crew_count(&scan->crew, COUNT_ACTIVE) == 0)
        crew_command(&scan->crew, WORKER_QUIT);
    show_status(scan, now_ns);
    return 0;
}

static int attend_until_done(struct scan *scan, struct error *err)
{
    while (crew_phase(&scan->crew) < WORKER_DONE) {
        if (attend(scan, err) < 0)
            return -1;
        obey(scan, control_wait(&scan->control, scan->idle_ms));
    }
    if (crew_phase(&scan->crew) == WORKER_FAILED) {
        *err = *crew_error(&scan->crew);
        return error_blame(err, ERROR_LINK);
    }
    return 0;
}

/* What the workers left, when there are none any more. */
static int drain_rest(struct scan *scan, struct error *err)
{
    int frames = report_take(&scan->report, &scan->crew, err);
    while (frames >= 0 && (frames = drain_frames(scan, err)) > 0)
        continue;
    return frames;
}

/* All that was found, and seen, into the files. */
static int write_out(struct scan *scan, struct error *err)
{
    return drain_rest(scan, err) < 0 ? -1 : carry(scan, err);
}

/* What is left of a scan that ends early: all that was not sent or, if replies could not be waited
 * for (the link was lost) or results not be written, all since the last state before which they
 * were. */
static int save_rest(struct scan *scan, bool all_told, struct error *err)
{
    bool early = scan->summary->interrupted || !all_told;
    return early ? save(scan, SCAN_SAVE_REST, all_told ? &scan->state : &scan->safe, err) : 0;
}

/* Stops the workers, takes what they left, and saves what is still to be done, whatever went
 * before. */
static int wind_up(struct scan *scan, int result, struct error *err)
{
    struct error late;
    bool all_told = result >= 0;
    crew_command(&scan->crew, WORKER_QUIT);
    crew_join(&scan->crew);
    if (!scan->sending_ended && end_sending(scan, &late) < 0)
        result = error_join(result, &late, err);
    if (write_out(scan, &late) < 0) {
        result = error_join(result, &late, err);
        all_told = false;
    }
    if (save_rest(scan, all_told, &late) < 0)
        result = error_join(result, &late, err);
    tell_notices(scan);
    return result;
}

static void sum_up_conversations(struct scan *scan)
{
    struct scan_conversations *sum = &scan->summary->conversations;
    for (unsigned i = 0; i < scan->crew.count; i++) {
        const struct grab *grab = scan->crew.workers[i].banners.grab;
        const struct grab_counters *counters = grab_counters(grab);
        const struct tcp_counters *tcp = grab_tcp_counters(grab);
        sum->opened += counters->opened - counters->again;
        sum->answered += counters->answered;
        sum->mute += counters->mute;
        sum->starved += counters->starved;
        sum->turned_away += counters->turned_away;
        sum->reset += counters->reset;
        sum->timed_out += counters->timed_out;
        sum->retransmitted += tcp->retransmitted;
    }
    sum->fields = scan->report.banners;
    sum->lost_fields = crew_count(&scan->crew, COUNT_LOST_FIELDS);
}

/* A scan that was resumed had some tries in an earlier run, whose answers are not known here. */
static struct loss estimate_loss(const struct scan *scan)
{
    const struct crew_setup *crew = &scan->setup->crew;
    const struct scan_summary *summary = scan->summary;
    const struct loss_sample sample = {
        .tries = crew->tries,
        .whole = crew->owed_count == 0 && !summary->interrupted && !summary->cut_short,
        .forgotten = summary->dedup_forgotten > 0,
        .pairs = scan->report.refusing,
        .answers = scan->report.refusals,
    };
    return loss_estimate(&sample);
}

static void sum_up_adapters(struct scan *scan)
{
    struct scan_summary *summary = scan->summary;
    summary->adapter_count = scan->setup->crew.adapter_count;
    for (unsigned i = 0; i < summary->adapter_count; i++)
        summary->adapters[i] = (struct scan_adapter){
            .name = adapter_of(scan, i)->interface.name,
            .workers = scan->setup->crew.adapters[i].transports->count,
            .packets = crew_count_of(&scan->crew, i, COUNT_PACKETS),
            .probes = crew_count_of(&scan->crew, i, COUNT_PROBES),
            .frames = crew_count_of(&scan->crew, i, COUNT_FRAMES),
            .replies = crew_count_of(&scan->crew, i, COUNT_REPLIES),
        };
}

static void fill_summary(struct scan *scan)
{
    const struct crew *crew = &scan->crew;
    struct scan_summary *summary = scan->summary;
    sum_up_adapters(scan);
    summary->pairs = scan->setup->crew.run.count;
    summary->tries = scan->setup->crew.tries;
    summary->probes = crew_count(crew, COUNT_PROBES);
    summary->retries = crew_count(crew, COUNT_RETRIES);
    summary->segments = crew_count(crew, COUNT_SEGMENTS);
    summary->unreachable = crew_count(crew, COUNT_UNREACHABLE);
    summary->wayless = crew_count(crew, COUNT_TX_WAYLESS);
    summary->packets = crew_count(crew, COUNT_PACKETS);
    summary->resets = crew_count(crew, COUNT_RESETS);
    summary->frames = crew_count(crew, COUNT_FRAMES);
    summary->replies = crew_count(crew, COUNT_REPLIES);
    summary->forged = crew_count(crew, COUNT_FORGED);
    for (unsigned kind = 0; kind < ICMP_ERROR_KINDS; kind++)
        summary->icmp_errors[kind] = crew_icmp_errors(crew, kind);
    summary->undecodable = crew_count(crew, COUNT_UNDECODABLE);
    summary->unsent = crew_count(crew, COUNT_UNSENT);
    if (scan->setup->crew.grab != NULL)
        sum_up_conversations(scan);
    summary->drops = count_drops(scan);
    summary->rate_pps = scan->rate_pps;
    summary->open = scan->report.open;
    summary->up = scan->report.up;
    summary->closed = scan->report.closed;
    summary->duplicates = scan->report.duplicates;
    summary->dedup_forgotten = scan->report.dedup.forgotten;
    summary->suspects = scan->report.suspected;
    summary->suspects.displaced = scan->report.suspects.displaced;
    summary->loss = estimate_loss(scan);
    if (scan->setup->frame_log != NULL)
        summary->seen = frame_log_count(scan->setup->frame_log);
}

/* The last line says how it ended. */
static void end_status(struct scan *scan)
{
    const struct status_facts facts = status_facts(scan, clock_monotonic_ns());
    if (scan->status.style == STATUS_NDJSON)
        status_update(&scan->status, &facts, clock_monotonic_ns());
    status_clear(&scan->status);
}

static int run(struct scan *scan, struct error *err)
{
    const struct scan_setup *setup = scan->setup;
    if (prepare(scan, err) < 0)
        return -1;
    scan->started_ns = clock_monotonic_ns();
    scan->rate_pps = setup->crew.rate_pps;
    scan->drops_before = read_drops(scan);
    status_init(&scan->status, setup->status_fd, setup->status_style, scan->started_ns);
    control_init(&scan->control, setup->signal_fd, setup->keyboard_fd);
    int started = crew_start(&scan->crew, err);
    int result = wind_up(scan, started < 0 ? -1 : attend_until_done(scan, err), err);
    control_fini(&scan->control);
    end_status(scan);
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

/* All workers of a scan. */
#include "scan/crew.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "scan/answers.h"

enum { FINDINGS_CAPACITY = 1 << 16, FINDINGS_CAPACITY_LEAST = 1 << 13 };

/* ---- preparing ---- */

/* The `number`-th processor that this program may run on, or -1. */
static int nth_cpu(unsigned number)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0 || CPU_COUNT(&set) == 0)
        return -1;
    unsigned wanted = number % (unsigned)CPU_COUNT(&set);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set) && wanted-- == 0)
            return cpu;
    return -1;
}

/* Together the rings of all workers have room for FINDINGS_CAPACITY, if that leaves enough each. */
static size_t findings_capacity(unsigned workers)
{
    size_t capacity = FINDINGS_CAPACITY;
    while (capacity > FINDINGS_CAPACITY_LEAST && capacity > FINDINGS_CAPACITY / workers)
        capacity /= 2;
    return capacity;
}

/* What replies call for: resets or, if there is something to say, conversations. */
static int prepare_answers(struct worker *worker, unsigned workers, const struct grab_setup *grab,
                           struct error *err)
{
    if (outbox_init(&worker->outbox, grab ? ANSWERS_CAPACITY_TALKING : ANSWERS_CAPACITY, err) < 0)
        return -1;
    if (grab == NULL)
        return 0;
    struct grab_setup own = *grab;
    own.maximum_connections = (grab->maximum_connections + workers - 1) / workers;
    own.mss = adapter_mss(worker->setup.adapter);
    own.maximum_tls = (grab->maximum_tls + workers - 1) / workers;
    return banners_init(worker, &own, err);
}

/* A single worker may run anywhere, as several scans may share a machine; several of them get a
 * processor each, so that they do not get into each other's way. */
static int prepare_worker(struct crew *crew, unsigned number, const struct crew_setup *setup,
                          struct error *err)
{
    struct worker *worker = &crew->workers[number];
    const struct handover_place *place = &crew->places[number];
    const struct crew_adapter *its = &setup->adapters[place->adapter];
    worker->setup = (struct worker_setup){
        .space = setup->space,
        .adapter = its->adapter,
        .neighbours = its->neighbours,
        .transport = &its->transports->member[place->number],
        .probes = its->probes,
        .pace = &crew->pace,
        .send_resets = setup->send_resets,
        .raw_udp = setup->raw_udp,
        .ttl = setup->ttl,
        .cpu = crew->count > 1 ? nth_cpu(number) : -1,
        .begin = setup->begin,
        .begin_context = setup->begin_context,
    };
    if (ring_init(&worker->findings, findings_capacity(crew->count), sizeof(struct finding), err) <
            0 ||
        prepare_answers(worker, crew->count, setup->grab, err) < 0)
        return -1;
    return schedule_init(&worker->schedule, &crew->supply, setup->tries, err);
}

/* What an earlier run owed is shared out evenly. */
static int share_out_owed(struct crew *crew, const struct crew_setup *setup, struct error *err)
{
    unsigned turn = 0;
    for (unsigned i = 0; i < setup->owed_count; i++) {
        const struct schedule_extent *extent = &setup->owed[i];
        if (schedule_owe(&crew->workers[turn].schedule, extent, err) < 0)
            return -1;
        turn = turn + 1 < crew->count ? turn + 1 : 0;
        crew->probes_total += schedule_extent_left(extent, setup->tries);
    }
    return 0;
}

static unsigned count_workers(const struct crew_setup *setup)
{
    unsigned count = 0;
    for (unsigned i = 0; i < setup->adapter_count; i++)
        count += setup->adapters[i].transports->count;
    return count;
}

/* Which worker is whose. */
static void take_places(struct crew *crew, const struct crew_setup *setup)
{
    unsigned at = 0;
    for (unsigned i = 0; i < setup->adapter_count; i++)
        for (unsigned k = 0; k < setup->adapters[i].transports->count; k++, at++)
            crew->places[at] = (struct handover_place){&crew->workers[at].handover, i, k};
}

static int make_workers(struct crew *crew, const struct crew_setup *setup, struct error *err)
{
    unsigned count = count_workers(setup);
    crew->workers = aligned_alloc(alignof(struct worker), count * sizeof *crew->workers);
    crew->places = calloc(count, sizeof *crew->places);
    if (crew->workers == NULL || crew->places == NULL)
        return error_set(err, "out of memory for %u workers", count);
    memset(crew->workers, 0, count * sizeof *crew->workers);
    crew->count = count;
    take_places(crew, setup);
    return 0;
}

int crew_init(struct crew *crew, const struct crew_setup *setup, struct error *err)
{
    *crew = (struct crew){.tries = setup->tries};
    if (make_workers(crew, setup, err) < 0)
        return -1;
    pace_init(&crew->pace, setup->rate_pps, clock_monotonic_ns());
    supply_init(&crew->supply, setup->run, crew->count);
    crew->probes_total = setup->run.count * setup->tries;
    for (unsigned i = 0; i < crew->count; i++)
        if (prepare_worker(crew, i, setup, err) < 0)
            return -1;
    if (handover_open(&crew->hall, setup->ways, crew->places, crew->count, err) < 0)
        return -1;
    return share_out_owed(crew, setup, err);
}

void crew_fini(struct crew *crew)
{
    handover_close(&crew->hall, crew->places, crew->count);
    for (unsigned i = 0; i < crew->count; i++) {
        schedule_fini(&crew->workers[i].schedule);
        ring_fini(&crew->workers[i].findings);
        outbox_fini(&crew->workers[i].outbox);
        banners_fini(&crew->workers[i]);
    }
    free(crew->places);
    free(crew->workers);
    *crew = (struct crew){0};
}

/* ---- running ---- */

int crew_start(struct crew *crew, struct error *err)
{
    for (; crew->started < crew->count; crew->started++)
        if (worker_start(&crew->workers[crew->started], err) < 0)
            return -1;
    return 0;
}

void crew_set_rate(struct crew *crew, double rate_pps)
{
    pace_set_rate(&crew->pace, rate_pps, clock_monotonic_ns());
}

void crew_command(struct crew *crew, enum worker_command command)
{
    for (unsigned i = 0; i < crew->count; i++)
        worker_command(&crew->workers[i], command);
}

enum worker_phase crew_phase(const struct crew *crew)
{
    enum worker_phase first = WORKER_DONE;
    for (unsigned i = 0; i < crew->count; i++) {
        enum worker_phase phase = worker_phase(&crew->workers[i]);
        if (phase == WORKER_FAILED)
            return WORKER_FAILED;
        first = phase < first ? phase : first;
    }
    return first;
}

struct sending_end crew_sending_end(const struct crew *crew)
{
    struct sending_end last = {0};
    for (unsigned i = 0; i < crew->count; i++) {
        const struct sending_end end = worker_sending_end(&crew->workers[i]);
        last.at_ns = end.at_ns > last.at_ns ? end.at_ns : last.at_ns;
        last.packets += end.packets;
    }
    return last;
}

const struct error *crew_error(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->count; i++)
        if (worker_phase(&crew->workers[i]) == WORKER_FAILED)
            return &crew->workers[i].error;
    return NULL;
}

void crew_join(struct crew *crew)
{
    while (crew->started > 0)
        worker_join(&crew->workers[--crew->started]);
}

uint64_t crew_count(const struct crew *crew, enum worker_count what)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < crew->count; i++)
        sum += counter_read(&crew->workers[i].counts[what]);
    return sum;
}

uint64_t crew_count_of(const struct crew *crew, unsigned adapter, enum worker_count what)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < crew->count; i++)
        if (crew->places[i].adapter == adapter)
            sum += counter_read(&crew->workers[i].counts[what]);
    return sum;
}

uint64_t crew_icmp_errors(const struct crew *crew, unsigned kind)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < crew->count; i++)
        sum += counter_read(&crew->workers[i].icmp_errors[kind]);
    return sum;
}

/* ---- where it stands ---- */

/* The rest is looked at first: what is taken of it from now on may be in a snapshot, but nothing
 * can be in neither. */
void crew_ask_snapshot(struct crew *crew)
{
    crew->asked = supply_rest(&crew->supply);
    for (unsigned i = 0; i < crew->count; i++)
        worker_ask_snapshot(&crew->workers[i]);
}

bool crew_snapshot_ready(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->count; i++)
        if (!worker_snapshot_ready(&crew->workers[i]))
            return false;
    return true;
}

bool crew_snapshot_holds(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->count; i++)
        if (!handover_mark_has_left(&crew->workers[i].handover))
            return false;
    return true;
}

void crew_take_snapshot(const struct crew *crew, struct scan_state *state)
{
    scan_state_begin(state, crew->asked, crew->tries);
    for (unsigned i = 0; i < crew->count; i++)
        scan_state_add(state, &crew->workers[i].snapshot);
    scan_state_finish(state);
}

void crew_take_rest(struct crew *crew, struct scan_state *state)
{
    scan_state_begin(state, supply_rest(&crew->supply), crew->tries);
    for (unsigned i = 0; i < crew->count; i++) {
        schedule_save(&crew->workers[i].schedule, &crew->owed);
        scan_state_add(state, &crew->owed);
    }
    for (unsigned i = 0; i < crew->count; i++)
        handover_give_back(&crew->workers[i].handover, state);
    scan_state_finish(state);
}

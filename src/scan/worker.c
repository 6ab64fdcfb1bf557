/* A worker's life: send a batch when the pace allows, receive a batch, wait for whichever comes
 * next. */
#include "scan/worker.h"

#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/clock.h"
#include "scan/rx.h"
#include "scan/tx.h"

/* The longest sleep: how long a command may go unseen. */
static const uint64_t SLEEP_MAXIMUM_NS = 20 * NS_PER_MS;
/* Replies that are in the kernel's ring already are fetched even with --wait 0. */
static const uint64_t WAIT_MINIMUM_NS = 100 * NS_PER_MS;
static const uint64_t STATS_INTERVAL_NS = 100 * NS_PER_MS;

static int command_of(struct worker *worker)
{
    return atomic_load_explicit(&worker->command, memory_order_acquire);
}

static void enter_phase(struct worker *worker, enum worker_phase phase)
{
    atomic_store_explicit(&worker->phase, phase, memory_order_release);
}

static bool is_sending(struct worker *worker)
{
    return atomic_load_explicit(&worker->phase, memory_order_relaxed) == WORKER_SENDING;
}

/* Counts the drops outside this program; asks the kernel, so not for every batch. */
static void publish_stats(struct worker *worker, uint64_t now_ns)
{
    struct transport_stats stats;
    worker->setup.transport->ops->stats(worker->setup.transport->state, &stats);
    atomic_store_explicit(&worker->counters.ring_dropped, stats.ring_dropped, memory_order_relaxed);
    atomic_store_explicit(&worker->counters.socket_dropped, stats.socket_dropped,
                          memory_order_relaxed);
    atomic_store_explicit(&worker->counters.tx_refused, stats.tx_refused, memory_order_relaxed);
    worker->stats_read_ns = now_ns;
}

static void stop_sending(struct worker *worker, uint64_t now_ns)
{
    worker->waiting_since_ns = now_ns;
    enter_phase(worker, WORKER_WAITING);
}

static bool waited_enough(const struct worker *worker, uint64_t now_ns)
{
    uint64_t wait_ns = worker->setup.wait_ns;
    if (wait_ns == UINT64_MAX)
        return false;
    if (wait_ns < WAIT_MINIMUM_NS)
        wait_ns = WAIT_MINIMUM_NS;
    return now_ns - worker->waiting_since_ns >= wait_ns;
}

/* Moves on to the next phase where it is time; false when all is over. */
static bool advance_phase(struct worker *worker, uint64_t now_ns)
{
    int command = command_of(worker);
    if (is_sending(worker)) {
        if (command != WORKER_RUN || schedule_next_ns(&worker->schedule) == UINT64_MAX)
            stop_sending(worker, now_ns);
        return true;
    }
    return command != WORKER_QUIT && !waited_enough(worker, now_ns);
}

/* How long nothing but an arriving frame can give work. */
static uint64_t idle_ns(struct worker *worker, uint64_t now_ns)
{
    if (!is_sending(worker))
        return SLEEP_MAXIMUM_NS;
    uint64_t due_ns = schedule_next_ns(&worker->schedule);
    uint64_t paced_ns = pace_next_ns(&worker->pace);
    if (due_ns < paced_ns)
        due_ns = paced_ns;
    if (due_ns <= now_ns)
        return 0;
    uint64_t sleep_ns = due_ns - now_ns;
    return sleep_ns < SLEEP_MAXIMUM_NS ? sleep_ns : SLEEP_MAXIMUM_NS;
}

/* One turn: send, receive, and sleep if neither had work. */
static int take_turn(struct worker *worker, uint64_t now_ns, struct error *err)
{
    int sent = is_sending(worker) ? tx_step(worker, now_ns, err) : 0;
    if (sent < 0)
        return -1;
    int received = rx_step(worker, now_ns, err);
    if (received < 0)
        return -1;
    if (sent > 0 || received > 0)
        return 0;
    const struct transport *transport = worker->setup.transport;
    return transport->ops->wait(transport->state, idle_ns(worker, now_ns), err);
}

static void make_snapshot(struct worker *worker)
{
    schedule_save(&worker->schedule, &worker->snapshot);
    atomic_store_explicit(&worker->snapshot_asked, false, memory_order_release);
}

static int run(struct worker *worker, struct error *err)
{
    uint64_t now_ns = clock_monotonic_ns();
    pace_init(&worker->pace, worker->setup.rate_pps, now_ns);
    while (advance_phase(worker, now_ns)) {
        if (take_turn(worker, now_ns, err) < 0)
            return -1;
        if (atomic_load_explicit(&worker->snapshot_asked, memory_order_acquire))
            make_snapshot(worker);
        now_ns = clock_monotonic_ns();
        if (now_ns - worker->stats_read_ns >= STATS_INTERVAL_NS)
            publish_stats(worker, now_ns);
    }
    publish_stats(worker, now_ns);
    return 0;
}

static void *thread_main(void *argument)
{
    struct worker *worker = argument;
    /* Sleeps end when asked, not up to 50 microseconds later. */
    prctl(PR_SET_TIMERSLACK, 1ul);
    int result = run(worker, &worker->error);
    enter_phase(worker, result < 0 ? WORKER_FAILED : WORKER_DONE);
    return NULL;
}

int worker_start(struct worker *worker, struct error *err)
{
    worker->link = adapter_link_header(worker->setup.adapter);
    int failed = pthread_create(&worker->thread, NULL, thread_main, worker);
    if (failed)
        return error_sys(err, failed, "cannot start a thread");
    return 0;
}

void worker_ask_snapshot(struct worker *worker)
{
    atomic_store_explicit(&worker->snapshot_asked, true, memory_order_release);
}

bool worker_snapshot_ready(struct worker *worker)
{
    return !atomic_load_explicit(&worker->snapshot_asked, memory_order_acquire);
}

void worker_join(struct worker *worker)
{
    pthread_join(worker->thread, NULL);
}

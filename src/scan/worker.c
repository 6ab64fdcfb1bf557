/* A worker's life: answer, send a batch when the pace allows, receive a batch, wait for whichever
 * comes next. */
#include "scan/worker.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/clock.h"
#include "scan/answers.h"
#include "scan/rx.h"
#include "scan/tx.h"

/* The most frames received at a time, as many as arrive in a slow kick; and so that there is room
 * for the resets they call for, no further batch of them while a quarter of it is taken. */
enum { RECEIVE_MAXIMUM = 8192, RESETS_MAXIMUM = 1024 };
enum { ANSWERS_AHEAD_MAXIMUM = 4096 };
/* The longest sleep: how long a command may go unseen. */
static const uint64_t SLEEP_MAXIMUM_NS = 50 * NS_PER_MS;
static const uint64_t STATS_INTERVAL_NS = 250 * NS_PER_MS;
static const uint64_t AHEAD_PAUSE_NS = NS_PER_MS;
/* The longest sleep while other workers may hand something over. */
static const uint64_t HANDED_SLEEP_NS = NS_PER_MS;
/* How long the last packets may take to leave. */
static const uint64_t FAREWELL_NS = NS_PER_SECOND;

static int command_of(struct worker *worker)
{
    return atomic_load_explicit(&worker->command, memory_order_acquire);
}

static bool is_sending(struct worker *worker)
{
    return atomic_load_explicit(&worker->phase, memory_order_relaxed) == WORKER_SENDING;
}

static struct sending_end sending_end_now(struct worker *worker)
{
    return (struct sending_end){
        .at_ns = clock_monotonic_ns(),
        .packets = counter_read(&worker->counts[COUNT_PACKETS]),
    };
}

static void enter_phase(struct worker *worker, enum worker_phase phase)
{
    if (is_sending(worker))
        worker->sending_end = sending_end_now(worker);
    atomic_store_explicit(&worker->phase, phase, memory_order_release);
}

/* Counts the drops outside this program; asks the kernel, so not for every batch. */
static void publish_stats(struct worker *worker, uint64_t now_ns)
{
    struct transport_stats stats;
    worker->setup.transport->ops->stats(worker->setup.transport->state, &stats);
    counter_set(&worker->counts[COUNT_RING_DROPPED], stats.ring_dropped);
    counter_set(&worker->counts[COUNT_SOCKET_DROPPED], stats.socket_dropped);
    counter_set(&worker->counts[COUNT_TX_REFUSED], stats.tx_refused);
    counter_set(&worker->counts[COUNT_TX_WAYLESS], stats.tx_wayless);
    worker->stats_read_ns = now_ns;
}

static bool has_sent_all(struct worker *worker)
{
    return schedule_next_ns(&worker->schedule) == UINT64_MAX && handover_is_over(&worker->handover);
}

/* Ends sending where it is time; false when all is over. Replies are waited for as long as the
 * owner wants, because those to one worker's probes may come to another. */
static bool goes_on(struct worker *worker)
{
    int command = command_of(worker);
    if (is_sending(worker) && (command >= WORKER_STOP_SENDING || has_sent_all(worker)))
        enter_phase(worker, WORKER_WAITING);
    return command != WORKER_QUIT;
}

/* Probes wait while the output thread is half a ring behind, or more servers answer than can be
 * talked to: replies to those that are on their way still find room. Outputs that are slow make a
 * scan slow, but lose nothing. */
static bool outruns_outputs(struct worker *worker)
{
    const struct grab *grab = worker->banners.grab;
    return ring_room(&worker->findings) < ring_capacity(&worker->findings) / 2 ||
           (grab != NULL && grab_is_busy(grab));
}

/* They wait, too, while workers of other adapters have much to send for this one. */
static bool is_ahead(struct worker *worker)
{
    return outruns_outputs(worker) || handover_is_full(&worker->handover);
}

static bool may_probe(struct worker *worker)
{
    return is_sending(worker) && command_of(worker) == WORKER_RUN;
}

/* How long there will be nothing to send. */
static uint64_t unsent_ns(struct worker *worker, uint64_t now_ns)
{
    uint64_t due_ns = may_probe(worker) ? schedule_next_ns(&worker->schedule) : UINT64_MAX;
    if (due_ns <= now_ns && is_ahead(worker))
        due_ns = now_ns + AHEAD_PAUSE_NS;
    if (worker->outbox.waiting > 0)
        due_ns = 0;
    if (due_ns >= now_ns + SLEEP_MAXIMUM_NS)
        return SLEEP_MAXIMUM_NS;
    uint64_t paced_ns = pace_next_ns(worker->setup.pace);
    if (due_ns < paced_ns)
        due_ns = paced_ns;
    if (due_ns <= now_ns)
        return 0;
    uint64_t sleep_ns = due_ns - now_ns;
    return sleep_ns < SLEEP_MAXIMUM_NS ? sleep_ns : SLEEP_MAXIMUM_NS;
}

/* How long nothing but an arriving frame can give work. */
static uint64_t idle_ns(struct worker *worker, uint64_t now_ns)
{
    uint64_t sleep_ns = unsent_ns(worker, now_ns);
    if (worker->handover.from_count > 0 && may_probe(worker) && sleep_ns > HANDED_SLEEP_NS)
        sleep_ns = HANDED_SLEEP_NS;
    uint64_t tick_ns = banners_next_step_ns(worker);
    if (tick_ns <= now_ns)
        return 0;
    return tick_ns - now_ns < sleep_ns ? tick_ns - now_ns : sleep_ns;
}

/* A host that answers a probe over and over calls for a reset each time. Once so many more resets
 * than probes have left, they take turns: nobody keeps a scan from its probes. (Conversations take
 * many packets to a probe; there who repeats himself gets few answers: banners_open.) */
static bool is_probes_turn(struct worker *worker, uint64_t now_ns)
{
    return worker->answers_ahead >= ANSWERS_AHEAD_MAXIMUM && worker->banners.grab == NULL &&
           may_probe(worker) && !is_ahead(worker) && schedule_next_ns(&worker->schedule) <= now_ns;
}

static int send_probes(struct worker *worker, uint64_t now_ns, struct error *err)
{
    int sent = tx_step(worker, now_ns, err);
    uint32_t made_up = sent > 0 ? (uint32_t)sent : 0;
    worker->answers_ahead -= made_up < worker->answers_ahead ? made_up : worker->answers_ahead;
    return sent;
}

/* Receives what has piled up, so that a sender that is faster than its replies are handled has to
 * wait for them. */
static int receive_some(struct worker *worker, struct error *err)
{
    int batch, received = 0;
    do {
        batch = rx_step(worker, err);
        if (batch < 0)
            return -1;
        received += batch;
    } while (batch == TRANSPORT_BATCH && received < RECEIVE_MAXIMUM &&
             worker->outbox.waiting < RESETS_MAXIMUM);
    return received;
}

/* Answers go before probes, and so does what conversations have to say: those that there are come
 * before those that there may be. What arrived while answers left need not wait for probes, too. */
static int send_own(struct worker *worker, uint64_t now_ns, struct error *err)
{
    if (is_probes_turn(worker, now_ns))
        return send_probes(worker, now_ns, err);
    int answered = answers_step(worker, now_ns, err);
    banners_step(worker);
    if (answered < 0)
        return -1;
    if (worker->answers_ahead < ANSWERS_AHEAD_MAXIMUM)
        worker->answers_ahead += (uint32_t)answered;
    if (worker->outbox.waiting > 0 || !may_probe(worker) || is_ahead(worker))
        return answered;
    if (answered > 0 && receive_some(worker, err) < 0)
        return -1;
    int sent = send_probes(worker, now_ns, err);
    return sent < 0 ? -1 : answered + sent;
}

/* What others handed over is paid for already, and goes at once. */
static int send_some(struct worker *worker, uint64_t now_ns, struct error *err)
{
    bool may = worker->handover.from_count > 0 && may_probe(worker) && !outruns_outputs(worker);
    int handed = may ? tx_handed_step(worker, err) : 0;
    int sent = handed < 0 ? -1 : send_own(worker, now_ns, err);
    return sent < 0 ? -1 : handed + sent;
}

/* One turn: send, receive, and sleep if neither had work. */
static int take_turn(struct worker *worker, uint64_t now_ns, struct error *err)
{
    int sent = send_some(worker, now_ns, err);
    if (sent < 0)
        return -1;
    int received = receive_some(worker, err);
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
    handover_mark(&worker->handover);
    atomic_store_explicit(&worker->snapshot_asked, false, memory_order_release);
}

/* Ends what conversations there still are, so that no server is left with half of one: some at a
 * time, as their last words find room. What there is no time for is ended without being said. */
static int say_farewell(struct worker *worker, struct error *err)
{
    struct grab *grab = worker->banners.grab;
    if (grab == NULL)
        return 0;
    bool more = true;
    uint64_t until_ns = worker->now_ns + FAREWELL_NS;
    while ((more || worker->outbox.waiting > 0) && worker->now_ns < until_ns) {
        worker->now_ns = clock_monotonic_ns();
        if (more && worker->outbox.waiting < TRANSPORT_BATCH && banners_have_room(worker))
            more = grab_end_some(grab, TRANSPORT_BATCH, worker->now_ns);
        if (answers_step(worker, worker->now_ns, err) < 0)
            return -1;
    }
    grab_end_some(grab, UINT32_MAX, worker->now_ns);
    return 0;
}

static int take_turns(struct worker *worker, struct error *err)
{
    worker->now_ns = clock_monotonic_ns();
    while (goes_on(worker)) {
        if (take_turn(worker, worker->now_ns, err) < 0)
            return -1;
        if (atomic_load_explicit(&worker->snapshot_asked, memory_order_acquire))
            make_snapshot(worker);
        worker->now_ns = clock_monotonic_ns();
        if (worker->now_ns - worker->stats_read_ns >= STATS_INTERVAL_NS)
            publish_stats(worker, worker->now_ns);
    }
    return 0;
}

static int begin(const struct worker_setup *setup, struct error *err)
{
    return setup->begin != NULL ? setup->begin(setup->begin_context, err) : 0;
}

static int run(struct worker *worker, struct error *err)
{
    if (begin(&worker->setup, err) < 0 || take_turns(worker, err) < 0 ||
        say_farewell(worker, err) < 0)
        return -1;
    worker_count(worker, COUNT_UNSENT, worker->outbox.waiting);
    publish_stats(worker, worker->now_ns);
    return 0;
}

static void stay_on(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set); /* where it may not, it is only slower */
}

static void *thread_main(void *argument)
{
    struct worker *worker = argument;
    /* Sleeps end when asked, not up to 50 microseconds later. */
    prctl(PR_SET_TIMERSLACK, 1ul);
    if (worker->setup.cpu >= 0)
        stay_on(worker->setup.cpu);
    int result = run(worker, &worker->error);
    enter_phase(worker, result < 0 ? WORKER_FAILED : WORKER_DONE);
    return NULL;
}

int worker_start(struct worker *worker, struct error *err)
{
    worker->link = adapter_link_header(worker->setup.adapter);
    worker->link_ipv6 = adapter_link_header_ipv6(worker->setup.adapter);
    if (target_space_has_ipv6(worker->setup.space))
        worker->batch.ipv6 = &worker->lanes_ipv6;
    int failed = pthread_create(&worker->thread, NULL, thread_main, worker);
    if (failed)
        return error_sys(err, failed, "cannot start a thread");
    return 0;
}

void worker_command(struct worker *worker, enum worker_command command)
{
    atomic_store_explicit(&worker->command, command, memory_order_release);
}

enum worker_phase worker_phase(struct worker *worker)
{
    return (enum worker_phase)atomic_load_explicit(&worker->phase, memory_order_acquire);
}

struct sending_end worker_sending_end(struct worker *worker)
{
    return worker_phase(worker) == WORKER_SENDING ? sending_end_now(worker) : worker->sending_end;
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

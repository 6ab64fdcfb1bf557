/* All conversations: how they begin, what waits, and the memory they share. The theory is in
 * grab.h. */
#include "grab/grab.h"

#include <stdlib.h>

#include "base/port.h"
#include "grab/conversation.h"
#include "packet/decode.h"

#define NS_PER_SECOND 1000000000ull

/* What waited so long in the backlog is probed again: by then the far end may have given up. */
#define STALE_NS (10 * NS_PER_SECOND)

/* For so long the answer to a SYN of a further attempt is waited for. Nothing else stands for the
 * conversation meanwhile, and a scan that saw none would end. */
#define ANSWER_NS (3 * NS_PER_SECOND)

enum {
    LIMIT = 1 << 24,
    BACKLOG_LEAST = 1 << 10,
    BACKLOG_MOST = 1 << 16,
    SLOTS_LEAST = 1 << 10,
    KNOWN_MIB = 64,
    REMEMBERED = 64, /* added to an attempt's number: it was made. Without: it may be made */
};

/* ---- the beginning and the end ---- */

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t backlog_capacity(uint32_t connections)
{
    uint32_t capacity = BACKLOG_LEAST;
    while (capacity < connections / 4 && capacity < BACKLOG_MOST)
        capacity *= 2;
    return capacity;
}

static void emit(void *context, const struct tcp_segment *segment)
{
    const struct grab_callbacks *callbacks = &((struct grab *)context)->setup.callbacks;
    callbacks->emit(callbacks->context, segment);
}

static int open_table(struct grab *grab, uint64_t now_ns, struct error *err)
{
    const struct grab_setup *setup = &grab->setup;
    struct tcp_setup tcp = tcp_setup_default();
    grab->maximum_chunks = larger(setup->maximum_connections / 4, SLOTS_LEAST);
    tcp.callbacks = (struct tcp_callbacks){
        .context = grab,
        .emit = emit,
        .data = conversation_data,
        .event = conversation_event,
        .gone = conversation_gone,
    };
    tcp.maximum_connections = setup->maximum_connections;
    tcp.maximum_chunks = grab->maximum_chunks;
    tcp.ttl = setup->ttl;
    tcp.lifetime_ns = setup->lifetime_ns;
    grab->table = tcp_new(&tcp, now_ns, err);
    return grab->table == NULL ? -1 : 0;
}

/* Memory by the number of connections: a million take 184 MiB in the table, 32 here, and at most
 * 125 for bytes that are not acknowledged, 17 for first words and 100 for states. */
static int open_memory(struct grab *grab, struct error *err)
{
    uint32_t connections = grab->setup.maximum_connections;
    grab->conversations = calloc(connections, sizeof *grab->conversations);
    if (grab->conversations == NULL)
        return error_set(err, "out of memory for %u connections", connections);
    if (slots_init(&grab->bytes, sizeof(struct first_bytes), larger(connections / 16, SLOTS_LEAST),
                   err) < 0 ||
        slots_init(&grab->states, sizeof(struct banner), larger(connections / 32, SLOTS_LEAST),
                   err) < 0 ||
        backlog_init(&grab->backlog, backlog_capacity(connections), err) < 0)
        return -1;
    const struct tls_setup tls = {
        .maximum_sessions = grab->setup.maximum_tls,
        .capture_cert = grab->setup.certificates,
        .capture_servername = grab->setup.tell_server_name,
    };
    grab->tls = tls_new(&tls, err);
    return grab->tls == NULL ? -1 : dedup_init(&grab->known, KNOWN_MIB, err);
}

struct grab *grab_new(const struct grab_setup *setup, uint64_t now_ns, struct error *err)
{
    struct grab *grab = calloc(1, sizeof *grab);
    if (grab == NULL) {
        error_set(err, "out of memory for conversations");
        return NULL;
    }
    grab->setup = *setup;
    if (open_table(grab, now_ns, err) < 0 || open_memory(grab, err) < 0) {
        grab_free(grab);
        return NULL;
    }
    return grab;
}

void grab_free(struct grab *grab)
{
    if (grab == NULL)
        return;
    tcp_free(grab->table);
    tls_free(grab->tls);
    free(grab->conversations);
    slots_fini(&grab->bytes);
    slots_fini(&grab->states);
    backlog_fini(&grab->backlog);
    dedup_fini(&grab->known);
    free(grab);
}

/* ---- pairs that are known ---- */

static uint64_t key_of(const struct grab *grab, struct ip_number address, uint16_t port,
                       unsigned mark)
{
    return dedup_key(&grab->known, address, port_code(PORT_TCP, port), mark);
}

static uint64_t key_of_pair(const struct grab *grab, const struct tcp_tuple *tuple, unsigned mark)
{
    return key_of(grab, tuple->remote, tuple->remote_port, mark);
}

static bool has_mark(const struct grab *grab, const struct tcp_tuple *tuple, unsigned mark)
{
    return dedup_contains(&grab->known, key_of_pair(grab, tuple, mark));
}

/* Without memory it is as if the mark had been forgotten. */
static void set_mark(struct grab *grab, const struct tcp_tuple *tuple, unsigned mark)
{
    struct error ignored;
    if (dedup_insert(&grab->known, key_of_pair(grab, tuple, mark), &ignored) < 0)
        grab->counters.starved++;
}

bool grab_knows(const struct grab *grab, struct ip_number address, uint16_t port)
{
    return dedup_contains(&grab->known, key_of(grab, address, port, REMEMBERED));
}

/* ---- probing again ---- */

static void emit_syn(struct grab *grab, const struct tcp_tuple *tuple, uint32_t sequence)
{
    const struct tcp_segment syn = {
        .source = tuple->local,
        .destination = tuple->remote,
        .source_port = tuple->local_port,
        .destination_port = tuple->remote_port,
        .sequence = sequence,
        .flags = TCP_SYN,
        .ttl = grab->setup.ttl,
        .window = UINT16_MAX / 4,
    };
    emit(grab, &syn);
    grab->answers_until_ns = grab->now_ns + ANSWER_NS;
}

void grab_ask_again(struct grab *grab, const struct tcp_tuple *tuple, uint32_t first_sequence,
                    unsigned attempt)
{
    if (grab->ending)
        return;
    set_mark(grab, tuple, attempt);
    grab->counters.again++;
    emit_syn(grab, tuple, first_sequence + (attempt << GRAB_ATTEMPT_SHIFT));
}

static uint32_t sequence_of_syn(const struct grab_opening *opening)
{
    return opening->our_sequence - 1;
}

/* ---- opening ---- */

static uint16_t smaller_mss(const struct grab *grab, uint16_t offered)
{
    return offered > grab->setup.mss ? grab->setup.mss : offered;
}

static void begin(struct grab *grab, const struct grab_opening *opening,
                  struct tcp_handle connection, bool asked)
{
    struct turn turn = turn_of(grab, connection);
    uint32_t attempt = opening->attempt;
    *turn.self = (struct conversation){
        .first_sequence = sequence_of_syn(opening) - (attempt << GRAB_ATTEMPT_SHIFT),
        .attempt = opening->attempt,
        .ttl = opening->ttl,
        .port = opening->tuple.remote_port,
    };
    grab->counters.opened++;
    set_mark(grab, &opening->tuple, REMEMBERED + attempt);
    conversation_begin(&turn, asked);
}

/* Opens a connection; false if there is no room for it now. */
static bool try_open(struct grab *grab, const struct grab_opening *opening)
{
    bool at_once = grab->setup.hello_wait_ns == 0 || opening->attempt > 0;
    struct tcp_opening tcp = {
        .tuple = opening->tuple,
        .our_sequence = opening->our_sequence,
        .their_sequence = opening->their_sequence,
        .window = opening->window,
        .mss = smaller_mss(grab, opening->mss),
        .hello = grab->send,
        .hello_length =
            at_once ? conversation_first_words(grab, &opening->tuple, opening->attempt) : 0,
    };
    struct tcp_handle connection;
    switch (tcp_accept(grab->table, &tcp, grab->now_ns, &connection)) {
    case TCP_ACCEPTED:
        begin(grab, opening, connection, tcp.hello_length > 0);
        return true;
    case TCP_ACCEPT_EXISTS:
        return true;
    case TCP_ACCEPT_TABLE_FULL:
    case TCP_ACCEPT_POOL_EMPTY:
        break;
    }
    return false;
}

static void refuse_opening(struct grab *grab, const struct grab_opening *opening)
{
    const struct tcp_segment syn_ack = {
        .source = opening->tuple.remote,
        .destination = opening->tuple.local,
        .source_port = opening->tuple.remote_port,
        .destination_port = opening->tuple.local_port,
        .sequence = opening->their_sequence,
        .acknowledgement = opening->our_sequence,
        .flags = TCP_SYN | TCP_ACK,
    };
    tcp_refuse(grab->table, &syn_ack);
}

bool grab_is_repeated(const struct grab *grab, const struct grab_opening *opening)
{
    return has_mark(grab, &opening->tuple, REMEMBERED + opening->attempt);
}

void grab_open(struct grab *grab, const struct grab_opening *opening, uint64_t now_ns)
{
    grab->now_ns = now_ns;
    if (opening->attempt > 0 && !has_mark(grab, &opening->tuple, opening->attempt))
        return; /* who guesses sequence numbers gets no answer */
    if (grab_is_repeated(grab, opening)) {
        refuse_opening(grab, opening);
        return;
    }
    if (backlog_waiting(&grab->backlog) == 0 && try_open(grab, opening))
        return;
    if (backlog_add(&grab->backlog, opening, now_ns))
        grab->counters.waited++;
    else
        grab->counters.turned_away++;
}

/* Opens what waits, as far as there is room now. */
static void work_off_backlog(struct grab *grab)
{
    const struct backlog_entry *entry;
    while ((entry = backlog_oldest(&grab->backlog)) != NULL) {
        const struct grab_opening *opening = &entry->opening;
        if (grab->now_ns - entry->since_ns > STALE_NS) {
            grab->counters.reprobed++;
            emit_syn(grab, &opening->tuple, sequence_of_syn(opening));
        } else if (!grab_is_repeated(grab, opening) && !try_open(grab, opening)) {
            return;
        }
        backlog_drop(&grab->backlog);
    }
}

/* ---- the rest ---- */

bool grab_receive(struct grab *grab, const struct tcp_segment *segment, uint64_t now_ns)
{
    grab->now_ns = now_ns;
    return tcp_receive(grab->table, segment, now_ns);
}

void grab_refuse(struct grab *grab, const struct tcp_segment *segment)
{
    tcp_refuse(grab->table, segment);
}

bool grab_tick(struct grab *grab, uint64_t now_ns)
{
    grab->now_ns = now_ns;
    bool more = tcp_tick(grab->table, now_ns);
    work_off_backlog(grab);
    return more;
}

static bool awaits_answer(const struct grab *grab)
{
    return grab->now_ns < grab->answers_until_ns && !grab->ending;
}

uint64_t grab_next_tick_ns(const struct grab *grab)
{
    uint64_t next_ns = tcp_next_tick_ns(grab->table);
    return awaits_answer(grab) && grab->answers_until_ns < next_ns ? grab->answers_until_ns
                                                                   : next_ns;
}

/* Half of the backlog is for the answers to probes that are on their way. */
bool grab_is_busy(const struct grab *grab)
{
    return backlog_waiting(&grab->backlog) > grab->backlog.capacity / 2;
}

uint32_t grab_active(const struct grab *grab)
{
    return tcp_connections(grab->table) - grab->over + backlog_waiting(&grab->backlog) +
           awaits_answer(grab);
}

static bool end_next(struct grab *grab)
{
    if (tcp_abort_next(grab->table, &grab->end_position))
        return true;
    if (backlog_waiting(&grab->backlog) == 0)
        return false;
    refuse_opening(grab, &backlog_oldest(&grab->backlog)->opening);
    backlog_drop(&grab->backlog);
    return true;
}

bool grab_end_some(struct grab *grab, uint32_t most, uint64_t now_ns)
{
    grab->now_ns = now_ns;
    grab->ending = true;
    while (most > 0 && end_next(grab))
        most--;
    return most == 0;
}

const struct grab_counters *grab_counters(const struct grab *grab)
{
    return &grab->counters;
}

const struct tcp_counters *grab_tcp_counters(const struct grab *grab)
{
    return tcp_counters(grab->table);
}

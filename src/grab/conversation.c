/* A conversation from its first word to its last; the phases are in grab.h. */
#include "grab/conversation.h"

#include <string.h>

#include "banner/protocols.h"
#include "grab/secure.h"
#include "tcp/pool.h"

#define NS_PER_MS 1000000ull

/* A server that has begun to speak is heard out when it has been quiet for so long; only if it is
 * not known how much it has to say. */
#define QUIET_NS (2000 * NS_PER_MS)
/* The least patience with a server that is asked in one protocol after the other. */
#define PATIENCE_LEAST_NS (1000 * NS_PER_MS)
/* A hello that found no room is tried again after so long. */
#define ROOM_NS (100 * NS_PER_MS)

struct turn turn_of(struct grab *grab, struct tcp_handle connection)
{
    return (struct turn){grab, &grab->conversations[connection.index], connection, false};
}

struct tcp_tuple conversation_tuple(const struct turn *turn)
{
    struct tcp_tuple tuple = {0};
    tcp_find_tuple(turn->grab->table, turn->connection, &tuple);
    return tuple;
}

static void set_timer(const struct turn *turn, uint64_t after_ns)
{
    tcp_set_timer(turn->grab->table, turn->connection, turn->grab->now_ns + after_ns);
}

static void stop_timer(const struct turn *turn)
{
    tcp_set_timer(turn->grab->table, turn->connection, 0);
}

static struct hello hello_of(const struct turn *turn)
{
    const struct conversation *self = turn->self;
    return hello_plan_at(turn->grab->setup.plan, self->port, self->attempt);
}

/* Who is asked inside TLS, if anybody is. */
static const struct banner_ops *inside_of(const struct hello *hello)
{
    return hello->protocol != NULL ? hello->protocol : &banner_http;
}

/* What is to be said now: at first the hello of this attempt; inside TLS that of who is usual
 * there, or a request. */
static struct hello words_of(const struct turn *turn)
{
    struct hello hello = hello_of(turn);
    if (hello.kind != HELLO_TLS || !turn->self->is_inside)
        return hello;
    const struct banner_ops *inside = inside_of(&hello);
    return (struct hello){inside->hello ? HELLO_PROTOCOL : HELLO_NONE, inside, NULL, 0};
}

/* After STARTTLS nothing is said inside. */
enum tls_offer conversation_offer(const struct turn *turn)
{
    const struct hello hello = hello_of(turn);
    bool offers = hello.kind == HELLO_TLS && !turn->self->is_turned &&
                  turn->self->attempt != HELLO_ATTEMPT_TLS_BARE &&
                  inside_of(&hello) == &banner_http;
    return offers ? TLS_OFFER_HTTP_1_1 : TLS_OFFER_NOTHING;
}

static bool goes_on(const struct turn *turn)
{
    const struct conversation *self = turn->self;
    return !turn->grab->ending &&
           hello_plan_goes_on(turn->grab->setup.plan, self->port, self->attempt);
}

/* The attempt behind this one, if it told nothing; 0 if there is none. */
static unsigned next_attempt(const struct turn *turn)
{
    return !turn->self->told && goes_on(turn) ? turn->self->attempt + 1u : 0;
}

/* ---- what it keeps ---- */

static struct slots *slots_of(struct grab *grab, enum keeps keeps)
{
    return keeps == KEEPS_STATE ? &grab->states : &grab->bytes;
}

static void *kept(const struct turn *turn)
{
    return slots_at(slots_of(turn->grab, (enum keeps)turn->self->keeps), turn->self->slot);
}

static void release(const struct turn *turn)
{
    struct conversation *self = turn->self;
    if (self->keeps != KEEPS_NOTHING)
        slots_give_back(slots_of(turn->grab, (enum keeps)self->keeps), self->slot);
    self->keeps = KEEPS_NOTHING;
}

/* NULL, and counted, if there is no memory left. */
static void *keep(const struct turn *turn, enum keeps keeps)
{
    uint32_t slot = slots_take(slots_of(turn->grab, keeps));
    if (slot == SLOT_NONE) {
        turn->grab->counters.starved++;
        return NULL;
    }
    turn->self->slot = slot;
    turn->self->keeps = (uint8_t)keeps;
    return kept(turn);
}

/* ---- the end ---- */

static void set_over(struct turn *turn, bool goodbye)
{
    release(turn);
    secure_release(turn, goodbye);
    if (turn->self->phase != PHASE_OVER)
        turn->grab->over++;
    turn->self->phase = PHASE_OVER;
}

static void hang_up(struct turn *turn)
{
    set_over(turn, true);
    stop_timer(turn);
    tcp_close(turn->grab->table, turn->connection, turn->grab->now_ns);
}

/* Gives this connection up for another one with the same pair. */
static void ask_again(struct turn *turn, unsigned attempt)
{
    const struct tcp_tuple tuple = conversation_tuple(turn);
    uint32_t first_sequence = turn->self->first_sequence;
    turn->self->given_up = true;
    set_over(turn, false);
    tcp_abort(turn->grab->table, turn->connection);
    grab_ask_again(turn->grab, &tuple, first_sequence, attempt);
}

/* This connection is of no more use; `again`: the attempt that follows, or 0. */
static void end_for(struct turn *turn, unsigned again)
{
    if (again > 0)
        ask_again(turn, again);
    else
        hang_up(turn);
}

/* All was heard that will be heard on this connection. */
static void part(struct turn *turn)
{
    end_for(turn, next_attempt(turn));
}

/* ---- speaking ---- */

void conversation_field(void *context, uint16_t app, const uint8_t *text, size_t length)
{
    const struct turn *turn = context;
    const struct grab_callbacks *callbacks = &turn->grab->setup.callbacks;
    const struct conversation *self = turn->self;
    const struct grab_server server = {conversation_tuple(turn).remote, self->port, self->ttl};
    bool is_certificate = app == APP_X509 || app == APP_X509_CA;
    if (!is_certificate && length > turn->grab->setup.text_max)
        length = turn->grab->setup.text_max;
    turn->self->told = true;
    callbacks->field(callbacks->context, &server, app, text, length);
}

const char *conversation_host_name(const struct turn *turn)
{
    const struct host_names *names = turn->grab->setup.names;
    if (names == NULL || names->count == 0)
        return NULL;
    return host_names_find(names, conversation_tuple(turn).remote);
}

static struct banner_talk talk_of(struct turn *turn)
{
    return (struct banner_talk){
        .setup = &turn->grab->setup.banner,
        .host_name = conversation_host_name(turn),
        .field = conversation_field,
        .context = turn,
        .send = turn->grab->send,
        .send_room = sizeof turn->grab->send,
    };
}

/* Gives the connection up, for want of memory. */
static void give_up(const struct turn *turn)
{
    turn->grab->counters.starved++;
    tcp_abort(turn->grab->table, turn->connection);
}

static bool send_bytes(struct turn *turn, const uint8_t *bytes, size_t length)
{
    struct grab *grab = turn->grab;
    if (turn->self->tls != NULL)
        return secure_say(turn, bytes, length);
    return tcp_send(grab->table, turn->connection, bytes, length, grab->now_ns) == length;
}

/* Says what is in grab->send; false if that was the end. */
static bool say(struct turn *turn, size_t length)
{
    if (send_bytes(turn, turn->grab->send, length))
        return true;
    give_up(turn);
    return false;
}

/* What a hello is in bytes, in grab->send; 0 bytes: it has none. */
static size_t spell(struct grab *grab, const char *host_name, const struct hello *hello)
{
    struct banner_talk talk = {.setup = &grab->setup.banner,
                               .host_name = host_name,
                               .send = grab->send,
                               .send_room = sizeof grab->send};
    if (hello->kind == HELLO_PROTOCOL)
        return hello->protocol->hello(&talk) ? talk.sent : 0;
    if (hello->kind != HELLO_BYTES || hello->length == 0)
        return 0;
    memcpy(grab->send, hello->bytes, hello->length);
    return hello->length;
}

size_t conversation_first_words(struct grab *grab, const struct tcp_tuple *tuple, unsigned attempt)
{
    struct hello hello = hello_plan_at(grab->setup.plan, tuple->remote_port, attempt);
    return spell(grab, host_names_find(grab->setup.names, tuple->remote), &hello);
}

/* Our hello was said. */
static void set_asked(const struct turn *turn)
{
    struct grab *grab = turn->grab;
    uint64_t patience_ns = grab->setup.hello_wait_ns;
    if (patience_ns < PATIENCE_LEAST_NS)
        patience_ns = PATIENCE_LEAST_NS;
    turn->self->phase = PHASE_ASKED;
    if (goes_on(turn))
        set_timer(turn, patience_ns);
}

static bool has_room(const struct grab *grab, size_t length)
{
    return length / CHUNK_BYTES < grab->maximum_chunks - tcp_chunks_used(grab->table);
}

/* Begins a handshake, or tries to later. */
static void ask_in_tls(struct turn *turn)
{
    if (!secure_begin(turn))
        set_timer(turn, ROOM_NS);
    else if (turn->is_broken)
        give_up(turn);
    else
        set_asked(turn);
}

static void ask_in_words(struct turn *turn, const struct hello *hello)
{
    size_t length = spell(turn->grab, conversation_host_name(turn), hello);
    if (!has_room(turn->grab, length))
        set_timer(turn, ROOM_NS);
    else if (say(turn, length))
        set_asked(turn);
}

/* The server said nothing by itself. Inside TLS there is no need to wait for more: that it speaks
 * TLS was told already. */
static void ask(struct turn *turn)
{
    struct hello words = words_of(turn);
    if (words.kind == HELLO_TLS)
        ask_in_tls(turn);
    else if (words.kind != HELLO_NONE)
        ask_in_words(turn, &words);
    else if (turn->self->is_inside)
        part(turn);
}

static void listen_first(const struct turn *turn)
{
    turn->self->phase = PHASE_LISTENING;
    set_timer(turn, turn->grab->setup.hello_wait_ns);
}

void conversation_begin(struct turn *turn, bool asked)
{
    if (asked)
        set_asked(turn);
    else if (turn->self->attempt > 0 || turn->grab->setup.hello_wait_ns == 0)
        ask(turn);
    else
        listen_first(turn);
}

/* The handshake is complete. */
static void go_inside(struct turn *turn)
{
    turn->self->is_inside = true;
    if (turn->self->is_turned)
        hang_up(turn);
    else if (hello_of(turn).protocol != NULL && words_of(turn).kind == HELLO_PROTOCOL)
        ask(turn);
    else
        listen_first(turn);
}

/* ---- listening ---- */

/* Goes on in TLS on the same connection. */
static void turn_to_tls(struct turn *turn, size_t length)
{
    release(turn);
    if (length > 0 && !say(turn, length))
        return;
    turn->self->is_turned = true;
    if (!secure_begin(turn)) {
        turn->grab->counters.starved++;
        hang_up(turn);
    } else if (turn->is_broken) {
        give_up(turn);
    } else {
        turn->self->phase = PHASE_ASKED;
        stop_timer(turn);
    }
}

/* Does what the protocol wants after it has been fed; false if it wants no more. */
static bool obey(struct turn *turn, enum banner_step step, const struct banner_talk *talk)
{
    switch (step) {
    case BANNER_MORE:
        return true;
    case BANNER_SEND:
        return say(turn, talk->sent);
    case BANNER_START_TLS:
        turn_to_tls(turn, talk->sent);
        break;
    case BANNER_DONE:
    case BANNER_CLOSE:
        part(turn);
        break;
    }
    return false;
}

static bool feed(struct turn *turn, struct banner *banner, const uint8_t *bytes, size_t length)
{
    struct banner_talk talk = talk_of(turn);
    enum banner_step step = banner_feed(banner, bytes, length, &talk);
    return obey(turn, step, &talk);
}

static void end_banner(struct turn *turn, struct banner *banner)
{
    struct banner_talk talk = talk_of(turn);
    banner_end(banner, &talk);
}

/* How much an unknown server has to say is not known either. */
static void await_more(const struct turn *turn, const struct banner *banner)
{
    if (banner->ops == &banner_unknown)
        set_timer(turn, QUIET_NS);
    else
        stop_timer(turn);
}

/* Goes on with the state of a protocol for as long as it needs; without memory for it what was
 * heard so far is all. */
static void keep_state(struct turn *turn, struct banner *banner)
{
    struct banner *kept_banner = keep(turn, KEEPS_STATE);
    if (kept_banner == NULL) {
        end_banner(turn, banner);
        hang_up(turn);
        return;
    }
    memcpy(kept_banner, banner, banner_size(banner->ops));
    await_more(turn, banner);
}

/* An answer in HTTP to what was no request says little: better ask properly. */
static bool wants_request(const struct turn *turn, const struct banner_ops *ops)
{
    struct hello words = words_of(turn);
    bool asked_in_http = words.kind == HELLO_PROTOCOL && words.protocol == ops;
    return ops == &banner_http && !asked_in_http && words.kind != HELLO_BYTES &&
           !turn->self->is_inside;
}

/* Who was asked in the words of another may say more when it is asked in its own; 0 if it was, or
 * if the plan has no such attempt left. */
static unsigned attempt_in_own_words(const struct turn *turn, const struct banner_ops *ops)
{
    const struct conversation *self = turn->self;
    if (self->told || words_of(turn).protocol == ops)
        return 0;
    return hello_plan_attempt_of(turn->grab->setup.plan, self->port, self->attempt, ops);
}

/* The attempt that will tell more than this answer to what was said, of `ops`; 0 if there is none.
 * What nobody knows is told only if there is nothing left to be tried. */
static unsigned better_attempt(const struct turn *turn, const struct banner_ops *ops)
{
    if (turn->self->phase != PHASE_ASKED || turn->grab->ending)
        return 0;
    if (wants_request(turn, ops))
        return HELLO_ATTEMPT_HTTP;
    return ops == &banner_unknown ? next_attempt(turn) : attempt_in_own_words(turn, ops);
}

/* It is clear who speaks. The bytes are its first ones, and those that came after them. */
static void understand(struct turn *turn, const struct banner_ops *ops, const uint8_t *first,
                       size_t first_length, const uint8_t *more, size_t more_length)
{
    unsigned again = better_attempt(turn, ops);
    if (again > 0) {
        ask_again(turn, again);
        return;
    }
    struct banner banner;
    banner_start(&banner, ops);
    turn->self->phase = PHASE_TALKING;
    if (feed(turn, &banner, first, first_length) &&
        (more_length == 0 || feed(turn, &banner, more, more_length)))
        keep_state(turn, &banner);
}

static const struct banner_ops *detect(const struct turn *turn, const uint8_t *bytes, size_t length,
                                       bool ended)
{
    return banner_detect(bytes, length, words_of(turn).protocol, ended);
}

/* Adds bytes to those that are not understood yet, as far as there is room; returns how many. */
static size_t gather(struct first_bytes *first, const uint8_t *bytes, size_t length)
{
    size_t room = sizeof first->bytes - first->length;
    size_t taken = length < room ? length : room;
    memcpy(first->bytes + first->length, bytes, taken);
    first->length += (uint16_t)taken;
    return taken;
}

/* Whose are these bytes, behind those that were held? */
static void hear_on(struct turn *turn, const uint8_t *bytes, size_t length)
{
    struct first_bytes *held = kept(turn);
    size_t taken = gather(held, bytes, length);
    const struct banner_ops *ops = detect(turn, held->bytes, held->length, false);
    if (ops == NULL) {
        set_timer(turn, QUIET_NS);
        return;
    }
    const struct first_bytes first = *held;
    release(turn);
    understand(turn, ops, first.bytes, first.length, bytes + taken, length - taken);
}

/* Holds the first bytes until more come; false, without memory. */
static bool hold(struct turn *turn, const uint8_t *bytes, size_t length)
{
    struct first_bytes *held = keep(turn, KEEPS_BYTES);
    if (held == NULL)
        return false;
    held->length = 0;
    gather(held, bytes, length);
    set_timer(turn, QUIET_NS);
    return true;
}

/* Is this an answer in TLS to what was said in plain words? */
static bool wants_tls(const struct turn *turn, const uint8_t *bytes, size_t length)
{
    return turn->self->phase == PHASE_ASKED && !turn->self->is_inside && !turn->grab->ending &&
           hello_of(turn).kind != HELLO_TLS && tls_looks_like(bytes, length) == TLS_YES;
}

/* The first bytes of a server. */
static void hear_first(struct turn *turn, const uint8_t *bytes, size_t length)
{
    if (wants_tls(turn, bytes, length)) {
        ask_again(turn, HELLO_ATTEMPT_TLS);
        return;
    }
    const struct banner_ops *ops = detect(turn, bytes, length, false);
    if (ops == NULL && hold(turn, bytes, length))
        return;
    if (ops == NULL) /* no memory: it has to be clear now */
        ops = detect(turn, bytes, length, true);
    understand(turn, ops, bytes, length, NULL, 0);
}

static void hear(struct turn *turn, const uint8_t *bytes, size_t length)
{
    switch ((enum keeps)turn->self->keeps) {
    case KEEPS_NOTHING:
        return hear_first(turn, bytes, length);
    case KEEPS_BYTES:
        return hear_on(turn, bytes, length);
    case KEEPS_STATE:
        if (feed(turn, kept(turn), bytes, length))
            await_more(turn, kept(turn));
        return;
    }
}

/* No more will come behind the first bytes: tells what they are, or gives the attempt that will
 * tell more, if there may be one. */
static unsigned conclude_first(struct turn *turn, bool may_ask)
{
    const struct first_bytes *held = kept(turn);
    const struct banner_ops *ops = detect(turn, held->bytes, held->length, true);
    unsigned again = may_ask ? better_attempt(turn, ops) : 0;
    if (again > 0)
        return again;
    struct banner banner;
    banner_start(&banner, ops);
    struct banner_talk talk = talk_of(turn);
    banner_feed(&banner, held->bytes, held->length, &talk);
    end_banner(turn, &banner);
    return 0;
}

/* No more will be heard on this connection: tells what there is. Gives the attempt at which the
 * server has to be asked again; 0 if it need not, or may not. */
static unsigned conclude(struct turn *turn, bool may_ask)
{
    unsigned again = 0;
    if (turn->self->tls != NULL)
        secure_conclude(turn);
    if (turn->self->keeps == KEEPS_BYTES)
        again = conclude_first(turn, may_ask);
    else if (turn->self->keeps == KEEPS_STATE)
        end_banner(turn, kept(turn));
    release(turn);
    return again == 0 && may_ask ? next_attempt(turn) : again;
}

static void leave(struct turn *turn)
{
    end_for(turn, conclude(turn, true));
}

/* Bytes of a connection on which TLS is spoken, or was asked for. */
static void hear_through_tls(struct turn *turn, const uint8_t *bytes, size_t length)
{
    struct grab *grab = turn->grab;
    enum secure_step step = secure_feed(turn, bytes, length);
    size_t plain_length = grab->plain_length;
    if (turn->is_broken) {
        give_up(turn);
        return;
    }
    if (step == SECURE_PLAIN) {
        hear(turn, bytes, length);
        return;
    }
    /* What is said inside does not touch what was heard: a session talks only when it is fed. */
    if (step == SECURE_OPEN)
        go_inside(turn);
    if (plain_length > 0 && turn->self->phase != PHASE_OVER)
        hear(turn, grab->plain, plain_length);
    if (step == SECURE_DECLINED)
        end_for(turn, grab->ending ? 0 : HELLO_ATTEMPT_TLS_BARE);
    if (step == SECURE_OVER && turn->self->phase != PHASE_OVER)
        leave(turn);
}

/* ---- what the table calls ---- */

void conversation_data(void *context, struct tcp_handle connection, const uint8_t *bytes,
                       size_t length)
{
    struct turn turn = turn_of(context, connection);
    if (turn.self->phase == PHASE_OVER)
        tcp_abort(turn.grab->table, connection); /* it talks on: a close would not end it */
    else if (turn.self->tls != NULL)
        hear_through_tls(&turn, bytes, length);
    else
        hear(&turn, bytes, length);
}

static void time_is_up(struct turn *turn)
{
    if (turn->self->phase == PHASE_LISTENING && turn->self->keeps == KEEPS_NOTHING) {
        ask(turn);
        return;
    }
    leave(turn);
}

void conversation_event(void *context, struct tcp_handle connection, enum tcp_event event)
{
    struct turn turn = turn_of(context, connection);
    if (turn.self->phase == PHASE_OVER || event == TCP_EVENT_SENT)
        return;
    if (event == TCP_EVENT_TIMER) {
        time_is_up(&turn);
        return;
    }
    leave(&turn);
}

/* Why it was cut short. What comes when all is said, such as the RST of a server that is probed
 * again, says nothing. */
static void count_end(struct grab *grab, enum tcp_end end)
{
    grab->counters.reset += end == TCP_END_RESET;
    grab->counters.timed_out += end == TCP_END_TIMED_OUT;
}

void conversation_gone(void *context, struct tcp_handle connection, enum tcp_end end)
{
    struct turn turn = turn_of(context, connection);
    struct grab *grab = turn.grab;
    bool was_over = turn.self->phase == PHASE_OVER;
    unsigned again = 0;
    if (!was_over) {
        count_end(grab, end);
        again = conclude(&turn, end != TCP_END_ABORTED);
    }
    const struct tcp_tuple tuple = conversation_tuple(&turn);
    set_over(&turn, false);
    grab->over--;
    if (again > 0)
        grab_ask_again(grab, &tuple, turn.self->first_sequence, again);
    else if (turn.self->told)
        grab->counters.answered++;
    else if (!turn.self->given_up)
        grab->counters.mute++;
}

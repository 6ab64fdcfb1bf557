/* The TLS of a conversation. */
#include "grab/secure.h"

#include <string.h>

/* ---- what a session calls; the context is the turn ---- */

static void send(void *context, const uint8_t *bytes, size_t length)
{
    struct turn *turn = context;
    struct grab *grab = turn->grab;
    if (tcp_send(grab->table, turn->connection, bytes, length, grab->now_ns) != length)
        turn->is_broken = true;
}

/* Words are heard when the call is over. There is room for all that a segment can bring: a record,
 * and what is in front of it. */
static void take_words(void *context, const uint8_t *bytes, size_t length)
{
    struct grab *grab = ((struct turn *)context)->grab;
    size_t room = sizeof grab->plain - grab->plain_length;
    size_t taken = length < room ? length : room;
    memcpy(grab->plain + grab->plain_length, bytes, taken);
    grab->plain_length += taken;
}

static struct tls_talk talk_of(struct turn *turn)
{
    turn->grab->plain_length = 0;
    return (struct tls_talk){
        .context = turn,
        .send = send,
        .data = take_words,
        .field = conversation_field,
    };
}

/* ---- a session ---- */

bool secure_begin(struct turn *turn)
{
    const char *name = turn->grab->setup.server_name;
    if (name == NULL)
        name = conversation_host_name(turn);
    struct tls_session *session = tls_open(turn->grab->tls, name, conversation_offer(turn));
    if (session == NULL)
        return false;
    const struct tls_talk talk = talk_of(turn);
    turn->self->tls = session;
    turn->self->is_tls_heard = false;
    if (tls_start(session, &talk) == TLS_FAILED)
        turn->is_broken = true;
    return true;
}

enum secure_step secure_feed(struct turn *turn, const uint8_t *bytes, size_t length)
{
    struct conversation *self = turn->self;
    const struct tls_talk talk = talk_of(turn);
    if (!self->is_tls_heard && tls_looks_like(bytes, length) == TLS_NO) {
        secure_release(turn, false);
        return SECURE_PLAIN;
    }
    self->is_tls_heard = true;
    switch (tls_feed(self->tls, bytes, length, &talk)) {
    case TLS_MORE:
        return SECURE_MORE;
    case TLS_ESTABLISHED:
        return SECURE_OPEN;
    case TLS_DECLINED:
        return SECURE_DECLINED;
    case TLS_CLOSED:
    case TLS_FAILED:
        break;
    }
    return SECURE_OVER;
}

bool secure_say(struct turn *turn, const uint8_t *bytes, size_t length)
{
    const struct tls_talk talk = talk_of(turn);
    enum tls_step step = tls_write(turn->self->tls, bytes, length, &talk);
    return step == TLS_MORE && !turn->is_broken;
}

void secure_conclude(struct turn *turn)
{
    const struct tls_talk talk = talk_of(turn);
    tls_end(turn->self->tls, &talk);
}

void secure_release(struct turn *turn, bool goodbye)
{
    const struct tls_talk talk = talk_of(turn);
    tls_close(turn->self->tls, goodbye ? &talk : NULL);
    turn->self->tls = NULL;
}

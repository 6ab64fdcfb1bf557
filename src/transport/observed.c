/* A transport that others look through. */
#include "transport/observed.h"

#include <stdlib.h>
#include <string.h>

struct observed {
    struct transport_ops ops; /* ours, with the names of what is observed */
    struct transport inner;
    struct transport_observer observer;
    unsigned instance;
    unsigned seen; /* of the frames that are given out, how many were shown */
    /* What is about to be sent: which of it was, is known only when its memory is the inner
     * transport's again. */
    uint8_t sending[TRANSPORT_BATCH][TRANSPORT_FRAME_SIZE];
};

static void fini(void *state)
{
    struct observed *self = state;
    transport_close(&self->inner);
}

static int tx_reserve(void *state, struct tx_slots *slots, unsigned wanted, struct error *err)
{
    struct observed *self = state;
    const struct transport_observer *observer = &self->observer;
    if (observer->may_send != NULL && !observer->may_send(observer->context, self->instance)) {
        slots->count = 0;
        return 0;
    }
    return self->inner.ops->tx_reserve(self->inner.state, slots, wanted, err);
}

static void keep(struct observed *self, const struct tx_slots *slots)
{
    for (unsigned i = 0; i < slots->count; i++)
        if (slots->length[i] <= TRANSPORT_FRAME_SIZE)
            memcpy(self->sending[i], slots->frame[i], slots->length[i]);
}

static int tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct observed *self = state;
    const struct transport_observer *observer = &self->observer;
    if (observer->sent != NULL)
        keep(self, slots);
    int sent = self->inner.ops->tx_commit(self->inner.state, slots, err);
    for (int i = 0; i < sent && observer->sent != NULL; i++)
        observer->sent(observer->context, self->instance, self->sending[i], slots->length[i]);
    return sent;
}

static int rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    struct observed *self = state;
    const struct transport_observer *observer = &self->observer;
    int result = self->inner.ops->rx_peek(self->inner.state, frames, err);
    if (result < 0 || observer->received == NULL)
        return result;
    for (unsigned i = self->seen; i < frames->count; i++)
        observer->received(observer->context, self->instance, frames->frame[i], frames->length[i]);
    self->seen = frames->count;
    return result;
}

static void rx_release(void *state)
{
    struct observed *self = state;
    self->inner.ops->rx_release(self->inner.state);
    self->seen = 0;
}

static int wait_for_frames(void *state, uint64_t timeout_ns, struct error *err)
{
    struct observed *self = state;
    return self->inner.ops->wait(self->inner.state, timeout_ns, err);
}

static void stats(void *state, struct transport_stats *stats)
{
    struct observed *self = state;
    self->inner.ops->stats(self->inner.state, stats);
}

static void describe(const void *state, char *text, size_t size)
{
    const struct observed *self = state;
    char inner[TRANSPORT_DESCRIPTION_SIZE];
    transport_describe(&self->inner, inner);
    size_t length = strlen(inner) < size ? strlen(inner) : size - 1;
    memcpy(text, inner, length);
    text[length] = '\0';
}

/* What opens others (init, instances_max) is not there: it stands in front of what is open. */
static struct transport_ops ops_like(const struct transport_ops *inner)
{
    return (struct transport_ops){
        .name = inner->name,
        .help = inner->help,
        .state_size = sizeof(struct observed),
        .bypasses_host = inner->bypasses_host,
        .fini = fini,
        .tx_reserve = tx_reserve,
        .tx_commit = tx_commit,
        .rx_peek = rx_peek,
        .rx_release = rx_release,
        .wait = wait_for_frames,
        .stats = stats,
        .describe = describe,
    };
}

int transport_group_observe(struct transport_group *group,
                            const struct transport_observer *observer, struct error *err)
{
    struct observed *observed[TRANSPORT_GROUP_MAX];
    for (unsigned i = 0; i < group->count; i++) {
        observed[i] = calloc(1, sizeof **observed);
        if (observed[i] == NULL) {
            while (i > 0)
                free(observed[--i]);
            return error_set(err, "no memory to look at packets");
        }
    }
    for (unsigned i = 0; i < group->count; i++) {
        struct transport *member = &group->member[i];
        observed[i]->ops = ops_like(member->ops);
        observed[i]->inner = *member;
        observed[i]->observer = *observer;
        observed[i]->instance = i;
        *member = (struct transport){.ops = &observed[i]->ops, .state = observed[i]};
    }
    return 0;
}

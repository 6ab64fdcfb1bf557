/* A transport that others look through. */
#include "transport/observed.h"

#include <string.h>

#include "transport/front.h"

struct observed {
    struct transport_front front;
    struct transport_observer observer;
    unsigned instance;
    unsigned seen; /* of the frames that are given out, how many were shown */
    /* What is about to be sent: which of it was, is known only when its memory is the inner
     * transport's again. */
    uint8_t sending[TRANSPORT_BATCH][TRANSPORT_FRAME_SIZE];
};

static int tx_reserve(void *state, struct tx_slots *slots, unsigned wanted, struct error *err)
{
    struct observed *self = state;
    const struct transport_observer *observer = &self->observer;
    if (observer->may_send != NULL && !observer->may_send(observer->context, self->instance)) {
        slots->count = 0;
        return 0;
    }
    return self->front.inner.ops->tx_reserve(self->front.inner.state, slots, wanted, err);
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
    int sent = self->front.inner.ops->tx_commit(self->front.inner.state, slots, err);
    for (int i = 0; i < sent && observer->sent != NULL; i++)
        observer->sent(observer->context, self->instance, self->sending[i], slots->length[i]);
    return sent;
}

static int rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    struct observed *self = state;
    const struct transport_observer *observer = &self->observer;
    int result = self->front.inner.ops->rx_peek(self->front.inner.state, frames, err);
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
    self->front.inner.ops->rx_release(self->front.inner.state);
    self->seen = 0;
}

int transport_group_observe(struct transport_group *group,
                            const struct transport_observer *observer, struct error *err)
{
    void *states[TRANSPORT_GROUP_MAX];
    if (front_group(group, sizeof(struct observed), states, err) < 0)
        return -1;
    for (unsigned i = 0; i < group->count; i++) {
        struct observed *observed = states[i];
        observed->observer = *observer;
        observed->instance = i;
        observed->front.ops.tx_reserve = tx_reserve;
        observed->front.ops.tx_commit = tx_commit;
        observed->front.ops.rx_peek = rx_peek;
        observed->front.ops.rx_release = rx_release;
    }
    return 0;
}

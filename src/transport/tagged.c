/* A transport whose frames leave with a VLAN tag.
 *
 * Frames are written a tag's length further on in their memory; when they are committed the two
 * hardware addresses move to its begin, and the tag takes the place that they leave. */
#include "transport/tagged.h"

#include <string.h>

#include "transport/front.h"

enum { ADDRESSES = 12, TPID = 0x8100 };

struct tagged {
    struct transport_front front;
    uint8_t tag[TRANSPORT_TAG];
};

static int tx_reserve(void *state, struct tx_slots *slots, unsigned wanted, struct error *err)
{
    struct tagged *self = state;
    const struct transport *inner = &self->front.inner;
    int result = inner->ops->tx_reserve(inner->state, slots, wanted, err);
    for (unsigned i = 0; result >= 0 && i < slots->count; i++)
        slots->frame[i] += TRANSPORT_TAG;
    return result;
}

static int tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct tagged *self = state;
    const struct transport *inner = &self->front.inner;
    struct tx_slots tagged = {.count = slots->count};
    for (unsigned i = 0; i < slots->count; i++) {
        uint8_t *frame = slots->frame[i] - TRANSPORT_TAG;
        memmove(frame, slots->frame[i], ADDRESSES);
        memcpy(frame + ADDRESSES, self->tag, TRANSPORT_TAG);
        tagged.frame[i] = frame;
        tagged.length[i] = slots->length[i] + TRANSPORT_TAG;
    }
    return inner->ops->tx_commit(inner->state, &tagged, err);
}

int transport_group_tag(struct transport_group *group, uint16_t vlan, struct error *err)
{
    void *states[TRANSPORT_GROUP_MAX];
    if (front_group(group, sizeof(struct tagged), states, err) < 0)
        return -1;
    for (unsigned i = 0; i < group->count; i++) {
        struct tagged *self = states[i];
        const uint8_t tag[TRANSPORT_TAG] = {TPID >> 8, TPID & 0xff, (uint8_t)(vlan >> 8),
                                            (uint8_t)vlan};
        memcpy(self->tag, tag, sizeof tag);
        self->front.ops.tx_reserve = tx_reserve;
        self->front.ops.tx_commit = tx_commit;
    }
    return 0;
}

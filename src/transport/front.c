/* What stands in front of an open transport, and hands through what it has no business with. */
#include "transport/front.h"

#include <stdlib.h>

static struct transport *behind(void *state)
{
    struct transport_front *front = state;
    return &front->inner;
}

static void fini(void *state)
{
    transport_close(behind(state));
}

static int tx_reserve(void *state, struct tx_slots *slots, unsigned wanted, struct error *err)
{
    struct transport *inner = behind(state);
    return inner->ops->tx_reserve(inner->state, slots, wanted, err);
}

static int tx_commit(void *state, const struct tx_slots *slots, struct error *err)
{
    struct transport *inner = behind(state);
    return inner->ops->tx_commit(inner->state, slots, err);
}

static int rx_peek(void *state, struct rx_frames *frames, struct error *err)
{
    struct transport *inner = behind(state);
    return inner->ops->rx_peek(inner->state, frames, err);
}

static void rx_release(void *state)
{
    struct transport *inner = behind(state);
    inner->ops->rx_release(inner->state);
}

static int wait_for_frames(void *state, uint64_t timeout_ns, struct error *err)
{
    struct transport *inner = behind(state);
    return inner->ops->wait(inner->state, timeout_ns, err);
}

static void stats(void *state, struct transport_stats *stats)
{
    struct transport *inner = behind(state);
    inner->ops->stats(inner->state, stats);
}

static void describe(const void *state, char *text, size_t size)
{
    const struct transport_front *front = state;
    front->inner.ops->describe(front->inner.state, text, size);
}

struct transport_ops front_ops(const struct transport_ops *inner)
{
    return (struct transport_ops){
        .name = inner->name,
        .help = inner->help,
        .bypasses_host = inner->bypasses_host,
        .fini = fini,
        .tx_reserve = tx_reserve,
        .tx_commit = tx_commit,
        .rx_peek = rx_peek,
        .rx_release = rx_release,
        .wait = wait_for_frames,
        .stats = stats,
        .describe = inner->describe != NULL ? describe : NULL,
    };
}

int front_group(struct transport_group *group, size_t size, void *states[TRANSPORT_GROUP_MAX],
                struct error *err)
{
    for (unsigned i = 0; i < group->count; i++) {
        states[i] = calloc(1, size);
        if (states[i] == NULL) {
            while (i > 0)
                free(states[--i]);
            return error_set(err, "no memory for what stands before the link");
        }
    }
    for (unsigned i = 0; i < group->count; i++) {
        struct transport *member = &group->member[i];
        struct transport_front *front = states[i];
        front->ops = front_ops(member->ops);
        front->inner = *member;
        *member = (struct transport){.ops = &front->ops, .state = front};
    }
    return 0;
}

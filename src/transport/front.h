/* What stands in front of an open transport, and hands through what it has no business with.
 *
 * The state of such a transport begins with a struct transport_front; its ops are those of
 * front_ops, with what it does itself put in their place. */
#ifndef TRANSPORT_FRONT_H
#define TRANSPORT_FRONT_H

#include "transport/transport.h"

struct transport_front {
    struct transport_ops ops; /* ours, with the names of what stands behind */
    struct transport inner;
};

/* Ops that hand everything through, for what stands in front of `inner`. What opens others (init,
 * instances_max) is not there. */
struct transport_ops front_ops(const struct transport_ops *inner);

/* Makes a state of `size` bytes, which begins with a struct transport_front, for each instance of a
 * group, and puts it in front with the ops of front_ops; `states` gets them. Closing the group
 * closes and frees all. On failure the group is as it was. */
int front_group(struct transport_group *group, size_t size, void *states[TRANSPORT_GROUP_MAX],
                struct error *err);

#endif

/* The table of transports, and opening and closing one. */
#include "transport/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/af_packet.h"
#include "transport/af_xdp.h"
#include "transport/mem.h"
#include "transport/pcap.h"
#include "transport/pfring.h"

enum { STATE_ALIGNMENT = 64 };

const struct transport_ops *const transport_table[] = {
    &transport_af_xdp, &transport_af_packet, &transport_pcap,
    &transport_pfring, &transport_mem,       NULL,
};

const struct transport_ops *transport_find(const char *name)
{
    for (size_t i = 0; transport_table[i] != NULL; i++)
        if (strcmp(transport_table[i]->name, name) == 0)
            return transport_table[i];
    return NULL;
}

static void *state_new(size_t size)
{
    size_t rounded = (size + STATE_ALIGNMENT - 1) & ~(size_t)(STATE_ALIGNMENT - 1);
    void *state = aligned_alloc(STATE_ALIGNMENT, rounded);
    if (state != NULL)
        memset(state, 0, rounded);
    return state;
}

static int open_instance(struct transport *transport, const struct transport_ops *ops, void *first,
                         unsigned number, const struct transport_setup *setup, struct error *err)
{
    *transport = (struct transport){0};
    void *state = state_new(ops->state_size);
    if (state == NULL)
        return error_set(err, "no memory for the transport %s (%zu bytes)", ops->name,
                         ops->state_size);
    int result = ops->init(state, first, number, setup, err);
    if (result < 0) {
        free(state);
        return result;
    }
    *transport = (struct transport){.ops = ops, .state = state};
    return 0;
}

int transport_open(struct transport *transport, const struct transport_ops *ops,
                   const struct transport_setup *setup, struct error *err)
{
    struct transport_setup alone = *setup;
    alone.instances = 1;
    return open_instance(transport, ops, NULL, 0, &alone, err);
}

void transport_close(struct transport *transport)
{
    if (transport->state != NULL) {
        transport->ops->fini(transport->state);
        free(transport->state);
    }
    *transport = (struct transport){0};
}

unsigned transport_instances_max(const struct transport_ops *ops,
                                 const struct transport_setup *setup)
{
    unsigned most = ops->instances_max != NULL ? ops->instances_max(setup) : 1;
    return most < TRANSPORT_GROUP_MAX ? most : TRANSPORT_GROUP_MAX;
}

int transport_group_open(struct transport_group *group, const struct transport_ops *ops,
                         const struct transport_setup *setup, struct error *err)
{
    struct transport_setup shared = *setup;
    unsigned most = transport_instances_max(ops, setup);
    shared.instances = setup->instances > most ? most : setup->instances > 0 ? setup->instances : 1;
    group->count = 0;
    while (group->count < shared.instances) {
        void *first = group->count > 0 ? group->member[0].state : NULL;
        int result =
            open_instance(&group->member[group->count], ops, first, group->count, &shared, err);
        if (result < 0) {
            transport_group_close(group);
            return result;
        }
        group->count++;
    }
    return 0;
}

void transport_group_close(struct transport_group *group)
{
    while (group->count > 0)
        transport_close(&group->member[--group->count]);
}

/* From the fastest to the one that asks least of the kernel. */
static const struct transport_ops *const by_speed[] = {&transport_af_xdp, &transport_af_packet,
                                                       &transport_pcap};

static void add_reason(struct error *reason, const struct error *why)
{
    struct error before = *reason;
    error_set(reason, "%s%s%s", before.text, before.text[0] != '\0' ? "; " : "", why->text);
}

int transport_group_open_fastest(struct transport_group *group, const struct transport_setup *setup,
                                 struct error *reason, struct error *err)
{
    reason->text[0] = '\0';
    for (size_t i = 0; i < sizeof by_speed / sizeof by_speed[0]; i++) {
        struct error why = {0};
        if (transport_group_open(group, by_speed[i], setup, &why) == 0)
            return 0;
        if (by_speed[i] == &transport_af_packet)
            *err = why;
        add_reason(reason, &why);
    }
    return -1;
}

void transport_describe(const struct transport *transport, char text[TRANSPORT_DESCRIPTION_SIZE])
{
    if (transport->ops->describe != NULL)
        transport->ops->describe(transport->state, text, TRANSPORT_DESCRIPTION_SIZE);
    else
        snprintf(text, TRANSPORT_DESCRIPTION_SIZE, "%s", transport->ops->name);
}

/* The table of probes, and the set that a scan uses of it.
 *
 * Cookies do not depend on what kind a probe is, so they are computed for the whole batch. When the
 * scan has ports of one class, the batch goes to that probe as it stands. Else the lanes of each
 * class are collected, in order, into a batch of their own that writes to the same frames, so frame
 * i always belongs to lane i. Before that, lanes of different families are parted the same way. */
#include "probe/probe.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "probe/cookie.h"
#include "probe/probes.h"
#include "probe/setup.h"

enum { STATE_ALIGNMENT = 64 };

const struct probe_ops *const probe_table[] = {
    &probe_tcp_syn, &probe_udp, &probe_sctp_init, &probe_icmp, &probe_ip_protocol, &probe_arp, NULL,
};

/* How messages call the classes, and how users write them. */
static const struct {
    const char *name;
    char letter;
} class_names[PORT_CLASSES] = {
    [PORT_TCP] = {"TCP ports", 'T'},         [PORT_UDP] = {"UDP ports", 'U'},
    [PORT_SCTP] = {"SCTP ports", 'S'},       [PORT_ICMP] = {"ICMP requests", 'I'},
    [PORT_IP_PROTO] = {"IP protocols", 'O'}, [PORT_ARP] = {"ARP requests", 'A'},
};

/* One probe with its state; no ops: the scan does not use the class. */
struct probe {
    const struct probe_ops *ops;
    void *state;
};

struct probe_set {
    const struct probe_setup *setup;
    struct probe of_class[PORT_CLASSES];
    const struct probe *only; /* the one probe of a scan of one class, else NULL */
};

const struct probe_ops *probe_of_class(enum port_class class)
{
    for (size_t i = 0; probe_table[i]; i++)
        if (probe_table[i]->class == class)
            return probe_table[i];
    return NULL;
}

static void probe_close(struct probe *probe)
{
    if (probe->ops == NULL)
        return;
    probe->ops->fini(probe->state);
    free(probe->state);
    *probe = (struct probe){0};
}

static int probe_open(struct probe *probe, const struct probe_ops *ops,
                      const struct probe_setup *setup, struct error *err)
{
    size_t size = (ops->state_size + STATE_ALIGNMENT - 1) / STATE_ALIGNMENT * STATE_ALIGNMENT;
    void *state = aligned_alloc(STATE_ALIGNMENT, size);
    if (state == NULL)
        return error_set(err, "out of memory for the probe %s", ops->name);
    int error = ops->init(state, setup, err);
    if (error) {
        free(state);
        return error;
    }
    *probe = (struct probe){ops, state};
    return 0;
}

/* Opens the probe of `class` if the scan has ports of it. */
static int open_class(struct probe_set *set, enum port_class class, struct error *err)
{
    uint32_t port;
    if (!setup_first_port(set->setup, port_code(class, 0), port_code(class, 0xffff), &port))
        return 0;
    const struct probe_ops *ops = probe_of_class(class);
    if (ops == NULL)
        return error_set(err, "%s cannot be probed yet (%c:%u is among the ports); leave them out",
                         class_names[class].name, class_names[class].letter,
                         port_code_number(port));
    return probe_open(&set->of_class[class], ops, set->setup, err);
}

static const struct probe *only_probe(const struct probe_set *set)
{
    const struct probe *only = NULL;
    for (int class = 0; class < PORT_CLASSES; class ++) {
        if (set->of_class[class].ops == NULL)
            continue;
        if (only)
            return NULL;
        only = &set->of_class[class];
    }
    return only;
}

static int open_set(struct probe_set *set, struct error *err)
{
    int error = setup_check(set->setup, err);
    for (int class = 0; !error && class < PORT_CLASSES; class ++)
        error = open_class(set, (enum port_class) class, err);
    set->only = only_probe(set);
    return error;
}

struct probe_set *probe_set_new(const struct probe_setup *setup, struct error *err)
{
    struct probe_set *set = calloc(1, sizeof *set);
    if (set == NULL) {
        error_set(err, "out of memory for the probes");
        return NULL;
    }
    set->setup = setup;
    if (open_set(set, err)) {
        probe_set_free(set);
        return NULL;
    }
    return set;
}

void probe_set_free(struct probe_set *set)
{
    if (set == NULL)
        return;
    for (int class = 0; class < PORT_CLASSES; class ++)
        probe_close(&set->of_class[class]);
    free(set);
}

/* Some lanes of a batch and where they came from. */
struct part {
    struct probe_batch batch;
    uint8_t *frame[BATCH_LANES];
    uint32_t length[BATCH_LANES];
    unsigned lane[BATCH_LANES];
};

/* Everything of one lane that both families have, behind those that are there. */
static inline void take_lane(struct part *part, const struct probe_batch *batch,
                             uint8_t *const frame[], unsigned lane)
{
    unsigned to = part->batch.count++;
    part->batch.address[to] = batch->address[lane];
    part->batch.port[to] = batch->port[lane];
    part->batch.cookie[to] = batch->cookie[lane];
    part->batch.tag[to] = batch->tag[lane];
    part->batch.source_address[to] = batch->source_address[lane];
    part->batch.source_port[to] = batch->source_port[lane];
    part->frame[to] = frame[lane];
    part->lane[to] = lane;
}

static inline void take_lane_ipv6(struct part *part, const struct probe_lanes_ipv6 *lanes,
                                  unsigned lane)
{
    unsigned to = part->batch.count - 1;
    part->batch.ipv6->address.high[to] = lanes->address.high[lane];
    part->batch.ipv6->address.low[to] = lanes->address.low[lane];
    part->batch.ipv6->source_low[to] = lanes->source_low[lane];
}

static void hand_back(const struct part *part, uint32_t length[])
{
    for (unsigned i = 0; i < part->batch.count; i++)
        length[part->lane[i]] = part->length[i];
}

static void collect(struct part *part, const struct probe_batch *batch, uint8_t *const frame[],
                    enum port_class class)
{
    part->batch.count = 0;
    for (unsigned i = 0; i < batch->count; i++) {
        if (port_code_class(batch->port[i]) != class)
            continue;
        take_lane(part, batch, frame, i);
        if (batch->ipv6 != NULL)
            take_lane_ipv6(part, batch->ipv6, i);
    }
}

static void write_classes(const struct probe_set *set, struct part *part,
                          const struct probe_batch *batch, uint8_t *const frame[],
                          uint32_t length[])
{
    for (int class = 0; class < PORT_CLASSES; class ++) {
        const struct probe *probe = &set->of_class[class];
        if (probe->ops == NULL)
            continue;
        collect(part, batch, frame, (enum port_class) class);
        if (part->batch.count == 0)
            continue;
        probe->ops->patch(probe->state, &part->batch, part->frame, part->length);
        hand_back(part, length);
    }
}

/* Ports of several classes. */
static void write_mixed(const struct probe_set *set, const struct probe_batch *batch,
                        uint8_t *const frame[], uint32_t length[])
{
    struct part part = {0};
    if (batch->ipv6 == NULL) {
        write_classes(set, &part, batch, frame, length);
        return;
    }
    struct probe_lanes_ipv6 lanes = {0};
    part.batch.ipv6 = &lanes;
    write_classes(set, &part, batch, frame, length);
}

/* All lanes are of one family. */
static void write_family(const struct probe_set *set, struct probe_batch *batch,
                         uint8_t *const frame[], uint32_t length[])
{
    cookie_batch(set->setup, batch);
    if (set->only)
        set->only->ops->patch(set->only->state, batch, frame, length);
    else
        write_mixed(set, batch, frame, length);
}

/* Writes the lanes of one family, if there are any; `part` is empty but for what holds IPv6. */
static void write_part(const struct probe_set *set, struct part *part,
                       const struct probe_batch *batch, uint8_t *const frame[], uint32_t length[])
{
    for (unsigned i = 0; i < batch->count; i++) {
        struct ip_number address = address_lane(&batch->ipv6->address, i);
        if (ip_number_is_v4(address) != (part->batch.ipv6 == NULL))
            continue;
        take_lane(part, batch, frame, i);
        part->batch.address[part->batch.count - 1] = (uint32_t)address.low;
        if (part->batch.ipv6 != NULL)
            take_lane_ipv6(part, batch->ipv6, i);
    }
    if (part->batch.count > 0)
        write_family(set, &part->batch, part->frame, part->length);
    hand_back(part, length);
}

static bool has_ipv4(const struct probe_batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        if (ip_number_is_v4(address_lane(&batch->ipv6->address, i)))
            return true;
    return false;
}

void probe_set_write(struct probe_set *set, struct probe_batch *batch, uint8_t *const frame[],
                     uint32_t length[])
{
    if (batch->ipv6 == NULL || !has_ipv4(batch)) {
        write_family(set, batch, frame, length);
        return;
    }
    struct probe_lanes_ipv6 lanes = {0};
    struct part ipv4 = {0}, ipv6 = {.batch.ipv6 = &lanes};
    write_part(set, &ipv4, batch, frame, length);
    write_part(set, &ipv6, batch, frame, length);
}

uint32_t probe_set_flow_label(const struct probe_set *set, struct ip_number address, uint32_t port)
{
    const struct cookie cookie = cookie_of(set->setup, address, port);
    return cookie_ip_id(&cookie);
}

/* The class of a protocol number; PORT_CLASSES if no probe speaks it. */
static enum port_class class_of_protocol(uint8_t protocol)
{
    switch (protocol) {
    case IPPROTO_TCP:
        return PORT_TCP;
    case IPPROTO_UDP:
        return PORT_UDP;
    case IPPROTO_SCTP:
        return PORT_SCTP;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return PORT_ICMP;
    default:
        return PORT_CLASSES;
    }
}

static enum probe_verdict match_as(const struct probe_set *set, enum port_class class,
                                   const struct packet *packet, struct probe_reply *reply)
{
    const struct probe *probe = &set->of_class[class];
    return probe->ops != NULL ? probe->ops->match(probe->state, packet, reply) : PROBE_IGNORE;
}

/* On the loopback what we send to ourselves comes in again, and might look like an answer. */
static bool is_our_own(const struct probe_set *set, const struct packet *packet)
{
    const struct ip_number source = packet_source(packet);
    switch (packet->kind) {
    case PACKET_TCP:
    case PACKET_UDP:
    case PACKET_SCTP:
        return setup_owns(set->setup, source, packet->source_port);
    case PACKET_IP_OTHER:
        return setup_owns_address(set->setup, source);
    default:
        return false;
    }
}

/* Any packet may also tell that its protocol is spoken. */
enum probe_verdict probe_set_match(const struct probe_set *set, const struct packet *packet,
                                   struct probe_reply *reply)
{
    if (packet->kind == PACKET_NEIGHBOUR || is_our_own(set, packet))
        return PROBE_IGNORE;
    if (packet->kind == PACKET_ARP)
        return match_as(set, PORT_ARP, packet, reply);
    bool quotes = packet->kind == PACKET_ICMP && packet->icmp.quote.present;
    enum port_class class =
        class_of_protocol(quotes ? packet->icmp.quote.protocol : packet->protocol);
    enum probe_verdict first =
        class != PORT_CLASSES ? match_as(set, class, packet, reply) : PROBE_IGNORE;
    if (first > PROBE_FORGED)
        return first;
    enum probe_verdict second = match_as(set, PORT_IP_PROTO, packet, reply);
    return second > first ? second : first;
}

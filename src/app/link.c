/* From the configuration to an open way to the link. */
#include "app/link.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>

#include "scan/own_targets.h"
#include "transport/mem.h"
#include "transport/tagged.h"

static const char LOOPBACK[] = "lo";
static const double PACKETS_PER_WORKER = 500000; /* a second, that one worker sends with ease */

static struct adapter_wish adapter_wish(const struct conf *conf)
{
    return (struct adapter_wish){
        .interface_name = conf->adapter,
        .has_address = conf->has_adapter_ip,
        .has_port = conf->has_adapter_port,
        .has_mac = conf->has_adapter_mac,
        .has_router_mac = conf->has_router_mac,
        .has_router_address = conf->has_router_ip,
        .address_first = conf->adapter_ip.first,
        .address_last = conf->adapter_ip.last,
        .port_first = (uint16_t)conf->adapter_port.first,
        .port_last = (uint16_t)conf->adapter_port.last,
        .mac = conf->adapter_mac,
        .router_mac = conf->router_mac,
        .router_address = conf->router_ip,
        .vlan = (uint16_t)conf->vlan,
    };
}

/* ---- the host itself ---- */

static int refuse_mixture(const struct own_targets *own, uint64_t others, struct error *err)
{
    return error_set(err,
                     "only the loopback leads to 127.0.0.0/8 (targets there: %" PRIu64
                     "), and to no "
                     "others (targets: %" PRIu64 "): scan them apart, such as with --exclude "
                     "127.0.0.0/8",
                     own->loopback, others);
}

static int refuse_adapter(const struct adapter_wish *wish, struct error *err)
{
    return error_set(err,
                     "--adapter %s: all targets are this host itself, to which only the loopback "
                     "leads (leave out --adapter, or name %s)",
                     wish->interface_name, LOOPBACK);
}

static int refuse_loopback(uint64_t others, struct error *err)
{
    return error_set(err,
                     "--adapter %s leads to 127.0.0.0/8 and the host's own addresses only (targets "
                     "elsewhere: %" PRIu64 "): name another adapter, or exclude them",
                     LOOPBACK, others);
}

/* From an address among the targets if none is in 127.0.0.0/8, as the host's own programs do: a
 * server may answer from whatever address leads back. */
static void take_loopback(struct adapter_wish *wish, const struct own_targets *own)
{
    wish->interface_name = LOOPBACK;
    if (wish->has_address || own->loopback > 0)
        return;
    wish->has_address = true;
    wish->address_first = wish->address_last = own->first;
}

/* What the host sends to itself goes by the loopback, whatever its addresses belong to. */
static int choose_way(struct adapter_wish *wish, const struct targets *targets, uint64_t *silent,
                      struct error *err)
{
    struct own_targets own;
    if (own_targets_count(&own, &targets->addresses->v4, err) < 0)
        return -1;
    uint64_t ours = own.loopback + own.addresses, others = (uint64_t)(targets->hosts - ours);
    bool on_loopback = wish->interface_name != NULL && strcmp(wish->interface_name, LOOPBACK) == 0;
    if (others > 0 && own.loopback > 0)
        return refuse_mixture(&own, others + own.addresses, err);
    if (others > 0 && on_loopback)
        return refuse_loopback(others, err);
    if (others == 0 && wish->interface_name != NULL && !on_loopback)
        return refuse_adapter(wish, err);
    if (others == 0)
        take_loopback(wish, &own);
    else
        *silent = own.addresses;
    return 0;
}

/* ---- opening ---- */

static unsigned processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static unsigned at_most(unsigned value, unsigned ceiling)
{
    return value < ceiling ? value : ceiling;
}

/* As many as are asked for, else one for each queue and processor that the rate has a use for. */
static unsigned choose_workers(const struct conf *conf, const struct adapter *adapter)
{
    if (conf->workers > 0)
        return conf->workers;
    unsigned queues = interface_read_queues(adapter->interface.name).tx;
    unsigned most = at_most(queues, processors());
    double useful = 1 + conf->rate_pps / PACKETS_PER_WORKER;
    return useful < most ? (unsigned)useful : most;
}

/* `ops` is what the user names, or NULL. */
static int open_transports(const struct transport_ops *ops, const struct transport_setup *setup,
                           struct transport_group *transports, struct error *reason,
                           struct error *err)
{
    if (ops != NULL)
        return transport_group_open(transports, ops, setup, err);
    return transport_group_open_fastest(transports, setup, reason, err);
}

static int choose_adapter(const struct conf *conf, const struct targets *targets, bool sends,
                          struct adapter *adapter, uint64_t *silent, struct error *err)
{
    struct adapter_wish wish = adapter_wish(conf);
    if (!sends)
        return adapter_offline(adapter, &wish, err);
    if (targets != NULL && choose_way(&wish, targets, silent, err) < 0)
        return -1;
    return adapter_choose(adapter, &wish, err);
}

int link_open(const struct conf *conf, const struct targets *targets, struct adapter *adapter,
              struct transport_group *transports, uint64_t *silent, struct error *reason,
              struct error *err)
{
    const char *name = conf->offline ? "mem" : conf->packet_io;
    const struct transport_ops *ops = name != NULL ? transport_find(name) : NULL;
    *reason = (struct error){0};
    *silent = 0;
    if (name != NULL && ops == NULL)
        return error_set(err, "--packet-io: this build has no \"%s\"", name);
    if (choose_adapter(conf, targets, ops != &transport_mem, adapter, silent, err) < 0)
        return error_blame(err, ERROR_LINK);
    struct transport_setup setup = adapter_transport_setup(adapter);
    setup.instances = choose_workers(conf, adapter);
    if (open_transports(ops, &setup, transports, reason, err) < 0)
        return error_blame(err, ERROR_LINK);
    adapter->host_is_deaf = transports->member[0].ops->bypasses_host || adapter->vlan != 0;
    return adapter->vlan != 0 ? transport_group_tag(transports, adapter->vlan, err) : 0;
}

/* From the configuration to an open way to the link. */
#include "app/link.h"

#include <sched.h>

#include "transport/mem.h"

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
    };
}

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

static const uint32_t FIRST_PROTOCOL = (uint32_t)PORT_IP_PROTO << 16;
enum { PROTOCOLS = 256 };

static bool asks_for(const struct conf *conf, uint32_t first, uint32_t count)
{
    return range_set_count_between(&conf->ports, first, first + count - 1) > 0;
}

int link_reserve_protocols(const struct conf *conf, const struct adapter *adapter,
                           struct protocol_reservation *reservation, struct error *err)
{
    if (conf->offline || adapter->spoofed)
        return 0;
    const bool has_ipv6 = conf->targets.v6.count > 0;
    for (uint32_t protocol = 0; protocol < PROTOCOLS; protocol++) {
        if (!asks_for(conf, FIRST_PROTOCOL + protocol, 1))
            continue;
        if (protocol_reserve(reservation, false, (uint8_t)protocol, err) < 0 ||
            (has_ipv6 && protocol_reserve(reservation, true, (uint8_t)protocol, err) < 0))
            return -1;
    }
    return 0;
}

int link_open(const struct conf *conf, struct adapter *adapter, struct transport_group *transports,
              struct error *reason, struct error *err)
{
    struct adapter_wish wish = adapter_wish(conf);
    const char *name = conf->offline ? "mem" : conf->packet_io;
    const struct transport_ops *ops = name != NULL ? transport_find(name) : NULL;
    *reason = (struct error){0};
    if (name != NULL && ops == NULL)
        return error_set(err, "--packet-io: this build has no \"%s\"", name);
    bool sends = ops != &transport_mem;
    int chosen = sends ? adapter_choose(adapter, &wish, err) : adapter_offline(adapter, &wish, err);
    if (chosen < 0)
        return error_blame(err, ERROR_LINK);
    struct transport_setup setup = adapter_transport_setup(adapter);
    setup.instances = choose_workers(conf, adapter);
    setup.all_protocols = asks_for(conf, FIRST_PROTOCOL, PROTOCOLS);
    if (open_transports(ops, &setup, transports, reason, err) < 0)
        return error_blame(err, ERROR_LINK);
    adapter->host_is_deaf = transports->member[0].ops->bypasses_host;
    return 0;
}

/* From the configuration to an open way to the link. */
#include "app/link.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>

#include "base/port.h"
#include "scan/own_targets.h"
#include "transport/mem.h"
#include "transport/tagged.h"

static const char LOOPBACK[] = "lo";
static const double PACKETS_PER_WORKER = 500000; /* a second, that one worker sends with ease */

/* What targets ask of the adapter. */
struct demand {
    enum ip_families families;
    struct ip_number target_ipv6; /* one of them */
};

/* Are some of the IPv6 targets link-local, and some not? */
static bool is_mixed(const struct range6_set *targets)
{
    static const struct ip_number first = {0xfe80ull << 48, 0};
    static const struct ip_number last = {0xfebfffffffffffff, UINT64_MAX};
    uint128 local =
        range6_set_count_between(targets, ip_number_value(first), ip_number_value(last));
    return local != 0 && local != range6_set_size(targets);
}

/* Link-local targets are spoken to from a link-local address, all others from another. `targets`
 * may be NULL: nothing is asked for. */
static int find_demand(struct demand *demand, const struct conf *conf,
                       const struct address_set *targets, struct error *err)
{
    static const struct ip_number ANYWHERE = {0x2000ull << 48, 0}; /* global unicast, RFC 4291 */
    *demand = (struct demand){.target_ipv6 = ANYWHERE};
    if (targets == NULL)
        return 0;
    demand->families = (targets->v4.count > 0 ? IP_V4 : 0) | (targets->v6.count > 0 ? IP_V6 : 0);
    if (targets->v6.count == 0)
        return 0;
    demand->target_ipv6 = ip_number_of(targets->v6.ranges[0].first);
    if (conf->has_adapter_ipv6 || !is_mixed(&targets->v6))
        return 0;
    return error_set(err,
                     "link-local targets (fe80::/10) are scanned from an address of their own: "
                     "scan them apart from other IPv6 targets, or give --adapter-ip");
}

static struct adapter_wish adapter_wish(const struct conf *conf, const struct demand *demand)
{
    return (struct adapter_wish){
        .families = demand->families,
        .target_ipv6 = demand->target_ipv6,
        .has_address_ipv6 = conf->has_adapter_ipv6,
        .address_ipv6_first = ip_number_of(conf->adapter_ipv6.first),
        .address_ipv6_last = ip_number_of(conf->adapter_ipv6.last),
        .has_router_mac_ipv6 = conf->has_router_mac_ipv6 || conf->has_router_mac,
        .router_mac_ipv6 = conf->has_router_mac_ipv6 ? conf->router_mac_ipv6 : conf->router_mac,
        .has_router_address_ipv6 = conf->has_router_ipv6,
        .router_address_ipv6 = conf->router_ipv6,
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
static int choose_way(struct adapter_wish *wish, const struct address_set *targets,
                      uint64_t *silent, struct error *err)
{
    struct own_targets own;
    if (range6_set_count_between(&targets->v6, 1, 1) > 0)
        return error_set(err, "::1 is this host itself, which is scanned by 127.0.0.1 only");
    if (own_targets_count(&own, &targets->v4, err) < 0)
        return -1;
    uint128 all = address_set_size(targets);
    uint64_t others = (uint64_t)(all - own.loopback - own.addresses);
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

enum { PROTOCOLS = 256 };

static bool asks_for_any(const struct conf *conf, enum port_class class, uint32_t last)
{
    return range_set_count_between(&conf->ports, port_code(class, 0), port_code(class, last)) > 0;
}

/* As itself, or SCTP by its ports. On the loopback the host is the one that is asked: what it says
 * of SCTP is wanted. */
static bool asks_for_protocol(const struct conf *conf, const struct adapter *adapter,
                              uint32_t protocol)
{
    if (protocol == IPPROTO_SCTP && !adapter->interface.loopback &&
        asks_for_any(conf, PORT_SCTP, UINT16_MAX))
        return true;
    return range_set_contains(&conf->ports, port_code(PORT_IP_PROTO, protocol));
}

int link_reserve_protocols(const struct conf *conf, const struct adapter *adapter,
                           struct protocol_reservation *reservation, struct error *err)
{
    const bool ipv4 = adapter->has_address && !adapter->spoofed;
    const bool ipv6 = adapter->has_address_ipv6 && !adapter->spoofed_ipv6;
    if (conf->offline)
        return 0;
    for (uint32_t protocol = 0; protocol < PROTOCOLS; protocol++) {
        if (!asks_for_protocol(conf, adapter, protocol))
            continue;
        if ((ipv4 && protocol_reserve(reservation, false, (uint8_t)protocol, err) < 0) ||
            (ipv6 && protocol_reserve(reservation, true, (uint8_t)protocol, err) < 0))
            return -1;
    }
    return 0;
}

static int choose_adapter(const struct conf *conf, const struct address_set *targets, bool sends,
                          struct adapter *adapter, uint64_t *silent, struct error *err)
{
    struct demand demand;
    if (find_demand(&demand, conf, targets, err) < 0)
        return -1;
    struct adapter_wish wish = adapter_wish(conf, &demand);
    if (!sends)
        return adapter_offline(adapter, &wish, err);
    if (targets != NULL && choose_way(&wish, targets, silent, err) < 0)
        return -1;
    return adapter_choose(adapter, &wish, err);
}

int link_open(const struct conf *conf, const struct address_set *targets, struct adapter *adapter,
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
    setup.all_protocols = asks_for_any(conf, PORT_IP_PROTO, PROTOCOLS - 1);
    if (open_transports(ops, &setup, transports, reason, err) < 0)
        return error_blame(err, ERROR_LINK);
    adapter->host_is_deaf = transports->member[0].ops->bypasses_host || adapter->vlan != 0;
    return adapter->vlan != 0 ? transport_group_tag(transports, adapter->vlan, err) : 0;
}

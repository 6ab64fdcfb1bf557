/* From the configuration to open ways to the links of a scan. */
#include "app/link.h"

#include <assert.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>

#include "base/port.h"
#include "scan/own_targets.h"
#include "transport/mem.h"
#include "transport/tagged.h"

static_assert((int)CONF_ADAPTERS_MAX == (int)ADAPTERS_MAX, "as many as can be told apart");

static const char LOOPBACK[] = "lo";
static const double PACKETS_PER_WORKER = 500000; /* a second, that one worker sends with ease */

/* What targets ask of the adapter. */
struct demand {
    enum ip_families families;
    struct ip_number target_ipv6; /* one of them */
};

static uint128 count_link_local(const struct range6_set *targets)
{
    static const struct ip_number first = {0xfe80ull << 48, 0};
    static const struct ip_number last = {0xfebfffffffffffff, UINT64_MAX};
    return range6_set_count_between(targets, ip_number_value(first), ip_number_value(last));
}

/* Are some of the IPv6 targets link-local, and some not? */
static bool is_mixed(const struct range6_set *targets)
{
    uint128 local = count_link_local(targets);
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
    if (conf->adapter_count > 1 && count_link_local(&targets->v6) > 0)
        return error_set(err, "link-local targets (fe80::/10) do not say on which link they are "
                              "(want one adapter for them)");
    if (conf->adapters[0].has_ipv6 || !is_mixed(&targets->v6))
        return 0;
    return error_set(err,
                     "link-local targets (fe80::/10) are scanned from an address of their own: "
                     "scan them apart from other IPv6 targets, or give --adapter-ip");
}

static struct family_wish wish_ipv4(const struct conf_adapter *asked)
{
    return (struct family_wish){
        .has_source = asked->has_ip,
        .first = ip_number_v4(asked->ip.first),
        .last = ip_number_v4(asked->ip.last),
        .router = {.has_mac = asked->has_router_mac,
                   .mac = asked->router_mac,
                   .has_address = asked->has_router_ip,
                   .address = ip_number_v4(asked->router_ip)},
    };
}

static struct family_wish wish_ipv6(const struct conf_adapter *asked)
{
    return (struct family_wish){
        .has_source = asked->has_ipv6,
        .first = ip_number_of(asked->ipv6.first),
        .last = ip_number_of(asked->ipv6.last),
        .router = {.has_mac = asked->has_router_mac_ipv6 || asked->has_router_mac,
                   .mac = asked->has_router_mac_ipv6 ? asked->router_mac_ipv6 : asked->router_mac,
                   .has_address = asked->has_router_ipv6,
                   .address = asked->router_ipv6},
    };
}

static struct adapter_wish adapter_wish(const struct conf *conf, unsigned number,
                                        const struct demand *demand)
{
    const struct conf_adapter *asked = &conf->adapters[number];
    return (struct adapter_wish){
        .interface_name = asked->name,
        .families = demand->families,
        .may_lack = conf->adapter_count > 1,
        .target_ipv6 = demand->target_ipv6,
        .ipv4 = wish_ipv4(asked),
        .ipv6 = wish_ipv6(asked),
        .has_port = asked->has_port,
        .has_mac = asked->has_mac,
        .port_first = (uint16_t)asked->port.first,
        .port_last = (uint16_t)asked->port.last,
        .mac = asked->mac,
        .vlan = (uint16_t)asked->vlan,
    };
}

/* ---- the host itself ---- */

static int refuse_mixture(const struct own_targets *own, uint64_t others, struct error *err)
{
    const char *name = own->ipv4.loopback > 0 ? "127.0.0.0/8" : "::1";
    return error_set(err,
                     "only the loopback leads to %s (targets there: %" PRIu64 "), and to no others "
                     "(targets: %" PRIu64 "): scan them apart, such as with --exclude %s",
                     name, own_targets_loopback(own), others, name);
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
                     "--adapter %s leads to this host itself only (targets elsewhere: %" PRIu64
                     "): name another adapter, or exclude them",
                     LOOPBACK, others);
}

static void send_from(struct family_wish *wish, const struct own_family *own,
                      struct ip_number loopback)
{
    if (wish->has_source || own->loopback + own->addresses == 0)
        return;
    wish->has_source = true;
    wish->first = wish->last = own->loopback > 0 ? loopback : own->first;
}

/* From an address among the targets if none is the loopback's, as the host's own programs do: a
 * server may answer from whatever address leads back. */
static void take_loopback(struct adapter_wish *wish, const struct own_targets *own)
{
    wish->interface_name = LOOPBACK;
    send_from(&wish->ipv4, &own->ipv4, ip_number_v4(INADDR_LOOPBACK));
    send_from(&wish->ipv6, &own->ipv6, (struct ip_number){0, 1});
}

static bool is_loopback(const char *name)
{
    return name != NULL && strcmp(name, LOOPBACK) == 0;
}

/* What the host sends to itself goes by the loopback, whatever its addresses belong to. */
static int choose_way(struct adapter_wish *wish, const struct address_set *targets,
                      uint64_t *silent, struct error *err)
{
    struct own_targets own;
    if (own_targets_count(&own, targets, err) < 0)
        return -1;
    const uint64_t loopback = own_targets_loopback(&own), addresses = own_targets_addresses(&own);
    uint64_t others = (uint64_t)(address_set_size(targets) - loopback - addresses);
    bool on_loopback = is_loopback(wish->interface_name);
    if (others > 0 && loopback > 0)
        return refuse_mixture(&own, others + addresses, err);
    if (others > 0 && on_loopback)
        return refuse_loopback(others, err);
    if (others == 0 && wish->interface_name != NULL && !on_loopback)
        return refuse_adapter(wish, err);
    if (others == 0)
        take_loopback(wish, &own);
    else
        *silent = addresses;
    return 0;
}

/* ---- several adapters ---- */

int links_name(const struct links *links, unsigned number, struct error *err)
{
    return links->count > 1 ? error_context(err, "--adapter[%u]", number) : -1;
}

static int check_loopback(const struct links *links, const struct conf *conf, struct error *err)
{
    for (unsigned i = 0; i < links->count && links->count > 1; i++)
        if (is_loopback(conf->adapters[i].name))
            return error_set(err,
                             "--adapter[%u]: %s leads to this host itself only, and goes together "
                             "with no other adapter",
                             i, LOOPBACK);
    return 0;
}

static bool share_sources(const struct adapter_family *one, const struct adapter_family *other)
{
    uint128 first = ip_number_value(one->source), other_first = ip_number_value(other->source);
    return one->in_use && other->in_use && first <= other_first + other->source_mask &&
           other_first <= first + one->source_mask;
}

/* Which of two adapters a reply is for shows by its address. */
static int check_sources(const struct links *links, unsigned number, struct error *err)
{
    const struct adapter *adapter = &links->of[number].adapter;
    for (unsigned i = 0; i < number; i++) {
        const struct adapter *other = &links->of[i].adapter;
        bool ipv4 = share_sources(&adapter->ipv4, &other->ipv4);
        if (!ipv4 && !share_sources(&adapter->ipv6, &other->ipv6))
            continue;
        char text[IP_TEXT_SIZE];
        struct ip_address shared =
            ip_from_number(ipv4 ? adapter->ipv4.source : adapter->ipv6.source);
        return error_set(err,
                         "--adapter[%u] and --adapter[%u] would both send from %s (want other "
                         "addresses for one of them, by --adapter-ip[%u])",
                         i, number, ip_format(&shared, text), number);
    }
    return 0;
}

/* Each may lack a family, but not all the same. */
static int check_families(const struct links *links, const struct demand *demand, struct error *err)
{
    enum ip_families used = 0;
    for (unsigned i = 0; i < links->count; i++)
        used |= (links->of[i].adapter.ipv4.in_use ? IP_V4 : 0) |
                (links->of[i].adapter.ipv6.in_use ? IP_V6 : 0);
    if ((demand->families & ~used) == 0)
        return 0;
    return error_set(err,
                     "no adapter has an %s address to scan from: give one with --adapter-ip[0]",
                     demand->families & ~used & IP_V4 ? "IPv4" : "IPv6");
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

/* As many as are asked for, else one for each queue and processor that the rate has a use for; of
 * several adapters each has its part. */
static unsigned choose_workers(const struct conf *conf, const struct adapter *adapter)
{
    if (conf->workers > 0)
        return conf->workers;
    unsigned queues = interface_read_queues(adapter->interface.name).tx;
    unsigned its_processors = (processors() + conf->adapter_count - 1) / conf->adapter_count;
    unsigned most = at_most(queues, its_processors);
    double useful = 1 + conf->rate_pps / conf->adapter_count / PACKETS_PER_WORKER;
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

/* As itself, or SCTP by its ports. On the loopback, which is alone then, the host is the one that
 * is asked: what it says of SCTP is wanted. */
static bool asks_for_protocol(const struct links *links, const struct conf *conf, uint32_t protocol)
{
    if (protocol == IPPROTO_SCTP && !links->of[0].adapter.interface.loopback &&
        asks_for_any(conf, PORT_SCTP, UINT16_MAX))
        return true;
    return range_set_contains(&conf->ports, port_code(PORT_IP_PROTO, protocol));
}

/* Of a family in which some adapter sends from an address of the host. */
static bool hears(const struct links *links, enum ip_families family)
{
    for (unsigned i = 0; i < links->count; i++) {
        const struct adapter *adapter = &links->of[i].adapter;
        const struct adapter_family *its = family == IP_V4 ? &adapter->ipv4 : &adapter->ipv6;
        if (its->in_use && !its->spoofed)
            return true;
    }
    return false;
}

int links_reserve_protocols(const struct links *links, const struct conf *conf,
                            struct protocol_reservation *reservation, struct error *err)
{
    const bool ipv4 = hears(links, IP_V4), ipv6 = hears(links, IP_V6);
    if (conf->offline)
        return 0;
    for (uint32_t protocol = 0; protocol < PROTOCOLS; protocol++) {
        if (!asks_for_protocol(links, conf, protocol))
            continue;
        if ((ipv4 && protocol_reserve(reservation, false, (uint8_t)protocol, err) < 0) ||
            (ipv6 && protocol_reserve(reservation, true, (uint8_t)protocol, err) < 0))
            return -1;
    }
    return 0;
}

static int choose_adapters(struct links *links, const struct conf *conf,
                           const struct address_set *targets, bool sends, struct error *err)
{
    struct demand demand;
    if (find_demand(&demand, conf, targets, err) < 0 ||
        (sends && check_loopback(links, conf, err) < 0))
        return -1;
    for (unsigned i = 0; i < links->count; i++) {
        struct adapter *adapter = &links->of[i].adapter;
        struct adapter_wish wish = adapter_wish(conf, i, &demand);
        bool looks = sends && targets != NULL && i == 0; /* the targets are those of all */
        if (looks && choose_way(&wish, targets, &links->silent, err) < 0)
            return -1;
        int chosen =
            sends ? adapter_choose(adapter, &wish, err) : adapter_offline(adapter, &wish, i, err);
        if (chosen < 0)
            return links_name(links, i, err);
        if (check_sources(links, i, err) < 0)
            return -1;
    }
    return check_families(links, &demand, err);
}

static int open_link(struct link *link, const struct conf *conf, const struct transport_ops *ops,
                     struct error *err)
{
    struct adapter *adapter = &link->adapter;
    struct transport_setup setup = adapter_transport_setup(adapter);
    setup.instances = choose_workers(conf, adapter);
    setup.all_protocols = asks_for_any(conf, PORT_IP_PROTO, PROTOCOLS - 1);
    if (open_transports(ops, &setup, &link->transports, &link->reason, err) < 0)
        return error_blame(err, ERROR_LINK);
    transport_describe(&link->transports.member[0], link->transport);
    adapter->host_is_deaf = link->transports.member[0].ops->bypasses_host || adapter->vlan != 0;
    return adapter->vlan != 0 ? transport_group_tag(&link->transports, adapter->vlan, err) : 0;
}

int links_open(struct links *links, const struct conf *conf, const struct address_set *targets,
               struct error *err)
{
    const char *name = conf->offline ? "mem" : conf->packet_io;
    const struct transport_ops *ops = name != NULL ? transport_find(name) : NULL;
    links->count = conf->adapter_count;
    if (name != NULL && ops == NULL)
        return error_set(err, "--packet-io: this build has no \"%s\"", name);
    if (choose_adapters(links, conf, targets, ops != &transport_mem, err) < 0)
        return error_blame(err, ERROR_LINK);
    for (unsigned i = 0; i < links->count; i++)
        if (open_link(&links->of[i], conf, ops, err) < 0)
            return links_name(links, i, err);
    return 0;
}

void links_close(struct links *links)
{
    for (unsigned i = 0; i < links->count; i++) {
        probe_set_free(links->of[i].probes);
        transport_group_close(&links->of[i].transports);
        adapter_fini(&links->of[i].adapter);
        neighbours_fini(&links->of[i].neighbours);
    }
}

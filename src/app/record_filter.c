/* Which records --readscan takes: those of some addresses and ports. */
#include "app/record_filter.h"

#include "base/port.h"

void record_filter_init(struct record_filter *filter, const struct conf *conf)
{
    *filter = (struct record_filter){
        .targets = &conf->targets,
        .excludes = &conf->excludes,
        .ports = &conf->ports,
        .exclude_ports = &conf->exclude_ports,
    };
}

bool record_filter_is_open(const struct record_filter *filter)
{
    return filter->targets->count == 0 && filter->excludes->count == 0 &&
           filter->ports->count == 0 && filter->exclude_ports->count == 0;
}

/* What was probed, as the sets of ports have it. */
static uint32_t code_of(const struct result *result)
{
    switch (result->protocol) {
    case RESULT_TCP:
        return port_code(PORT_TCP, result->port);
    case RESULT_UDP:
        return port_code(PORT_UDP, result->port);
    case RESULT_SCTP:
        return port_code(PORT_SCTP, result->port);
    case RESULT_ICMP:
        return port_code(PORT_ICMP, result->port);
    default:
        return port_code(PORT_IP_PROTO, result->protocol);
    }
}

/* Of what has a value (an address, a port) or none. */
static bool is_wanted(const struct range_set *wanted, const struct range_set *excluded, bool has,
                      uint32_t value)
{
    if (wanted->count > 0 && !(has && range_set_contains(wanted, value)))
        return false;
    return !(has && range_set_contains(excluded, value));
}

bool record_filter_passes(const struct record_filter *filter, const struct result *result)
{
    bool is_up = result->kind == RESULT_STATUS && result->status == RESULT_UP;
    return is_wanted(filter->targets, filter->excludes, result->ip.version == 4,
                     ip_to_v4(&result->ip)) &&
           is_wanted(filter->ports, filter->exclude_ports, !is_up, code_of(result));
}

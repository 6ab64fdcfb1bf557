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
    return address_set_is_empty(filter->targets) && address_set_is_empty(filter->excludes) &&
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
    case RESULT_ARP:
        return port_code(PORT_ARP, 0);
    case RESULT_IP:
        return port_code(PORT_IP_PROTO, result->port);
    default: /* as other programs may say it */
        return port_code(PORT_IP_PROTO, result->protocol);
    }
}

static bool is_wanted_address(const struct record_filter *filter, struct ip_number address)
{
    if (!address_set_is_empty(filter->targets) && !address_set_contains(filter->targets, address))
        return false;
    return !address_set_contains(filter->excludes, address);
}

static bool is_wanted_port(const struct record_filter *filter, uint32_t code)
{
    if (filter->ports->count > 0 && !range_set_contains(filter->ports, code))
        return false;
    return !range_set_contains(filter->exclude_ports, code);
}

bool record_filter_passes(const struct record_filter *filter, const struct result *result)
{
    return is_wanted_address(filter, ip_number_from(&result->ip)) &&
           is_wanted_port(filter, code_of(result));
}

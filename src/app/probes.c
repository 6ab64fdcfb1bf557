/* From the configuration to the probes of a scan. */
#include "app/probes.h"

#include "base/cpu.h"
#include "grab/grab.h"

enum { TCP_MSS = 1460 };

/* 0: none. */
static uint16_t tcp_mss(const struct conf *conf, const struct adapter *adapter)
{
    uint16_t fits = adapter_mss(adapter);
    if (conf->has_tcp_mss)
        return conf->tcp_mss == CONF_TCP_NONE ? 0 : (uint16_t)conf->tcp_mss;
    return fits < TCP_MSS ? fits : TCP_MSS;
}

static void take_tcp_options(struct probe_setup *setup, const struct conf *conf,
                             const struct adapter *adapter)
{
    setup->tcp_mss = tcp_mss(conf, adapter);
    setup->tcp_has_window_scale = conf->has_tcp_wscale && conf->tcp_wscale != CONF_TCP_NONE;
    setup->tcp_window_scale = (uint8_t)conf->tcp_wscale;
    setup->tcp_has_timestamp = conf->has_tcp_tsecho && conf->tcp_tsecho != CONF_TCP_NONE;
    setup->tcp_timestamp = conf->tcp_tsecho;
    setup->tcp_allows_sack = conf->tcp_sackok;
}

static struct probe_setup setup_of(const struct link *link, const struct probes_common *common)
{
    const struct conf *conf = common->conf;
    const struct adapter *adapter = &link->adapter;
    return (struct probe_setup){
        .link = adapter_link_header(adapter),
        .source_address = (uint32_t)adapter->ipv4.source.low,
        .source_address_mask = adapter->ipv4.source_mask,
        .link_ipv6 = adapter_link_header_ipv6(adapter),
        .source_ipv6 = adapter->ipv6.source,
        .source_ipv6_mask = adapter->ipv6.source_mask,
        .source_port = adapter->port,
        .source_port_mask = adapter->port_mask,
        .ttl = (uint8_t)conf->ttl,
        .mtu = adapter->interface.mtu < UINT16_MAX ? (uint16_t)adapter->interface.mtu : 0,
        .tcp_attempt_shift = conf->banners ? GRAB_ATTEMPT_SHIFT : 0,
        .level = cpu_level_best(),
        .space = common->space,
        .payloads = common->payloads,
        .key = common->key,
    };
}

static int prepare(struct link *link, const struct probes_common *common, struct error *err)
{
    link->probe_setup = setup_of(link, common);
    take_tcp_options(&link->probe_setup, common->conf, &link->adapter);
    probe_set_free(link->probes);
    link->probes = probe_set_new(&link->probe_setup, err);
    return link->probes != NULL ? 0 : -1;
}

int probes_prepare(struct links *links, const struct probes_common *common, struct error *err)
{
    for (unsigned i = 0; i < links->count; i++)
        if (prepare(&links->of[i], common, err) < 0)
            return links_name(links, i, err);
    return 0;
}

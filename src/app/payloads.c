/* What UDP ports are sent. */
#include "app/payloads.h"

#include "probe/payload_nmap.h"
#include "probe/payload_pcap.h"

int payloads_load(struct payload_set *set, const struct conf *conf, struct error *err)
{
    if (payload_set_init(set, err) < 0 || payload_set_add_own(set, err) < 0)
        return -1;
    if (conf->nmap_payloads != NULL && payload_nmap_load(set, conf->nmap_payloads, err) < 0)
        return error_context(err, "--nmap-payloads");
    if (conf->pcap_payloads != NULL && payload_pcap_load(set, conf->pcap_payloads, err) < 0)
        return error_context(err, "--pcap-payloads");
    return 0;
}

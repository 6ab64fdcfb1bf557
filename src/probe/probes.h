/* The probes there are, one file each; probe.c lists them in its table. */
#ifndef PROBE_PROBES_H
#define PROBE_PROBES_H

#include "probe/probe.h"

extern const struct probe_ops probe_tcp_syn;
extern const struct probe_ops probe_udp;
extern const struct probe_ops probe_sctp_init;
extern const struct probe_ops probe_icmp;
extern const struct probe_ops probe_ip_protocol;
extern const struct probe_ops probe_arp;

#endif

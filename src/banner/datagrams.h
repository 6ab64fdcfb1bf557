/* The protocols over UDP that there are; datagram_protocols lists them. */
#ifndef BANNER_DATAGRAMS_H
#define BANNER_DATAGRAMS_H

#include "banner/datagram.h"

extern const struct datagram_ops datagram_bacnet;
extern const struct datagram_ops datagram_cldap;
extern const struct datagram_ops datagram_coap;
extern const struct datagram_ops datagram_dns;
extern const struct datagram_ops datagram_dtls;
extern const struct datagram_ops datagram_isakmp;
extern const struct datagram_ops datagram_mdns;
extern const struct datagram_ops datagram_memcached;
extern const struct datagram_ops datagram_minecraft;
extern const struct datagram_ops datagram_nat_pmp;
extern const struct datagram_ops datagram_nbstat;
extern const struct datagram_ops datagram_ntp;
extern const struct datagram_ops datagram_quic;
extern const struct datagram_ops datagram_radius;
extern const struct datagram_ops datagram_rpc;
extern const struct datagram_ops datagram_sip;
extern const struct datagram_ops datagram_snmp;
extern const struct datagram_ops datagram_ssdp;
extern const struct datagram_ops datagram_stun;
extern const struct datagram_ops datagram_tftp;

#endif

/* The protocols that there are; banner_protocols lists them. */
#ifndef BANNER_PROTOCOLS_H
#define BANNER_PROTOCOLS_H

#include "banner/banner.h"

extern const struct banner_ops banner_http;
extern const struct banner_ops banner_ssh;
extern const struct banner_ops banner_ftp;
extern const struct banner_ops banner_smtp;
extern const struct banner_ops banner_pop3;
extern const struct banner_ops banner_imap;
extern const struct banner_ops banner_telnet;
extern const struct banner_ops banner_vnc;
extern const struct banner_ops banner_mysql;
extern const struct banner_ops banner_postgres;
extern const struct banner_ops banner_redis;
extern const struct banner_ops banner_memcached;
extern const struct banner_ops banner_mongodb;
extern const struct banner_ops banner_rtsp;
extern const struct banner_ops banner_sip;
extern const struct banner_ops banner_x11;
extern const struct banner_ops banner_mqtt;
extern const struct banner_ops banner_amqp;
extern const struct banner_ops banner_java_rmi;
extern const struct banner_ops banner_dns;
extern const struct banner_ops banner_rdp;
extern const struct banner_ops banner_ldap;
extern const struct banner_ops banner_afp;
extern const struct banner_ops banner_minecraft;
extern const struct banner_ops banner_smb;
extern const struct banner_ops banner_netbios;
extern const struct banner_ops banner_mssql;
extern const struct banner_ops banner_kerberos;
extern const struct banner_ops banner_docker;
extern const struct banner_ops banner_kubernetes;
extern const struct banner_ops banner_http2;
extern const struct banner_ops banner_nntp;
extern const struct banner_ops banner_irc;
extern const struct banner_ops banner_rsync;
extern const struct banner_ops banner_svn;
extern const struct banner_ops banner_managesieve;
extern const struct banner_ops banner_nats;
extern const struct banner_ops banner_clamd;
extern const struct banner_ops banner_nut;
extern const struct banner_ops banner_zookeeper;
extern const struct banner_ops banner_beanstalkd;
extern const struct banner_ops banner_stomp;
extern const struct banner_ops banner_xmpp;
extern const struct banner_ops banner_git;
extern const struct banner_ops banner_epmd;
extern const struct banner_ops banner_kafka;
extern const struct banner_ops banner_cassandra;
extern const struct banner_ops banner_bolt;
extern const struct banner_ops banner_socks5;
extern const struct banner_ops banner_pptp;
extern const struct banner_ops banner_openvpn;
extern const struct banner_ops banner_modbus;
extern const struct banner_ops banner_rpc;
extern const struct banner_ops banner_unknown;

#endif

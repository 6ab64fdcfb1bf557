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
extern const struct banner_ops banner_unknown;

#endif

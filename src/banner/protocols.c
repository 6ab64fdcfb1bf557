/* The table of protocols, and what is looked up in it. */
#include "banner/protocols.h"

#include <string.h>

const struct banner_ops *const banner_protocols[] = {
    &banner_http,        &banner_ssh,       &banner_ftp,      &banner_smtp,    &banner_pop3,
    &banner_imap,        &banner_telnet,    &banner_vnc,      &banner_mysql,   &banner_redis,
    &banner_memcached,   &banner_rtsp,      &banner_sip,      &banner_rdp,     &banner_smb,
    &banner_amqp,        &banner_postgres,  &banner_mongodb,  &banner_x11,     &banner_mqtt,
    &banner_java_rmi,    &banner_dns,       &banner_ldap,     &banner_afp,     &banner_minecraft,
    &banner_netbios,     &banner_mssql,     &banner_kerberos, &banner_docker,  &banner_kubernetes,
    &banner_http2,       &banner_nntp,      &banner_irc,      &banner_rsync,   &banner_svn,
    &banner_managesieve, &banner_nats,      &banner_clamd,    &banner_nut,     &banner_zookeeper,
    &banner_beanstalkd,  &banner_stomp,     &banner_xmpp,     &banner_git,     &banner_epmd,
    &banner_kafka,       &banner_cassandra, &banner_bolt,     &banner_socks5,  &banner_pptp,
    &banner_openvpn,     &banner_modbus,    &banner_rpc,      &banner_unknown,
};

const unsigned banner_protocol_count = sizeof banner_protocols / sizeof banner_protocols[0];

static bool is_usual_on(const struct banner_ops *ops, uint16_t port)
{
    for (unsigned i = 0; i < BANNER_PORTS_MAX && ops->ports[i] != 0; i++)
        if (ops->ports[i] == port)
            return true;
    return false;
}

const struct banner_ops *banner_by_port(uint16_t port)
{
    for (unsigned i = 0; i < banner_protocol_count; i++)
        if (is_usual_on(banner_protocols[i], port))
            return banner_protocols[i];
    return NULL;
}

const struct banner_ops *banner_by_name(const char *name)
{
    for (unsigned i = 0; i < banner_protocol_count; i++)
        if (strcmp(banner_protocols[i]->name, name) == 0)
            return banner_protocols[i];
    return NULL;
}

/* The protocols as far as they claim some bytes. */
struct claims {
    const struct banner_ops *best;
    enum banner_match best_match;
    bool any_maybe;
};

static void claim(struct claims *claims, const struct banner_ops *ops, const uint8_t *bytes,
                  size_t length)
{
    enum banner_match match = ops->match(bytes, length);
    claims->any_maybe |= match == BANNER_MAYBE;
    if (match >= BANNER_LIKELY && match > claims->best_match) {
        claims->best = ops;
        claims->best_match = match;
    }
}

const struct banner_ops *banner_detect(const uint8_t *bytes, size_t length,
                                       const struct banner_ops *asked, bool ended)
{
    struct claims claims = {0};
    if (length >= BANNER_DETECT_MAX) {
        length = BANNER_DETECT_MAX;
        ended = true;
    }
    if (asked)
        claim(&claims, asked, bytes, length);
    for (unsigned i = 0; i < banner_protocol_count; i++)
        if (!banner_protocols[i]->only_if_asked)
            claim(&claims, banner_protocols[i], bytes, length);
    if (claims.best_match != BANNER_YES && !ended && (claims.any_maybe || length == 0))
        return NULL;
    if (claims.best)
        return claims.best;
    return asked && asked->takes_rest ? asked : &banner_unknown;
}

/* The names of a result's parts, as every text format prints them. */
#include "output/result.h"

static const struct word unknown = WORD("unknown");

const struct word *result_status_name(enum result_status status)
{
    static const struct word names[] = {
        [RESULT_OPEN] = WORD("open"), [RESULT_CLOSED] = WORD("closed"), [RESULT_UP] = WORD("up")};
    return (unsigned)status < sizeof names / sizeof *names ? &names[status] : &unknown;
}

const struct word *result_protocol_name(uint8_t protocol)
{
    enum { IP, ARP, ICMP, TCP, UDP, SCTP };
    static const struct word names[] = {
        [IP] = WORD("ip"),   [ARP] = WORD("arp"), [ICMP] = WORD("icmp"),
        [TCP] = WORD("tcp"), [UDP] = WORD("udp"), [SCTP] = WORD("sctp"),
    };
    static const uint8_t name_of[256] = {
        [RESULT_ARP] = ARP, [RESULT_ICMP] = ICMP, [RESULT_TCP] = TCP,
        [RESULT_UDP] = UDP, [RESULT_SCTP] = SCTP,
    };
    return &names[name_of[protocol]];
}

const struct word *result_app_name(uint16_t app)
{
    static const struct word names[APP_COUNT] = {
        [APP_UNKNOWN] = WORD("unknown"),
        [APP_HEURISTIC] = WORD("unknown"),
        [APP_SSH1] = WORD("ssh"),
        [APP_SSH2] = WORD("ssh"),
        [APP_HTTP] = WORD("http"),
        [APP_FTP] = WORD("ftp"),
        [APP_DNS_VERSION] = WORD("dns-ver"),
        [APP_SNMP] = WORD("snmp"),
        [APP_NBTSTAT] = WORD("nbtstat"),
        [APP_SSL] = WORD("ssl"),
        [APP_SMB] = WORD("smb"),
        [APP_SMTP] = WORD("smtp"),
        [APP_POP] = WORD("pop"),
        [APP_IMAP] = WORD("imap"),
        [APP_ZEROACCESS] = WORD("zeroaccess"),
        [APP_X509] = WORD("X509"),
        [APP_X509_CA] = WORD("X509CA"),
        [APP_TITLE] = WORD("title"),
        [APP_HTML] = WORD("html"),
        [APP_NTP] = WORD("ntp"),
        [APP_VULN] = WORD("vuln"),
        [APP_HEARTBLEED] = WORD("heartbleed"),
        [APP_TICKETBLEED] = WORD("ticketbleed"),
        [APP_VNC_OLD] = WORD("vnc"),
        [APP_SAFE] = WORD("safe"),
        [APP_MEMCACHED] = WORD("memcached"),
        [APP_SCRIPTING] = WORD("scripting"),
        [APP_VERSIONING] = WORD("versioning"),
        [APP_COAP] = WORD("coap"),
        [APP_TELNET] = WORD("telnet"),
        [APP_RDP] = WORD("rdp"),
        [APP_HTTP_SERVER] = WORD("http.server"),
        [APP_MINECRAFT] = WORD("minecraft"),
        [APP_VNC] = WORD("vnc"),
        [APP_VNC_INFO] = WORD("vnc-info"),
        [APP_ISAKMP] = WORD("isakmp"),
        [APP_ERROR] = WORD("error"),
        [APP_MYSQL] = WORD("mysql"),
        [APP_POSTGRES] = WORD("postgres"),
        [APP_REDIS] = WORD("redis"),
        [APP_MONGODB] = WORD("mongodb"),
        [APP_RTSP] = WORD("rtsp"),
        [APP_SIP] = WORD("sip"),
        [APP_X11] = WORD("x11"),
        [APP_MQTT] = WORD("mqtt"),
        [APP_AMQP] = WORD("amqp"),
        [APP_JAVA_RMI] = WORD("java-rmi"),
        [APP_LDAP] = WORD("ldap"),
        [APP_AFP] = WORD("afp"),
        [APP_MSSQL] = WORD("mssql"),
        [APP_KERBEROS] = WORD("kerberos"),
        [APP_DOCKER] = WORD("docker"),
        [APP_KUBERNETES] = WORD("kubernetes"),
        [APP_HTTP2] = WORD("http2"),
        [APP_NNTP] = WORD("nntp"),
        [APP_IRC] = WORD("irc"),
        [APP_RSYNC] = WORD("rsync"),
        [APP_SVN] = WORD("svn"),
        [APP_MANAGESIEVE] = WORD("managesieve"),
        [APP_NATS] = WORD("nats"),
        [APP_CLAMD] = WORD("clamd"),
        [APP_NUT] = WORD("nut"),
        [APP_ZOOKEEPER] = WORD("zookeeper"),
        [APP_BEANSTALKD] = WORD("beanstalkd"),
        [APP_STOMP] = WORD("stomp"),
        [APP_XMPP] = WORD("xmpp"),
        [APP_GIT] = WORD("git"),
        [APP_EPMD] = WORD("epmd"),
        [APP_KAFKA] = WORD("kafka"),
        [APP_CASSANDRA] = WORD("cassandra"),
        [APP_BOLT] = WORD("bolt"),
        [APP_SOCKS5] = WORD("socks5"),
        [APP_PPTP] = WORD("pptp"),
        [APP_OPENVPN] = WORD("openvpn"),
        [APP_MODBUS] = WORD("modbus"),
        [APP_RPC] = WORD("rpc"),
        [APP_SSDP] = WORD("ssdp"),
        [APP_MDNS] = WORD("mdns"),
        [APP_TFTP] = WORD("tftp"),
        [APP_DTLS] = WORD("dtls"),
        [APP_QUIC] = WORD("quic"),
        [APP_RADIUS] = WORD("radius"),
        [APP_STUN] = WORD("stun"),
        [APP_NAT_PMP] = WORD("nat-pmp"),
        [APP_BACNET] = WORD("bacnet"),
        [APP_SUSPECT] = WORD("suspect"),
        [APP_MAC] = WORD("mac"),
    };
    return app < APP_COUNT ? &names[app] : &unknown;
}

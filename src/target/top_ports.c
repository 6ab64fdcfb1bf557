/* The ports that are open most often, in our own order.
 *
 * The numbers are those of IANA's Service Name and Transport Protocol Port Number Registry, or of
 * the software that is known for listening there. The order is a judgement, not a measurement:
 * first the services that published surveys of the Internet (those of Shadowserver, Censys and
 * Rapid7) find on the most addresses, then what is usual inside of organisations, then what is
 * worth knowing where it is found. No other program's table was copied; so the list ends where we
 * know nothing better than guessing. */
#include "target/top_ports.h"

#include <inttypes.h>

#include "base/port.h"

static const uint16_t tcp_ports[] = {
    80,                  /* http */
    443,                 /* https */
    22,                  /* ssh */
    21,                  /* ftp */
    25,                  /* smtp */
    8080,                /* http-alt */
    23,                  /* telnet */
    53,                  /* domain */
    3389,                /* ms-wbt-server: remote desktop */
    7547,                /* cwmp: routers, for their provider */
    110,                 /* pop3 */
    143,                 /* imap */
    993,                 /* imaps */
    995,                 /* pop3s */
    587,                 /* submission */
    465,                 /* submissions */
    445,                 /* microsoft-ds */
    3306,                /* mysql */
    8443,                /* pcsync-https */
    139,                 /* netbios-ssn */
    111,                 /* sunrpc */
    135,                 /* epmap */
    1723,                /* pptp */
    5060,                /* sip */
    8000,                /* irdmi: web servers for development */
    8888,                /* ddi-tcp-1: web servers */
    5900,                /* rfb: vnc */
    2000,                /* cisco-sccp, Mikrotik's bandwidth test */
    179,                 /* bgp */
    554,                 /* rtsp */
    81,                  /* web servers of cameras and recorders */
    2222,                /* ssh */
    8081,                /* sunproxyadmin: web servers */
    5432,                /* postgresql */
    1433,                /* ms-sql-s */
    6379,                /* redis */
    27017,               /* mongodb */
    9200,                /* wap-wsp: elasticsearch */
    2082,                /* infowave: cPanel */
    2083,                /* radsec: cPanel by TLS */
    2086,                /* gnunet: web host manager */
    2087,                /* eli: web host manager by TLS */
    2095,                /* nbx-ser: webmail of cPanel */
    2096,                /* nbx-dir: the same by TLS */
    8008,                /* http-alt */
    8089,                /* splunkd, web servers */
    5000,                /* commplex-main: web servers, storage boxes */
    5001,                /* commplex-link: the same by TLS */
    10000,               /* ndmp: webmin */
    8291,                /* Mikrotik's winbox */
    389,                 /* ldap */
    636,                 /* ldaps */
    88,                  /* kerberos */
    1080,                /* socks */
    3128,                /* ndl-aas: squid */
    8090,                /* web servers */
    9000,                /* cslistener: web servers, php-fpm */
    9090,                /* websm: prometheus, cockpit */
    49152,               /* the first of the dynamic ports: upnp, windows rpc */
    5985,                /* wsman */
    5986,                /* wsmans */
    1883,                /* mqtt */
    8883,                /* secure-mqtt */
    11211,               /* memcache */
    2049,                /* nfs */
    873,                 /* rsync */
    548,                 /* afpovertcp */
    515,                 /* printer */
    631,                 /* ipp */
    9100,                /* pdl-datastream: printers */
    1521,                /* ncube-lm: oracle */
    37777,               /* Dahua's recorders */
    34567,               /* recorders of Xiongmai */
    8728,                /* Mikrotik's API */
    4567,                /* tram: routers, for their provider */
    1024,                /* the first of the user ports */
    82,                  /* xfer: web servers */
    84,                  /* ctf: web servers */
    8082,                /* us-cli: web servers */
    8083,                /* us-srv: web servers */
    8084,                /* websnp: web servers */
    8085,                /* web servers */
    8086,                /* d-s-n: influxdb */
    8087,                /* simplifymedia: web servers */
    8088,                /* radan-http: hadoop */
    8001,                /* vcom-tunnel: kubernetes */
    8800,                /* sunwebadmin: web servers */
    8834,                /* nessus-xmlrpc */
    9001,                /* etlservicemgr: tor */
    9002,                /* dynamid */
    9080,                /* glrpc: web servers */
    9091,                /* xmltec-xmlmail: transmission */
    9443,                /* tungsten-https */
    10443,               /* web servers by TLS */
    4443,                /* pharos: web servers by TLS */
    7443,                /* oracleas-https */
    6443,                /* sun-sr-https: kubernetes */
    10250,               /* kubelet */
    2375,                /* docker */
    2376,                /* docker-s */
    2379,                /* etcd-client */
    5601,                /* esmagent: kibana */
    15672,               /* rabbitmq's web server */
    5672,                /* amqp */
    9092,                /* XmlIpcRegSvc: kafka */
    2181,                /* eforward: zookeeper */
    7001,                /* afs3-callback: weblogic */
    7002,                /* afs3-prserver: weblogic by TLS */
    8009,                /* ajp13 */
    8161,                /* patrol-snmp: activemq */
    61616,               /* activemq */
    4369,                /* epmd */
    5984,                /* couchdb */
    9042,                /* cassandra */
    9300,                /* vrace: elasticsearch, between nodes */
    50000,               /* db2, sap */
    3000,                /* hbci: grafana, web servers for development */
    3001,                /* origo-native */
    4000,                /* terabase */
    5555,                /* personal-agent: android debug bridge */
    5901,                /* vnc, the first display */
    5902,                /* vnc, the second */
    5800,                /* vnc by http */
    6000,                /* x11 */
    6001,                /* x11, the second display */
    1025,                /* blackjack: windows rpc */
    1026,                /* cap: windows rpc */
    1027,                /* windows rpc */
    49153,               /* windows rpc, as those that follow */
    49154, 49155, 49156, /* windows rpc */
    902,                 /* ideafarm-door: vmware */
    5666,                /* nrpe */
    10050,               /* zabbix-agent */
    10051,               /* zabbix-trapper */
    1900,                /* ssdp, over TCP on some routers */
    5357,                /* wsdapi */
    3268,                /* msft-gc */
    3269,                /* msft-gc-ssl */
    464,                 /* kpasswd */
    593,                 /* http-rpc-epmap */
    113,                 /* ident */
    119,                 /* nntp */
    563,                 /* nntps */
    990,                 /* ftps */
    992,                 /* telnets */
    20,                  /* ftp-data */
    26,                  /* smtp of some providers */
    2525,                /* ms-v-worlds: smtp of some providers */
    106,                 /* 3com-tsmux: poppassd */
    109,                 /* pop2 */
    4190,                /* sieve */
    70,                  /* gopher */
    79,                  /* finger */
    7,                   /* echo */
    9,                   /* discard */
    13,                  /* daytime */
    19,                  /* chargen */
    37,                  /* time */
    49,                  /* tacacs */
    264,                 /* bgmp: Check Point */
    512,                 /* exec */
    513,                 /* login */
    514,                 /* shell */
    543,                 /* klogin */
    544,                 /* kshell */
    666,                 /* doom */
    1099,                /* rmiregistry */
    1194,                /* openvpn */
    1701,                /* l2tp */
    4500,                /* ipsec-nat-t */
    500,                 /* isakmp */
    1720,                /* h323hostcall */
    5061,                /* sips */
    5038,                /* asterisk's manager */
    1935,                /* macromedia-fcs: rtmp */
    8554,                /* rtsp-alt */
    5222,                /* xmpp-client */
    5269,                /* xmpp-server */
    6667,                /* ircu */
    6697,                /* ircs-u */
    3260,                /* iscsi-target */
    3690,                /* svn */
    9418,                /* git */
    1434,                /* ms-sql-m */
    523,                 /* ibm-db2 */
    1830,                /* net8-cman: oracle */
    3050,                /* gds-db: firebird */
    7474,                /* neo4j */
    28017,               /* mongodb's web server */
    6666,                /* irc */
    102,                 /* iso-tsap: s7 controllers */
    502,                 /* mbap: modbus */
    789,                 /* red lion's controllers */
    1911,                /* mtp: niagara fox */
    4840,                /* opcua-tcp */
    20000,               /* dnp */
    44818,               /* EtherNet-IP-2 */
    47808,               /* bacnet */
    25565,               /* minecraft */
    27015,               /* game servers of steam */
    32400,               /* plex */
    32764,               /* a back door of routers */
    62078,               /* iphone-sync */
};

static const uint16_t udp_ports[] = {
    53,    /* domain */
    123,   /* ntp */
    161,   /* snmp */
    500,   /* isakmp */
    443,   /* https: quic */
    1900,  /* ssdp */
    137,   /* netbios-ns */
    4500,  /* ipsec-nat-t */
    5060,  /* sip */
    111,   /* sunrpc */
    5353,  /* mdns */
    69,    /* tftp */
    389,   /* ldap: cldap */
    1194,  /* openvpn */
    3702,  /* ws-discovery */
    3478,  /* stun */
    5683,  /* coap */
    10001, /* scp-config: Ubiquiti's discovery */
    3283,  /* net-assistant */
    11211, /* memcache */
    520,   /* router: rip */
    623,   /* asf-rmcp: ipmi */
    138,   /* netbios-dgm */
    67,    /* bootps */
    68,    /* bootpc */
    514,   /* syslog */
    1434,  /* ms-sql-m */
    1701,  /* l2tp */
    1812,  /* radius */
    1813,  /* radius-acct */
    1645,  /* radius, before it had a number */
    1646,  /* radius-acct, before it had a number */
    2049,  /* nfs */
    3389,  /* ms-wbt-server */
    177,   /* xdmcp */
    7,     /* echo */
    9,     /* discard */
    13,    /* daytime */
    17,    /* qotd */
    19,    /* chargen */
    37,    /* time */
    88,    /* kerberos */
    135,   /* epmap */
    162,   /* snmptrap */
    427,   /* svrloc */
    445,   /* microsoft-ds */
    464,   /* kpasswd */
    631,   /* ipp */
    1604,  /* icabrowser */
    2123,  /* gtp-control */
    2152,  /* gtp-user */
    5093,  /* sentinel-lm */
    5351,  /* nat-pmp */
    5355,  /* llmnr */
    6881,  /* bittorrent */
    17185, /* vxworks' debugger */
    20000, /* dnp */
    27015, /* game servers of steam */
    27960, /* quake */
    30718, /* Lantronix' discovery */
    33434, /* traceroute */
    37810, /* Dahua's discovery */
    44818, /* EtherNet-IP-2 */
    47808, /* bacnet */
    51820, /* wireguard */
};

static const struct {
    const uint16_t *ports;
    unsigned count;
    const char *name;
} lists[PORT_CLASSES] = {
    [PORT_TCP] = {tcp_ports, sizeof tcp_ports / sizeof *tcp_ports, "TCP"},
    [PORT_UDP] = {udp_ports, sizeof udp_ports / sizeof *udp_ports, "UDP"},
};

int target_add_top_ports(struct range_set *set, int class, uint64_t count, struct error *err)
{
    if (lists[class].ports == NULL)
        return error_set(err, "only of TCP and UDP ports it is known which are open most often "
                              "(want -sS, -sU, or no scan type)");
    if (count > lists[class].count)
        return error_set(err,
                         "%" PRIu64 " are more than this program knows (want 1 to %u %s ports)",
                         count, lists[class].count, lists[class].name);
    for (unsigned i = 0; i < count; i++) {
        uint32_t code = port_code((enum port_class) class, lists[class].ports[i]);
        if (range_set_add(set, code, code, err) < 0)
            return -1;
    }
    return 0;
}

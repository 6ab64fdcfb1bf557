/* What a banner is about: the numbers that stand in result files, which the parsers of banner/ give
 * and output/ has the names of. */
#ifndef BASE_BANNER_APP_H
#define BASE_BANNER_APP_H

/* Application ids of banners as they stand in binary files: frozen. */
enum banner_app {
    APP_UNKNOWN = 0,
    APP_HEURISTIC,
    APP_SSH1,
    APP_SSH2,
    APP_HTTP,
    APP_FTP,
    APP_DNS_VERSION,
    APP_SNMP,
    APP_NBTSTAT,
    APP_SSL,
    APP_SMB,
    APP_SMTP,
    APP_POP,
    APP_IMAP,
    APP_ZEROACCESS,
    APP_X509,
    APP_X509_CA,
    APP_TITLE,
    APP_HTML,
    APP_NTP,
    APP_VULN,
    APP_HEARTBLEED,
    APP_TICKETBLEED,
    APP_VNC_OLD,
    APP_SAFE,
    APP_MEMCACHED,
    APP_SCRIPTING,
    APP_VERSIONING,
    APP_COAP,
    APP_TELNET,
    APP_RDP,
    APP_HTTP_SERVER,
    APP_MINECRAFT,
    APP_VNC,
    APP_VNC_INFO,
    APP_ISAKMP,
    APP_ERROR,
    /* from here on ours: the existing tool does not know these numbers */
    APP_MYSQL,
    APP_POSTGRES,
    APP_REDIS,
    APP_MONGODB,
    APP_RTSP,
    APP_SIP,
    APP_X11,
    APP_MQTT,
    APP_AMQP,
    APP_JAVA_RMI,
    APP_COUNT,
};

#endif

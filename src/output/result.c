/* The names of a result's parts, as every text format prints them. */
#include "output/result.h"

const char *result_status_name(enum result_status status)
{
    static const char *const names[] = {
        [RESULT_OPEN] = "open", [RESULT_CLOSED] = "closed", [RESULT_UP] = "up"};
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

const char *result_protocol_name(uint8_t protocol)
{
    switch (protocol) {
    case RESULT_ARP:
        return "arp";
    case RESULT_ICMP:
        return "icmp";
    case RESULT_TCP:
        return "tcp";
    case RESULT_UDP:
        return "udp";
    case RESULT_SCTP:
        return "sctp";
    default:
        return "ip";
    }
}

const char *result_app_name(uint16_t app)
{
    static const char *const names[APP_COUNT] = {
        [APP_UNKNOWN] = "unknown",
        [APP_HEURISTIC] = "unknown",
        [APP_SSH1] = "ssh",
        [APP_SSH2] = "ssh",
        [APP_HTTP] = "http",
        [APP_FTP] = "ftp",
        [APP_DNS_VERSION] = "dns-ver",
        [APP_SNMP] = "snmp",
        [APP_NBTSTAT] = "nbtstat",
        [APP_SSL] = "ssl",
        [APP_SMB] = "smb",
        [APP_SMTP] = "smtp",
        [APP_POP] = "pop",
        [APP_IMAP] = "imap",
        [APP_ZEROACCESS] = "zeroaccess",
        [APP_X509] = "X509",
        [APP_X509_CA] = "X509CA",
        [APP_TITLE] = "title",
        [APP_HTML] = "html",
        [APP_NTP] = "ntp",
        [APP_VULN] = "vuln",
        [APP_HEARTBLEED] = "heartbleed",
        [APP_TICKETBLEED] = "ticketbleed",
        [APP_VNC_OLD] = "vnc",
        [APP_SAFE] = "safe",
        [APP_MEMCACHED] = "memcached",
        [APP_SCRIPTING] = "scripting",
        [APP_VERSIONING] = "versioning",
        [APP_COAP] = "coap",
        [APP_TELNET] = "telnet",
        [APP_RDP] = "rdp",
        [APP_HTTP_SERVER] = "http.server",
        [APP_MINECRAFT] = "minecraft",
        [APP_VNC] = "vnc",
        [APP_VNC_INFO] = "vnc-info",
        [APP_ISAKMP] = "isakmp",
        [APP_ERROR] = "error",
    };
    return app < APP_COUNT ? names[app] : "unknown";
}

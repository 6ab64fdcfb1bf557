/* What the user asked for, gathered from the command line and config files. Read by main only,
 * which hands each stage a small struct of its own. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/host_names.h"
#include "target/address_set.h"
#include "target/shard.h"

enum conf_action {
    ACTION_SCAN,
    ACTION_LIST,      /* -sL */
    ACTION_READRANGE, /* --readrange */
    ACTION_ECHO,      /* --echo, --echo-all, --echo-cidr */
    ACTION_READSCAN,  /* --readscan */
    ACTION_REGRESS,   /* --regress */
    ACTION_IFLIST,    /* --iflist */
    ACTION_BENCHMARK, /* --benchmark */
    ACTION_NMAP,      /* --nmap */
    ACTION_HELP,
    ACTION_VERSION,
};

/* How the status is shown. */
enum conf_status {
    CONF_STATUS_AUTOMATIC, /* on a terminal only */
    CONF_STATUS_ON,
    CONF_STATUS_OFF,
    CONF_STATUS_NDJSON,
};

/* What is said first on a connection, where nothing was given for the port. */
enum conf_hello {
    CONF_HELLO_PORT, /* what is usual on the port */
    CONF_HELLO_SSL,
    CONF_HELLO_HTTP,
    CONF_HELLO_SMBV1,
    CONF_HELLO_ANY, /* what is usual; where nothing is, or it is not answered: TLS, HTTP and then
                       all others in turn, each on a new connection */
};

enum {
    CONF_OUTPUTS_MAX = 8,
    CONF_PENDING_MAX = 4096,
    CONF_HTTP_HEADERS_MAX = 64,
    CONF_ADAPTERS_MAX = 8
};

/* What is said of one adapter. */
struct conf_adapter {
    const char *used_by; /* the option that named its index first; NULL: none did */
    char *name;          /* of its interface; NULL: choose */
    uint32_t vlan;       /* 0: none */
    bool has_ip, has_port, has_mac, has_router_mac, has_router_ip;
    bool has_ipv6, has_router_mac_ipv6, has_router_ipv6;
    struct range ip; /* host order */
    struct range6 ipv6;
    struct range port; /* numbers */
    struct mac_address mac, router_mac, router_mac_ipv6;
    uint32_t router_ip;
    struct ip_number router_ipv6;
};

struct conf_output {
    char *format; /* a writer's name; NULL: not named (xml) */
    char *path;   /* with fields of the time (base/time_fields.h); "-" is standard output, and of
                     the format redis it is a server's address; NULL: not named yet */
    char *name;   /* the path with its fields filled in; NULL until the output is opened */
};

/* Probes that were still owed when a scan was paused: of the indices first .. first + count - 1 (of
 * this shard), the next one being retry number `attempt`, 0 the first probe. */
struct conf_pending {
    uint64_t first, count;
    uint32_t attempt;
};

/* What is said first on one port. */
struct conf_port_hello {
    uint16_t port;
    bool is_probe;  /* of --nmap-service-probes */
    uint8_t *bytes; /* 1 to BANNER_HELLO_MAX */
    size_t length;
    char *file; /* where they were read from; NULL: from --hello-string, a probe, or a pipe */
};

struct conf_strings {
    char **items;
    unsigned count;
};

/* Of an option of TCP that is not to be sent. */
enum { CONF_TCP_NONE = 0xffffffff };

struct conf {
    enum conf_action action;
    bool echo_all, echo_cidr; /* how conf_echo writes */

    /* what is scanned; excludes not yet applied; normal after conf_check */
    struct address_set targets, excludes;
    struct range_set ports, exclude_ports;
    bool resolve; /* host names may stand among targets and excludes */
    struct name_list target_names, exclude_names; /* they, until they are looked up */
    struct host_names host_names;                 /* of addresses that were */
    uint32_t random_targets;                      /* so many more, drawn from the whole Internet */
    bool ping, arpscan; /* conf_check turns them into the ports I:0 and A:0 */

    /* in which order, and which part */
    bool seed_from_time; /* until conf_resolve_seed */
    bool seed_named;     /* --seed was given, be it a number or "time" */
    uint64_t seed;
    struct shard shard;
    uint64_t resume_index, resume_count;
    struct conf_pending pending[CONF_PENDING_MAX];
    unsigned pending_count;

    /* how fast, how often, how long */
    double rate_pps, min_rate_pps; /* conf_check makes the rate at least the minimum */
    bool has_rate, has_min_rate;
    uint32_t retries;
    uint32_t workers;   /* 0: choose */
    uint32_t dedup_mib; /* at most so much memory */
    uint32_t wait_seconds;
    bool wait_forever;
    bool infinite; /* again and again */

    /* what is said to open ports; without effect unless `banners` */
    bool banners;
    bool rawudp; /* UDP replies as they came */
    enum conf_hello hello;
    struct conf_port_hello *port_hellos; /* ascending, one a port */
    unsigned port_hello_count;
    char *nmap_service_probes;   /* the file that probes among them were read from; NULL: none */
    double hello_timeout_s;      /* the server may speak first for so long; 0: it may not */
    double connection_timeout_s; /* of a whole connection */
    uint32_t max_connections;    /* at once */
    uint32_t banner_length;      /* bytes of a text that are reported */
    bool capture_cert, capture_servername, capture_html;
    char *tls_servername; /* NULL: none is sent */

    /* the parts of an HTTP request; NULL: the default */
    char *http_method, *http_url, *http_version;
    char *http_host, *http_user_agent, *http_cookie;
    struct conf_strings http_headers; /* "Name: value", each name once */
    char *http_payload;

    /* through what */
    struct conf_adapter adapters[CONF_ADAPTERS_MAX]; /* by their index */
    unsigned adapter_count;                          /* at least one */
    char *packet_io;                                 /* a transport's name; NULL: choose */
    bool pfring; /* conf_check turns it, and an adapter zc:eth0, into packet_io */
    bool has_tcp_mss, has_tcp_wscale, has_tcp_tsecho, tcp_sackok;
    uint32_t tcp_mss, tcp_wscale, tcp_tsecho; /* or CONF_TCP_NONE */
    char *nmap_payloads, *pcap_payloads;      /* files of what UDP ports are sent; NULL: none */
    uint32_t ttl;
    bool offline;
    bool no_reset;

    /* what comes out */
    struct conf_output outputs[CONF_OUTPUTS_MAX];
    unsigned output_count;
    bool append_output;
    uint32_t rotate_seconds; /* how often files are rotated; 0: not by time */
    int64_t rotate_offset;   /* seconds that the times of it are shifted by */
    uint64_t rotate_size;    /* bytes after which a file is rotated; 0: not by size */
    char *rotate_dir;        /* where rotated files go; NULL: where they are */
    char *stylesheet;        /* what XML output names; NULL: nothing */
    char *redis_password;    /* a secret: never echoed; NULL: none */
    char *command;           /* the command line as a shell would take it, without secrets */
    char *resumed_from;      /* the file of --resume; NULL: a scan of its own */
    bool interactive;
    bool show_open, show_closed, show_suspects;
    enum conf_status status;
    char *pcap;                   /* received packets go to this file; NULL: nowhere */
    char *summary;                /* a summary as JSON goes to this file; NULL: nowhere */
    bool packet_trace;            /* a line for each packet */
    char *banner_types;           /* a comma list; NULL: all */
    struct conf_strings readscan; /* files and patterns; only these are for ACTION_READSCAN: */
    char *sort;                   /* address, port or time; NULL: as they come */
    bool merge;                   /* what says the same once */
    unsigned verbosity;
    char *user; /* to become when sockets and outputs are open; NULL: nobody instead of root */

    struct conf_strings notices; /* lines for the user, such as "ports: added 443 from FILE" */
};

/* The defaults, from the option table. */
void conf_init(struct conf *conf);
void conf_fini(struct conf *conf);

/* Reads a config file of `name = value` lines. Errors begin with "FILE:LINE: ". */
int conf_read_file(struct conf *conf, const char *path, struct error *err);

/* Reads the command line (after /etc/masscan/masscan.conf where it is present and the action is a
 * scan or tells of one), then calls conf_check. Options work in the order they stand in: of
 * scalar values the last one counts; targets, ports and excludes add up. An error is one line that
 * names the option, what came, and what is right. `argv` need not outlive the call. */
int conf_read_arguments(struct conf *conf, int argc, char *const argv[], struct error *err);

/* The same with another path for the system's config file; NULL reads none. */
int conf_read_arguments_after(struct conf *conf, const char *system_path, int argc,
                              char *const argv[], struct error *err);

/* Checks what can only be checked when all is there, and completes what is implied: sets become
 * normal, `ping` a port, `pfring` the packet_io of that name, a list without ports gets port 80,
 * the rate is at least the least one, an output without a format becomes xml, and one without a
 * path standard output if records are read back. */
int conf_check(struct conf *conf, struct error *err);

/* Is this run one of several parts of a scan (--shard, --resume-index, --resume-count)? */
bool conf_is_part(const struct conf *conf);

/* Are hosts asked for by ARP, and nothing else? (The latter is conf_check's to see to.) */
bool conf_asks_by_arp(const struct conf *conf);

/* Makes a seed "from time" a number: `now`, except for a part of a scan if no seed was named. Then
 * it is a constant, so that all the parts follow the same order and leave no gap. To be called
 * before the first use of the seed and before conf_echo. */
void conf_resolve_seed(struct conf *conf, uint64_t now);

/* The configuration as text that conf_read_file reads back to the same scan: --echo, and the body
 * of paused.conf. With `echo_all` it has what has its default, too, and what is not set as
 * comments; with `echo_cidr` ranges of addresses are cut into CIDR blocks. */
void conf_echo(const struct conf *conf, struct buffer *out);

/* The --help text, from the option table. */
void conf_help(struct buffer *out);

/* The --nmap text: which options of nmap are taken, and what to use instead of the others. */
void conf_nmap(struct buffer *out);

#endif

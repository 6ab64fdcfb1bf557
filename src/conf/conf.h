/* What the user asked for, gathered from the command line and config files. Read by main only,
 * which hands each stage a small struct of its own. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/error.h"
#include "target/range_set.h"
#include "target/shard.h"

enum conf_action {
    ACTION_SCAN,
    ACTION_LIST,     /* -sL */
    ACTION_ECHO,     /* --echo */
    ACTION_READSCAN, /* --readscan */
    ACTION_REGRESS,  /* --regress */
    ACTION_HELP,
    ACTION_VERSION,
};

enum { CONF_OUTPUTS_MAX = 8, CONF_PENDING_MAX = 64 };

struct conf_output {
    char *format; /* a writer's name; NULL: not named (xml) */
    char *path;   /* "-" is standard output; NULL: not named yet */
};

/* Retries that were still owed when a scan was paused: probes of the indices first .. first + count
 * - 1 (of this shard), the next one being try number `attempt` (1-based). */
struct conf_pending {
    uint64_t first, count;
    uint32_t attempt;
};

struct conf_strings {
    char **items;
    unsigned count;
};

struct conf {
    enum conf_action action;

    /* what is scanned; not yet normalised, excludes not yet applied */
    struct range_set targets, excludes;
    struct range_set ports, exclude_ports;

    /* in which order, and which part */
    bool seed_from_time;
    uint64_t seed;
    struct shard shard;
    uint64_t resume_index, resume_count;
    struct conf_pending pending[CONF_PENDING_MAX];
    unsigned pending_count;

    /* how fast, how often, how long */
    double rate_pps;
    uint32_t retries;
    uint32_t wait_seconds;
    bool wait_forever;

    /* through what */
    char *adapter;   /* NULL: choose */
    char *packet_io; /* a transport's name; NULL: choose */
    bool has_adapter_ip, has_adapter_port, has_adapter_mac, has_router_mac, has_router_ip;
    struct range adapter_ip;   /* host order */
    struct range adapter_port; /* numbers */
    struct mac_address adapter_mac, router_mac;
    uint32_t router_ip;
    uint32_t ttl;
    bool offline;
    bool no_reset;

    /* what comes out */
    struct conf_output outputs[CONF_OUTPUTS_MAX];
    unsigned output_count;
    bool append_output;
    bool interactive;
    bool show_open, show_closed;
    bool no_status;
    struct conf_strings readscan;
    unsigned verbosity;
};

/* The defaults. */
void conf_init(struct conf *conf);
void conf_fini(struct conf *conf);

/* Reads a config file of `name = value` lines. Errors begin with "FILE:LINE: ". */
int conf_read_file(struct conf *conf, const char *path, struct error *err);

/* Reads the command line (after /etc/masscan/masscan.conf where it is present and the action is not
 * readscan), then checks what can only be checked when all is there. An error is one line that
 * names the option, what came, and what is right. */
int conf_read_arguments(struct conf *conf, int argc, char *const argv[], struct error *err);

/* The configuration as text that conf_read_file reads back to the same scan: --echo, and the body
 * of paused.conf. */
void conf_echo(const struct conf *conf, struct buffer *out);

/* The --help text, from the option table. */
void conf_help(struct buffer *out);

#endif

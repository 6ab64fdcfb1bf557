/* The simulator's command line: one table of options, one setter each. */
#include "options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTED_PAIRS_MAX = 1 << 28 };

struct option_row {
    const char *name;
    const char *value; /* NULL: takes none */
    const char *help;
    int (*set)(struct sim_options *options, const char *text, struct error *err);
};

/* ARP is no class here: hosts that are up answer it. */
static const char *const class_names[] = {
    [PORT_TCP] = "tcp",   [PORT_UDP] = "udp",     [PORT_SCTP] = "sctp",
    [PORT_ICMP] = "icmp", [PORT_IP_PROTO] = "ip",
};
enum { CLASSES = sizeof class_names / sizeof *class_names };

static int read_number(const char *text, double least, double most, double *number,
                       const char **rest, struct error *err)
{
    char *end;
    *number = strtod(text, &end);
    *rest = end;
    if (end == text || !(*number >= least && *number <= most))
        return error_set(err, "'%s': expected a number from %g to %g", text, least, most);
    return 0;
}

static int read_whole_number(const char *text, double least, double most, double *number,
                             struct error *err)
{
    const char *rest;
    if (read_number(text, least, most, number, &rest, err) < 0)
        return -1;
    return *rest == '\0' ? 0 : error_set(err, "'%s': '%s' stands behind the number", text, rest);
}

static int read_share(const char *text, uint64_t *share, struct error *err)
{
    double percent;
    if (read_whole_number(text, 0, 100, &percent, err) < 0)
        return -1;
    *share = (uint64_t)(percent / 100 * (double)TRUTH_WHOLE);
    return 0;
}

static int find_class(const char *name, size_t length)
{
    for (int class = 0; class < CLASSES; class ++)
        if (strlen(class_names[class]) == length && strncmp(class_names[class], name, length) == 0)
            return class;
    return -1;
}

static int read_address(const char *text, uint32_t *address, struct error *err)
{
    struct in_addr in;
    if (inet_pton(AF_INET, text, &in) != 1)
        return error_set(err, "'%s': expected an IPv4 address as in 10.8.0.1", text);
    *address = ntohl(in.s_addr);
    return 0;
}

/* An address of either family; of IPv4 only the last word is set. */
static int read_network(const char *text, uint32_t word[4], bool *is_ipv6, struct error *err)
{
    uint8_t bytes[16] = {0};
    *is_ipv6 = strchr(text, ':') != NULL;
    if (inet_pton(*is_ipv6 ? AF_INET6 : AF_INET, text, *is_ipv6 ? bytes : bytes + 12) != 1)
        return error_set(err, "'%s': expected an address as in 10.8.0.1 or 2001:db8::1", text);
    for (int i = 0; i < 4; i++)
        word[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 |
                  (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
    return 0;
}

/* "10.0.0.0/8", "2001:db8::/96" */
static int read_prefix(const char *text, struct sim_prefix *prefix, struct error *err)
{
    char network[INET6_ADDRSTRLEN] = "";
    const char *slash = strchr(text, '/');
    uint32_t word[4];
    double length;
    if (slash == NULL || (size_t)(slash - text) >= sizeof network)
        return error_set(err, "'%s': expected a prefix as in 10.0.0.0/8 or 2001:db8::/96", text);
    memcpy(network, text, (size_t)(slash - text));
    if (read_network(network, word, &prefix->is_ipv6, err) < 0)
        return -1;
    int upper_bits = prefix->is_ipv6 ? 96 : 0;
    if (read_whole_number(slash + 1, upper_bits, upper_bits + 32, &length, err) < 0)
        return -1;
    memcpy(prefix->upper, word, sizeof prefix->upper);
    prefix->network = word[3];
    prefix->mask = (uint32_t)(~0ull << (upper_bits + 32 - (int)length));
    if (prefix->network & ~prefix->mask)
        return error_set(err, "'%s': the address has bits behind the prefix", text);
    return 0;
}

static bool overlap(const struct sim_prefix *a, const struct sim_prefix *b)
{
    return a->is_ipv6 == b->is_ipv6 && memcmp(a->upper, b->upper, sizeof a->upper) == 0 &&
           ((a->network ^ b->network) & a->mask & b->mask) == 0;
}

static int add_prefix(struct sim_options *options, const char *text, bool proxied,
                      struct error *err)
{
    struct sim_config *config = &options->config;
    struct sim_prefix prefix = {.first = options->addresses, .proxied = proxied};
    if (read_prefix(text, &prefix, err) < 0)
        return -1;
    for (uint32_t i = 0; i < config->prefixes; i++)
        if (overlap(&prefix, &config->prefix[i]))
            return error_set(err, "'%s': overlaps an earlier prefix", text);
    if (config->prefixes == SIM_PREFIXES_MAX)
        return error_set(err, "'%s': at most %d prefixes", text, SIM_PREFIXES_MAX);
    config->prefix[config->prefixes++] = prefix;
    options->addresses += (uint64_t)~prefix.mask + 1;
    return 0;
}

static int set_prefix(struct sim_options *options, const char *text, struct error *err)
{
    return add_prefix(options, text, false, err);
}

static int set_syn_proxy(struct sim_options *options, const char *text, struct error *err)
{
    return add_prefix(options, text, true, err);
}

static int set_router_ipv6(struct sim_options *options, const char *text, struct error *err)
{
    if (inet_pton(AF_INET6, text, options->config.router_ipv6) != 1)
        return error_set(err, "'%s': expected an IPv6 address as in fe80::1", text);
    return 0;
}

static int set_router(struct sim_options *options, const char *text, struct error *err)
{
    return read_address(text, &options->config.router, err);
}

/* ---- ports ---- */

static int read_port(const char **at, uint32_t *port, struct error *err)
{
    char *end;
    unsigned long value = strtoul(*at, &end, 10);
    *port = (uint32_t)value;
    if (end == *at || **at == '-' || **at == '+' || value > 65535)
        return error_set(err, "'%s': expected a port from 0 to 65535", *at);
    *at = end;
    return 0;
}

static void mark_ports(uint8_t *marked, int class, uint32_t first, uint32_t last)
{
    for (uint32_t port = first; port <= last; port++)
        marked[port_code((enum port_class) class, port)] = 1;
}

/* One of `80`, `1-1024`; at ends at the comma or the end of the text. */
static int read_port_range(const char **at, int class, uint8_t *marked, struct error *err)
{
    uint32_t first, last;
    if (read_port(at, &first, err) < 0)
        return -1;
    last = first;
    if (**at == '-') {
        (*at)++;
        if (read_port(at, &last, err) < 0)
            return -1;
    }
    if (last < first)
        return error_set(err, "port range %u-%u is upside down", first, last);
    mark_ports(marked, class, first, last);
    return 0;
}

static int read_ports(const char *text, uint8_t *marked, struct error *err)
{
    static const char letters[] = "TUSIO"; /* in the order of enum port_class */
    int class = PORT_TCP;
    for (const char *at = text;; at++) {
        const char *letter = *at ? strchr(letters, *at) : NULL;
        if (letter != NULL && at[1] == ':') {
            class = (int)(letter - letters);
            at += 2;
        }
        if (read_port_range(&at, class, marked, err) < 0)
            return -1;
        if (*at == '\0')
            return 0;
        if (*at != ',')
            return error_set(err, "'%s': expected a comma between ports", at);
    }
}

static int set_ports(struct sim_options *options, const char *text, struct error *err)
{
    uint8_t *marked = calloc(SIM_PORT_CODES, 1);
    if (marked == NULL)
        return error_set(err, "no memory for the list of ports");
    int result = read_ports(text, marked, err);
    uint32_t n = 0;
    for (uint32_t code = 0; code < SIM_PORT_CODES; code++)
        n += marked[code];
    uint32_t *ports = result < 0 ? NULL : calloc(n, sizeof *ports);
    if (result == 0 && ports == NULL)
        result = error_set(err, "no memory for %u ports", n);
    if (result == 0) {
        free(options->ports);
        options->ports = ports;
        options->ports_n = 0;
        for (uint32_t code = 0; code < SIM_PORT_CODES; code++)
            if (marked[code])
                ports[options->ports_n++] = code;
    }
    free(marked);
    return result;
}

/* ---- truth ---- */

static int set_key(struct sim_options *options, const char *text, struct error *err)
{
    char *end;
    options->config.truth.key = strtoull(text, &end, 0);
    if (end == text || *end != '\0')
        return error_set(err, "'%s': expected a number of at most 64 bits", text);
    return 0;
}

static int set_dead(struct sim_options *options, const char *text, struct error *err)
{
    return read_share(text, &options->config.truth.dead, err);
}

/* `tcp=10/20`: 10 % open, 20 % closed. */
static int set_share(struct sim_options *options, const char *text, struct error *err)
{
    size_t name = strcspn(text, "=");
    int class = find_class(text, name);
    double open, closed;
    const char *rest;
    if (class < 0 || text[name] != '=')
        return error_set(err, "'%s': expected CLASS=OPEN/CLOSED with tcp, udp, sctp, icmp or ip",
                         text);
    if (read_number(text + name + 1, 0, 100, &open, &rest, err) < 0)
        return -1;
    if (*rest != '/')
        return error_set(err, "'%s': expected OPEN/CLOSED in percent, as in tcp=10/20", text);
    if (read_whole_number(rest + 1, 0, 100 - open, &closed, err) < 0)
        return -1;
    options->config.truth.share[class].open = (uint64_t)(open / 100 * (double)TRUTH_WHOLE);
    options->config.truth.share[class].closed = (uint64_t)(closed / 100 * (double)TRUTH_WHOLE);
    return 0;
}

static int set_show(struct sim_options *options, const char *text, struct error *err)
{
    static const struct {
        const char *name;
        bool show[TRUTH_OPEN + 1];
    } rows[] = {
        {"open", {[TRUTH_OPEN] = true}},
        {"closed", {[TRUTH_CLOSED] = true}},
        {"silent", {[TRUTH_SILENT] = true}},
        {"answered", {[TRUTH_OPEN] = true, [TRUTH_CLOSED] = true}},
        {"all", {true, true, true}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, text) != 0)
            continue;
        memcpy(options->show, rows[i].show, sizeof options->show);
        return 0;
    }
    return error_set(err, "'%s': expected open, closed, silent, answered or all", text);
}

/* ---- what the network does to packets ---- */

static int set_request_loss(struct sim_options *options, const char *text, struct error *err)
{
    return read_share(text, &options->config.request_loss, err);
}

static int set_reply_loss(struct sim_options *options, const char *text, struct error *err)
{
    return read_share(text, &options->config.reply_loss, err);
}

static int set_duplicates(struct sim_options *options, const char *text, struct error *err)
{
    return read_share(text, &options->config.duplicate, err);
}

static int set_late(struct sim_options *options, const char *text, struct error *err)
{
    return read_share(text, &options->config.late, err);
}

static int set_delay(struct sim_options *options, const char *text, struct error *err)
{
    double milliseconds;
    /* The program multiplies nanoseconds by a 32-bit number: 4 s is the most that fits. */
    if (read_whole_number(text, 0, 4000, &milliseconds, err) < 0)
        return -1;
    options->config.delay_max_ns = (uint64_t)(milliseconds * 1e6);
    return 0;
}

static int set_forge(struct sim_options *options, const char *text, struct error *err)
{
    return read_share(text, &options->config.forge, err);
}

static int set_unsolicited(struct sim_options *options, const char *text, struct error *err)
{
    return read_whole_number(text, 0, 1e6, &options->unsolicited_pps, err);
}

static int set_http(struct sim_options *options, const char *text, struct error *err)
{
    (void)text, (void)err;
    options->config.http = 1;
    return 0;
}

/* ---- where ---- */

static int set_interface(struct sim_options *options, const char *text, struct error *err)
{
    (void)err;
    options->interface = text;
    return 0;
}

static int set_native(struct sim_options *options, const char *text, struct error *err)
{
    (void)text, (void)err;
    options->native = true;
    return 0;
}

static int set_counters(struct sim_options *options, const char *text, struct error *err)
{
    (void)err;
    options->counters_file = text;
    return 0;
}

static int set_pid_file(struct sim_options *options, const char *text, struct error *err)
{
    (void)err;
    options->pid_file = text;
    return 0;
}

static const struct option_row rows[] = {
    {"prefix", "NETWORK/BITS", "simulate these addresses; repeat for more (IPv6: 96 bits at least)",
     set_prefix},
    {"syn-proxy", "NETWORK/BITS", "the same, with every host up and every TCP port open",
     set_syn_proxy},
    {"ports", "LIST", "count probes of each pair; as in 80,1-99,U:53,S:38412,I:0,O:47", set_ports},
    {"key", "NUMBER", "which network it is: another key, other truth (0)", set_key},
    {"dead", "PERCENT", "hosts that never answer (0)", set_dead},
    {"share", "CLASS=OPEN/CLOSED", "percent of a class's ports (icmp=100/0, others 10/20)",
     set_share},
    {"request-loss", "PERCENT", "probes that do not arrive", set_request_loss},
    {"reply-loss", "PERCENT", "replies that do not arrive", set_reply_loss},
    {"duplicates", "PERCENT", "replies that arrive twice, the copy up to --delay later",
     set_duplicates},
    {"late", "PERCENT", "replies held back for up to --delay, so that others overtake them",
     set_late},
    {"delay", "MILLISECONDS", "the longest delay (50, at most 4000)", set_delay},
    {"forge", "PERCENT", "probes that also provoke forged replies", set_forge},
    {"unsolicited", "PER_SECOND", "forged replies out of nowhere, to whoever probed last",
     set_unsolicited},
    {"http", NULL, "open TCP ports answer data with a page, and close", set_http},
    {"router", "ADDRESS", "an address outside the prefixes that answers ARP", set_router},
    {"router-ipv6", "ADDRESS", "the same, that answers Neighbour Discovery", set_router_ipv6},
    {"interface", "NAME", "where: a veth end in a namespace of the lab", set_interface},
    {"native", NULL, "XDP in the driver; the other end then needs an XDP program too", set_native},
    {"counters", "FILE", "where SIGUSR1 and the end write the counters, as JSON", set_counters},
    {"pid-file", "FILE", "written when ready", set_pid_file},
    {"show", "STATE", "truth: open (default), closed, silent, answered or all", set_show},
};

enum { ROWS = sizeof rows / sizeof *rows };

static const struct option_row *find_row(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

void sim_options_help(void)
{
    puts("usage: sim [OPTIONS]         answer probes on --interface until SIGTERM\n"
         "       sim truth [OPTIONS]   list the pairs of --prefix and --ports by their state\n"
         "       sim pass --interface  only let frames in: the near end's part of --native\n");
    for (size_t i = 0; i < ROWS; i++)
        printf("  --%-12s %-18s %s\n", rows[i].name, rows[i].value ? rows[i].value : "",
               rows[i].help);
}

static void set_defaults(struct sim_options *options)
{
    *options = (struct sim_options){.show = {[TRUTH_OPEN] = true}};
    options->config.delay_max_ns = 50 * 1000 * 1000;
    for (int class = 0; class < PORT_CLASSES; class ++)
        options->config.truth.share[class] =
            (struct truth_share){TRUTH_WHOLE / 10, TRUTH_WHOLE / 5};
    options->config.truth.share[PORT_ICMP] = (struct truth_share){TRUTH_WHOLE, 0};
}

/* Sets one option; returns how many arguments it took. */
static int read_option(struct sim_options *options, char *argv[], struct error *err)
{
    const struct option_row *row = strncmp(argv[0], "--", 2) == 0 ? find_row(argv[0] + 2) : NULL;
    if (row == NULL)
        return error_set(err, "unknown option '%s': see sim --help", argv[0]);
    if (row->value != NULL && argv[1] == NULL)
        return error_set(err, "%s: expected %s behind it", argv[0], row->value);
    if (row->set(options, row->value ? argv[1] : NULL, err) < 0)
        return error_context(err, "%s", argv[0]);
    return row->value ? 2 : 1;
}

static int check(struct sim_options *options, struct error *err)
{
    if (options->mode != SIM_TRUTH && options->interface == NULL)
        return error_set(err, "no --interface given");
    if (options->mode == SIM_PASS)
        return 0;
    if (options->config.prefixes == 0)
        return error_set(err, "no --prefix given");
    if (options->mode == SIM_TRUTH)
        return options->ports_n ? 0 : error_set(err, "no --ports given");
    if (options->addresses * options->ports_n > COUNTED_PAIRS_MAX)
        return error_set(err,
                         "%llu addresses of %u ports are too many pairs to count: at most %d, "
                         "or leave out --ports",
                         (unsigned long long)options->addresses, options->ports_n,
                         COUNTED_PAIRS_MAX);
    options->config.counted_ports = options->ports_n;
    options->config.learn_peer = options->unsolicited_pps > 0;
    return 0;
}

int sim_options_read(struct sim_options *options, int argc, char *argv[], struct error *err)
{
    int at = 1;
    set_defaults(options);
    if (argc > 1 && strcmp(argv[1], "truth") == 0)
        options->mode = SIM_TRUTH;
    else if (argc > 1 && strcmp(argv[1], "pass") == 0)
        options->mode = SIM_PASS;
    at += options->mode != SIM_RUN;
    while (at < argc) {
        int taken = read_option(options, argv + at, err);
        if (taken < 0)
            return -1;
        at += taken;
    }
    return check(options, err);
}

void sim_options_free(struct sim_options *options)
{
    free(options->ports);
}

/* What can only be checked when all options are read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/banner_limits.h"
#include "base/port.h"
#include "conf/conf.h"
#include "conf/set.h"
#include "conf/string_list.h"

/* So many addresses are scanned by mistake only: whoever means it can name an exclude. */
#define CAREFUL_ABOVE 1000000000ull

enum { LIST_PORT = 80 };

/* Gives an output that lacks a part its default. */
static int complete_output(const struct conf *conf, struct conf_output *output, struct error *err)
{
    if (output->format == NULL && string_replace(&output->format, "xml", err) < 0)
        return -1;
    if (output->path != NULL || output_needs_no_file(output->format))
        return 0;
    if (strcasecmp(output->format, "redis") == 0)
        return error_set(err, "--output-format redis: it needs a server (want --redis ADDRESS)");
    if (strcasecmp(output->format, "sqlite") == 0)
        return error_set(err, "--output-format sqlite: it needs a file of its own (want "
                              "--output-filename FILE)");
    if (conf->action == ACTION_READSCAN)
        return string_replace(&output->path, "-", err);
    return error_set(err, "--output-format %s: it needs --output-filename (- is standard output)",
                     output->format);
}

static void remove_output(struct conf *conf, unsigned at)
{
    free(conf->outputs[at].format);
    free(conf->outputs[at].path);
    conf->output_count--;
    memmove(&conf->outputs[at], &conf->outputs[at + 1],
            (conf->output_count - at) * sizeof *conf->outputs);
}

static bool same_file(const struct conf_output *a, const struct conf_output *b)
{
    if (a->path == NULL || b->path == NULL)
        return a->path == b->path && strcasecmp(a->format, b->format) == 0;
    return strcmp(a->path, b->path) == 0;
}

/* The same said twice (by two config files) counts once, which is a return of 1; two formats cannot
 * share a file. */
static int merge_output(struct conf *conf, unsigned at, struct error *err)
{
    const struct conf_output *output = &conf->outputs[at], *other = conf->outputs;
    while (other < output && !same_file(other, output))
        other++;
    if (other == output)
        return 0;
    if (strcasecmp(other->format, output->format) != 0)
        return error_set(err, "%s cannot take both %s and %s (want a file for each format)",
                         output->path, other->format, output->format);
    remove_output(conf, at);
    return 1;
}

static int check_outputs(struct conf *conf, struct error *err)
{
    unsigned at = 0;
    while (at < conf->output_count) {
        int status = complete_output(conf, &conf->outputs[at], err);
        if (status == 0)
            status = merge_output(conf, at, err);
        if (status < 0)
            return -1;
        at += status == 0;
    }
    for (unsigned i = 0; i < conf->output_count && conf->output_count > 1; i++)
        if (strcasecmp(conf->outputs[i].format, "none") == 0)
            return error_set(err, "--output-format none does not go together with other outputs");
    return 0;
}

/* The summary has a file of its own. */
static int check_summary(const struct conf *conf, struct error *err)
{
    const char *path = conf->summary;
    if (path == NULL)
        return 0;
    if (strcmp(path, "-") == 0)
        return error_set(err, "--summary: \"-\" cannot be replaced as a whole (want a file)");
    for (unsigned i = 0; i < conf->output_count; i++)
        if (conf->outputs[i].path != NULL && strcmp(conf->outputs[i].path, path) == 0)
            return error_set(err, "--summary: %s takes results already (want a file of its own)",
                             path);
    if (conf->pcap != NULL && strcmp(conf->pcap, path) == 0)
        return error_set(err, "--summary: %s takes packets already (want a file of its own)", path);
    return 0;
}

/* Packets and results in one file would destroy each other. */
static int check_pcap(const struct conf *conf, struct error *err)
{
    for (unsigned i = 0; i < conf->output_count && conf->pcap != NULL; i++) {
        const char *path = conf->outputs[i].path;
        if (path != NULL && strcmp(path, conf->pcap) == 0)
            return error_set(err, "--pcap: %s takes results already (want a file of its own)",
                             path);
    }
    if (conf->pcap != NULL && conf->output_count == 0 && strcmp(conf->pcap, "-") == 0)
        return error_set(err, "--pcap: standard output takes results already (want "
                              "--output-filename for them)");
    return 0;
}

static int check_sets(struct conf *conf, struct error *err)
{
    uint32_t echo = port_code(PORT_ICMP, PORT_ICMP_ECHO), arp = port_code(PORT_ARP, 0);
    if ((conf->ping && range_set_add(&conf->ports, echo, echo, err) < 0) ||
        (conf->arpscan && range_set_add(&conf->ports, arp, arp, err) < 0))
        return -1;
    conf->ping = conf->arpscan = false;
    if (conf->action == ACTION_LIST && conf->ports.count == 0 &&
        range_set_add(&conf->ports, LIST_PORT, LIST_PORT, err) < 0)
        return -1;
    if (address_set_normalise(&conf->targets, err) < 0 ||
        address_set_normalise(&conf->excludes, err) < 0 ||
        range_set_normalise(&conf->ports, err) < 0)
        return -1;
    return range_set_normalise(&conf->exclude_ports, err);
}

/* An adapter by the name that it has in PF_RING, zc:eth0, asks for PF_RING as well. */
static void take_prefix(struct conf *conf, char *name)
{
    static const char prefix[] = "zc:";
    size_t length = strlen(prefix);
    if (name == NULL || strncmp(name, prefix, length) != 0)
        return;
    memmove(name, name + length, strlen(name + length) + 1);
    conf->pfring = true;
}

/* Of several adapters each is named: one that was forgotten, or has a wrong number, would else be
 * an interface that nobody meant. */
static int check_adapters(const struct conf *conf, struct error *err)
{
    unsigned last = conf->adapter_count - 1, missing = 0;
    if (last == 0)
        return 0;
    while (missing <= last && conf->adapters[missing].name != NULL)
        missing++;
    if (missing > last)
        return 0;
    if (conf->adapters[last].name == NULL)
        missing = last;
    return error_set(err,
                     "--%s[%u]: there is no --adapter[%u] (want an interface for each index, from "
                     "--adapter[0] on)",
                     conf->adapters[last].used_by, last, missing);
}

/* --pfring means one of the ways that --packet-io has. */
static int check_packet_io(struct conf *conf, struct error *err)
{
    static const char meant[] = "pfring";
    for (unsigned i = 0; i < conf->adapter_count; i++)
        take_prefix(conf, conf->adapters[i].name);
    if (!conf->pfring)
        return 0;
    if (conf->packet_io != NULL && strcmp(conf->packet_io, meant) != 0)
        return error_set(err,
                         "--pfring does not go together with --packet-io %s (want one of them)",
                         conf->packet_io);
    conf->pfring = false;
    return string_replace(&conf->packet_io, meant, err);
}

static bool is_sent(bool has, uint32_t value)
{
    return has && value != CONF_TCP_NONE;
}

/* Who announces them has to keep to them in every segment that follows (RFC 7323). */
static int check_tcp(const struct conf *conf, struct error *err)
{
    const char *name = is_sent(conf->has_tcp_wscale, conf->tcp_wscale)   ? "--tcp-wscale"
                       : is_sent(conf->has_tcp_tsecho, conf->tcp_tsecho) ? "--tcp-tsecho"
                                                                         : NULL;
    if (!conf->banners || name == NULL)
        return 0;
    return error_set(err, "%s does not go together with --banners (leave out one of them)", name);
}

static int refuse(struct error *err, uint128 addresses)
{
    char text[UINT128_TEXT_SIZE];
    error_set(err,
              "%s addresses and nothing excluded; if that is meant, say --exclude "
              "255.255.255.255",
              uint128_text(text, addresses));
    return error_blame(err, ERROR_REFUSED);
}

static int check_targets(const struct conf *conf, struct error *err)
{
    if (!address_set_is_empty(&conf->targets) || conf->random_targets > 0 ||
        conf->target_names.count > 0)
        return 0;
    return error_set(err, "no targets (want addresses or ranges, such as 192.0.2.0/24; "
                          "masscan --help tells more)");
}

/* Link-local addresses that name their interface are reached through that one only. */
static int check_zone(struct conf *conf, struct error *err)
{
    const char *zone = conf->targets.zone;
    char **name = &conf->adapters[0].name;
    if (zone[0] == '\0')
        return 0;
    if (conf->adapter_count > 1)
        return error_set(err,
                         "--adapter[1]: link-local targets are on \"%s\" alone (want one adapter "
                         "for them)",
                         zone);
    if (*name == NULL)
        return string_replace(name, zone, err);
    if (strcmp(*name, zone) == 0)
        return 0;
    return error_set(err,
                     "--adapter %s: link-local targets are on \"%s\" (want that adapter, or "
                     "targets of one interface)",
                     *name, zone);
}

bool conf_asks_by_arp(const struct conf *conf)
{
    return range_set_contains(&conf->ports, port_code(PORT_ARP, 0));
}

/* Requests by ARP are no IP packets, and ask for hosts of the link alone. */
static int check_arp(const struct conf *conf, struct error *err)
{
    if (!conf_asks_by_arp(conf))
        return 0;
    if (range_set_size(&conf->ports) > 1)
        return error_set(err, "--arpscan does not go together with ports or --ping (want a scan "
                              "for each)");
    if (conf->targets.v6.count > 0)
        return error_set(err, "--arpscan: ARP asks for IPv4 addresses only (want no IPv6 targets)");
    return 0;
}

static int check_scan(const struct conf *conf, struct error *err)
{
    if (check_targets(conf, err) < 0)
        return -1;
    if (conf->ports.count == 0)
        return error_set(err, "no ports (want -p with ports, such as -p 80,443,U:53, or --ping)");
    if (check_arp(conf, err) < 0)
        return -1;
    uint128 size = address_set_size(&conf->targets);
    if (conf->action == ACTION_SCAN && size > CAREFUL_ABOVE - conf->random_targets &&
        address_set_is_empty(&conf->excludes))
        return refuse(err, size);
    return 0;
}

static int check_infinite(const struct conf *conf, struct error *err)
{
    if (conf->infinite && conf->resume_count > 0)
        return error_set(err, "--infinite does not go together with --resume-count");
    if (conf->infinite && conf->wait_forever)
        return error_set(err, "--infinite does not go together with --wait forever: a round would "
                              "never end (want a number of seconds)");
    return 0;
}

/* Parts that do not follow the same order would overlap and leave gaps. */
static int check_seed(struct conf *conf, struct error *err)
{
    if (!conf->seed_from_time || !conf_is_part(conf))
        return 0;
    if (conf->seed_named)
        return error_set(err, "--seed time: the parts of a scan must share one seed (want a "
                              "number, or no --seed)");
    return string_list_add(&conf->notices,
                           "seed: 0, so that all parts of the scan follow the same order; --seed N "
                           "chooses another, for all of them",
                           err);
}

/* A scan goes as fast as its rate allows: so a least rate is the rate where no other is given. */
static int check_rate(struct conf *conf, struct error *err)
{
    if (!conf->has_min_rate || conf->min_rate_pps <= conf->rate_pps)
        return 0;
    if (conf->has_rate)
        return error_set(
            err, "--min-rate: %.10g is above the rate (want at most --rate, which is %.10g)",
            conf->min_rate_pps, conf->rate_pps);
    char text[80];
    conf->rate_pps = conf->min_rate_pps;
    snprintf(text, sizeof text, "rate: %.10g packets a second, from --min-rate", conf->rate_pps);
    return string_list_add(&conf->notices, text, err);
}

static size_t length_of(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

/* All of an HTTP request must wait to be acknowledged. */
static int check_http(const struct conf *conf, struct error *err)
{
    enum { BETWEEN = 256 }; /* line ends, and the names of fields that the program puts there */
    size_t length = length_of(conf->http_method) + length_of(conf->http_url) +
                    length_of(conf->http_version) + length_of(conf->http_host) +
                    length_of(conf->http_user_agent) + length_of(conf->http_cookie) +
                    length_of(conf->http_payload);
    for (unsigned i = 0; i < conf->http_headers.count; i++)
        length += strlen(conf->http_headers.items[i]) + strlen("\r\n");
    if (length <= BANNER_HELLO_MAX - BETWEEN)
        return 0;
    return error_set(err,
                     "--http-payload and the other --http options: %zu bytes are too many for a "
                     "request (want at most %d together)",
                     length, BANNER_HELLO_MAX - BETWEEN);
}

/* A scan writes results as they come. */
static int check_order(const struct conf *conf, struct error *err)
{
    if (conf->action == ACTION_READSCAN || (conf->sort == NULL && !conf->merge))
        return 0;
    return error_set(err,
                     "%s: it works with --readscan only; sort the results of a scan when it "
                     "is done",
                     conf->sort != NULL ? "--sort" : "--merge");
}

int conf_check(struct conf *conf, struct error *err)
{
    if (check_outputs(conf, err) < 0 || check_pcap(conf, err) < 0 || check_summary(conf, err) < 0 ||
        check_sets(conf, err) < 0 || check_adapters(conf, err) < 0 ||
        check_packet_io(conf, err) < 0 || check_tcp(conf, err) < 0 || check_zone(conf, err) < 0 ||
        check_rate(conf, err) < 0 || check_http(conf, err) < 0 || check_order(conf, err) < 0)
        return -1;
    switch (conf->action) {
    case ACTION_SCAN:
    case ACTION_LIST:
        if (check_scan(conf, err) < 0 || check_infinite(conf, err) < 0)
            return -1;
        return check_seed(conf, err);
    case ACTION_READRANGE:
        return check_targets(conf, err);
    case ACTION_ECHO:
        return check_seed(conf, err);
    default:
        return 0;
    }
}

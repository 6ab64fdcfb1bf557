/* What a scan says before its first packet. */
#include "app/announce.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "app/app.h"
#include "app/version.h"
#include "scan/schedule.h"
#include "scan/status.h"

enum { TEXT_MAXIMUM = 1 << 14 };
static const double YEARS_100 = 100 * 365.25 * 86400; /* in seconds */

static void tell_workers(const struct link *link, const struct conf *conf)
{
    unsigned count = link->transports.count;
    if (count < conf->workers)
        fprintf(stderr, "Using %u worker%s instead of %u: %s on \"%s\" takes no more\n", count,
                count == 1 ? "" : "s", conf->workers, link->transports.member[0].ops->name,
                link->adapter.interface.name);
}

/* Of several adapters each is named. */
static void tell_way(const struct link *link, bool one_of_several)
{
    const char *way = link->transports.member[0].ops->name;
    if (link->reason.text[0] != '\0' && one_of_several)
        fprintf(stderr, "Using %s on \"%s\": %s\n", way, link->adapter.interface.name,
                link->reason.text);
    else if (link->reason.text[0] != '\0')
        fprintf(stderr, "Using %s: %s\n", way, link->reason.text);
}

void announce_links(const struct links *links, const struct conf *conf)
{
    for (unsigned i = 0; i < links->count; i++) {
        tell_way(&links->of[i], links->count > 1);
        tell_workers(&links->of[i], conf);
    }
}

void announce_start(const struct conf *conf)
{
    char now_text[64] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL)
        strftime(now_text, sizeof now_text, "%Y-%m-%d %H:%M:%S", &utc);
    fprintf(stderr, "Starting %s %s at %s GMT\n", APP_NAME, APP_VERSION, now_text);
    fprintf(stderr, "Initiating %s Scan\n", conf_asks_by_arp(conf) ? "ARP" : "SYN Stealth");
}

/* How long sending will take at the rate asked for: "0:12:30". */
static void append_duration(const struct conf *conf, const struct targets *targets,
                            struct buffer *text)
{
    uint32_t tries = conf->retries + 1;
    double packets = (double)targets->run.count * tries;
    for (unsigned i = 0; i < conf->pending_count; i++)
        packets += (double)conf->pending[i].count * (tries - conf->pending[i].attempt);
    double needed = packets / conf->rate_pps;
    if (needed >= YEARS_100)
        buffer_text(text, "more than a hundred years");
    else
        status_duration(text, 1, (uint64_t)needed);
}

/* The first address of each family that packets leave from: "192.0.2.1 and 2001:db8::1". */
static void append_sources(const struct adapter *adapter, struct buffer *text)
{
    const struct adapter_family *families[] = {&adapter->ipv4, &adapter->ipv6};
    const char *between = "";
    for (unsigned i = 0; i < 2; i++) {
        char source_text[IP_TEXT_SIZE];
        struct ip_address source = ip_from_number(families[i]->source);
        if (!families[i]->in_use)
            continue;
        buffer_printf(text, "%s%s", between, ip_format(&source, source_text));
        between = " and ";
    }
}

/* from 192.0.2.1 port 40000 on "eth0" by af_packet, 2 workers */
static void append_link(const struct link *link, struct buffer *text)
{
    buffer_text(text, "from ");
    append_sources(&link->adapter, text);
    buffer_printf(text, " port %u on \"%s\" by %s", link->adapter.port,
                  link->adapter.interface.name, link->transport);
    if (link->transports.count > 1)
        buffer_printf(text, ", %u workers", link->transports.count);
}

/* What one of several adapters has to do. */
static void append_part(const struct ways *ways, unsigned number, const struct address_set *targets,
                        struct buffer *text)
{
    char near_text[UINT128_TEXT_SIZE];
    uint128 near = address_set_count_common(&ways->of[number].networks, targets);
    bool far = ways_to_router(ways, number) != 0;
    if (near > 0)
        buffer_printf(text, ": %s hosts on its subnet%s", uint128_text(near_text, near),
                      far ? ", and others behind routers" : "");
    else
        buffer_text(text, far ? ": hosts behind routers" : ": it leads to none of them");
}

static void append_links(const struct links *links, const struct ways *ways,
                         const struct targets *targets, struct buffer *text)
{
    if (links->count == 1) {
        append_link(&links->of[0], text);
        return;
    }
    buffer_printf(text, "%u adapters", links->count);
    for (unsigned i = 0; i < links->count; i++) {
        buffer_text(text, "\n  ");
        append_link(&links->of[i], text);
        append_part(ways, i, targets->addresses, text);
    }
}

void announce_scan(const struct conf *conf, const struct targets *targets,
                   const struct links *links, const struct ways *ways)
{
    char count_text[UINT128_TEXT_SIZE];
    struct buffer text;
    buffer_init(&text, TEXT_MAXIMUM);
    buffer_printf(&text, "Scanning %s hosts [%" PRIu64 " port%s/host]\n",
                  uint128_text(count_text, targets->hosts), targets->ports,
                  targets->ports == 1 ? "" : "s");
    if (links->silent > 0)
        buffer_printf(&text,
                      "%" PRIu64 " of them %s this host's own, which it cannot reach from outside: "
                      "scan %s alone\n",
                      links->silent, links->silent == 1 ? "is" : "are",
                      links->silent == 1 ? "it" : "them");
    buffer_printf(&text,
                  "%" PRIu64 " probes, %u %s each, at %g packets/second: ", targets->run.count,
                  conf->retries + 1, conf->retries ? "tries" : "try", conf->rate_pps);
    append_duration(conf, targets, &text);
    buffer_printf(&text, "; %s addresses excluded; ", uint128_text(count_text, targets->excluded));
    append_links(links, ways, targets, &text);
    fprintf(stderr, "%s\n", buffer_string(&text));
    buffer_fini(&text);
}

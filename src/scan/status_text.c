/* The words of a status: a line for people, an object for programs. */
#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "base/clock.h"
#include "scan/status.h"

static double percent_of(const struct status_facts *facts)
{
    double total = (double)facts->probes + (double)facts->probes_left;
    return total > 0 ? (double)facts->probes / total * 100 : 100;
}

/* Seconds until all is sent; infinite while nothing tells. */
static double seconds_left(const struct status *status, const struct status_facts *facts)
{
    if (facts->probes_left == 0)
        return 0;
    return status->probe_rate > 0 ? (double)facts->probes_left / status->probe_rate : INFINITY;
}

void status_duration(struct buffer *out, int width, uint64_t seconds)
{
    buffer_printf(out, "%*" PRIu64 ":%02u:%02u", width, seconds / 3600,
                  (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

static void remaining_text(double left, struct buffer *out)
{
    if (isinf(left)) {
        buffer_text(out, "   ?:??:?? remaining");
        return;
    }
    status_duration(out, 4, left > 1e10 ? 10000000000ull : (uint64_t)left);
    buffer_text(out, " remaining");
}

static void phase_text(const struct status *status, const struct status_facts *facts,
                       struct buffer *out)
{
    if (facts->phase == STATUS_PAUSED)
        buffer_text(out, " paused (p goes on)");
    else if (facts->phase == STATUS_LINK_DOWN)
        buffer_text(out, " the link is down");
    else if (facts->phase == STATUS_DONE)
        buffer_text(out, " done");
    else if (facts->phase == STATUS_WAITING && facts->wait_seconds < 0)
        buffer_text(out, " waiting forever");
    else if (facts->phase == STATUS_WAITING)
        buffer_printf(out, " waiting %d-secs", (int)facts->wait_seconds);
    else
        remaining_text(seconds_left(status, facts), out);
}

/* ", sent: eth0=1200, eth1=1180 (down)" */
static void adapters_text(const struct status_facts *facts, struct buffer *out)
{
    for (unsigned i = 0; i < facts->adapter_count && facts->adapter_count > 1; i++) {
        const struct status_adapter *adapter = &facts->adapters[i];
        buffer_printf(out, "%s %s=%" PRIu64 "%s", i == 0 ? ", sent:" : ",", adapter->name,
                      adapter->packets, adapter->down ? " (down)" : "");
    }
}

void status_text(const struct status *status, const struct status_facts *facts, struct buffer *out)
{
    buffer_printf(out, "rate:%6.2f-kpps, %5.2f%% done,", status->packet_rate / 1000,
                  percent_of(facts));
    phase_text(status, facts, out);
    buffer_printf(out, ", found=%" PRIu64, facts->found);
    if (facts->talks)
        buffer_printf(out, ", talking=%" PRIu64 ", banners=%" PRIu64, facts->active,
                      facts->banners);
    adapters_text(facts, out);
    uint64_t dropped = scan_drops_sum(&facts->drops);
    if (dropped > 0)
        buffer_printf(out, ", dropped=%" PRIu64, dropped);
}

static void json_time(uint64_t now, struct buffer *out)
{
    char text[32] = "";
    time_t seconds = (time_t)now;
    struct tm utc;
    if (gmtime_r(&seconds, &utc) != NULL)
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    buffer_printf(out, "{\"time\":\"%s\"", text);
}

static void json_eta(double left, struct buffer *out)
{
    if (isinf(left))
        buffer_text(out, ",\"eta\":null");
    else
        buffer_printf(out, ",\"eta\":%.0f", left);
}

/* The kernel's names of interfaces may hold what JSON wants escaped: none of it is written. */
static void json_name(const char *name, struct buffer *out)
{
    for (; *name != '\0'; name++)
        buffer_char(out, *name == '"' || *name == '\\' || *name < ' ' ? '?' : *name);
}

static void json_adapters(const struct status_facts *facts, struct buffer *out)
{
    buffer_text(out, ",\"adapters\":[");
    for (unsigned i = 0; i < facts->adapter_count; i++) {
        const struct status_adapter *adapter = &facts->adapters[i];
        buffer_text(out, i == 0 ? "{\"interface\":\"" : ",{\"interface\":\"");
        json_name(adapter->name, out);
        buffer_printf(out, "\",\"up\":%s,\"sent\":%" PRIu64 ",\"received\":%" PRIu64 "}",
                      adapter->down ? "false" : "true", adapter->packets, adapter->frames);
    }
    buffer_char(out, ']');
}

void status_json(const struct status *status, const struct status_facts *facts, uint64_t now,
                 struct buffer *out)
{
    static const char *const phases[] = {[STATUS_SENDING] = "sending",
                                         [STATUS_PAUSED] = "paused",
                                         [STATUS_LINK_DOWN] = "link-down",
                                         [STATUS_WAITING] = "waiting",
                                         [STATUS_DONE] = "done"};
    json_time(now, out);
    buffer_printf(out, ",\"state\":\"%s\",\"elapsed\":%.2f,\"rate\":%.2f,\"percent\":%.4f",
                  phases[facts->phase], (double)facts->elapsed_ns / (double)NS_PER_SECOND,
                  status->packet_rate, percent_of(facts));
    json_eta(seconds_left(status, facts), out);
    buffer_printf(out,
                  ",\"sent\":%" PRIu64 ",\"probes\":%" PRIu64 ",\"probes_left\":%" PRIu64
                  ",\"received\":%" PRIu64 ",\"replies\":%" PRIu64 ",\"found\":%" PRIu64,
                  facts->packets, facts->probes, facts->probes_left, facts->frames, facts->replies,
                  facts->found);
    if (facts->talks)
        buffer_printf(out, ",\"talking\":%" PRIu64 ",\"banners\":%" PRIu64, facts->active,
                      facts->banners);
    buffer_printf(out,
                  ",\"dropped\":{\"ring\":%" PRIu64 ",\"socket\":%" PRIu64
                  ",\"interface_rx\":%" PRIu64 ",\"interface_tx\":%" PRIu64 "}",
                  facts->drops.ring, facts->drops.socket, facts->drops.interface_rx,
                  facts->drops.interface_tx);
    if (facts->adapter_count > 1)
        json_adapters(facts, out);
    buffer_char(out, '}');
}

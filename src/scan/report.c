/* From findings to results. */
#include "scan/report.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/port.h"
#include "scan/finding.h"

enum { BATCH = 64, SUSPECT_TEXT_MAX = 128 };

/* What stands for the status in the key of a banner, and of a suspicion: none of enum
 * result_status. */
enum { BANNER_STATUS = RESULT_UP + 1, SUSPECT_STATUS };

int report_init(struct report *report, const struct report_setup *setup, struct error *err)
{
    *report = (struct report){
        .outputs = setup->outputs, .names = setup->names, .vendors = setup->vendors};
    if (setup->banners)
        report->record = malloc(sizeof(struct banner_finding) + BANNER_FINDING_TEXT_MAX);
    if (setup->banners && report->record == NULL)
        return error_set(err, "out of memory for banners");
    if (suspects_init(&report->suspects, setup->asked, err) < 0)
        return -1;
    return dedup_init(&report->dedup, setup->dedup_mib > 0 ? setup->dedup_mib : DEDUP_MEMORY_MIB,
                      err);
}

void report_fini(struct report *report)
{
    dedup_fini(&report->dedup);
    suspects_fini(&report->suspects);
    free(report->record);
}

static int output(struct report *report, const struct result *result, struct error *err)
{
    struct result called = *result;
    called.name = host_names_find(report->names, ip_number_from(&result->ip));
    if (output_set_record(report->outputs, &called, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return report->outputs->full ? report_rotate(report, err) : 0;
}

static int output_banner(struct report *report, const struct banner_finding *finding,
                         const uint8_t *text, size_t length, struct error *err)
{
    const struct result result = {
        .kind = RESULT_BANNER,
        .status = finding->protocol == RESULT_ARP ? RESULT_UP : RESULT_OPEN,
        .time = finding->time,
        .ip = ip_from_number(finding->address),
        .port = finding->port,
        .protocol = finding->protocol,
        .ttl = finding->ttl,
        .app = finding->app,
        .banner = text,
        .banner_length = (uint32_t)length,
    };
    return output(report, &result, err);
}

/* Is this the first time that the host is told with this sign? SUSPECT_NONE stands for any. */
static int is_suspected_first(struct report *report, struct ip_number address,
                              enum suspect_sign sign, struct error *err)
{
    uint64_t key = dedup_key(&report->dedup, address, sign, SUSPECT_STATUS);
    return dedup_insert(&report->dedup, key, err);
}

/* Tells of a sign, once a host, as what is said of the port by which it showed. */
static int suspect(struct report *report, const struct finding *finding, enum suspect_sign sign,
                   struct error *err)
{
    int fresh = is_suspected_first(report, finding->address, sign, err);
    int host_fresh =
        fresh > 0 ? is_suspected_first(report, finding->address, SUSPECT_NONE, err) : fresh;
    if (host_fresh < 0 || fresh == 0)
        return host_fresh;
    report->suspected.signs[sign]++;
    report->suspected.hosts += host_fresh > 0;
    struct buffer text;
    buffer_init(&text, SUSPECT_TEXT_MAX);
    suspects_describe(&report->suspects, sign, &text);
    const struct banner_finding banner = {
        .time = finding->time,
        .address = finding->address,
        .port = (uint16_t)port_code_number(finding->port),
        .app = APP_SUSPECT,
        .protocol = finding->protocol,
        .ttl = finding->ttl,
    };
    int told = output_banner(report, &banner, text.bytes, text.length, err);
    buffer_fini(&text);
    return told;
}

/* What an open TCP port that was not told before says of its host. */
static int weigh(struct report *report, const struct finding *finding, struct error *err)
{
    enum suspect_sign sign = (enum suspect_sign)finding->sign;
    if (sign != SUSPECT_NONE && suspect(report, finding, sign, err) < 0)
        return -1;
    if (suspects_count(&report->suspects, finding->address))
        return suspect(report, finding, SUSPECT_MOST_OPEN, err);
    return 0;
}

static bool is_refusal(const struct finding *finding)
{
    return finding->protocol == IPPROTO_TCP && finding->status == RESULT_CLOSED;
}

/* "02:00:5e:10:00:01 Vendor", as a banner of the host. */
static int tell_mac(struct report *report, const struct finding *finding, struct error *err)
{
    enum { VENDOR_MAX = 128, MAC_DIGITS = 17 };
    char text[MAC_DIGITS + 1 + VENDOR_MAX + 1];
    const uint8_t *mac = finding->mac.bytes;
    size_t length = 0;
    const char *vendor =
        report->vendors != NULL ? vendors_find(report->vendors, &finding->mac, &length) : NULL;
    if (length > VENDOR_MAX)
        length = VENDOR_MAX;
    int size = snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x%s%.*s", mac[0], mac[1],
                        mac[2], mac[3], mac[4], mac[5], vendor != NULL ? " " : "", (int)length,
                        vendor != NULL ? vendor : "");
    const struct banner_finding banner = {
        .time = finding->time,
        .address = finding->address,
        .app = APP_MAC,
        .protocol = RESULT_ARP,
    };
    return output_banner(report, &banner, (const uint8_t *)text, (size_t)size, err);
}

static struct result result_of(const struct finding *finding)
{
    struct result result = {
        .kind = RESULT_STATUS,
        .status = (enum result_status)finding->status,
        .time = finding->time,
        .ip = ip_from_number(finding->address),
        .port = (uint16_t)port_code_number(finding->port),
        .protocol = RESULT_ARP,
    };
    if (finding->status == RESULT_UP)
        return result;
    result.protocol = finding->protocol;
    result.reason = finding->reason;
    result.ttl = finding->ttl;
    return result;
}

/* `key` is the finding's. */
static int record(struct report *report, const struct finding *finding, uint64_t key,
                  struct error *err)
{
    int fresh = dedup_insert(&report->dedup, key, err);
    if (fresh < 0)
        return -1;
    report->refusals += is_refusal(finding);
    report->refusing += is_refusal(finding) && fresh > 0;
    if (fresh == 0) {
        report->duplicates++;
        return 0;
    }
    if (finding->status == RESULT_CLOSED)
        report->closed++;
    else
        report->open++;
    report->up += finding->status == RESULT_UP;
    const struct result result = result_of(finding);
    if (output(report, &result, err) < 0)
        return -1;
    if (finding->status == RESULT_UP)
        return tell_mac(report, finding, err);
    bool is_open = finding->protocol == IPPROTO_TCP && finding->status == RESULT_OPEN;
    return is_open ? weigh(report, finding, err) : 0;
}

static uint64_t key_of(const struct report *report, const struct finding *finding)
{
    return dedup_key(&report->dedup, finding->address, finding->port, finding->status);
}

/* Takes up to BATCH of what a worker has found. The table of duplicates is large and looked into at
 * random: what will be needed of it is fetched for all before the first is looked up. */
static int take_batch(struct report *report, struct ring *findings, size_t count, struct error *err)
{
    uint64_t keys[BATCH];
    for (size_t i = 0; i < count; i++) {
        keys[i] = key_of(report, ring_at(findings, i));
        dedup_prefetch(&report->dedup, keys[i]);
    }
    int result = 0;
    size_t done = 0;
    for (; done < count && result == 0; done++)
        result = record(report, ring_at(findings, done), keys[done], err);
    ring_pop(findings, done);
    return result;
}

static int take_findings(struct report *report, struct ring *findings, struct error *err)
{
    int any = 0;
    size_t count;
    while ((count = ring_filled(findings)) > 0) {
        any = 1;
        if (take_batch(report, findings, count < BATCH ? count : BATCH, err) < 0)
            return -1;
    }
    return any;
}

/* Replies over UDP may come again: the first one of a port is told. Conversations are had once. */
static int is_banner_fresh(struct report *report, const struct banner_finding *finding,
                           struct error *err)
{
    if (finding->protocol != RESULT_UDP)
        return 1;
    uint32_t port = port_code(PORT_UDP, finding->port);
    uint64_t key = dedup_key(&report->dedup, finding->address, port, BANNER_STATUS);
    return dedup_insert(&report->dedup, key, err);
}

static int record_banner(struct report *report, size_t length, struct error *err)
{
    struct banner_finding finding;
    memcpy(&finding, report->record, sizeof finding);
    int fresh = is_banner_fresh(report, &finding, err);
    if (fresh <= 0)
        return fresh;
    report->banners++;
    return output_banner(report, &finding, report->record + sizeof finding, length - sizeof finding,
                         err);
}

/* Takes the first `bytes` of a ring. */
static int take_banners(struct report *report, struct byte_ring *ring, size_t bytes,
                        struct error *err)
{
    for (size_t taken = 0; taken < bytes;) {
        size_t length = (size_t)byte_ring_take(ring, report->record);
        taken += length + BYTE_RING_EXTRA;
        if (record_banner(report, length, err) < 0)
            return -1;
    }
    return bytes > 0;
}

/* That a port is open stands before what is said there: so of the banners only those are taken that
 * there were before the findings were. */
static int take_from(struct report *report, struct worker *worker, struct error *err)
{
    size_t banners = byte_ring_filled(&worker->banners.ring);
    int findings = take_findings(report, &worker->findings, err);
    int any = findings < 0 ? -1 : take_banners(report, &worker->banners.ring, banners, err);
    return any < 0 ? -1 : findings || any;
}

int report_take(struct report *report, struct crew *crew, struct error *err)
{
    int any = 0;
    for (unsigned i = 0; i < crew->count; i++) {
        int taken = take_from(report, &crew->workers[i], err);
        if (taken < 0)
            return -1;
        any |= taken;
    }
    return any;
}

int report_rotate(struct report *report, struct error *err)
{
    uint64_t now = clock_wall_seconds();
    if (output_set_is_due(report->outputs, now) && output_set_rotate(report->outputs, now, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return 0;
}

static uint64_t reported(const struct report *report)
{
    return report->open + report->closed + report->banners;
}

bool report_has_news(const struct report *report)
{
    return reported(report) != report->flushed;
}

int report_flush(struct report *report, struct error *err)
{
    report->flushed = reported(report);
    if (output_set_flush(report->outputs, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return 0;
}

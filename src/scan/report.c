/* From findings to results. */
#include "scan/report.h"

#include "base/clock.h"
#include "base/port.h"
#include "scan/finding.h"

enum { BATCH = 64 };

int report_init(struct report *report, struct output_set *outputs, uint32_t dedup_mib,
                struct error *err)
{
    *report = (struct report){.outputs = outputs};
    return dedup_init(&report->dedup, dedup_mib > 0 ? dedup_mib : DEDUP_MEMORY_MIB, err);
}

void report_fini(struct report *report)
{
    dedup_fini(&report->dedup);
}

static uint64_t key_of(const struct finding *finding)
{
    return dedup_key(finding->address, finding->port, finding->status);
}

static int record(struct report *report, const struct finding *finding, struct error *err)
{
    int fresh = dedup_insert(&report->dedup, key_of(finding), err);
    if (fresh < 0)
        return -1;
    if (fresh == 0) {
        report->duplicates++;
        return 0;
    }
    if (finding->status == RESULT_OPEN)
        report->open++;
    else
        report->closed++;
    const struct result result = {
        .kind = RESULT_STATUS,
        .status = (enum result_status)finding->status,
        .time = finding->time,
        .ip = ip_from_v4(finding->address),
        .port = (uint16_t)port_code_number(finding->port),
        .protocol = finding->protocol,
        .reason = finding->reason,
        .ttl = finding->ttl,
    };
    if (output_set_record(report->outputs, &result, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return report->outputs->full ? report_rotate(report, err) : 0;
}

/* Takes up to BATCH of what a worker has found. The table of duplicates is large and looked into at
 * random: what will be needed of it is fetched for all before the first is looked up. */
static int take_batch(struct report *report, struct ring *findings, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        dedup_prefetch(&report->dedup, key_of(ring_at(findings, i)));
    int result = 0;
    size_t done = 0;
    while (done < count && result == 0)
        result = record(report, ring_at(findings, done++), err);
    ring_pop(findings, done);
    return result;
}

int report_take(struct report *report, struct crew *crew, struct error *err)
{
    int any = 0;
    for (unsigned i = 0; i < crew->count; i++) {
        struct ring *findings = &crew->workers[i].findings;
        size_t count;
        while ((count = ring_filled(findings)) > 0) {
            any = 1;
            if (take_batch(report, findings, count < BATCH ? count : BATCH, err) < 0)
                return -1;
        }
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

bool report_has_news(const struct report *report)
{
    return report->open + report->closed != report->flushed;
}

int report_flush(struct report *report, struct error *err)
{
    report->flushed = report->open + report->closed;
    if (output_set_flush(report->outputs, err) < 0)
        return error_blame(err, ERROR_OUTPUT);
    return 0;
}

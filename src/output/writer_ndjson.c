/* The NDJSON format: a JSON object a line, nothing before or after. */
#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {{LINE_RECORD, "{\"ip\":\"", "}"}};
    static const struct text_layout layout = {"ndjson", forms, sizeof forms / sizeof *forms};
    (void)state;
    (void)facts;
    return text_resume_offset(&layout, file, end, err);
}

static char *put_port(char *at, const struct result *result)
{
    at = PUT(at, "{\"ip\":\"");
    at = put_ip(at, &result->ip);
    at = PUT(at, "\",\"timestamp\":\"");
    at = decimal_write(at, result->time);
    at = PUT(at, "\",\"port\":");
    at = decimal_write(at, result->port);
    at = PUT(at, ",\"proto\":\"");
    return put_text(at, result_protocol_name(result->protocol));
}

static void status_record(struct buffer *out, char *at, const struct result *result)
{
    at = PUT(at, "\",\"rec_type\":\"status\",\"data\":{\"status\":\"");
    at = put_text(at, result_status_name(result->status));
    at = PUT(at, "\",\"reason\":\"");
    at = put_reason(at, result->reason);
    at = PUT(at, "\",\"ttl\":");
    at = decimal_write(at, result->ttl);
    at = PUT(at, "}}\n");
    record_commit(out, at);
}

static void banner_record(struct buffer *out, char *at, const struct result *result)
{
    at = PUT(at, "\",\"rec_type\":\"banner\",\"data\":{\"service_name\":\"");
    at = put_text(at, result_app_name(result->app));
    at = PUT(at, "\",\"banner\":\"");
    record_commit(out, at);
    escape_json(out, result->banner, result->banner_length);
    buffer_text(out, "\"}}\n");
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    (void)state;
    char *at = record_begin(out);
    if (at == NULL)
        return;
    at = put_port(at, result);
    if (result->kind == RESULT_BANNER)
        banner_record(out, at, result);
    else
        status_record(out, at, result);
}

const struct writer_ops writer_ndjson = {
    .name = "ndjson",
    .aliases = "",
    .help = "a JSON object a line",
    .resume = resume,
    .record = record,
};

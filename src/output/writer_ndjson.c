/* The NDJSON format: a JSON object a line, nothing before or after. */
#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

struct ndjson {
    struct time_text time;
};

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {{LINE_RECORD, "{\"ip\":\"", "}"}};
    static const struct text_layout layout = {"ndjson", forms, sizeof forms / sizeof *forms};
    (void)state;
    (void)facts;
    return text_resume_offset(&layout, file, end, err);
}

static char *put_port(char *at, struct ndjson *ndjson, const struct result *result)
{
    at = PUT(at, "{\"ip\":\"");
    at = put_ip(at, &result->ip);
    at = PUT(at, "\",\"timestamp\":\"");
    at = put_time(at, &ndjson->time, result->time);
    if (result->name != NULL) {
        at = PUT(at, "\",\"name\":\"");
        at = put_text(at, result->name);
    }
    at = PUT(at, "\",\"port\":");
    at = decimal_write_u16(at, result->port);
    at = PUT(at, ",\"proto\":\"");
    return put_word(at, result_protocol_name(result->protocol));
}

static char *put_status(char *at, const struct result *result)
{
    at = PUT(at, "\",\"rec_type\":\"status\",\"data\":{\"status\":\"");
    at = put_word(at, result_status_name(result->status));
    at = PUT(at, "\",\"reason\":\"");
    at = put_reason(at, result->reason);
    at = PUT(at, "\",\"ttl\":");
    at = decimal_write_byte(at, result->ttl);
    return PUT(at, "}}\n");
}

static char *put_banner(char *at, const struct result *result)
{
    at = PUT(at, "\",\"rec_type\":\"banner\",\"data\":{\"service_name\":\"");
    at = put_word(at, result_app_name(result->app));
    at = PUT(at, "\",\"banner\":\"");
    at = escape_json(at, result->banner, result->banner_length);
    return PUT(at, "\"}}\n");
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    char *at = record_begin(out, result);
    if (at == NULL)
        return;
    at = put_port(at, state, result);
    at = result->kind == RESULT_BANNER ? put_banner(at, result) : put_status(at, result);
    record_commit(out, at);
}

const struct writer_ops writer_ndjson = {
    .name = "ndjson",
    .aliases = "",
    .help = "a JSON object a line",
    .state_size = sizeof(struct ndjson),
    .resume = resume,
    .record = record,
};

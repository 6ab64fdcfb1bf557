/* The JSON format: one array, an object a record, a line each, commas on lines of their own. */
#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

struct json {
    struct time_text time;
    bool has_records;
};

static void open_document(void *state, struct buffer *out, const struct scan_facts *facts)
{
    (void)state;
    (void)facts;
    buffer_text(out, "[\n");
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_HEADER_END, "[", NULL},
        {LINE_RECORD, "{   \"ip\": \"", "}"},
        {LINE_TRAILER, ",", NULL},
        {LINE_TRAILER, "]", NULL},
    };
    static const struct text_layout layout = {"json", forms, sizeof forms / sizeof *forms};
    struct json *json = state;
    (void)facts;
    struct text_end found;
    int result = text_resume(&layout, file, &found, err);
    *end = found.offset;
    json->has_records = result == RESUME_BEHIND && found.has_records;
    return result;
}

static char *put_port(char *at, struct json *json, const struct result *result)
{
    at = PUT(at, "{   \"ip\": \"");
    at = put_ip(at, &result->ip);
    at = PUT(at, "\",   \"timestamp\": \"");
    at = put_time(at, &json->time, result->time);
    if (result->name != NULL) {
        at = PUT(at, "\", \"name\": \"");
        at = put_text(at, result->name);
    }
    at = PUT(at, "\", \"ports\": [ {\"port\": ");
    at = decimal_write_u16(at, result->port);
    at = PUT(at, ", \"proto\": \"");
    at = put_word(at, result_protocol_name(result->protocol));
    return PUT(at, "\", ");
}

static char *put_status(char *at, const struct result *result)
{
    at = PUT(at, "\"status\": \"");
    at = put_word(at, result_status_name(result->status));
    at = PUT(at, "\", \"reason\": \"");
    at = put_reason(at, result->reason);
    at = PUT(at, "\", \"ttl\": ");
    at = decimal_write_byte(at, result->ttl);
    return PUT(at, "} ] }\n");
}

static char *put_banner(char *at, const struct result *result)
{
    at = PUT(at, "\"service\": {\"name\": \"");
    at = put_word(at, result_app_name(result->app));
    at = PUT(at, "\", \"banner\": \"");
    at = escape_json(at, result->banner, result->banner_length);
    return PUT(at, "\"} } ] }\n");
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    struct json *json = state;
    char *at = record_begin(out, result);
    if (at == NULL)
        return;
    if (json->has_records)
        at = PUT(at, ",\n");
    json->has_records = true;
    at = put_port(at, json, result);
    at = result->kind == RESULT_BANNER ? put_banner(at, result) : put_status(at, result);
    record_commit(out, at);
}

static void close_document(void *state, struct buffer *out, uint64_t now)
{
    (void)state;
    (void)now;
    buffer_text(out, "]\n");
}

const struct writer_ops writer_json = {
    .name = "json",
    .aliases = "",
    .help = "one JSON array",
    .state_size = sizeof(struct json),
    .open = open_document,
    .resume = resume,
    .record = record,
    .close = close_document,
};

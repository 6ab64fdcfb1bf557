/* The CSV format (RFC 4180): a line of column names, then a line a record, CR LF at their ends.
 *
 * Only the banner can hold commas, so only it stands in quotes; its own quotes, and all that is not
 * printable, are escaped as in the other text formats. */
#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

#define EOL     "\r\n"
#define COLUMNS "record,time,ip,protocol,port,reason,ttl,service,banner"

struct csv {
    struct time_text time;
};

static void open_document(void *state, struct buffer *out, const struct scan_facts *facts)
{
    (void)state;
    (void)facts;
    buffer_text(out, COLUMNS EOL);
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_HEADER_END, COLUMNS, NULL}, {LINE_RECORD, "open,", ""},
        {LINE_RECORD, "closed,", ""},     {LINE_RECORD, "up,", ""},
        {LINE_RECORD, "banner,", ""},
    };
    static const struct text_layout layout = {"csv", forms, sizeof forms / sizeof *forms};
    (void)state;
    (void)facts;
    return text_resume_offset(&layout, file, end, err);
}

/* The columns that every record has. */
static char *put_place(char *at, struct csv *csv, const struct result *result)
{
    *at++ = ',';
    at = put_time(at, &csv->time, result->time);
    *at++ = ',';
    at = put_ip(at, &result->ip);
    *at++ = ',';
    at = put_word(at, result_protocol_name(result->protocol));
    *at++ = ',';
    at = decimal_write_u16(at, result->port);
    *at++ = ',';
    return at;
}

static char *put_status(char *at, struct csv *csv, const struct result *result)
{
    at = put_word(at, result_status_name(result->status));
    at = put_place(at, csv, result);
    at = put_reason(at, result->reason);
    *at++ = ',';
    at = decimal_write_byte(at, result->ttl);
    return PUT(at, ",," EOL);
}

static char *put_banner(char *at, struct csv *csv, const struct result *result)
{
    at = PUT(at, "banner");
    at = put_place(at, csv, result);
    *at++ = ',';
    at = decimal_write_byte(at, result->ttl);
    *at++ = ',';
    at = put_word(at, result_app_name(result->app));
    at = PUT(at, ",\"");
    at = escape_text(at, result->banner, result->banner_length);
    return PUT(at, "\"" EOL);
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    char *at = record_begin(out, result);
    if (at == NULL)
        return;
    at = result->kind == RESULT_BANNER ? put_banner(at, state, result)
                                       : put_status(at, state, result);
    record_commit(out, at);
}

const struct writer_ops writer_csv = {
    .name = "csv",
    .aliases = "",
    .help = "comma-separated values with a line of column names",
    .state_size = sizeof(struct csv),
    .open = open_document,
    .resume = resume,
    .record = record,
};

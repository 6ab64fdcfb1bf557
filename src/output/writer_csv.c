/* The CSV format (RFC 4180): a line of column names, then a line a record, CR LF at their ends.
 * Files of scans that know names of hosts have one column more.
 *
 * Only the banner can hold commas, so only it stands in quotes; its own quotes, and all that is not
 * printable, are escaped as in the other text formats. */
#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

#define EOL     "\r\n"
#define COLUMNS "record,time,ip,protocol,port,reason,ttl,service,banner"
#define NAMED   COLUMNS ",name"

struct csv {
    struct time_text time;
    bool has_names;
};

static void open_document(void *state, struct buffer *out, const struct scan_facts *facts)
{
    struct csv *csv = state;
    csv->has_names = facts->names != NULL && facts->names->count > 0;
    buffer_text(out, csv->has_names ? NAMED EOL : COLUMNS EOL);
}

/* Which columns an earlier file has. */
static void see_columns(void *context, const char *head, size_t length)
{
    struct csv *csv = context;
    csv->has_names |= length >= strlen(NAMED) && memcmp(head, NAMED, strlen(NAMED)) == 0;
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_HEADER_END, COLUMNS, NULL}, {LINE_HEADER_END, NAMED, NULL},
        {LINE_RECORD, "open,", ""},       {LINE_RECORD, "closed,", ""},
        {LINE_RECORD, "up,", ""},         {LINE_RECORD, "banner,", ""},
    };
    static const struct text_layout layout = {"csv", forms, sizeof forms / sizeof *forms};
    (void)facts;
    int result = text_resume_offset(&layout, file, end, err);
    if (result != RESUME_BEHIND)
        return result;
    return text_each_line(file, *end, see_columns, state, err) < 0 ? -1 : RESUME_BEHIND;
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

static char *put_end(char *at, const struct csv *csv, const struct result *result)
{
    if (csv->has_names) {
        *at++ = ',';
        at = put_text(at, result->name != NULL ? result->name : "");
    }
    return PUT(at, EOL);
}

static char *put_status(char *at, struct csv *csv, const struct result *result)
{
    at = put_word(at, result_status_name(result->status));
    at = put_place(at, csv, result);
    at = put_reason(at, result->reason);
    *at++ = ',';
    at = decimal_write_byte(at, result->ttl);
    at = PUT(at, ",,");
    return put_end(at, csv, result);
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
    at = PUT(at, "\"");
    return put_end(at, csv, result);
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

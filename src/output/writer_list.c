/* The list format: a line a record, fields separated by spaces. */
#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

static void open_document(void *state, struct buffer *out, const struct scan_facts *facts)
{
    (void)state;
    (void)facts;
    buffer_text(out, "#masscan\n");
}

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_HEADER_END, "#masscan", NULL}, {LINE_TRAILER, "# end", NULL},
        {LINE_RECORD, "open ", ""},          {LINE_RECORD, "banner ", ""},
        {LINE_RECORD, "closed ", ""},        {LINE_RECORD, "up ", ""},
    };
    static const struct text_layout layout = {"list", forms, sizeof forms / sizeof *forms};
    (void)state;
    (void)facts;
    return text_resume_offset(&layout, file, end, err);
}

/* "open tcp 80 192.0.2.10 1700000000" */
static void record(void *state, struct buffer *out, const struct result *result)
{
    (void)state;
    char *at = record_begin(out);
    if (at == NULL)
        return;
    bool banner = result->kind == RESULT_BANNER;
    at = put_text(at, banner ? "banner" : result_status_name(result->status));
    *at++ = ' ';
    at = put_text(at, result_protocol_name(result->protocol));
    *at++ = ' ';
    at = decimal_write(at, result->port);
    *at++ = ' ';
    at = put_ip(at, &result->ip);
    *at++ = ' ';
    at = decimal_write(at, result->time);
    if (banner) {
        *at++ = ' ';
        at = put_text(at, result_app_name(result->app));
        *at++ = ' ';
        record_commit(out, at);
        escape_text(out, result->banner, result->banner_length);
        buffer_char(out, '\n');
        return;
    }
    *at++ = '\n';
    record_commit(out, at);
}

static void close_document(void *state, struct buffer *out, uint64_t now)
{
    (void)state;
    (void)now;
    buffer_text(out, "# end\n");
}

const struct writer_ops writer_list = {
    .name = "list",
    .aliases = "",
    .help = "a line a record: state, protocol, port, address, time",
    .open = open_document,
    .resume = resume,
    .record = record,
    .close = close_document,
};

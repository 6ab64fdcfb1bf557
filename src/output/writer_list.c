/* The list format: a line a record, fields separated by spaces. */
#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

struct list {
    struct time_text time;
};

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

static char *put_banner(char *at, const struct result *result)
{
    *at++ = ' ';
    at = put_word(at, result_app_name(result->app));
    *at++ = ' ';
    return escape_text(at, result->banner, result->banner_length);
}

/* "open tcp 80 192.0.2.10 1700000000" */
static void record(void *state, struct buffer *out, const struct result *result)
{
    static const struct word banner = WORD("banner");
    struct list *list = state;
    bool is_banner = result->kind == RESULT_BANNER;
    char *at = record_begin(out, result);
    if (at == NULL)
        return;
    at = put_word(at, is_banner ? &banner : result_status_name(result->status));
    *at++ = ' ';
    at = put_word(at, result_protocol_name(result->protocol));
    *at++ = ' ';
    at = decimal_write_u16(at, result->port);
    *at++ = ' ';
    at = put_ip(at, &result->ip);
    *at++ = ' ';
    at = put_time(at, &list->time, result->time);
    if (is_banner)
        at = put_banner(at, result);
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
    .state_size = sizeof(struct list),
    .open = open_document,
    .resume = resume,
    .record = record,
    .close = close_document,
};

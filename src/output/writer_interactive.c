/* The console format: a sentence a record, padded to the width of the status line it overwrites. */
#include "output/escape.h"
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

enum { LINE_WIDTH = 79 };

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_RECORD, "Discovered ", ""},
        {LINE_RECORD, "Banner on port ", ""},
    };
    static const struct text_layout layout = {"interactive", forms, sizeof forms / sizeof *forms};
    (void)state;
    (void)facts;
    return text_resume_offset(&layout, file, end, err);
}

static char *put_place(char *at, const struct result *result)
{
    at = PUT(at, " port ");
    at = decimal_write_u16(at, result->port);
    *at++ = '/';
    at = put_word(at, result_protocol_name(result->protocol));
    at = PUT(at, " on ");
    return put_ip(at, &result->ip);
}

/* "Discovered open port 80/tcp on 192.0.2.10" */
static char *put_status(char *at, const struct result *result)
{
    at = PUT(at, "Discovered ");
    at = put_word(at, result_status_name(result->status));
    return put_place(at, result);
}

/* "Banner on port 80/tcp on 192.0.2.10: [http] TEXT" */
static char *put_banner(char *at, const struct result *result)
{
    at = put_place(PUT(at, "Banner on"), result);
    at = PUT(at, ": [");
    at = put_word(at, result_app_name(result->app));
    at = PUT(at, "] ");
    return escape_text(at, result->banner, result->banner_length);
}

/* Fills the line that began at `start` up to its width. */
static char *put_line_end(char *at, const char *start)
{
    while (at < start + LINE_WIDTH)
        *at++ = ' ';
    *at++ = '\n';
    return at;
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    (void)state;
    char *start = record_begin(out, result);
    if (start == NULL)
        return;
    char *at =
        result->kind == RESULT_BANNER ? put_banner(start, result) : put_status(start, result);
    record_commit(out, put_line_end(at, start));
}

const struct writer_ops writer_interactive = {
    .name = "interactive",
    .aliases = "",
    .help = "sentences for the console",
    .resume = resume,
    .record = record,
};

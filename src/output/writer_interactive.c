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
    at = decimal_write(at, result->port);
    *at++ = '/';
    at = put_text(at, result_protocol_name(result->protocol));
    at = PUT(at, " on ");
    return put_ip(at, &result->ip);
}

/* Fills the line that began at `start` up to its width. */
static void end_line(struct buffer *out, size_t start)
{
    static const char spaces[LINE_WIDTH + 1] = "                                        "
                                               "                                       ";
    size_t length = out->length - start;
    if (length < LINE_WIDTH)
        buffer_append(out, spaces, LINE_WIDTH - length);
    buffer_char(out, '\n');
}

/* "Discovered open port 80/tcp on 192.0.2.10" or "Banner on port 80/tcp on 192.0.2.10: [http] TEXT"
 */
static void record(void *state, struct buffer *out, const struct result *result)
{
    (void)state;
    size_t start = out->length;
    char *at = record_begin(out);
    if (at == NULL)
        return;
    if (result->kind == RESULT_BANNER) {
        at = put_place(PUT(at, "Banner on"), result);
        at = PUT(at, ": [");
        at = put_text(at, result_app_name(result->app));
        at = PUT(at, "] ");
        record_commit(out, at);
        escape_text(out, result->banner, result->banner_length);
    } else {
        at = PUT(at, "Discovered ");
        at = put_place(put_text(at, result_status_name(result->status)), result);
        record_commit(out, at);
    }
    end_line(out, start);
}

const struct writer_ops writer_interactive = {
    .name = "interactive",
    .aliases = "",
    .help = "sentences for the console",
    .resume = resume,
    .record = record,
};

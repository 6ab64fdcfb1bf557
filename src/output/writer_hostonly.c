/* The hostonly format: the address of each record, nothing else. */
#include "output/format.h"
#include "output/text_resume.h"
#include "output/writers.h"

static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    static const struct line_form forms[] = {
        {LINE_RECORD, "", "", .alphabet = "0123456789abcdefABCDEF.:"}};
    static const struct text_layout layout = {"hostonly", forms, sizeof forms / sizeof *forms};
    (void)state;
    (void)facts;
    return text_resume_offset(&layout, file, end, err);
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    (void)state;
    char *at = record_begin(out, result);
    if (at == NULL)
        return;
    at = put_ip(at, &result->ip);
    *at++ = '\n';
    record_commit(out, at);
}

const struct writer_ops writer_hostonly = {
    .name = "hostonly",
    .aliases = "",
    .help = "the address of each record",
    .resume = resume,
    .record = record,
};

/* The format of nothing: for scans whose results are only counted. */
#include "output/writers.h"

/* Nothing is written, so whatever stands in the file stays. */
static int resume(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err)
{
    (void)state;
    (void)facts;
    (void)err;
    *end = file->size;
    return RESUME_BEHIND;
}

static void record(void *state, struct buffer *out, const struct result *result)
{
    (void)state;
    (void)out;
    (void)result;
}

const struct writer_ops writer_none = {
    .name = "none",
    .aliases = "",
    .help = "nothing",
    .resume = resume,
    .record = record,
};

/* Finding the end of the last whole record in a text document that is to be continued.
 *
 * Every text format is a sequence of lines: header, records, trailer. A killed writer leaves the
 * document cut at any byte. A record counts as whole when its newline is there. */
#ifndef OUTPUT_TEXT_RESUME_H
#define OUTPUT_TEXT_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "output/writer.h"

enum line_kind {
    LINE_FOREIGN,    /* none of this format's */
    LINE_HEADER,     /* of the header, more of which follows */
    LINE_HEADER_END, /* the header's last */
    LINE_RECORD,
    LINE_TRAILER, /* of the trailer, or between two records */
};

/* The lines a format has. A line is of the first kind it fits. */
struct line_form {
    enum line_kind kind;
    const char *prefix;
    const char *suffix;   /* NULL: the line is the prefix and no more */
    const char *alphabet; /* if not NULL, every character of the line is one of these */
};

struct text_layout {
    const char *name;
    const struct line_form *forms;
    unsigned form_count;
};

enum { CUT_TEXT_SIZE = 512 };

struct text_end {
    uint64_t offset; /* behind the last whole record, or the header */
    bool has_records;
    char cut[CUT_TEXT_SIZE]; /* what stands behind `offset`, its first bytes */
};

/* Reads the file from its end backwards as far as needed, at most 16 MiB. Returns an enum
 * resume_outcome, or negative if a line that is not of this format ends the file. */
int text_resume(const struct text_layout *layout, const struct earlier_file *file,
                struct text_end *end, struct error *err);

/* The same for formats that need to know no more than the place. */
int text_resume_offset(const struct text_layout *layout, const struct earlier_file *file,
                       uint64_t *offset, struct error *err);

enum { LINE_HEAD_SIZE = 512 };

/* Calls `see` with every line that begins before `end`, or its first LINE_HEAD_SIZE bytes; the line
 * end counts. Reads all of that part, once, for what the end alone does not tell. */
int text_each_line(const struct earlier_file *file, uint64_t end,
                   void (*see)(void *context, const char *head, size_t length), void *context,
                   struct error *err);

#endif

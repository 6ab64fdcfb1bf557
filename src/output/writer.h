/* The contract of a writer: results in, one format's bytes out.
 *
 * A writer is a `const struct writer_ops` in the table of writer.c; it keeps its state in the
 * caller's memory, appends bytes to the caller's buffer, and never touches a file: output.c carries
 * the buffer to a sink. Every writer passes the conformance suite in writer_test.c. */
#ifndef OUTPUT_WRITER_H
#define OUTPUT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/host_names.h"
#include "output/earlier_file.h"
#include "output/result.h"

/* What a header or trailer tells about the scan. Strings stay the caller's for the writer's life.
 */
struct scan_facts {
    uint64_t start_time; /* wall clock seconds */
    const char *version; /* of this program, "0.1.0" */
    uint32_t tcp_ports, udp_ports, sctp_ports,
        ip_protocols; /* how many are scanned, for grepable's header */
    const char *tcp_text, *udp_text, *sctp_text,
        *ip_protocol_text; /* such as "80-80,443-443"; "" for none */
    const char *command;   /* the command line, without secrets */
    uint64_t seed;
    const char *stylesheet; /* what XML output names; NULL: nothing */

    /* The ranges of addresses, excludes taken away, the `index`-th of `range_count`. */
    size_t range_count;
    void (*range)(const void *context, size_t index, struct ip_address *first,
                  struct ip_address *last);
    const void *range_context;

    const struct host_names *names; /* that hosts go by; NULL: none */
};

enum resume_outcome {
    RESUME_BEHIND, /* go on at *end; the document's header stands before it */
    RESUME_FRESH,  /* the writer died before its header was whole: nothing to keep, begin anew */
};

struct writer_ops {
    const char *name;    /* as in --output-format */
    const char *aliases; /* further names separated by spaces, or "" */
    const char *help;
    size_t state_size; /* 0 if none; zeroed before open or resume */

    /* What stands before the first record. NULL: nothing. */
    void (*open)(void *state, struct buffer *out, const struct scan_facts *facts);

    /* Instead of open, on a zeroed state: goes on with an earlier document of this format, closed
     * or left by a killed writer at any byte, also with zeros behind that. RESUME_BEHIND with *end
     * = the offset behind its last whole record (in text formats: its newline is there), or behind
     * its header if it has none; the caller cuts the file there. RESUME_FRESH: the caller empties
     * the file and calls open. Negative: the file is not of this format, or cannot be read; it
     * stays untouched. Reads the end of a text document only, unless its trailer would need the
     * rest and is lost; a binary one, whose records are found only from the front, whole but
     * without their bodies. */
    int (*resume)(void *state, const struct scan_facts *facts, const struct earlier_file *file,
                  uint64_t *end, struct error *err);

    /* One record; its banner is at most RESULT_BANNER_MAX long. If the buffer fails, what was
     * appended of it is the caller's to drop. */
    void (*record)(void *state, struct buffer *out, const struct result *result);

    /* What stands after the last record; `now` is the wall clock. After it the bytes are a
     * complete, well-formed document, with no record too. NULL: nothing stands there. */
    void (*close)(void *state, struct buffer *out, uint64_t now);
};

/* The writer called `name` (case ignored, aliases too), or NULL. */
const struct writer_ops *writer_find(const char *name);

extern const struct writer_ops *const writer_table[]; /* ended by NULL */

#endif

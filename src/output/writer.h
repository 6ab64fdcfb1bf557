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
};

struct writer_ops {
    const char *name;    /* as in --output-format */
    const char *aliases; /* further names separated by spaces, or "" */
    const char *help;
    size_t state_size; /* 0 if none */

    /* What stands before the first record. */
    void (*open)(void *state, struct buffer *out, const struct scan_facts *facts);

    /* One record. */
    void (*record)(void *state, struct buffer *out, const struct result *result);

    /* What stands after the last record; `now` is the wall clock. After it the bytes are a
     * complete, well-formed document, with no record too. */
    void (*close)(void *state, struct buffer *out, uint64_t now);
};

/* The writer called `name` (case ignored, aliases too), or NULL. */
const struct writer_ops *writer_find(const char *name);

extern const struct writer_ops *const writer_table[]; /* ended by NULL */

#endif

/* Reading binary scan files back: ours and those of the existing tool, record types 1 to 13. */
#ifndef OUTPUT_BINARY_READER_H
#define OUTPUT_BINARY_READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "output/result.h"

struct binary_file_facts {
    uint64_t start_time; /* from the header's "s:" line, 0 if there is none */
    uint64_t records;    /* given to the callback */
    uint64_t skipped;    /* whole records of unknown type or wrong length */
    uint64_t torn_bytes; /* bytes at the end that are no whole record (a killed writer) */
};

/* Reads the whole file `path` ("-" is standard input) in a window of fixed size. A file that does
 * not begin as a scan file is an error; a torn end is not, nor is an empty file: the existing tool
 * leaves one when it found nothing. A record whose body is longer than BINARY_BODY_MAX (1 MiB) is
 * skipped. A record head that no writer makes (a number over 32 bits) ends the reading: what
 * follows has no known beginning and counts as torn. */
int binary_read_file(const char *path, result_fn *callback, void *context,
                     struct binary_file_facts *facts, struct error *err);

/* The same over a file image in memory; `name` is for messages. Banners point into `bytes`. */
int binary_read_memory(const void *bytes, size_t length, const char *name, result_fn *callback,
                       void *context, struct binary_file_facts *facts, struct error *err);

/* Can `path` be opened and, if it is a regular file, does it begin as a scan file (or is it empty)?
 * What else there is, such as a pipe, is not read. */
int binary_check_file(const char *path, struct error *err);

#endif

/* Whole files: read up to a maximum, and written so that a reader sees the old content or the new,
 * never a part. And reading and writing that signals do not interrupt. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

/* Appends what the file at `path` holds, which may be a pipe, to `out`. A file that is longer than
 * `out` may be is an error; all of them begin with the path. */
int file_read(const char *path, struct buffer *out, struct error *err);

/* Is there something at `path`, for whoever files are opened as? access(2) would ask for the real
 * user, who need not be that one. */
bool file_exists(const char *path);

/* Appends what a file shall hold. */
typedef void file_content_fn(const void *context, struct buffer *out);

/* Writes `path` by way of a temporary file beside it: write, fsync, rename. A symbolic link is
 * replaced, not followed. The content goes to the disk in parts, so its length is no matter of
 * memory; no single append may be longer than FILE_APPEND_MAX. */
int file_write_atomically(const char *path, file_content_fn *content, const void *context,
                          struct error *err);

enum { FILE_APPEND_MAX = 1 << 20 };

/* As pread(2), but for signals. */
ssize_t file_read_at(int fd, void *bytes, size_t length, uint64_t offset);

/* Writes all of it to a file, a pipe or a terminal: goes on after short writes and signals, waits
 * for a full pipe. Returns how many bytes it has written: fewer, with errno, if it failed. */
size_t file_write_all(int fd, const void *bytes, size_t length);

/* Gives standard input, output and error a descriptor where the caller left one closed, so that no
 * file gets its number, and with it what is meant for the stream. Using such a stream fails. To be
 * called before anything is opened. */
void file_hold_standard_streams(void);

#endif

/* Whole files: read up to a maximum, and written so that a reader sees the old content or the new,
 * never a part. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* Appends what the file at `path` holds, which may be a pipe, to `out`. A file that is longer than
 * `out` may be is an error; all of them begin with the path. */
int file_read(const char *path, struct buffer *out, struct error *err);

/* Is there something at `path`, for whoever files are opened as? access(2) would ask for the real
 * user, who need not be that one. */
bool file_exists(const char *path);

/* Writes `path` by way of a temporary file beside it: write, fsync, rename. A symbolic link is
 * replaced, not followed. */
int file_write_atomically(const char *path, const void *bytes, size_t length, struct error *err);

#endif

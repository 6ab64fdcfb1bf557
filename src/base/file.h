/* Small whole files, written so that a reader sees the old content or the new, never a part. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/error.h"

/* Writes `path` by way of a temporary file beside it: write, fsync, rename. A symbolic link is
 * replaced, not followed. */
int file_write_atomically(const char *path, const void *bytes, size_t length, struct error *err);

#endif

/* Whole files: read up to a maximum, and written so that a reader sees the old content or the new,
 * never a part. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { READ_SIZE = 65536 };

/* The next part, as much as there is room for, or one byte where there is none, to find out whether
 * the file ends here. */
static ssize_t read_part(int fd, struct buffer *out, struct error *err)
{
    uint8_t beyond;
    size_t left = out->maximum - out->length, size = left < READ_SIZE ? left : READ_SIZE;
    uint8_t *room = left > 0 ? buffer_reserve(out, size) : &beyond;
    if (room == NULL)
        return error_set(err, "out of memory");
    ssize_t got;
    do
        got = read(fd, room, left > 0 ? size : 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_sys(err, errno, "cannot be read");
    if (got > 0 && left == 0)
        return error_set(err, "is too long (want at most %zu bytes)", out->maximum);
    out->length += (size_t)got;
    return got;
}

int file_read(const char *path, struct buffer *out, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_sys(err, errno, "%s: cannot be opened", path);
    ssize_t got;
    do
        got = read_part(fd, out, err);
    while (got > 0);
    close(fd);
    return got < 0 ? error_context(err, "%s", path) : 0;
}

bool file_exists(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0;
}

static int write_all(int fd, const uint8_t *at, size_t left)
{
    while (left > 0) {
        ssize_t wrote = write(fd, at, left);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -1;
        at += wrote;
        left -= (size_t)wrote;
    }
    return 0;
}

static int write_file(const char *path, const void *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    int failed = write_all(fd, bytes, length) < 0 || fsync(fd) < 0;
    int cause = errno;
    if (close(fd) < 0 && !failed) {
        failed = 1;
        cause = errno;
    }
    errno = cause;
    return failed ? -1 : 0;
}

int file_write_atomically(const char *path, const void *bytes, size_t length, struct error *err)
{
    char temporary[PATH_MAX];
    int needed = snprintf(temporary, sizeof temporary, "%s.%d.tmp", path, (int)getpid());
    if (needed >= (int)sizeof temporary)
        return error_sys(err, ENAMETOOLONG, "cannot write \"%s\"", path);
    unlink(temporary);
    if (write_file(temporary, bytes, length) == 0 && rename(temporary, path) == 0)
        return 0;
    int cause = errno;
    unlink(temporary);
    return error_sys(err, cause, "cannot write \"%s\"", path);
}

/* Whole files: read up to a maximum, and written so that a reader sees the old content or the new,
 * never a part. And reading and writing that signals do not interrupt. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/pipe.h"

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

ssize_t file_read_at(int fd, void *bytes, size_t length, uint64_t offset)
{
    ssize_t count;
    do
        count = pread(fd, bytes, length, (off_t)offset);
    while (count < 0 && errno == EINTR);
    return count;
}

size_t file_write_all(int fd, const void *bytes, size_t length)
{
    size_t done = 0;
    while (done < length) {
        ssize_t wrote = write(fd, (const uint8_t *)bytes + done, length - done);
        if (wrote < 0 && errno == EAGAIN)
            pipe_wait_for_room(fd);
        else if (wrote < 0 && errno != EINTR)
            break;
        if (wrote > 0)
            done += (size_t)wrote;
    }
    return done;
}

static bool write_part(void *context, const uint8_t *bytes, size_t length)
{
    const int *fd = context;
    return file_write_all(*fd, bytes, length) == length;
}

/* Errno tells what failed: writing, or getting memory for a part. */
static bool write_parts(int fd, file_content_fn *content, const void *context)
{
    struct buffer part;
    buffer_init_drained(&part, FILE_APPEND_MAX, write_part, &fd);
    content(context, &part);
    bool all = buffer_flush(&part);
    int cause = errno;
    buffer_fini(&part);
    errno = cause;
    return all;
}

static int write_file(const char *path, file_content_fn *content, const void *context)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    int failed = !write_parts(fd, content, context) || fsync(fd) < 0;
    int cause = errno;
    if (close(fd) < 0 && !failed) {
        failed = 1;
        cause = errno;
    }
    errno = cause;
    return failed ? -1 : 0;
}

int file_write_atomically(const char *path, file_content_fn *content, const void *context,
                          struct error *err)
{
    char temporary[PATH_MAX];
    int needed = snprintf(temporary, sizeof temporary, "%s.%d.tmp", path, (int)getpid());
    if (needed >= (int)sizeof temporary)
        return error_sys(err, ENAMETOOLONG, "cannot write \"%s\"", path);
    unlink(temporary);
    if (write_file(temporary, content, context) == 0 && rename(temporary, path) == 0)
        return 0;
    int cause = errno;
    unlink(temporary);
    return error_sys(err, cause, "cannot write \"%s\"", path);
}

/* Open for what the stream is not used for. The lowest number that is free is the one that is
 * missing. */
void file_hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

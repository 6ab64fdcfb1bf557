/* Where an output's bytes go: a file descriptor, with every failure reported. */
#include "output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pipe.h"
#include "output/backup.h"
#include "output/move.h"

/* Linux 6.14; younger than the C library. */
#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x80
#endif

/* How often the way is cleared again if others fill the file in between. */
enum { OPEN_ATTEMPTS = 8, NOTICE_SIZE = 256 };

/* Takes over the descriptor; closes it on failure. */
static int take(struct sink *sink, int fd, bool owned, const char *name, struct error *err)
{
    struct stat facts;
    int result = fstat(fd, &facts);
    if (result < 0)
        error_sys(err, errno, "cannot examine '%s'", name);
    char *copy = result < 0 ? NULL : strdup(name);
    if (copy == NULL) {
        if (owned)
            close(fd);
        return result < 0 ? result : error_set(err, "no memory to open '%s'", name);
    }
    off_t position = lseek(fd, 0, SEEK_CUR);
    *sink = (struct sink){.fd = fd,
                          .owned = owned,
                          .regular = S_ISREG(facts.st_mode),
                          .device = facts.st_dev,
                          .inode = facts.st_ino,
                          .size = (uint64_t)facts.st_size,
                          .position = position < 0 ? 0 : (uint64_t)position,
                          .name = copy};
    if (S_ISFIFO(facts.st_mode))
        pipe_widen(fd);
    return 0;
}

static int open_path(struct sink *sink, const char *path, int flags, struct error *err)
{
    int fd = open(path, flags | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0)
        return error_sys(err, errno, "cannot write to '%s'", path);
    return take(sink, fd, true, path, err);
}

int sink_open_new(struct sink *sink, const char *path, char notice[NOTICE_SIZE], struct error *err)
{
    char kept[BACKUP_PATH_SIZE];
    if (strcmp(path, "-") == 0)
        return take(sink, STDOUT_FILENO, false, "standard output", err);
    for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
        int result = backup_make(path, kept, err);
        if (result < 0)
            return result;
        result = open_path(sink, path, O_WRONLY, err);
        if (result < 0 && kept[0] != '\0')
            rename_to_new(kept, path); /* if this fails too, the open's error says enough */
        if (result < 0)
            return result;
        if (kept[0] != '\0')
            snprintf(notice, NOTICE_SIZE, "kept the earlier results as %.*s", NOTICE_SIZE - 32,
                     kept);
        if (!sink->regular || sink->size == 0)
            return 0;
        sink_abandon(sink);
    }
    return error_set(err, "cannot write to '%s': others are writing to it; name another file",
                     path);
}

int sink_open_existing(struct sink *sink, const char *path, struct error *err)
{
    struct stat facts;
    char notice[NOTICE_SIZE];
    bool special = stat(path, &facts) == 0 && !S_ISREG(facts.st_mode);
    if (special || strcmp(path, "-") == 0)
        return sink_open_new(sink, path, notice, err);
    return open_path(sink, path, O_RDWR, err);
}

int sink_read(const struct sink *sink, uint64_t offset, void *bytes, size_t length,
              struct error *err)
{
    uint8_t *at = bytes;
    while (length > 0) {
        ssize_t count = file_read_at(sink->fd, at, length, offset);
        if (count < 0)
            return error_sys(err, errno, "cannot read it");
        if (count == 0)
            return error_set(err, "it became shorter while it was read");
        at += count;
        offset += (uint64_t)count;
        length -= (size_t)count;
    }
    return 0;
}

int sink_cut(struct sink *sink, uint64_t size, struct error *err)
{
    if (ftruncate(sink->fd, (off_t)size) < 0)
        return error_sys(err, errno, "cannot cut '%s' behind its last record", sink->name);
    if (lseek(sink->fd, (off_t)size, SEEK_SET) < 0)
        return error_sys(err, errno, "cannot go to the end of '%s'", sink->name);
    sink->position = size;
    return 0;
}

size_t sink_whole_pages(const struct sink *sink, size_t length)
{
    return sink->regular ? length - (sink->position + length) % SINK_PAGES : length;
}

/* A piece past the cache. Room for it is asked for at once, without making the file longer: block
 * by block, as the write would do it, costs the file system more than all the rest. */
static ssize_t write_past_cache(struct sink *sink, const void *bytes, size_t length)
{
    struct iovec piece = {.iov_base = (void *)bytes, .iov_len = length};
    if (sink->owned)
        (void)fallocate(sink->fd, FALLOC_FL_KEEP_SIZE, (off_t)sink->position, (off_t)length);
    return pwritev2(sink->fd, &piece, 1, -1, RWF_DONTCACHE);
}

/* If the way past the cache fails, for whatever reason, the plain way says it, or succeeds. */
static ssize_t write_some(struct sink *sink, const void *bytes, size_t length)
{
    if (sink->past_cache && sink->regular && length >= SINK_MUCH) {
        ssize_t count = write_past_cache(sink, bytes, length);
        if (count >= 0)
            return count;
        sink->past_cache = false;
    }
    return write(sink->fd, bytes, length);
}

int sink_write(struct sink *sink, const void *bytes, size_t length, struct error *err)
{
    const uint8_t *at = bytes;
    while (length > 0) {
        ssize_t count = write_some(sink, at, length);
        if (count < 0 && errno == EAGAIN) {
            pipe_wait_for_room(sink->fd);
            continue;
        }
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_sys(err, errno, "cannot write to '%s'", sink->name);
        at += count;
        length -= (size_t)count;
        sink->position += (uint64_t)count;
    }
    return 0;
}

int sink_close(struct sink *sink, struct error *err)
{
    int result = 0;
    if (sink->regular && fsync(sink->fd) < 0 && errno != EINVAL && errno != ENOTSUP)
        result = error_sys(err, errno, "cannot carry '%s' to the disk", sink->name);
    if (sink->owned && close(sink->fd) < 0 && errno != EINTR && result == 0)
        result = error_sys(err, errno, "cannot close '%s'", sink->name);
    free(sink->name);
    *sink = (struct sink){.fd = -1};
    return result;
}

void sink_abandon(struct sink *sink)
{
    if (sink->owned)
        close(sink->fd);
    free(sink->name); /* NOLINT(clang-analyzer-unix.Malloc): a new name each time */
    sink->name = NULL;
    sink->fd = -1;
    sink->owned = false;
}

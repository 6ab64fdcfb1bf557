/* Where an output's bytes go: a file descriptor, with every failure reported.
 *
 * A pipe whose reader is gone gives an error like any other, provided the process ignores
 * SIGPIPE. */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum {
    SINK_PAGES = 1 << 16, /* one page on some machines, several on most */
    SINK_MUCH = 1 << 17,
};

struct sink {
    int fd;
    bool owned;   /* to be closed */
    bool regular; /* a regular file: fsync makes sense, and it can be continued */
    dev_t device; /* which file it is */
    ino_t inode;
    uint64_t size; /* when it was opened */
    uint64_t
        position; /* of the next byte, as far as is known (others may write to standard output) */
    bool past_cache; /* see sink_write; false once kernel or file system refuse it */
    char *name;      /* for messages; owned */
};

/* Opens `path` for a new document, "-" being standard output. A regular file with content is kept
 * under another name, which `notice` then tells; nothing is ever truncated. */
int sink_open_new(struct sink *sink, const char *path, char notice[256], struct error *err);

/* Opens `path` to read what is there and write behind it, creating it if need be. What is no
 * regular file is opened as by sink_open_new. */
int sink_open_existing(struct sink *sink, const char *path, struct error *err);

/* Fills `bytes` from `offset` of a regular file; fewer bytes are an error. */
int sink_read(const struct sink *sink, uint64_t offset, void *bytes, size_t length,
              struct error *err);

/* Cuts a regular file to `size` bytes and goes on writing there. */
int sink_cut(struct sink *sink, uint64_t size, struct error *err);

/* How many of the next `length` bytes go up to the end of a page, in a regular file; all of them in
 * anything else. `length` is at least SINK_PAGES. */
size_t sink_whole_pages(const struct sink *sink, size_t length);

/* Writes all of it: goes on after short writes and signals, waits for a full pipe. With
 * `past_cache`, SINK_MUCH bytes and more are sent on to the disk at once, and do not stay in the
 * page cache. */
int sink_write(struct sink *sink, const void *bytes, size_t length, struct error *err);

/* Carries a regular file's content to the disk, closes, frees; reports what fails there. */
int sink_close(struct sink *sink, struct error *err);

/* Closes and frees without a word: after an error that has been reported. */
void sink_abandon(struct sink *sink);

#endif

/* A file in memory for parsers that take a path. */
#ifndef TESTS_FUZZ_MEMORY_FILE_H
#define TESTS_FUZZ_MEMORY_FILE_H

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz_target.h"

struct memory_file {
    int fd;
    char path[40];
};

/* Makes one with these bytes; the caller closes `fd`, and then it is gone. */
static inline struct memory_file memory_file_of(const uint8_t *bytes, size_t size)
{
    struct memory_file file = {.fd = memfd_create("input", 0)};
    check(file.fd >= 0 && write(file.fd, bytes, size) == (ssize_t)size);
    snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
    return file;
}

#endif

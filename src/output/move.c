/* Giving a file another name without replacing any other file. */
#include "output/move.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { COPY_PIECE = 1 << 24 };

int rename_to_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* A filesystem without that flag: a second name, which is refused if it exists, then one less.
     */
    if (link(from, to) < 0)
        return -1;
    if (unlink(from) == 0)
        return 0;
    int cause = errno;
    unlink(to);
    errno = cause;
    return -1;
}

/* Closes without touching errno. */
static void close_quietly(int fd)
{
    int cause = errno;
    close(fd);
    errno = cause;
}

/* What was renamed in a directory is there after a loss of power too. Some file systems cannot do
 * this for directories, and need not. */
static int sync_directory_of(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP ? -1 : 0;
    close_quietly(fd);
    return result;
}

static int copy_content(int from, int to)
{
    ssize_t count;
    struct stat facts;
    if (fstat(from, &facts) < 0 || fchmod(to, facts.st_mode & 0777) < 0)
        return -1;
    do
        count = sendfile(to, from, NULL, COPY_PIECE);
    while (count > 0 || (count < 0 && errno == EINTR));
    return count < 0 ? -1 : fsync(to);
}

static int copy_file(const char *from, const char *to)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0)
        return -1;
    int copy = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int result = copy < 0 ? -1 : copy_content(source, copy);
    if (copy >= 0 && result < 0)
        close_quietly(copy);
    if (copy >= 0 && result == 0)
        result = close(copy);
    close_quietly(source);
    return result;
}

int copy_to_new(const char *from, const char *to)
{
    char temporary[PATH_MAX];
    if (file_exists(to)) {
        errno = EEXIST;
        return -1;
    }
    if (snprintf(temporary, sizeof temporary, "%s.%d.tmp", to, (int)getpid()) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const char *made = temporary;
    unlink(temporary); /* of a process of that number that was killed */
    if (copy_file(from, temporary) == 0 && rename_to_new(temporary, to) == 0) {
        made = to;
        if (sync_directory_of(to) == 0 && unlink(from) == 0)
            return 0;
    }
    int cause = errno;
    unlink(made);
    errno = cause;
    return -1;
}

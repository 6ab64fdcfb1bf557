/* Where files may be read and written from now on. */
#include "privilege/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege/sanitizers.h"

/* Linux 6.2; younger than the C library. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ull << 14)
#endif

/* The runtime of sanitizers reads all kinds of files, to tell what it has found. */
static const uint64_t reading =
    UNDER_SANITIZERS ? 0 : LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

/* What the first version of the rules tells apart beside reading; later ones add to it. */
static const uint64_t first_rights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

/* What results need: new files, written, renamed also from one folder to another, removed. */
static const uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER |
                                LANDLOCK_ACCESS_FS_TRUNCATE;

/* Rights that a version of the rules is the first to know. Without REFER no file goes to another
 * folder by renaming, so that it is copied as to another file system. */
static uint64_t rights_known_to(long version)
{
    uint64_t known = reading | first_rights;
    if (version >= 2)
        known |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        known |= LANDLOCK_ACCESS_FS_TRUNCATE;
    return known;
}

int folders_begin(struct folders *folders, struct error *err)
{
    *folders = (struct folders){.rules = -1};
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return 0;
    uint64_t known = rights_known_to(version);
    const struct landlock_ruleset_attr rules = {.handled_access_fs = known};
    folders->rules = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    folders->rights = known & (reading | writing);
    return folders->rules >= 0 ? 0 : error_sys(err, errno, "cannot confine files to folders");
}

/* What has no place in a file system, such as a pipe, needs no rule (EBADFD). */
static int allow(struct folders *folders, const char *path, int flags, uint64_t rights,
                 struct error *err)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights};
    if (folders->rules < 0 || rights == 0)
        return 0;
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC | flags);
    if (rule.parent_fd < 0)
        return 0;
    long added =
        syscall(SYS_landlock_add_rule, folders->rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int cause = errno;
    close(rule.parent_fd);
    return added == 0 || cause == EBADFD ? 0 : error_sys(err, cause, "cannot allow '%s'", path);
}

int folders_allow(struct folders *folders, const char *path, struct error *err)
{
    return allow(folders, path, O_DIRECTORY, folders->rights, err);
}

int folders_allow_reading(struct folders *folders, const char *path, struct error *err)
{
    return allow(folders, path, 0, reading & LANDLOCK_ACCESS_FS_READ_FILE, err);
}

int folders_confine(const struct folders *folders, struct error *err)
{
    if (folders->rules < 0 || syscall(SYS_landlock_restrict_self, folders->rules, 0) == 0)
        return 0;
    return error_sys(err, errno, "cannot confine files to folders");
}

void folders_end(struct folders *folders)
{
    if (folders->rules >= 0)
        close(folders->rules);
    folders->rules = -1;
}

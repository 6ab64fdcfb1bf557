/* Making way for a new file without losing the one that is there. */
#include "output/backup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "output/move.h"

enum { BACKUPS_MAX = 1000000 };

/* The first free numbered name. */
static int rename_numbered(const char *path, char kept[BACKUP_PATH_SIZE], struct error *err)
{
    for (int n = 1; n <= BACKUPS_MAX; n++) {
        int length = snprintf(kept, BACKUP_PATH_SIZE, "%s.~%d~", path, n);
        if (length >= BACKUP_PATH_SIZE)
            return error_set(err, "cannot keep '%s' under another name: the name is too long",
                             path);
        if (rename_to_new(path, kept) == 0)
            return 0;
        if (errno != EEXIST)
            return error_sys(err, errno, "cannot rename '%s', which holds earlier results, to '%s'",
                             path, kept);
    }
    return error_set(err, "'%s' has %d backups; remove some or name another file", path,
                     BACKUPS_MAX);
}

int backup_make(const char *path, char kept[BACKUP_PATH_SIZE], struct error *err)
{
    struct stat facts, link_facts;
    kept[0] = '\0';
    if (stat(path, &facts) < 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0)
        return 0;
    if (lstat(path, &link_facts) < 0 || !S_ISLNK(link_facts.st_mode))
        return rename_numbered(path, kept, err);
    char *target = realpath(path, NULL); /* the link stays, and leads to the new file */
    if (target == NULL)
        return error_sys(err, errno, "cannot follow the link '%s'", path);
    int result = rename_numbered(target, kept, err);
    free(target);
    return result;
}

/* Making way for a new file without losing the one that is there. */
#ifndef OUTPUT_BACKUP_H
#define OUTPUT_BACKUP_H

#include "base/error.h"

enum { BACKUP_PATH_SIZE = 4096 };

/* If `path` names a regular file that is not empty (a symbolic link is followed), renames it to
 * FILE.~N~ with the first N from 1 that is free, never over another file, and puts the new name
 * into `kept`; else makes `kept` "". Negative if the file cannot be renamed. */
int backup_make(const char *path, char kept[BACKUP_PATH_SIZE], struct error *err);

#endif

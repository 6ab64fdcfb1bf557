/* Rotation: when an output file has had its time or its size, and how it gets its new name.
 *
 * The new name is the old one with the time of the rotation in front, as the existing tool's:
 * r.xml becomes 261124-180000-r.xml (local time); if that exists 261124-180000.2-r.xml, and so on.
 * No file is ever replaced. */
#ifndef OUTPUT_ROTATION_H
#define OUTPUT_ROTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "output/backup.h"

struct output_rotation {
    uint64_t period; /* seconds; 0: files are not rotated by time */
    int64_t offset;  /* seconds: files are rotated at multiples of the period (of UTC) plus this */
    uint64_t size;   /* bytes; 0: files are not rotated by size */
    const char *directory; /* where they go; NULL: they stay where they are. The caller's. */
};

bool rotation_is_wanted(const struct output_rotation *rotation);

/* When files are rotated by time after `now` (both seconds since 1970 UTC); UINT64_MAX: never. */
uint64_t rotation_next(const struct output_rotation *rotation, uint64_t now);

/* The first number to try for a name of this second, so that many rotations within one do not each
 * count from 1. Zeroed before the first use; one for each file. */
struct rotation_count {
    uint64_t time;
    unsigned number;
};

/* Is the last part of this path short enough to get a time in front? */
bool rotation_name_fits(const char *path);

enum rotation_outcome {
    ROTATION_MOVED,
    ROTATION_BESIDE, /* it could not get to the directory, which the error tells, and has its new
                        name in its old place */
};

/* Moves the finished file at `path`, which is absolute. `kept` becomes its new path. To a directory
 * on another file system it is copied under a temporary name, carried to the disk and renamed
 * before the original goes. Negative: it cannot be moved at all, and is where it was. */
int rotation_move(const struct output_rotation *rotation, struct rotation_count *count,
                  const char *path, uint64_t now, char kept[BACKUP_PATH_SIZE], struct error *err);

#endif

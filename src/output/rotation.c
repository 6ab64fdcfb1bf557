/* Rotation: when it is time, and moving a file to a name with the time in front. */
#include "output/rotation.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "output/move.h"

enum {
    NUMBERS_MAX = 1000000,
    STAMP_SIZE = 32,
    NAME_GROWTH = sizeof "261124-180000.1000000-.4000000.tmp" - 1, /* at most, also for a while */
};

bool rotation_is_wanted(const struct output_rotation *rotation)
{
    return rotation->period > 0 || rotation->size > 0;
}

uint64_t rotation_next(const struct output_rotation *rotation, uint64_t now)
{
    if (rotation->period == 0)
        return UINT64_MAX;
    int64_t period = (int64_t)rotation->period;
    int64_t shift = rotation->offset % period;
    int64_t since_edge = ((int64_t)now - shift) % period;
    if (since_edge < 0)
        since_edge += period;
    return now + (uint64_t)(period - since_edge);
}

/* The name behind the last slash. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool rotation_name_fits(const char *path)
{
    return strlen(name_of(path)) + NAME_GROWTH <= NAME_MAX;
}

/* What new names are made of. */
struct naming {
    const char *directory; /* its first `directory_length` bytes */
    int directory_length;
    const char *name;
    char stamp[STAMP_SIZE];
    struct rotation_count *count;
};

static struct naming naming_beside(const char *path, uint64_t now, struct rotation_count *count)
{
    struct naming naming = {.directory = path, .name = name_of(path), .count = count};
    naming.directory_length = (int)(naming.name - path) - 1;
    time_t seconds = (time_t)now;
    struct tm parts;
    if (localtime_r(&seconds, &parts) != NULL)
        strftime(naming.stamp, sizeof naming.stamp, "%y%m%d-%H%M%S", &parts);
    if (count->time != now || count->number == 0)
        *count = (struct rotation_count){.time = now, .number = 1};
    return naming;
}

static struct naming naming_in(const char *directory, const struct naming *beside)
{
    struct naming naming = *beside;
    naming.directory = directory;
    naming.directory_length = (int)strlen(directory);
    return naming;
}

static bool write_name(char to[BACKUP_PATH_SIZE], const struct naming *naming)
{
    char number[16] = "";
    if (naming->count->number > 1)
        snprintf(number, sizeof number, ".%u", naming->count->number);
    return snprintf(to, BACKUP_PATH_SIZE, "%.*s/%s%s-%s", naming->directory_length,
                    naming->directory, naming->stamp, number, naming->name) < BACKUP_PATH_SIZE;
}

typedef int move_fn(const char *from, const char *to);

/* To the first name that is free; -1 with errno if there is none, or for another reason. */
static int move_to_free(move_fn *move, const char *from, const struct naming *naming,
                        char to[BACKUP_PATH_SIZE])
{
    for (; naming->count->number <= NUMBERS_MAX; naming->count->number++) {
        if (!write_name(to, naming)) {
            errno = ENAMETOOLONG;
            return -1;
        }
        if (move(from, to) == 0)
            return 0;
        if (errno != EEXIST)
            return -1;
    }
    errno = EEXIST;
    return -1;
}

/* From its new name in its old place to the directory. The count stands at that name's number. */
static int move_on(const struct naming *there, char kept[BACKUP_PATH_SIZE], int cause,
                   struct error *err)
{
    char to[BACKUP_PATH_SIZE] = "";
    if (cause == EXDEV) {
        if (move_to_free(copy_to_new, kept, there, to) == 0) {
            memcpy(kept, to, BACKUP_PATH_SIZE);
            return ROTATION_MOVED;
        }
        cause = errno;
    }
    error_sys(err, cause, "cannot move it to '%s'", there->directory);
    return ROTATION_BESIDE;
}

int rotation_move(const struct output_rotation *rotation, struct rotation_count *count,
                  const char *path, uint64_t now, char kept[BACKUP_PATH_SIZE], struct error *err)
{
    struct naming beside = naming_beside(path, now, count);
    const char *directory = rotation->directory;
    struct naming there = naming_in(directory == NULL ? "" : directory, &beside);
    if (directory != NULL && move_to_free(rename_to_new, path, &there, kept) == 0)
        return ROTATION_MOVED;
    int cause = directory == NULL ? 0 : errno;
    if (move_to_free(rename_to_new, path, &beside, kept) < 0)
        return error_sys(err, errno, "cannot rename '%s' to '%s'", path, kept);
    return directory == NULL ? ROTATION_MOVED : move_on(&there, kept, cause, err);
}

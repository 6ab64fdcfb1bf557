/* Keeping the state of a scan in paused.conf, as checkpoints and when it is interrupted. */
#include "app/pause.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "base/file.h"
#include "output/backup.h"

/* An empty rest of a window is written as a start behind the end of the scan: a count of 0 would
 * mean "all". */
static void set_position(struct conf *conf, const struct targets *targets,
                         const struct scan_state *state)
{
    if (state->fresh_left == 0) {
        conf->resume_index = target_space_size(targets->space);
        conf->resume_count = 0;
        return;
    }
    conf->resume_index = state->next_index;
    bool to_the_end = targets->window_end == target_space_size(targets->space);
    conf->resume_count = to_the_end ? 0 : targets->window_end - state->next_index;
}

static int set_owed(struct conf *conf, const struct scan_state *state, struct error *err)
{
    if (state->owed.count > CONF_PENDING_MAX)
        return error_set(err, "cannot keep %u stretches of owed probes (at most %d)",
                         state->owed.count, CONF_PENDING_MAX);
    conf->pending_count = state->owed.count;
    for (unsigned i = 0; i < state->owed.count; i++)
        conf->pending[i] = (struct conf_pending){.first = state->owed.extents[i].first,
                                                 .count = state->owed.extents[i].count,
                                                 .attempt = state->owed.extents[i].attempt};
    return 0;
}

/* 1 if both names are of one file, 0 if not, or if one is of none; negative if nobody can tell. */
static int is_same_file(const char *a, const char *b, struct error *err)
{
    struct stat first, second;
    if (stat(a, &first) == 0 && stat(b, &second) == 0)
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
    return errno == ENOENT ? 0 : error_sys(err, errno, "cannot look at " PAUSED_FILE);
}

/* Is paused.conf the state that this scan wrote, or went on from? Negative if nobody can tell. */
static int is_of_this_scan(const struct pause_context *pause, struct error *err)
{
    const char *resumed_from = pause->conf->resumed_from;
    if (pause->is_ours || resumed_from == NULL)
        return pause->is_ours;
    return is_same_file(resumed_from, PAUSED_FILE, err);
}

/* The state of this scan is replaced; that of any other scan is kept. */
static int make_way(struct pause_context *pause, struct error *err)
{
    char kept[BACKUP_PATH_SIZE];
    int is_ours = is_of_this_scan(pause, err);
    if (is_ours != 0)
        return is_ours < 0 ? -1 : 0;
    if (backup_make(PAUSED_FILE, kept, err) < 0)
        return -1;
    if (kept[0] != '\0')
        fprintf(stderr, "kept the state of another scan as %s\n", kept);
    return 0;
}

static void write_state(const void *conf, struct buffer *out)
{
    conf_echo(conf, out);
}

int pause_save(void *context, enum scan_save_reason reason, const struct scan_state *state,
               struct error *err)
{
    struct pause_context *pause = context;
    set_position(pause->conf, pause->targets, state);
    pause->conf->rate_pps = state->rate_pps;
    if (set_owed(pause->conf, state, err) < 0 || make_way(pause, err) < 0 ||
        file_write_atomically(PAUSED_FILE, write_state, pause->conf, err) < 0)
        return -1;
    pause->is_ours = true;
    if (reason == SCAN_SAVE_REST)
        fprintf(stderr, "The rest of the scan is kept in " PAUSED_FILE ": go on with " APP_NAME
                        " --resume " PAUSED_FILE "\n");
    return 0;
}

int pause_end(const struct pause_context *pause, struct error *err)
{
    int is_ours = is_of_this_scan(pause, err);
    if (is_ours < 0)
        return -1;
    if (is_ours && unlink(PAUSED_FILE) < 0 && errno != ENOENT)
        return error_sys(err, errno, "cannot remove " PAUSED_FILE ", which is not needed any more");
    return 0;
}

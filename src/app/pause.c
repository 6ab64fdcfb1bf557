/* Keeping the state of an interrupted scan in paused.conf. */
#include "app/pause.h"

#include <stdio.h>

#include "app/app.h"
#include "base/file.h"

#define PAUSED_FILE "paused.conf"

enum { TEXT_MAXIMUM = 1 << 30 };

/* An empty rest of a window is written as a start behind the end of the scan: a count of 0 would
 * mean "all". */
static void set_position(struct conf *conf, const struct targets *targets,
                         const struct scan_progress *progress)
{
    if (progress->fresh_left == 0) {
        conf->resume_index = target_space_size(targets->space);
        conf->resume_count = 0;
        return;
    }
    conf->resume_index = progress->next_index;
    bool to_the_end = targets->window_end == target_space_size(targets->space);
    conf->resume_count = to_the_end ? 0 : targets->window_end - progress->next_index;
}

static int set_owed(struct conf *conf, const struct scan_progress *progress, struct error *err)
{
    if (progress->owed_count > CONF_PENDING_MAX)
        return error_set(err, "cannot keep %u stretches of owed retries (at most %d)",
                         progress->owed_count, CONF_PENDING_MAX);
    conf->pending_count = progress->owed_count;
    for (unsigned i = 0; i < progress->owed_count; i++)
        conf->pending[i] = (struct conf_pending){.first = progress->owed[i].first,
                                                 .count = progress->owed[i].count,
                                                 .attempt = progress->owed[i].attempt};
    return 0;
}

int pause_save(void *context, const struct scan_progress *progress, struct error *err)
{
    struct pause_context *pause = context;
    set_position(pause->conf, pause->targets, progress);
    if (set_owed(pause->conf, progress, err) < 0)
        return -1;
    struct buffer text;
    buffer_init(&text, TEXT_MAXIMUM);
    conf_echo(pause->conf, &text);
    int result = text.failed ? error_set(err, "out of memory for " PAUSED_FILE)
                             : file_write_atomically(PAUSED_FILE, text.bytes, text.length, err);
    buffer_fini(&text);
    if (result == 0)
        fprintf(stderr, "The rest of the scan is kept in " PAUSED_FILE ": go on with " APP_NAME
                        " --resume " PAUSED_FILE "\n");
    return result;
}

/* SYN-ACKs that wait. */
#include "grab/backlog.h"

#include <stdlib.h>

int backlog_init(struct backlog *backlog, uint32_t capacity, struct error *err)
{
    *backlog = (struct backlog){
        .entries = calloc(capacity, sizeof *backlog->entries),
        .capacity = capacity,
    };
    if (backlog->entries == NULL)
        return error_set(err, "out of memory for %u answers that wait", capacity);
    return 0;
}

void backlog_fini(struct backlog *backlog)
{
    free(backlog->entries);
    *backlog = (struct backlog){0};
}

bool backlog_add(struct backlog *backlog, const struct grab_opening *opening, uint64_t now_ns)
{
    if (backlog_waiting(backlog) == backlog->capacity)
        return false;
    backlog->entries[backlog->tail++ % backlog->capacity] =
        (struct backlog_entry){*opening, now_ns};
    return true;
}

const struct backlog_entry *backlog_oldest(const struct backlog *backlog)
{
    if (backlog_waiting(backlog) == 0)
        return NULL;
    return &backlog->entries[backlog->head % backlog->capacity];
}

void backlog_drop(struct backlog *backlog)
{
    backlog->head++;
}

/* A binary heap of frames by the time they are due. */
#include "hold.h"

#include <stdlib.h>
#include <string.h>

enum { HELD_MAX = 1 << 20 };

void hold_free(struct hold *hold)
{
    for (size_t i = 0; i < hold->used; i++)
        free(hold->frames[i]);
    free(hold->frames);
    *hold = (struct hold){0};
}

static int make_room(struct hold *hold)
{
    if (hold->used < hold->size)
        return 0;
    size_t size = hold->size ? hold->size * 2 : 64;
    if (size > HELD_MAX)
        return -1;
    struct held_frame **frames = realloc(hold->frames, size * sizeof(struct held_frame *));
    if (frames == NULL)
        return -1;
    hold->frames = frames;
    hold->size = size;
    return 0;
}

static void swap(struct hold *hold, size_t a, size_t b)
{
    struct held_frame *frame = hold->frames[a];
    hold->frames[a] = hold->frames[b];
    hold->frames[b] = frame;
}

static int earlier(const struct hold *hold, size_t a, size_t b)
{
    return hold->frames[a]->due_ns < hold->frames[b]->due_ns;
}

int hold_add(struct hold *hold, uint64_t due_ns, const void *bytes, uint32_t length)
{
    if (make_room(hold) < 0)
        return -1;
    struct held_frame *frame = malloc(sizeof *frame + length);
    if (frame == NULL)
        return -1;
    frame->due_ns = due_ns;
    frame->length = length;
    memcpy(frame->bytes, bytes, length);
    size_t at = hold->used++;
    hold->frames[at] = frame;
    for (; at > 0 && earlier(hold, at, (at - 1) / 2); at = (at - 1) / 2)
        swap(hold, at, (at - 1) / 2);
    return 0;
}

uint64_t hold_next_due(const struct hold *hold)
{
    return hold->used ? hold->frames[0]->due_ns : UINT64_MAX;
}

static size_t earliest_of_family(const struct hold *hold, size_t at)
{
    size_t least = at;
    for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
        if (child < hold->used && earlier(hold, child, least))
            least = child;
    return least;
}

struct held_frame *hold_take(struct hold *hold, uint64_t now_ns)
{
    if (hold_next_due(hold) > now_ns || hold->used == 0)
        return NULL;
    struct held_frame *first = hold->frames[0];
    hold->frames[0] = hold->frames[--hold->used];
    for (size_t at = 0, next; hold->used > 0; at = next) {
        next = earliest_of_family(hold, at);
        if (next == at)
            break;
        swap(hold, at, next);
    }
    return first;
}

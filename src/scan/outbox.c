/* Frames that wait to leave. A record is two bytes of length and the frame, all in one piece; where
 * the end of the memory is too near, a length of zero says that it goes on at the begin. */
#include "scan/outbox.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 2, ALIGNMENT = 8 };

static uint32_t record_size(size_t length)
{
    return (uint32_t)(LENGTH_BYTES + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int outbox_init(struct outbox *outbox, uint32_t capacity, struct error *err)
{
    *outbox = (struct outbox){.bytes = malloc(capacity), .capacity = capacity};
    return outbox->bytes == NULL ? error_set(err, "out of memory for frames to send") : 0;
}

void outbox_fini(struct outbox *outbox)
{
    free(outbox->bytes);
    *outbox = (struct outbox){0};
}

static uint8_t *at(const struct outbox *outbox, uint32_t position)
{
    return outbox->bytes + (position & (outbox->capacity - 1));
}

static uint32_t to_the_end(const struct outbox *outbox, uint32_t position)
{
    return outbox->capacity - (position & (outbox->capacity - 1));
}

static uint16_t length_at(const struct outbox *outbox, uint32_t position)
{
    uint16_t length;
    memcpy(&length, at(outbox, position), LENGTH_BYTES);
    return length;
}

static void set_length(struct outbox *outbox, uint32_t position, uint16_t length)
{
    memcpy(at(outbox, position), &length, LENGTH_BYTES);
}

/* Where the record at `position` really is. */
static uint32_t skip_end(const struct outbox *outbox, uint32_t position)
{
    return length_at(outbox, position) == 0 ? position + to_the_end(outbox, position) : position;
}

uint8_t *outbox_reserve(struct outbox *outbox, size_t length)
{
    if (outbox->waiting == 0)
        outbox->head = outbox->tail = 0; /* the same memory again, which is in the cache */
    uint32_t size = record_size(length), end = to_the_end(outbox, outbox->tail);
    uint32_t room = outbox->capacity - (outbox->tail - outbox->head);
    uint32_t skipped = size > end ? end : 0;
    if (skipped + size > room)
        return NULL;
    if (skipped > 0)
        set_length(outbox, outbox->tail, 0);
    outbox->tail += skipped;
    return at(outbox, outbox->tail) + LENGTH_BYTES;
}

void outbox_put(struct outbox *outbox, size_t length)
{
    set_length(outbox, outbox->tail, (uint16_t)length);
    outbox->tail += record_size(length);
    outbox->waiting++;
}

void outbox_copy(const struct outbox *outbox, struct tx_slots *slots)
{
    uint32_t position = outbox->head;
    for (unsigned i = 0; i < slots->count; i++) {
        position = skip_end(outbox, position);
        uint16_t length = length_at(outbox, position);
        memcpy(slots->frame[i], at(outbox, position) + LENGTH_BYTES, length);
        slots->length[i] = length;
        position += record_size(length);
    }
}

void outbox_drop(struct outbox *outbox, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        outbox->head = skip_end(outbox, outbox->head);
        outbox->head += record_size(length_at(outbox, outbox->head));
    }
    outbox->waiting -= count;
}

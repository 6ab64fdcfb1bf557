/* Slots of one size: those that are free again form a list within themselves. */
#include "base/slots.h"

#include <stdlib.h>
#include <string.h>

int slots_init(struct slots *slots, size_t size, uint32_t maximum, struct error *err)
{
    *slots = (struct slots){
        .size = (size + 7) / 8 * 8,
        .maximum = maximum,
        .first_free = SLOT_NONE,
    };
    slots->bytes = malloc(maximum * slots->size);
    if (slots->bytes == NULL)
        return error_set(err, "out of memory for %u pieces of %zu bytes", maximum, slots->size);
    return 0;
}

void slots_fini(struct slots *slots)
{
    free(slots->bytes);
    *slots = (struct slots){0};
}

uint32_t slots_take(struct slots *slots)
{
    uint32_t index = slots->first_free;
    if (index != SLOT_NONE)
        memcpy(&slots->first_free, slots_at(slots, index), sizeof slots->first_free);
    else if (slots->touched < slots->maximum)
        index = slots->touched++;
    else
        return SLOT_NONE;
    slots->used++;
    return index;
}

void slots_give_back(struct slots *slots, uint32_t index)
{
    memcpy(slots_at(slots, index), &slots->first_free, sizeof slots->first_free);
    slots->first_free = index;
    slots->used--;
}

/* Pieces of memory of one size, up to a number that is fixed at the start. Taking and giving back
 * never allocates; memory that was never used is never touched. */
#ifndef BASE_SLOTS_H
#define BASE_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SLOT_NONE UINT32_MAX

struct slots {
    uint8_t *bytes;
    size_t size; /* of one; a multiple of 8 */
    uint32_t maximum;
    uint32_t touched;    /* those below have been used before */
    uint32_t first_free; /* of those */
    uint32_t used;
};

/* `maximum` slots of at least `size` bytes each, 4 or more, aligned to 8. */
int slots_init(struct slots *slots, size_t size, uint32_t maximum, struct error *err);
void slots_fini(struct slots *slots);

/* A slot that is the caller's until slots_give_back; what is in it is left over. SLOT_NONE if there
 * is none. */
uint32_t slots_take(struct slots *slots);
void slots_give_back(struct slots *slots, uint32_t index);

static inline void *slots_at(const struct slots *slots, uint32_t index)
{
    return slots->bytes + index * slots->size;
}

#endif

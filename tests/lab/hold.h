/* Frames held back until they are due. */
#ifndef TESTS_LAB_HOLD_H
#define TESTS_LAB_HOLD_H

#include <stddef.h>
#include <stdint.h>

struct held_frame {
    uint64_t due_ns;
    uint32_t length;
    uint8_t bytes[];
};

/* A binary heap, the frame due first on top. Starts as zeros. */
struct hold {
    struct held_frame **frames;
    size_t used, size;
};

void hold_free(struct hold *hold);

/* Copies a frame in. Returns -1 if there is no memory or a million frames are held already. */
int hold_add(struct hold *hold, uint64_t due_ns, const void *bytes, uint32_t length);

/* When the next frame is due; UINT64_MAX if none is held. */
uint64_t hold_next_due(const struct hold *hold);

/* Takes the next frame out if it is due at `now_ns`, else NULL. The caller frees it. */
struct held_frame *hold_take(struct hold *hold, uint64_t now_ns);

#endif

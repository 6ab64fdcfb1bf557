/* A timer wheel: one timer an index, armed, moved and cancelled in constant time.
 *
 * Theory of operation. A hashed wheel (G. Varghese, T. Lauck, "Hashed and hierarchical timing
 * wheels", 1987, scheme 5) of 4096 slots of 4 ms, each a doubly linked list of indices. A timer
 * further away than one turn (16.4 s) stands in the last slot of the turn; so expiring means "look
 * again": the caller, who knows its deadline, arms it again if it is not due. For the same reason a
 * timer that already stands earlier stays there: most deadlines only ever move away, segment by
 * segment, and moving costs nothing then. A map of occupied slots lets time jump over empty ones.
 */
#ifndef TCP_WHEEL_H
#define TCP_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { WHEEL_SLOTS = 4096 };
#define WHEEL_TICK_NS 4000000ull
#define WHEEL_NONE    UINT32_MAX

struct wheel_link {
    uint32_t next, previous; /* of the same slot, or WHEEL_NONE */
    uint16_t slot;
    bool armed;
};

struct wheel {
    struct wheel_link *links; /* an entry an index */
    uint64_t position;        /* the tick that is being, or has been, expired */
    uint64_t occupied[WHEEL_SLOTS / 64];
    uint32_t heads[WHEEL_SLOTS];
};

/* For the indices below `count`. Time begins at `now_ns`. */
int wheel_init(struct wheel *wheel, uint32_t count, uint64_t now_ns, struct error *err);
void wheel_fini(struct wheel *wheel);

/* The timer of `index` comes up at `deadline_ns` at the latest, give or take a tick; or earlier. */
void wheel_arm(struct wheel *wheel, uint32_t index, uint64_t deadline_ns);
void wheel_cancel(struct wheel *wheel, uint32_t index);

/* Disarms and returns a timer that has come up, WHEEL_NONE if no other has until `now_ns` or `work`
 * is used up, from which each step takes one. */
uint32_t wheel_expire(struct wheel *wheel, uint64_t now_ns, size_t *work);

/* When the next timer comes up; UINT64_MAX if none is armed. In the past while wheel_expire has not
 * caught up. */
uint64_t wheel_next_ns(const struct wheel *wheel);

#endif

/* SYN-ACKs that wait for a connection to become free, in their order. */
#ifndef GRAB_BACKLOG_H
#define GRAB_BACKLOG_H

#include "grab/grab.h"

struct backlog_entry {
    struct grab_opening opening;
    uint64_t since_ns;
};

struct backlog {
    struct backlog_entry *entries;
    uint32_t capacity; /* a power of two */
    uint32_t head, tail;
};

int backlog_init(struct backlog *backlog, uint32_t capacity, struct error *err);
void backlog_fini(struct backlog *backlog);

/* False if it is full. */
bool backlog_add(struct backlog *backlog, const struct grab_opening *opening, uint64_t now_ns);

/* The oldest; NULL if there is none. Valid until it is dropped. */
const struct backlog_entry *backlog_oldest(const struct backlog *backlog);
void backlog_drop(struct backlog *backlog);

static inline uint32_t backlog_waiting(const struct backlog *backlog)
{
    return backlog->tail - backlog->head;
}

#endif

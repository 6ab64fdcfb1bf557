/* Whether the link of a scan is there, looked at ten times a second.
 *
 * A link that is down takes nothing and brings nothing, which no transport takes for an error; who
 * counts on time has to know of it. */
#ifndef SCAN_LINK_WATCH_H
#define SCAN_LINK_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct adapter;

enum { LINK_LINE_SIZE = 128 };

/* All zero before the first look: up. */
struct link_watch {
    bool down;
    uint64_t seen_ns;
};

enum link_turn {
    LINK_SAME,
    LINK_WENT_DOWN,
    LINK_CAME_UP,
};

/* Looks, if it is time to; an enum link_turn, and for all but LINK_SAME a line for a person.
 * Negative, blamed on the link, if the interface is gone. An adapter that sends nothing is up. */
int link_watch_look(struct link_watch *watch, const struct adapter *adapter, uint64_t now_ns,
                    char line[LINK_LINE_SIZE], struct error *err);

#endif

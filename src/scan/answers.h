/* Packets that replies call for: resets that close what probes have opened at far ends.
 *
 * They wait in a queue of fixed size until the pace lets them go, before any further probe: so the
 * rate holds for all packets, and half-open connections do not pile up. */
#ifndef SCAN_ANSWERS_H
#define SCAN_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "packet/decode.h"

enum { ANSWERS_MAX = 4096 };

/* A RST on its way, host order. */
struct reset {
    uint32_t source, destination;
    uint32_t sequence;
    uint16_t source_port, destination_port;
};

struct answers {
    struct reset resets[ANSWERS_MAX];
    unsigned head, tail; /* head is the oldest */
};

struct worker;

static inline unsigned answers_waiting(const struct answers *answers)
{
    return answers->tail - answers->head;
}

/* Resets the connection that this SYN-ACK offers; false if the queue is full: then the far end will
 * ask again. */
bool answers_add_reset(struct answers *answers, const struct packet *packet);

/* Sends what the pace allows. Returns how many left. */
int answers_step(struct worker *worker, uint64_t now_ns, struct error *err);

/* Answers an ARP request at once, ahead of its tokens: without it no reply would come. 1 if the
 * answer left. */
int answers_send_arp(struct worker *worker, const struct packet *request, struct error *err);

#endif

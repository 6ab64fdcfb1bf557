/* Packets that replies call for: resets that close what probes have opened at far ends, and the
 * segments of conversations.
 *
 * They wait in an outbox until the pace lets them go, before any further probe: so the rate holds
 * for all packets, and half-open connections do not pile up. */
#ifndef SCAN_ANSWERS_H
#define SCAN_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "packet/build.h"
#include "packet/decode.h"

/* Bytes of an outbox: for 4,096 resets, and for the segments of conversations. */
enum { ANSWERS_CAPACITY = 1 << 18, ANSWERS_CAPACITY_TALKING = 1 << 22 };

struct worker;

/* Resets the connection that this SYN-ACK offers. If there is no room it is counted, and the far
 * end will ask again. */
void answers_add_reset(struct worker *worker, const struct packet *packet);

/* A segment of a conversation. If there is no room it is lost, as on any link, and counted. */
void answers_add_segment(struct worker *worker, const struct tcp_segment *segment);

/* Sends a batch of them, as far as the pace allows; no more, for each may bring several frames,
 * which should be received before there are more than the link holds. Returns how many left. */
int answers_step(struct worker *worker, uint64_t now_ns, struct error *err);

/* May a packet be sent that can be called for without end: by anybody, without the proof that a
 * cookie is, or by who repeats himself? Of all that a worker sends such packets are a quarter at
 * most, and a few more at the begin: so no flood of what calls for them keeps a scan from its
 * probes. To be asked once for each. */
bool answers_may_oblige(struct worker *worker);

/* Answers an ARP request at once, a packet ahead of the pace: without it no reply would come. 1 if
 * the answer left; 0 if it may not, then who asked will ask again. */
int answers_send_arp(struct worker *worker, const struct packet *request, struct error *err);

/* The same with a Neighbour Solicitation, whose source must be an address. */
int answers_send_advertisement(struct worker *worker, const struct packet *request,
                               struct error *err);

#endif

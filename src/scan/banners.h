/* Banners on their way: the conversations of a worker, and how what servers say gets to the output
 * thread. */
#ifndef SCAN_BANNERS_H
#define SCAN_BANNERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/byte_ring.h"
#include "base/error.h"
#include "grab/grab.h"
#include "packet/decode.h"

/* The longest text that is carried; longer ones are cut. */
enum { BANNER_FINDING_TEXT_MAX = 1 << 16 };

/* A field of what a service says; its text stands behind it in the ring. */
struct banner_finding {
    uint64_t time; /* wall clock seconds */
    struct ip_number address;
    uint16_t port, app;
    uint8_t protocol; /* IP protocol */
    uint8_t ttl;
};

/* Of a worker, whose thread it belongs to; but the ring's other end is the output thread's. */
struct banners {
    struct grab *grab;     /* NULL: nobody is talked to, and nothing is told */
    uint32_t text_max;     /* bytes of a field that are told */
    struct byte_ring ring; /* of struct banner_finding and text */
};

struct worker;

/* Conversations as `setup` has it, but for the callbacks; NULL: none, and no ring. */
int banners_init(struct worker *worker, const struct grab_setup *setup, struct error *err);
void banners_fini(struct worker *worker);

/* Tells the output thread; a field that finds no room is counted. */
void banners_tell(struct worker *worker, const struct banner_finding *finding, const uint8_t *text,
                  size_t length);

/* Is there room in the ring for all that a batch of frames may bring? */
bool banners_have_room(const struct worker *worker);

/* A TCP packet; false if it is of no conversation. */
bool banners_take(struct worker *worker, const struct packet *packet);

/* What the proven reply to a probe over UDP says; `port` is the one that was probed. */
void banners_read(struct worker *worker, const struct packet *packet, uint16_t port);

/* A SYN-ACK that is proven to answer this attempt. */
void banners_open(struct worker *worker, const struct packet *packet, uint8_t attempt);

/* A TCP packet that neither a conversation nor a probe has a use for. */
void banners_refuse(struct worker *worker, const struct packet *packet);

/* Does what is due, and counts. While more than a batch waits to be sent nothing is due: it would
 * only wait too, or say again what has not left yet. */
void banners_step(struct worker *worker);
uint64_t banners_next_step_ns(const struct worker *worker); /* UINT64_MAX: not as things are */

#endif

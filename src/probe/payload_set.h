/* Which datagram each UDP port is sent: our own requests, and what files of the user put in their
 * place. */
#ifndef PROBE_PAYLOAD_SET_H
#define PROBE_PAYLOAD_SET_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "probe/udp_payload.h"

enum {
    PAYLOAD_PORTS = 65536,
    /* Bytes: what an Ethernet frame carries behind the headers of IPv4 and UDP, or IPv6 and UDP. */
    PAYLOAD_MAX = 1472,
    PAYLOAD_MAX_IPV6 = 1452,
};

struct payload_set {
    struct udp_payload *payloads; /* the first is the empty one */
    size_t count, capacity;
    uint32_t of_port[PAYLOAD_PORTS]; /* index into `payloads` */
};

/* The empty datagram for every port; owns its memory until payload_set_fini. */
int payload_set_init(struct payload_set *set, struct error *err);
void payload_set_fini(struct payload_set *set);

/* Gives the ports of our own requests (udp_payload.h) theirs. */
int payload_set_add_own(struct payload_set *set, struct error *err);

/* Gives the ports first..last a payload of at most PAYLOAD_MAX bytes, which are copied; it takes
 * the place of what they had. */
int payload_set_put(struct payload_set *set, uint16_t first, uint16_t last, const uint8_t *bytes,
                    size_t length, struct error *err);

static inline const struct udp_payload *payload_set_get(const struct payload_set *set,
                                                        uint16_t port)
{
    return &set->payloads[set->of_port[port]];
}

#endif

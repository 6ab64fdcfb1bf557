/* IP protocols kept from the host's own stack. What it does not speak it would answer with an ICMP
 * "protocol unreachable"; a raw socket of the protocol takes such packets over, and drops them. */
#ifndef TRANSPORT_RESERVE_PROTOCOLS_H
#define TRANSPORT_RESERVE_PROTOCOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { RESERVE_PROTOCOLS_MAX = 2 * 256 }; /* in two families */

struct protocol_reservation {
    int sockets[RESERVE_PROTOCOLS_MAX];
    unsigned count;
};

/* Opens a raw socket for `protocol`, of IPv4 or IPv6, unless every host speaks it; of number 0
 * Linux has no such sockets. Ask once for each. On failure what was there before stays. */
int protocol_reserve(struct protocol_reservation *reservation, bool ipv6, uint8_t protocol,
                     struct error *err);

/* Closes all. A reservation that was filled with zeros is fine. */
void protocol_release(struct protocol_reservation *reservation);

#endif

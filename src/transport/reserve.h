/* Source ports kept from the host: sockets bound to them, so that no connection of the host gets
 * one. */
#ifndef TRANSPORT_RESERVE_H
#define TRANSPORT_RESERVE_H

#include <stdint.h>

#include "base/error.h"

enum { RESERVE_PORTS_MAX = 1024 };

struct port_reservation {
    int *sockets;
    unsigned count;
};

/* Binds a TCP and a UDP socket (that never read; a filter drops what arrives) to each of `count`
 * ports from `port` on, at `address` (host order). A port in use is an error that names it and who
 * could be holding it. Beyond RESERVE_PORTS_MAX ports only the first are bound. */
int port_reserve(struct port_reservation *reservation, uint32_t address, uint16_t port,
                 uint32_t count, struct error *err);

/* Picks and binds a random port in 40000..60000 that is free for both; the port comes back in
 * `port`. */
int port_reserve_random(struct port_reservation *reservation, uint32_t address, uint16_t *port,
                        struct error *err);

void port_release(struct port_reservation *reservation);

#endif

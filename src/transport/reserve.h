/* Source ports kept from the host: sockets bound to them, so that no connection of the host gets
 * one and the host answers nothing that is sent to them.
 *
 * The TCP socket listens, with a filter that drops everything. So the host's TCP finds an owner for
 * a SYN-ACK that answers a probe, asks its filter, and forgets the segment: no RST goes out, which
 * would end the connection that the scanner is about to have. The same with UDP: no ICMP "port
 * unreachable"; and with SCTP, if the kernel speaks it: no ABORT for an INIT ACK. Frames reach
 * packet sockets before all that. */
#ifndef TRANSPORT_RESERVE_H
#define TRANSPORT_RESERVE_H

#include <stdint.h>

#include "base/address.h"
#include "base/error.h"

enum { RESERVE_PORTS_MAX = 1024 };

/* At which addresses of the host: one of each family, at most. */
struct reserve_addresses {
    struct ip_number of[2];
    unsigned count;
    int interface_index; /* which link-local ones, and those of a VRF, are on */
};

struct port_reservation {
    int *sockets;
    unsigned count;
};

/* Binds a socket of TCP, of UDP and, where the kernel has it, of SCTP (that never read; a filter
 * drops what arrives) to each of `count` ports from `port` on, at each of the addresses. A port in
 * use is an error that names it and how to find who holds it. Beyond RESERVE_PORTS_MAX ports only
 * the first are bound. An address that is not the host's needs no reservation (the host never uses
 * it) and is an error: the caller does not ask for one. Raises the process's soft limit of open
 * files when it is too low and may be raised. On failure nothing stays bound. */
int port_reserve(struct port_reservation *reservation, const struct reserve_addresses *addresses,
                 uint16_t port, uint32_t count, struct error *err);

/* Picks and binds a random port in 40000..60000 that is free for all; the port comes back in
 * `port`. */
int port_reserve_random(struct port_reservation *reservation,
                        const struct reserve_addresses *addresses, uint16_t *port,
                        struct error *err);

/* Closes the sockets. A reservation that failed, was released or was filled with zeros is fine. */
void port_release(struct port_reservation *reservation);

#endif

/* Questions that every probe asks of its setup. */
#ifndef PROBE_SETUP_H
#define PROBE_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/probe.h"

/* Fails with a message unless the source ranges are powers of two that end in time. */
int setup_check(const struct probe_setup *setup, struct error *err);

static inline bool setup_has_ipv6(const struct probe_setup *setup)
{
    return (setup->source_ipv6.high | setup->source_ipv6.low) != 0;
}

/* Is this one of the addresses that probes leave from? */
static inline bool setup_owns_address(const struct probe_setup *setup, struct ip_number address)
{
    if (ip_number_is_v4(address))
        return (uint32_t)address.low - setup->source_address <= setup->source_address_mask;
    return setup_has_ipv6(setup) && address.high == setup->source_ipv6.high &&
           address.low - setup->source_ipv6.low <= setup->source_ipv6_mask;
}

/* The same for address and port. */
static inline bool setup_owns(const struct probe_setup *setup, struct ip_number address,
                              uint16_t port)
{
    return setup_owns_address(setup, address) &&
           (uint16_t)(port - setup->source_port) <= setup->source_port_mask;
}

/* The lowest port code of the scan in first..last; false if there is none. */
bool setup_first_port(const struct probe_setup *setup, uint32_t first, uint32_t last,
                      uint32_t *port);

#endif

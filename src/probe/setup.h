/* Questions that every probe asks of its setup. */
#ifndef PROBE_SETUP_H
#define PROBE_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/probe.h"

/* Fails with a message unless the source ranges are powers of two that end in time. */
int setup_check(const struct probe_setup *setup, struct error *err);

/* Is this one of the addresses that probes leave from? */
static inline bool setup_owns_address(const struct probe_setup *setup, uint32_t address)
{
    return address - setup->source_address <= setup->source_address_mask;
}

/* The same for address and port. */
static inline bool setup_owns(const struct probe_setup *setup, uint32_t address, uint16_t port)
{
    return setup_owns_address(setup, address) &&
           (uint16_t)(port - setup->source_port) <= setup->source_port_mask;
}

/* The lowest port code of the scan in first..last; false if there is none. */
bool setup_first_port(const struct probe_setup *setup, uint32_t first, uint32_t last,
                      uint32_t *port);

#endif

/* A target space for tests: one block of addresses and a list of port ranges, in place of the real
 * one. */
#ifndef PROBE_TEST_SPACE_H
#define PROBE_TEST_SPACE_H

#include "target/space.h"

enum { TEST_SPACE_RANGES = 8 };

struct target_space {
    uint32_t first, last; /* addresses */
    struct range6 ipv6;   /* and these, unless it is all zero */
    struct range ranges[TEST_SPACE_RANGES];
    struct range_set ports;
};

/* Adds the port codes first..last, which must lie above those added before. */
void test_space_add_ports(struct target_space *space, uint32_t first, uint32_t last);

#endif

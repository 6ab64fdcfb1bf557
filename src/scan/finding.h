/* A proven reply on its way from the worker to the output thread. */
#ifndef SCAN_FINDING_H
#define SCAN_FINDING_H

#include <stdint.h>

#include "output/result.h"

struct finding {
    uint64_t time; /* wall clock seconds */
    struct ip_number address;
    uint32_t port;    /* port code */
    uint8_t protocol; /* IP protocol */
    uint8_t reason;   /* TCP flags */
    uint8_t ttl;
    uint8_t status : 4; /* enum result_status */
    uint8_t sign : 4;   /* enum suspect_sign, of the answer by itself */
};
_Static_assert(sizeof(struct finding) == 32, "two findings take a cache line");

#endif

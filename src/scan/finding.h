/* A proven reply on its way from the worker to the output thread. */
#ifndef SCAN_FINDING_H
#define SCAN_FINDING_H

#include <stdint.h>

#include "output/result.h"

struct finding {
    struct ip_number address;
    uint32_t time; /* wall clock seconds; until 2106 */
    uint32_t port; /* port code */
    union {
        struct {
            uint8_t protocol; /* IP protocol */
            uint8_t reason;   /* TCP flags */
            uint8_t ttl;
            uint8_t sign; /* enum suspect_sign, of the answer by itself */
        };
        struct mac_address mac; /* of RESULT_UP, whose protocol is ARP */
    };
    uint8_t status; /* enum result_status */
};
_Static_assert(sizeof(struct finding) == 32, "two findings take a cache line");

#endif

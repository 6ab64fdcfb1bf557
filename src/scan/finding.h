/* A proven reply on its way from the worker to the output thread. */
#ifndef SCAN_FINDING_H
#define SCAN_FINDING_H

#include <stdint.h>

#include "output/result.h"

struct finding {
    uint64_t time;    /* wall clock seconds */
    uint32_t address; /* host order */
    uint32_t port;    /* port code */
    uint8_t protocol; /* IP protocol */
    uint8_t reason;   /* TCP flags */
    uint8_t ttl;
    struct mac_address mac; /* of RESULT_UP */
    uint8_t status;         /* enum result_status */
};

#endif

/* The names of services and IP protocols, from the system's own lists (services(5),
 * protocols(5)). */
#ifndef OUTPUT_SERVICES_H
#define OUTPUT_SERVICES_H

#include <stdint.h>

enum { SERVICE_NAME_MAX = 63, SERVICE_POOL_SIZE = 65536 };

/* Names lie in the pool; 0 is the offset of "unknown". */
struct services {
    uint16_t tcp[65536], udp[65536];
    uint16_t protocols[256];
    char pool[SERVICE_POOL_SIZE];
    uint32_t pool_used;
};

/* Reads both lists into `services`, which is zeroed. What cannot be read, or finds no room, is
 * "unknown"; the first name of a port counts. */
void services_load(struct services *services, const char *services_path,
                   const char *protocols_path);

#define SERVICES_PATH  "/etc/services"
#define PROTOCOLS_PATH "/etc/protocols"

/* The service of a TCP or UDP port, for every other protocol the name of the protocol; at most
 * SERVICE_NAME_MAX bytes. */
const char *services_name(const struct services *services, uint8_t protocol, uint16_t port);

#endif

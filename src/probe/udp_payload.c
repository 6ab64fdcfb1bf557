/* The table of UDP requests. */
#include "probe/udp_payload.h"

#define REQUEST(port, id_offset, bytes)                                                            \
    {                                                                                              \
        port, sizeof bytes, id_offset, bytes                                                       \
    }

/* "version.bind", class CHAOS, type TXT: name servers tell what they are (RFC 4892). */
static const uint8_t dns_version[] = {
    0, 0,                               /* id */
    1, 0,                               /* a query, recursion desired */
    0, 1,   0,   0,   0,   0,   0,   0, /* one question */
    7, 'v', 'e', 'r', 's', 'i', 'o', 'n', 4, 'b', 'i', 'n', 'd', 0, 0, 16, 0, 3, /* TXT, CH */
};

const struct udp_payload udp_payload_table[] = {
    REQUEST(53, 0, dns_version),
};

const size_t udp_payload_count = sizeof udp_payload_table / sizeof udp_payload_table[0];

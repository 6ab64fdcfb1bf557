/* What is sent to a UDP port: few services answer an empty datagram. */
#ifndef PROBE_UDP_PAYLOAD_H
#define PROBE_UDP_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

enum { UDP_PAYLOAD_NO_ID = 0xffff };

/* One request. Ports without a row get an empty datagram. */
struct udp_payload {
    uint16_t port;
    uint16_t length;
    uint16_t id_offset; /* of a 16-bit transaction id that the reply repeats at the same place, or
                           UDP_PAYLOAD_NO_ID; zero in `bytes`, the low half of the cookie on the
                           wire */
    const uint8_t *bytes;
};

/* Each port at most once. */
extern const struct udp_payload udp_payload_table[];
extern const size_t udp_payload_count;

#endif

/* What is sent to a UDP port: few services answer an empty datagram. */
#ifndef PROBE_UDP_PAYLOAD_H
#define PROBE_UDP_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

enum { UDP_ID_HEX = 8 };

/* Where a request carries the cookie, and where the reply repeats it. */
struct udp_id {
    uint8_t width;     /* 1, 2 or 4 bytes, the end of the cookie; UDP_ID_HEX: all of it as that many
                          hexadecimal digits; 0: there is no such field */
    uint16_t at;       /* in the request, where `bytes` are zero */
    uint16_t reply_at; /* in the reply; 0 if there is a marker */

    /* Where the place in the reply varies: what stands in front of it, at the first time that this
     * stands anywhere. NULL: `reply_at` is the place. */
    const char *marker;
};

struct udp_payload {
    const uint8_t *bytes;
    uint16_t length;
    struct udp_id id;
};

enum { UDP_REQUEST_PORTS = 10 };

/* One request of our own. */
struct udp_request {
    const char *name;
    const char *source;                /* the document that it was written from */
    uint16_t ports[UDP_REQUEST_PORTS]; /* 0 ends the list */
    struct udp_payload payload;
};

/* Each port at most once. Ports without a row get an empty datagram. */
extern const struct udp_request udp_request_table[];
extern const size_t udp_request_count;

#endif

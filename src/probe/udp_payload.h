/* What is sent to a UDP port: few services answer an empty datagram. */
#ifndef PROBE_UDP_PAYLOAD_H
#define PROBE_UDP_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

/* Where a request carries the cookie, or the lower half of it, and where the reply repeats it. */
struct udp_id {
    uint8_t width;     /* 2 or 4 bytes; 0: there is no such field */
    uint16_t at;       /* in the request, where `bytes` are zero */
    uint16_t reply_at; /* in the reply; behind the marker if there is one */

    /* Where lengths in front of the field vary, as in BER: the bytes that stand before it in the
     * request, by which it is found among the first UDP_MARKER_REACH bytes of the reply. */
    uint8_t marker_length;
};

enum { UDP_MARKER_REACH = 64 };

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

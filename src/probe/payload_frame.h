/* The UDP datagram in a captured frame, by the capture's link type. */
#ifndef PROBE_PAYLOAD_FRAME_H
#define PROBE_PAYLOAD_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum payload_frame_result {
    PAYLOAD_FRAME_OTHER, /* no UDP datagram, or a fragment of one */
    PAYLOAD_FRAME_CUT,   /* one of which less was captured than it had */
    PAYLOAD_FRAME_UDP,
};

struct payload_datagram {
    uint16_t port; /* destination */
    const uint8_t *bytes;
    size_t length;
};

/* Is IP looked for in frames of this link type (a DLT_ number of libpcap)? */
bool payload_frame_knows(int link_type);

/* Finds the datagram in a frame of which `length` bytes were captured; IPv4 and IPv6. */
enum payload_frame_result payload_frame_find(int link_type, const uint8_t *frame, size_t length,
                                             struct payload_datagram *datagram);

#endif

/* What the conformance test knows about each probe: its frames written plainly, one at a time, and
 * the answers that a far end makes of them. */
#ifndef PROBE_CONFORMANCE_H
#define PROBE_CONFORMANCE_H

#include <stddef.h>
#include <stdint.h>

#include "probe/cookie.h"
#include "probe/probe.h"

enum {
    CONFORMANCE_FRAME = 256, /* room for any frame or answer here, with a link header */
    CONFORMANCE_PORTS = 5,
    CONFORMANCE_ANSWERS = 4,
    CONFORMANCE_PROOFS = 6,
};

/* Bytes of an answer in which no bit may change. */
enum proof_of {
    PROOF_ADDRESSES,
    PROOF_DESTINATION,
    PROOF_TRANSPORT, /* of the transport header, from `at` on */
    PROOF_QUOTED_ID,
    PROOF_QUOTED_ADDRESSES,
    PROOF_QUOTED_TRANSPORT,
    PROOF_ARP,
};

struct proof {
    enum proof_of of;
    uint16_t at;
    uint16_t length;
};

/* Where they are, counted from the answer's IP header. */
struct span {
    size_t at;
    size_t length;
};

struct span conformance_span(const uint8_t *ip, const struct proof *proof);

/* The length of an IP header without options, of either family. */
size_t conformance_header(const uint8_t *ip);

/* A way in which a far end, or a router, answers. */
struct answer_kind {
    const char *name;
    enum probe_verdict verdict;
    uint8_t reason;
    bool answer_reset;
    bool from_router; /* the answer's own source address is not the target's */
    bool quotes_ip;   /* of the probe, only the IP header proves anything */

    /* Writes the answer (an IP packet) to a probe (an IP packet); returns its length. */
    size_t (*build)(uint8_t *answer, const uint8_t *probe);

    struct proof proofs[CONFORMANCE_PROOFS];
    unsigned proof_count;
    size_t essential; /* transport bytes without which it is no answer, even if the IP length
                         agrees; what a router quotes is essential as a whole */
};

struct conformance_case {
    const char *name;
    const struct probe_ops *ops;
    uint8_t protocol;                  /* of replies */
    uint8_t version;                   /* the only one that it is for; 0: both */
    bool is_arp;                       /* stands on Ethernet itself, and goes to all */
    uint16_t ports[CONFORMANCE_PORTS]; /* numbers, taken in turn by the lanes */
    unsigned port_count;

    /* The frame of one probe of either family, header after header; returns its length. */
    size_t (*reference)(uint8_t *frame, const struct probe_setup *setup, struct ip_number address,
                        uint32_t port, const struct cookie *cookie);

    const struct answer_kind *answers[CONFORMANCE_ANSWERS + 1]; /* ended by NULL */
};

extern const struct conformance_case conformance_cases[];
extern const size_t conformance_case_count;

#endif

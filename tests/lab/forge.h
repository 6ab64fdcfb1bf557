/* Lies: replies that look like answers to a probe and are not. Each differs from a true answer in
 * something a careful scanner checks. */
#ifndef TESTS_LAB_FORGE_H
#define TESTS_LAB_FORGE_H

#include <stdint.h>

#include "options.h"
#include "sim.h"

enum forge_kind {
    FORGE_SYN_ACK_WRONG_ACK,
    FORGE_RST_WRONG_ACK,
    FORGE_UDP_UNPROBED_PORT, /* from a port outside --ports */
    FORGE_ICMP_WRONG_ID,
    FORGE_SCTP_WRONG_TAG,
    FORGE_UNREACHABLE_WRONG_QUOTE, /* quotes a packet that was never sent */
    FORGE_KINDS,
};

extern const char *const forge_names[FORGE_KINDS];

/* Whether this lie answers probes of this protocol. */
bool forge_answers(enum forge_kind kind, uint8_t protocol);

/* Writes the lie about `probe`, a frame as it came from the scanner. Returns its length. */
uint32_t forge_reply(enum forge_kind kind, const struct sim_options *options,
                     const struct wire_frame *probe, struct wire_frame *lie);

/* Writes a probe that `peer` might have sent and did not, such that `kind` answers it: to any
 * address of the prefixes, every fourth to one outside. */
void forge_probe(enum forge_kind kind, const struct sim_options *options,
                 const struct sim_peer *peer, struct wire_frame *probe);

#endif

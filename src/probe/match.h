/* What the judging of replies has in common. */
#ifndef PROBE_MATCH_H
#define PROBE_MATCH_H

#include "probe/cookie.h"
#include "probe/probe.h"

/* Where a quoted probe tells which pair it was for. */
enum quote_number {
    QUOTE_NUMBER_PORT,     /* its destination port, behind the source port */
    QUOTE_NUMBER_REQUEST,  /* its ICMP type */
    QUOTE_NUMBER_PROTOCOL, /* the protocol itself */
};

/* What the four bytes behind the ports of a quoted probe must be. */
enum quote_word {
    QUOTE_WORD_ANY,
    QUOTE_WORD_COOKIE,
    QUOTE_WORD_ZERO,
    QUOTE_WORD_ECHO, /* the cookie as identifier and sequence number */
};

/* The facts about a probe that its quotes are checked by, and what two errors mean to it. */
struct quoted_probe {
    enum port_class class;
    uint8_t protocol;      /* as results have it */
    uint8_t protocol_ipv6; /* on the wire of IPv6 */
    enum quote_number number;
    enum quote_word word;
    enum probe_verdict on_port_unreachable; /* PROBE_OPEN: if the probed host itself says so */
    enum probe_verdict on_protocol_unreachable;
};

/* Judges an ICMP error that quotes a probe of ours, to a pair of the scan; any router may have sent
 * it. Errors other than port and protocol unreachable speak of the way, not of the pair, and are
 * PROBE_ERROR. */
enum probe_verdict match_error(const struct probe_setup *setup, const struct quoted_probe *probe,
                               const struct packet *packet, struct probe_reply *reply);

#endif

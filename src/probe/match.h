/* What the judging of replies has in common. */
#ifndef PROBE_MATCH_H
#define PROBE_MATCH_H

#include "probe/cookie.h"
#include "probe/probe.h"

/* What the four bytes behind the ports of a quoted probe must be. */
enum quote_word {
    QUOTE_WORD_ANY,
    QUOTE_WORD_COOKIE,
    QUOTE_WORD_ZERO,
};

/* The facts about a probe that its quotes are checked by. */
struct quoted_probe {
    enum port_class class;
    uint8_t protocol;
    enum quote_word word;
};

/* Judges an ICMP error. A port or protocol unreachable error that quotes a probe of ours, to a pair
 * of the scan, says closed; any router may have sent it. Other errors are ignored: they speak of
 * the way, not of the port. */
enum probe_verdict match_unreachable(const struct probe_setup *setup,
                                     const struct quoted_probe *probe, const struct packet *packet,
                                     struct probe_reply *reply);

#endif

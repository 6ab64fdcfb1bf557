/* How much of what was sent and answered got lost: what can be known of it without a memory of
 * probes.
 *
 * A host answers each SYN to a closed port by one reset. So of t tries of a pair that is reached,
 * as many come back as were not lost on either way, and how many that were tells what share is
 * lost: with q the chance that a probe and its answer both arrive, the number of answers of a pair
 * that has any is binomial(t, q), of which 0 is never seen (a zero-truncated binomial). Its mean,
 *
 *     m(q) = t q / (1 - (1 - q)^t),
 *
 * grows with q, and is known: answers / pairs. Its inverse is the estimate, 1 - q the share of
 * probes lost, (1 - q)^t that of the pairs that were never heard of. This is how animals are
 * counted that were caught at least once (Craig 1953, "On the utilization of marked specimens in
 * estimating populations of flying insects").
 *
 * Open ports are left out, because servers send their answer again by themselves. It is taken for
 * granted that losses are independent (a retry leaves a second later), and that nobody else
 * repeats answers, or holds resets back; what such a host does not say counts as lost.
 *
 * The interval is Wilson's, of 95 %, for the share x = (m - 1) / (t - 1) of further answers,
 * carried through the inverse. With two tries x is such a share exactly; with more it is nearly
 * one. */
#ifndef SCAN_LOSS_H
#define SCAN_LOSS_H

#include <stdbool.h>
#include <stdint.h>

struct loss_sample {
    unsigned tries;   /* of every pair */
    bool whole;       /* every pair had all its tries in this run, and the time to answer */
    bool forgotten;   /* pairs may have been counted twice */
    uint64_t pairs;   /* closed TCP ports, each once */
    uint64_t answers; /* from them */
};

/* Shares from 0 to 1. */
struct loss_share {
    double estimate, least, most;
};

struct loss {
    const char *unknown;      /* why nothing can be said; NULL: the shares are known */
    struct loss_share probes; /* of probes, themselves or their answers */
    struct loss_share pairs;  /* of pairs all of whose tries were */
};

/* Fewer pairs than this tell nothing. */
enum { LOSS_PAIRS_LEAST = 30 };

struct loss loss_estimate(const struct loss_sample *sample);

#endif

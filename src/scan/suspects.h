/* Hosts whose open ports are worth little: that answer for everything, or for somebody else.
 *
 * A SYN-ACK proves that somebody at the address answers, not that a service is there. Three signs
 * are told, each by what has been answered alone: nothing is sent for them.
 *
 *   tarpit      a SYN-ACK with a window of at most 20 bytes and without any option, though an MSS
 *               was offered. LaBrea and iptables' TARPIT answer so, to hold who connects (window
 *               10, and 5); the two facts together are what L. Alt, R. Beverly and A. Dainotti,
 *               "Uncovering Network Tarpits with Degreaser" (ACSAC 2014), tell them by. A TCP that
 *               means to receive says how much it takes (RFC 9293, 3.7.1), and has more room.
 *   syn-proxy   a SYN-ACK with options and a window of 0: who answers takes nothing before it has
 *               heard from the server that it stands for. Linux' SYNPROXY does so. Whether there is
 *               a server shows only to who connects.
 *   most-open   the host is found open on at least 40 TCP ports, and on half of those that were
 *               asked. Of the thousand commonest ports a host has three open on average (the
 *               frequencies of nmap-services add up to 3.1), and the largest bundles of services,
 *               such as hosting panels and domain controllers, open some thirty. Where fewer than
 *               40 ports are asked of a host this sign is never given: then a proxy and a busy
 *               server look alike.
 *
 * Theory of operation. The last sign needs a count for each host. They stand in a table of fixed
 * size, 262,144 hosts in buckets of four, found by a keyed hash of the address, so that nobody can
 * choose a neighbour. Where a bucket is full the host with the least count gives way to a new one
 * with the chance 1 / (count + 1): many hosts with few open ports then hardly ever displace one
 * with many (randomized admission: R. Ben Basat et al., INFOCOM 2017). A newcomer begins at one, so
 * a count is never above the truth: a crowd may hide a host, but no host is accused for another.
 *
 * What is asked of a host is known for the whole run, and a host is told once its count has reached
 * half of that: never too early, and while the scan runs.
 *
 * Not thread-safe; the output thread owns it. */
#ifndef SCAN_SUSPECTS_H
#define SCAN_SUSPECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/siphash.h"
#include "packet/decode.h"
#include "target/space.h"

enum suspect_sign {
    SUSPECT_NONE,
    SUSPECT_TARPIT,
    SUSPECT_SYN_PROXY,
    SUSPECT_MOST_OPEN,
    SUSPECT_SIGNS,
};

/* What is told of them at the end. */
struct suspect_counts {
    uint64_t hosts;                /* distinct, with whatever sign */
    uint64_t signs[SUSPECT_SIGNS]; /* hosts with this one */
    uint64_t displaced;            /* hosts whose count was given up */
};

struct suspects_bucket;

struct suspects {
    uint64_t asked;     /* TCP ports of each host in this run; on average, where it is a part */
    uint64_t least;     /* so many open ones are a sign; 0: they never are */
    uint64_t displaced; /* hosts */
    struct siphash_key key;
    uint64_t draws;                  /* state of the generator of chances */
    struct suspects_bucket *buckets; /* NULL: nothing is counted; owned */
};

/* `asked`: how many TCP ports are asked of each host. Takes 4 MiB if that is enough for a sign. */
int suspects_init(struct suspects *suspects, uint64_t asked, struct error *err);
void suspects_fini(struct suspects *suspects);

/* How many TCP ports a run over `pairs` of the pairs of the space asks of each host: of a part of
 * them the nearest number, for their order is random. */
uint64_t suspects_asked(const struct target_space *space, uint64_t pairs);

/* What an answer to a probe says by itself: SUSPECT_TARPIT, SUSPECT_SYN_PROXY or SUSPECT_NONE. */
enum suspect_sign suspects_sign_of(const struct packet *packet);

/* One more open TCP port of this host, not told of before. True if it makes the sign. */
bool suspects_count(struct suspects *suspects, struct ip_number host);

/* "tarpit", "syn-proxy", "most-open". */
const char *suspects_name(enum suspect_sign sign);

/* The sign in words, its name first: what results tell. */
void suspects_describe(const struct suspects *suspects, enum suspect_sign sign, struct buffer *out);

#endif

/* The contract of a probe: what is sent to ask about a port, and which replies prove an answer.
 *
 * A probe works on batches in a structure of arrays: one lane a probe, every pass a plain loop over
 * all BATCH_LANES lanes. It is a `const struct probe_ops` in the table of probe.c, one per port
 * class, and passes conformance_test.c.
 *
 * Families. A batch is of IPv4, or (`ipv6` set) of IPv6; only probe_set_write takes mixed ones.
 * What both have in common is written once: the words and stores of the transport header, which
 * know of the addresses only their sum.
 *
 * Cookies. For each pair (address, port code) SipHash-2-4 under a key from the kernel gives 64
 * bits: the low 32 are the `cookie` (TCP sequence number, SCTP initiate tag, ICMP id and sequence),
 * the high 32 the `tag`: its low 16 bits are the IP identification (of IPv6, which has none, its
 * low 20 the flow label), its high 16 choose the source address and port. So a reply can be checked
 * from its own bytes and the key, and a retry of the same pair is the same packet. */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/multiversion.h"
#include "base/port.h"
#include "base/siphash.h"
#include "packet/build.h"
#include "packet/decode.h"
#include "target/space.h"

struct payload_set;

/* Everything a probe needs to know; kept by pointer, must outlive the probes. */
struct probe_setup {
    struct link_header link;
    uint32_t source_address;      /* first of a power-of-two range, host order */
    uint32_t source_address_mask; /* count - 1 */
    struct link_header link_ipv6;
    struct ip_number source_ipv6; /* the same for IPv6; all zero: no IPv6 probes */
    uint32_t source_ipv6_mask;
    uint16_t source_port;
    uint16_t source_port_mask; /* count - 1 */
    uint8_t ttl;
    uint16_t mtu; /* of the link: no longer packet is made; 0 or above 1500: 1500 */
    /* Options of SYNs. */
    uint16_t tcp_mss; /* of IPv4; 0: none */
    bool tcp_has_window_scale, tcp_has_timestamp, tcp_allows_sack;
    uint8_t tcp_window_scale; /* 0 to 14 */
    uint32_t tcp_timestamp;
    uint8_t tcp_attempt_shift; /* answers to SYNs whose sequence number is the cookie and a multiple
                                  of this power of two are right too; 0: only to the cookie's */
    struct siphash_key key;
    enum cpu_level level;               /* at most cpu_level_best(); 0 is right everywhere */
    const struct target_space *space;   /* for replies that carry no cookie */
    const struct payload_set *payloads; /* what UDP ports are sent; NULL: our own requests */
};

/* What lanes of IPv6 have in place of `address` and `source_address`. */
struct probe_lanes_ipv6 {
    struct address_lanes address;
    alignas(64) uint64_t source_low[BATCH_LANES]; /* the upper half is the setup's */
    const void *const *soon; /* BATCH_LANES places in memory that are read soon, and asked for by
                                the way; NULL: none */
};

/* One batch. `count` lanes have meaning; all lanes hold valid values. */
struct probe_batch {
    unsigned count;
    struct probe_lanes_ipv6 *ipv6; /* NULL: all lanes are IPv4; somebody else's memory */
    alignas(64) uint32_t address[BATCH_LANES]; /* host order */
    alignas(64) uint32_t port[BATCH_LANES];    /* port code */
    alignas(64) uint32_t cookie[BATCH_LANES];
    alignas(64) uint32_t tag[BATCH_LANES];
    alignas(64) uint32_t source_address[BATCH_LANES];
    alignas(64) uint32_t source_port[BATCH_LANES];
};

enum probe_verdict {
    PROBE_IGNORE, /* not an answer to this probe */
    PROBE_FORGED, /* looks like one, but its cookie is wrong */
    PROBE_ERROR,  /* an ICMP error that a probe met on its way: it tells nothing of the pair */
    PROBE_OPEN,
    PROBE_CLOSED,
    PROBE_UP, /* the host is there, whatever it has open */
};

/* An answer, proven by its cookie; or the error that PROBE_ERROR is. */
struct probe_reply {
    struct ip_number address; /* who was probed */
    uint32_t port;            /* port code */
    uint8_t protocol; /* of the probe, as results have it: of ICMPv6 that of ICMP, of a question
                         about an IP protocol IPPROTO_RAW, of ARP 0 */
    uint8_t reason;   /* TCP flags, else 0 */
    uint8_t ttl;
    struct mac_address mac; /* of PROBE_UP: the host's */
    bool answer_reset;      /* a half-open connection waits at the far end: send it a RST */
    uint8_t attempt;        /* to talk to it, that this is an answer to; 0: to the probe */
};

struct probe_ops {
    const char *name;
    const char *help;
    enum port_class class;
    size_t state_size;

    /* Prepares the templates. Fails with a message if the class or a port in it cannot be probed.
     * Does not block. */
    int (*init)(void *state, const struct probe_setup *setup, struct error *err);
    void (*fini)(void *state);

    /* Writes the whole frames of lanes 0..count-1 to frame[i] and their lengths to length[i]. The
     * batch has its cookies and sources. Cannot fail. A frame's memory has at least 1536 bytes;
     * only length[i] bytes need be written, but bytes up to a multiple of 64 may be. */
    void (*patch)(const void *state, const struct probe_batch *batch, uint8_t *const frame[],
                  uint32_t length[]);

    /* Judges one packet. Never allocates, never blocks, trusts nothing in the packet. */
    enum probe_verdict (*match)(const void *state, const struct packet *packet,
                                struct probe_reply *reply);
};

/* The probe of a class, or NULL where the program has none yet. */
const struct probe_ops *probe_of_class(enum port_class class);

extern const struct probe_ops *const probe_table[]; /* ended by NULL */

/* The probes of one scan, ready to send and to judge. */
struct probe_set;

/* Prepares the probe of each class that `space`'s ports use. */
struct probe_set *probe_set_new(const struct probe_setup *setup, struct error *err);
void probe_set_free(struct probe_set *set);

/* Writes the frames of `batch->count` probes: cookies, sources, then each class's patch.
 * batch->port and batch->address, or batch->ipv6->address (of either family), are given, the rest
 * is computed. frame[i] and length[i] belong to lane i, also when the batch mixes classes. */
void probe_set_write(struct probe_set *set, struct probe_batch *batch, uint8_t *const frame[],
                     uint32_t length[]);

/* The flow label that the probe of this pair has, over IPv6. */
uint32_t probe_set_flow_label(const struct probe_set *set, struct ip_number address, uint32_t port);

/* Judges a packet by the probe it belongs to. */
enum probe_verdict probe_set_match(const struct probe_set *set, const struct packet *packet,
                                   struct probe_reply *reply);

#endif

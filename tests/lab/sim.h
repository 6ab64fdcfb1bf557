/* What the simulator's BPF program and its user-space half agree on: settings, counters, and the
 * events that pass what XDP cannot do (send twice, send later, send lies) to user space. */
#ifndef TESTS_LAB_SIM_H
#define TESTS_LAB_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "truth.h"
#include "wire.h"

enum {
    SIM_PREFIXES_MAX = 16,
    SIM_PORT_CODES = PORT_CLASSES << 16,
    SIM_PAIRS_PER_BLOCK = 256,
};

/* Of IPv6 prefixes, which have at least 96 bits, the last 32 stand where IPv4 has all. */
struct sim_prefix {
    uint32_t network; /* host order */
    uint32_t mask;
    bool is_ipv6;
    uint32_t upper[3]; /* the first 96 bits, host order */
    uint64_t first;    /* how many addresses the prefixes before this one hold */
    bool proxied;      /* a SYN proxy stands before it */
};

/* Chances are parts of TRUTH_WHOLE. Constant while the program runs. */
struct sim_config {
    struct truth truth;
    struct sim_prefix prefix[SIM_PREFIXES_MAX];
    uint32_t prefixes;
    uint32_t router;         /* answers ARP only */
    uint8_t router_ipv6[16]; /* answers Neighbour Discovery only; zeros: there is none */
    uint32_t counted_ports;
    uint32_t http; /* open TCP ports answer a request with a page */
    uint64_t request_loss;
    uint64_t reply_loss;
    uint64_t duplicate;
    uint64_t late;
    uint64_t delay_max_ns; /* of late and duplicate replies */
    uint64_t forge;
    uint32_t learn_peer; /* somebody in user space wants to know who scans */
};

/* One counter: its enum name and its key in the JSON text, with the JSON object it belongs to. */
#define SIM_COUNTERS(X)                                                                            \
    X(FRAMES, "", "frames")                                                                        \
    X(STRAY, "", "stray")                                                                          \
    X(STRAY_REACTIONS, "", "stray_reactions")                                                      \
    X(MALFORMED, "", "malformed")                                                                  \
    X(ROUTER, "", "router")                                                                        \
    X(OTHER, "", "other")                                                                          \
    X(ARP_REQUESTS, "arp", "requests")                                                             \
    X(ARP_REPLIES, "arp", "replies")                                                               \
    X(SOLICITATIONS, "nd", "solicitations")                                                        \
    X(ADVERTISEMENTS, "nd", "advertisements")                                                      \
    X(PROBES_TCP, "probes", "tcp")                                                                 \
    X(PROBES_UDP, "probes", "udp")                                                                 \
    X(PROBES_SCTP, "probes", "sctp")                                                               \
    X(PROBES_ICMP, "probes", "icmp")                                                               \
    X(PROBES_IP_PROTO, "probes", "ip")                                                             \
    X(REQUEST_LOST, "", "request_lost")                                                            \
    X(SILENT, "", "silent")                                                                        \
    X(CLOSED_TCP, "replies", "tcp_rst")                                                            \
    X(CLOSED_UDP, "replies", "udp_unreachable")                                                    \
    X(CLOSED_SCTP, "replies", "sctp_abort")                                                        \
    X(CLOSED_ICMP, "replies", "icmp_unreachable")                                                  \
    X(CLOSED_IP_PROTO, "replies", "ip_unreachable")                                                \
    X(OPEN_TCP, "replies", "tcp_syn_ack")                                                          \
    X(OPEN_UDP, "replies", "udp")                                                                  \
    X(OPEN_SCTP, "replies", "sctp_init_ack")                                                       \
    X(OPEN_ICMP, "replies", "icmp")                                                                \
    X(OPEN_IP_PROTO, "replies", "ip")                                                              \
    X(REPLY_LOST, "", "reply_lost")                                                                \
    X(TCP_RST, "tcp", "rst")                                                                       \
    X(TCP_ACK, "tcp", "ack")                                                                       \
    X(TCP_DATA, "tcp", "data")                                                                     \
    X(TCP_FIN, "tcp", "fin")                                                                       \
    X(TCP_STRANGE, "tcp", "strange")                                                               \
    X(TCP_PAGES, "tcp", "pages")                                                                   \
    X(PAIRS_UNLISTED, "", "pairs_unlisted")                                                        \
    X(LATE, "helper", "late")                                                                      \
    X(DUPLICATES, "helper", "duplicates")                                                          \
    X(FORGERIES, "helper", "forge_requests")                                                       \
    X(HELPER_OVERFLOW, "helper", "overflow")                                                       \
    X(NO_ROOM, "", "no_room")

enum sim_counter {
#define X(name, object, key) SIM_##name,
    SIM_COUNTERS(X)
#undef X
        SIM_COUNTERS_N,
};

struct sim_counters {
    uint64_t value[SIM_COUNTERS_N];
};

/* How often each of SIM_PAIRS_PER_BLOCK pairs was probed: a byte a pair, stopping at 255. */
struct sim_pair_block {
    uint32_t word[SIM_PAIRS_PER_BLOCK / 4];
};

/* The last one who probed, as seen in the frame. */
struct sim_peer {
    uint8_t mac[6], our_mac[6];
    uint32_t address; /* network order */
    uint16_t port[PORT_CLASSES];
    uint32_t known;
};

enum sim_event_kind {
    SIM_EVENT_LATE,      /* the frame is a reply that was held back */
    SIM_EVENT_DUPLICATE, /* the frame is a copy of a reply */
    SIM_EVENT_FORGE,     /* the frame is a probe to tell lies about */
};

struct sim_event {
    uint32_t kind;   /* enum sim_event_kind */
    uint32_t length; /* of the frame, from its Ethernet header on */
    uint64_t delay_ns;
    struct wire_frame frame; /* cut behind `length` */
};

#endif

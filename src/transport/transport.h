/* The contract of a transport: frames out, frames in, always in batches.
 *
 * A frame is opaque bytes here, as it stands on the link (with its Ethernet header where the link
 * has one). One instance belongs to one thread; nothing is locked. After init no callback
 * allocates. A transport is a `const struct transport_ops` in the table of transport.c, and passes
 * conformance_test.c.
 *
 * Several threads use a link by an instance each: a group. The first instance owns what all share;
 * each frame that arrives is given out by one of them, and all frames of a flow by the same one.
 *
 * Sending, in order:  tx_reserve -> fill frame[i], length[i] -> tx_commit.
 * Receiving, in order: rx_peek -> read frame[i], length[i] -> rx_release. */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"

enum {
    TRANSPORT_BATCH = 256,
    TRANSPORT_FRAME_SIZE =
        1536,                 /* room for one frame to send: Ethernet's longest, with VLAN tags */
    TRANSPORT_TAG = 4,        /* and behind it for a VLAN tag (tagged.h) */
    TRANSPORT_GROUP_MAX = 64, /* instances on one link */
    /* Replies keep coming while a sender waits: the rings for them hold some milliseconds' worth.
     */
    TRANSPORT_PATIENCE_NS = 500 * 1000,
    TRANSPORT_DESCRIPTION_SIZE = 64,
};

/* Room for frames to send, handed out by tx_reserve. The memory is the transport's; the caller
 * writes up to TRANSPORT_FRAME_SIZE bytes at frame[i] and the number of them to length[i]. */
struct tx_slots {
    uint8_t *frame[TRANSPORT_BATCH];
    uint32_t length[TRANSPORT_BATCH];
    unsigned count;
};

/* Received frames; the bytes are the transport's, valid until rx_release. */
struct rx_frames {
    const uint8_t *frame[TRANSPORT_BATCH];
    uint32_t length[TRANSPORT_BATCH];
    unsigned count;
};

/* Counted since init, by one instance. */
struct transport_stats {
    uint64_t sent;           /* frames the kernel took */
    uint64_t received;       /* frames given out by rx_peek */
    uint64_t ring_dropped;   /* arrived, but the ring that the kernel fills for us was full */
    uint64_t socket_dropped; /* arrived, but our socket refused them for another reason */
    uint64_t tx_retried; /* times the kernel had no room and the same frames were offered again */
    uint64_t tx_refused; /* frames that the driver refused, and that were offered again; the
                            interface may have counted each as dropped */
    uint64_t tx_wayless; /* frames, of those sent, that the interface had no way for and dropped: a
                            tunnel without a peer for their address */
};

/* What a transport needs to open. Strings and arrays stay the caller's and are not kept. */
struct transport_setup {
    const char *interface_name;
    int interface_index;
    bool has_ethernet; /* the link has Ethernet headers */
    bool to_host;      /* it is the loopback: what is sent to the host itself goes there, as bare IP
                          packets, those of IPv4 routed by the kernel */
    /* Receive only IPv4 frames to these destination addresses (host order, a power-of-two block:
     * value and mask; 0.0.0.0 alone for no IPv4) and ARP. Everything else may be dropped by a
     * kernel filter before it costs anything; a transport without a filter may pass more. */
    uint32_t address;
    uint32_t address_mask;
    /* The same of IPv6, and Neighbour Discovery (RFC 4861); all zero: no IPv6 frames. */
    struct ip_number address_ipv6;
    struct ip_number address_ipv6_mask;
    uint16_t vlan; /* only frames with this VLAN's tag (1 to 4094), which may have been taken out;
                      0: only those without, or with a priority alone */
    uint16_t port; /* own ports, a power-of-two block */
    uint16_t port_mask; /* 0xffff for one port */
    bool all_protocols; /* IPv4 protocols other than ICMP, TCP, UDP and SCTP too: an IP protocol
                           scan needs them */
    bool promiscuous;   /* take frames to foreign hardware addresses: needed when the source MAC is
                           not the interface's. Ends with the transport, even if killed */
    bool all_multicast; /* take frames to any group: needed to hear who asks for an IPv6 address
                           that the interface does not have. Ends with the transport, too */
    unsigned instances; /* how many will share the link; 0 means 1 */
};

struct transport_ops {
    const char *name;
    const char *help;
    size_t state_size;
    bool bypasses_host; /* while it is open the host's own stack sees nothing of what arrives */

    /* How many instances may share this link, at least 1. NULL: only one ever. */
    unsigned (*instances_max)(const struct transport_setup *setup);

    /* Opens instance `number` of setup->instances, from 0 on; `first` is the state of instance 0,
     * NULL for itself. On failure everything is undone, `err` says what and why. May block for a
     * moment. */
    int (*init)(void *state, void *first, unsigned number, const struct transport_setup *setup,
                struct error *err);

    /* Closes and gives everything back; instance 0 goes last. Never fails. */
    void (*fini)(void *state);

    /* Hands out up to `wanted` (1 to TRANSPORT_BATCH) slots; slots->count says how many, 0 if there
     * is no room now. A new reserve without a commit hands out the same slots again. Never blocks.
     */
    int (*tx_reserve)(void *state, struct tx_slots *slots, unsigned wanted, struct error *err);

    /* Sends the first `slots->count` reserved frames (the caller may have lowered it), in order.
     * Offers them again when the kernel is short of room, until TRANSPORT_PATIENCE_NS have gone by
     * since the call; a signal does not end it. Returns how many the kernel took. Fewer than
     * slots->count is an expected case (link slow, or so much arrives that it is to be received
     * first): the rest was not sent, not even in part, and its slots are free again; so it is with
     * a link that is down, which takes nothing until it is up again. Negative only when the link is
     * lost, as its interface is gone, or when a frame can never be sent on it (longer than its MTU
     * allows, or empty). */
    int (*tx_commit)(void *state, const struct tx_slots *slots, struct error *err);

    /* Gives out up to TRANSPORT_BATCH received frames without waiting; frames->count may be 0.
     * Without a release in between, the same frames are given out again, perhaps with more behind
     * them. */
    int (*rx_peek)(void *state, struct rx_frames *frames, struct error *err);

    /* Takes back the frames of the last rx_peek; does nothing if there are none. */
    void (*rx_release)(void *state);

    /* Waits until a frame arrived or `timeout_ns` went by, or a signal came: 0 in each case.
     * Returns at once if a frame is there already or `timeout_ns` is 0; also early when the link
     * goes down. Negative when the link is lost. */
    int (*wait)(void *state, uint64_t timeout_ns, struct error *err);

    /* Asks the kernel: for a status line, not for every batch. */
    void (*stats)(void *state, struct transport_stats *stats);

    /* Writes the name and, where there are several, the mode in use: "af_xdp, native, copy". May be
     * NULL: the name tells all. */
    void (*describe)(const void *state, char *text, size_t size);
};

/* An open transport. */
struct transport {
    const struct transport_ops *ops;
    void *state;
};

/* Opens `ops` on `setup` as the only instance; transport_close undoes it. Closing what is closed
 * already, or was filled with zeros, does nothing. */
int transport_open(struct transport *transport, const struct transport_ops *ops,
                   const struct transport_setup *setup, struct error *err);
void transport_close(struct transport *transport);

/* The instances that share a link. */
struct transport_group {
    struct transport member[TRANSPORT_GROUP_MAX];
    unsigned count;
};

/* How many instances of `ops` may share the link of `setup`: 1 to TRANSPORT_GROUP_MAX. */
unsigned transport_instances_max(const struct transport_ops *ops,
                                 const struct transport_setup *setup);

/* Opens setup->instances instances of `ops`, or as many as may be: group->count says how many.
 * Closing is as with one. */
int transport_group_open(struct transport_group *group, const struct transport_ops *ops,
                         const struct transport_setup *setup, struct error *err);
void transport_group_close(struct transport_group *group);

/* Opens the fastest transport that works on `setup`: af_xdp, else af_packet, else pcap. `reason`
 * tells why it is not the fastest one; its text is empty if it is. If none works, `err` tells what
 * af_packet lacks, which is what every other one needs, too. */
int transport_group_open_fastest(struct transport_group *group, const struct transport_setup *setup,
                                 struct error *reason, struct error *err);

/* Writes what is in use, and in which mode. */
void transport_describe(const struct transport *transport, char text[TRANSPORT_DESCRIPTION_SIZE]);

/* The transport called `name` (exactly as in its ops), or NULL. */
const struct transport_ops *transport_find(const char *name);

/* All of them, ended by NULL. */
extern const struct transport_ops *const transport_table[];

#endif

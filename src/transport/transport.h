/* The contract of a transport: frames out, frames in, always in batches.
 *
 * A frame is opaque bytes here, as it stands on the link (with its Ethernet header where the link
 * has one). One instance belongs to one thread; nothing is locked. After init no callback
 * allocates. A transport is a `const struct transport_ops` in the table of transport.c, and passes
 * conformance_test.c.
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
    TRANSPORT_FRAME_SIZE = 2048, /* room for one frame to send */
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

/* Counted since init. */
struct transport_stats {
    uint64_t sent;       /* frames the kernel took */
    uint64_t received;   /* frames given out by rx_peek */
    uint64_t rx_dropped; /* arrived, but the kernel's ring for us was full */
    uint64_t tx_dropped; /* taken by the kernel and dropped at the interface, as the interface
                            counts them */
    uint64_t tx_retried; /* times the kernel had no room and the same frames were offered again */
};

/* What a transport needs to open. Strings and arrays stay the caller's and are not kept. */
struct transport_setup {
    const char *interface_name;
    int interface_index;
    bool has_ethernet; /* the link has Ethernet headers */
    /* Receive only IPv4 frames to these destination addresses (host order, a power-of-two block:
     * value and mask) and ARP. Everything else may be dropped by a kernel filter before it costs
     * anything; a transport without a filter may pass more. */
    uint32_t address;
    uint32_t address_mask;
    uint16_t port;      /* own ports, a power-of-two block */
    uint16_t port_mask; /* 0xffff for one port */
};

struct transport_ops {
    const char *name;
    const char *help;
    size_t state_size;

    /* Opens. On failure everything is undone, `err` says what and why. May block for a moment. */
    int (*init)(void *state, const struct transport_setup *setup, struct error *err);

    /* Closes and gives everything back. Never fails. */
    void (*fini)(void *state);

    /* Hands out up to `wanted` (1 to TRANSPORT_BATCH) slots; slots->count says how many, 0 if there
     * is no room now. A new reserve without a commit hands out the same slots again. Never blocks.
     */
    int (*tx_reserve)(void *state, struct tx_slots *slots, unsigned wanted, struct error *err);

    /* Sends the first `slots->count` reserved frames (the caller may have lowered it), in order.
     * Offers them again when the kernel is short of room, within reason; returns how many it took.
     * Fewer than slots->count is an expected case (link slow): the rest was not sent. Negative only
     * when the link is lost. */
    int (*tx_commit)(void *state, const struct tx_slots *slots, struct error *err);

    /* Gives out up to TRANSPORT_BATCH received frames without waiting; frames->count may be 0. */
    int (*rx_peek)(void *state, struct rx_frames *frames, struct error *err);

    /* Takes back the frames of the last rx_peek. */
    void (*rx_release)(void *state);

    /* Waits until a frame arrived or `timeout_ns` went by, or a signal came. 0 returns at once. */
    int (*wait)(void *state, uint64_t timeout_ns, struct error *err);

    void (*stats)(void *state, struct transport_stats *stats);
};

/* An open transport. */
struct transport {
    const struct transport_ops *ops;
    void *state;
};

/* Opens `ops` on `setup`; transport_close undoes it. */
int transport_open(struct transport *transport, const struct transport_ops *ops,
                   const struct transport_setup *setup, struct error *err);
void transport_close(struct transport *transport);

/* The transport called `name`, or NULL. */
const struct transport_ops *transport_find(const char *name);

/* All of them, ended by NULL. */
extern const struct transport_ops *const transport_table[];

#endif

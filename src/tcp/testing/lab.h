/* A table of connections under a magnifying glass: what it sends, delivers and tells is written
 * down. Time stands still unless it is moved.
 *
 * Both directions carry the same kind of bytes: tcp_lab_byte of the offset in the stream; so what
 * is sent and delivered is checked byte by byte. */
#ifndef TCP_TESTING_LAB_H
#define TCP_TESTING_LAB_H

#include "tcp/tcp.h"

enum { LAB_SEGMENTS = 64 };

struct lab_segment {
    uint64_t time_ns;
    struct tcp_segment segment; /* without payload; its length is kept */
};

struct tcp_lab {
    struct tcp_table *table;
    uint64_t now_ns;
    struct ip_number client, server;
    uint32_t ours, theirs; /* sequence numbers of the streams' first bytes */
    struct tcp_handle connection;
    struct lab_segment sent[LAB_SEGMENTS]; /* what has not been looked at yet */
    size_t first_sent, last_sent;
    uint64_t given;     /* bytes given to tcp_send */
    uint64_t delivered; /* bytes */
    unsigned events[3]; /* by enum tcp_event */
    unsigned gone;      /* calls */
    enum tcp_end end;

    /* What the next callback of data does, once. */
    void (*on_data)(struct tcp_lab *lab);
};

uint8_t tcp_lab_byte(uint64_t offset);
void tcp_lab_fill(uint8_t *bytes, uint64_t offset, size_t length);

/* A table as `setup` says, but for the callbacks. */
void tcp_lab_init(struct tcp_lab *lab, const struct tcp_setup *setup, uint32_t ours,
                  uint32_t theirs);

/* From now on over IPv6. */
void tcp_lab_use_ipv6(struct tcp_lab *lab);

/* Ends what is still open, and checks that all ends are told and nothing is held. */
void tcp_lab_fini(struct tcp_lab *lab);

/* The opening of a connection to `port`, with a hello of `length` bytes (at most 16384), which lie
 * in `hello`. */
struct tcp_opening tcp_lab_opening(struct tcp_lab *lab, uint16_t port, uint8_t *hello,
                                   size_t length);

/* A segment of the server to the connection from `port`; numbers relative to the streams. */
void tcp_lab_receive(struct tcp_lab *lab, uint16_t port, uint8_t flags, uint32_t sequence,
                     uint32_t acknowledgement, size_t length, uint16_t window);

#endif

/* The far end: a small TCP server of its own making, which shares nothing with the code it tests.
 *
 * It sends a stream of bytes, takes another one, and closes. What arrives out of order it keeps, or
 * throws away, as its plan says. It sends everything again from the oldest byte on after a fixed
 * time, and never gives up. */
#ifndef TCP_TESTING_SERVER_H
#define TCP_TESTING_SERVER_H

#include <stdbool.h>

#include "packet/build.h"

enum { SERVER_MSS = 700, SERVER_STREAM_MAX = 40000 };

struct server_plan {
    uint32_t to_send, to_receive; /* bytes, at most SERVER_STREAM_MAX */
    uint16_t window;              /* the largest it offers */
    bool keeps_early;             /* what arrives out of order */
    bool closes_first;            /* without waiting for the client's FIN */
    bool stalls;                  /* its window is closed for two seconds after the first bytes */
};

struct server {
    struct server_plan plan;
    uint32_t ours, theirs; /* sequence numbers of the streams' first bytes */
    uint32_t acknowledged; /* of its own stream, relative; the FIN counts */
    uint32_t next;         /* to send, relative */
    uint32_t expected;     /* of the client's stream, relative; its FIN counts */
    uint32_t their_window;
    uint64_t again_ns; /* when to send again; 0 if nothing is on its way. First: when to
                        * repeat the SYN-ACK */
    uint64_t stalled_until_ns;
    bool has_stalled;
    bool early[SERVER_STREAM_MAX + 1]; /* has this byte (or FIN) arrived? */
    bool is_open; /* the client has answered its SYN-ACK, which it repeats until then */
    bool was_reset;
    struct tcp_segment header; /* addresses and ports of what it sends */
    void (*emit)(void *context, const struct tcp_segment *segment);
    void *context;
};

/* A segment of the client, whose SYN it has had. */
void server_receive(struct server *server, const struct tcp_segment *segment, uint64_t now_ns);

/* Sends again what is due. To be called now and then. */
void server_tick(struct server *server, uint64_t now_ns);

/* The byte at an offset of a stream; `salt` differs by connection and direction. */
uint8_t server_stream_byte(uint32_t salt, uint32_t offset);

#endif

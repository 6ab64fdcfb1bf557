/* A world of servers of every temper, over a wire that loses nothing: what is said to them and told
 * of them is written down. Time stands still unless it is passed.
 *
 * A server is a function that reacts to what it hears; its TCP here shares nothing with the code
 * under test. */
#ifndef GRAB_TESTING_WORLD_H
#define GRAB_TESTING_WORLD_H

#include "grab/conversation.h"

#define SECOND 1000000000ull

enum {
    CLIENT_PORT = 40000,
    COOKIE = 0xfffff000, /* so that sequence numbers wrap */
    SERVER_SEQUENCE = 0x7ffffff0,
    PEERS_MAX = 64,
    QUEUE_MAX = 4096,
};

/* The addresses of a world. */
struct world_family {
    struct ip_number client, servers; /* of these the first */
};

extern const struct world_family world_ipv4, world_ipv6;

/* A test over either of them; its state is the family. */
#define OVER_BOTH(test)                                                                            \
    {#test, test, NULL, NULL, (void *)&world_ipv4},                                                \
    {                                                                                              \
#test " over IPv6", test, NULL, NULL, (void *)&world_ipv6                                  \
    }

struct peer;

/* What a server does when it has been connected to (nothing is heard yet), and whenever it has
 * heard more. */
typedef void react_fn(struct peer *peer);

struct peer {
    struct world *world;
    uint16_t port;
    react_fn *react;
    unsigned connections;  /* SYNs */
    uint32_t ours, theirs; /* next sequence numbers */
    bool is_open, has_closed, was_reset, was_closed;
    bool is_deaf;     /* takes no SYNs any more */
    char heard[4096]; /* on this connection */
    size_t heard_length;
    unsigned pieces; /* bytes a segment; 0: all in one */
};

struct queued {
    struct tcp_segment segment;
    uint8_t payload[1500];
};

struct world {
    struct grab *grab;
    struct hello_plan *plan;
    uint64_t now_ns;
    struct peer peers[PEERS_MAX];
    struct queued *queue;
    size_t first, last;
    char told[16384]; /* "app:text\n" of all fields */
    unsigned resets;  /* that we sent */
    const struct world_family *family;
};

/* Nobody there yet; `connections` is the maximum of the conversations. */
struct world *world_new_with(const struct world_family *family, enum hello_policy policy,
                             uint32_t connections);
struct world *world_new(const struct world_family *family, enum hello_policy policy);

/* Ends what is still going on, and checks that nothing is held. */
void world_free(struct world *world);

/* The scanner's first SYN to a server; its SYN-ACK is on its way back at once. */
struct peer *world_probe(struct world *world, unsigned number, uint16_t port, react_fn *react);

/* Carries what is on its way. */
void world_exchange(struct world *world);
void world_pass_time(struct world *world, double seconds);

/* A SYN-ACK of a server. */
void peer_open(struct peer *peer, uint32_t acknowledgement, unsigned attempt);

/* What a server does to its connection, if it is open. */
void peer_says(struct peer *peer, const char *text);
void peer_says_bytes(struct peer *peer, const void *bytes, size_t length);
void peer_closes(struct peer *peer);
void peer_resets(struct peer *peer);

#endif

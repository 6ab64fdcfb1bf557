/* A world of servers; see world.h. */
#include "grab/testing/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet/decode.h"

const struct world_family world_ipv4 = {IP_NUMBER_V4(0x0a000001), IP_NUMBER_V4(0x0a010000)};
const struct world_family world_ipv6 = {{0x20010db800000000, 1},
                                        {0x20010db800010000, 0xfffffffffff00000}};

/* ---- the wire ---- */

static void emit(void *context, const struct tcp_segment *segment)
{
    struct world *world = context;
    assert_true(world->last < QUEUE_MAX);
    struct queued *queued = &world->queue[world->last++];
    assert_true(segment->payload_length <= sizeof queued->payload);
    queued->segment = *segment;
    if (segment->payload_length > 0)
        memcpy(queued->payload, segment->payload, segment->payload_length);
    queued->segment.payload = queued->payload;
    world->resets += (segment->flags & TCP_RST) != 0;
}

static void field(void *context, const struct grab_server *server, uint16_t app,
                  const uint8_t *text, size_t length)
{
    struct world *world = context;
    size_t at = strlen(world->told);
    assert_int_equal(server->ttl, 57);
    assert_true(server->address.high == world->family->servers.high);
    uint64_t number = server->address.low - world->family->servers.low;
    assert_true(number < PEERS_MAX && world->peers[number].port == server->port);
    snprintf(world->told + at, sizeof world->told - at, "%u:%.*s\n", app, (int)length, text);
}

static struct tcp_tuple tuple_of(const struct peer *peer)
{
    const struct world *world = peer->world;
    struct ip_number server = world->family->servers;
    server.low += (uint64_t)(peer - world->peers);
    return (struct tcp_tuple){world->family->client, server, CLIENT_PORT, peer->port};
}

void peer_open(struct peer *peer, uint32_t acknowledgement, unsigned attempt)
{
    const struct grab_opening opening = {
        .tuple = tuple_of(peer),
        .our_sequence = acknowledgement,
        .their_sequence = peer->ours - 1,
        .window = 65535,
        .mss = 1460,
        .ttl = 57,
        .attempt = (uint8_t)attempt,
    };
    grab_open(peer->world->grab, &opening, peer->world->now_ns);
}

static void send_segment(struct peer *peer, uint8_t flags, const void *bytes, size_t length)
{
    struct tcp_tuple tuple = tuple_of(peer);
    const struct tcp_segment segment = {
        .source = tuple.remote,
        .destination = tuple.local,
        .source_port = tuple.remote_port,
        .destination_port = tuple.local_port,
        .sequence = peer->ours,
        .acknowledgement = peer->theirs,
        .flags = flags,
        .window = 65535,
        .payload = bytes,
        .payload_length = length,
    };
    peer->ours += (uint32_t)length + !!(flags & TCP_FIN);
    grab_receive(peer->world->grab, &segment, peer->world->now_ns);
}

/* ---- what servers do ---- */

void peer_says_bytes(struct peer *peer, const void *bytes, size_t length)
{
    size_t piece = peer->pieces ? peer->pieces : 1000;
    for (size_t at = 0; at < length && peer->is_open; at += piece)
        send_segment(peer, TCP_ACK, (const char *)bytes + at,
                     length - at < piece ? length - at : piece);
}

void peer_says(struct peer *peer, const char *text)
{
    peer_says_bytes(peer, text, strlen(text));
}

void peer_closes(struct peer *peer)
{
    if (peer->has_closed || !peer->is_open)
        return;
    peer->has_closed = true;
    send_segment(peer, TCP_ACK | TCP_FIN, NULL, 0);
}

void peer_resets(struct peer *peer)
{
    peer->is_open = false;
    send_segment(peer, TCP_ACK | TCP_RST, NULL, 0);
}

/* ---- the far end's TCP ---- */

static void take_syn(struct peer *peer, const struct tcp_segment *segment)
{
    if (peer->is_deaf)
        return;
    uint32_t beyond = segment->sequence - COOKIE;
    assert_int_equal(beyond & ((1u << GRAB_ATTEMPT_SHIFT) - 1), 0);
    peer->connections++;
    peer->theirs = segment->sequence + 1;
    peer->ours = SERVER_SEQUENCE + peer->connections;
    peer->is_open = false;
    peer->has_closed = peer->was_closed = peer->was_reset = false;
    peer->heard_length = 0;
    peer_open(peer, peer->theirs, beyond >> GRAB_ATTEMPT_SHIFT);
}

static void hear(struct peer *peer, const struct tcp_segment *segment)
{
    assert_int_equal(segment->sequence, peer->theirs);
    assert_true(peer->heard_length + segment->payload_length < sizeof peer->heard);
    memcpy(peer->heard + peer->heard_length, segment->payload, segment->payload_length);
    peer->heard_length += segment->payload_length;
    peer->heard[peer->heard_length] = '\0';
    peer->theirs += (uint32_t)segment->payload_length;
    if (segment->payload_length == 0)
        return;
    send_segment(peer, TCP_ACK, NULL, 0);
    peer->react(peer);
}

static void take_segment(struct peer *peer, const struct tcp_segment *segment)
{
    if (segment->flags & TCP_SYN)
        return take_syn(peer, segment);
    if (segment->flags & TCP_RST) {
        peer->is_open = false;
        peer->was_reset = true;
        return;
    }
    if (!peer->is_open) {
        if (peer->was_reset || segment->sequence != peer->theirs)
            return;
        peer->is_open = true; /* the third packet of the handshake */
        peer->react(peer);
    }
    hear(peer, segment);
    if ((segment->flags & TCP_FIN) && !peer->was_closed) {
        peer->theirs++;
        peer->was_closed = true;
        send_segment(peer, TCP_ACK, NULL, 0);
        peer_closes(peer);
    }
}

void world_exchange(struct world *world)
{
    while (world->first < world->last) {
        const struct queued *queued = &world->queue[world->first++];
        const struct ip_number server = queued->segment.destination;
        uint64_t number = server.low - world->family->servers.low;
        assert_true(server.high == world->family->servers.high && number < PEERS_MAX);
        take_segment(&world->peers[number], &queued->segment);
    }
    world->first = world->last = 0;
}

void world_pass_time(struct world *world, double seconds)
{
    uint64_t end_ns = world->now_ns + (uint64_t)(seconds * (double)SECOND);
    while (world->now_ns < end_ns) {
        world->now_ns += SECOND / 20;
        while (grab_tick(world->grab, world->now_ns))
            ;
        world_exchange(world);
    }
}

/* ---- worlds ---- */

struct world *world_new_with(const struct world_family *family, enum hello_policy policy,
                             uint32_t connections)
{
    struct world *world = test_calloc(1, sizeof *world);
    world->queue = test_calloc(QUEUE_MAX, sizeof *world->queue);
    world->plan = hello_plan_new(policy, NULL, 0, NULL);
    world->now_ns = SECOND;
    world->family = family;
    const struct grab_setup setup = {
        .callbacks = {world, emit, field},
        .banner = {.start_tls = true},
        .plan = world->plan,
        .maximum_connections = connections,
        .hello_wait_ns = 2 * SECOND,
        .lifetime_ns = 30 * SECOND,
        .maximum_tls = 10,
        .certificates = true,
        .text_max = BANNER_TEXT_MAX,
        .mss = 1460,
        .ttl = 64,
    };
    struct error err;
    world->grab = grab_new(&setup, world->now_ns, &err);
    assert_non_null(world->grab);
    return world;
}

struct world *world_new(const struct world_family *family, enum hello_policy policy)
{
    return world_new_with(family, policy, 100);
}

void world_free(struct world *world)
{
    grab_end_some(world->grab, UINT32_MAX, world->now_ns);
    world_exchange(world);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    assert_int_equal(tcp_chunks_used(world->grab->table), 0);
    assert_int_equal(grab_active(world->grab), 0);
    assert_int_equal(world->grab->bytes.used, 0);
    assert_int_equal(world->grab->states.used, 0);
    grab_free(world->grab);
    hello_plan_free(world->plan);
    test_free(world->queue);
    test_free(world);
}

struct peer *world_probe(struct world *world, unsigned number, uint16_t port, react_fn *react)
{
    struct peer *peer = &world->peers[number];
    *peer = (struct peer){.world = world, .port = port, .react = react, .pieces = peer->pieces};
    const struct tcp_segment syn = {.sequence = COOKIE, .flags = TCP_SYN};
    take_syn(peer, &syn);
    world_exchange(world);
    return peer;
}

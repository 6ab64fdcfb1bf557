/* Conversations with servers of every temper, over a wire that loses nothing: what is said to them,
 * what is told of them, how they are left, and that nothing is held afterwards. */
#include "grab/grab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grab/conversation.h"
#include "packet/decode.h"

#define SECOND 1000000000ull

enum {
    CLIENT = 0x0a000001,
    SERVERS = 0x0a010000,
    CLIENT_PORT = 40000,
    COOKIE = 0xfffff000, /* so that sequence numbers wrap */
    SERVER_SEQUENCE = 0x7ffffff0,
    PEERS_MAX = 64,
    QUEUE_MAX = 4096,
};

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
};

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
    snprintf(world->told + at, sizeof world->told - at, "%u:%.*s\n", app, (int)length, text);
}

static struct tcp_tuple tuple_of(const struct peer *peer)
{
    uint32_t number = (uint32_t)(peer - peer->world->peers);
    return (struct tcp_tuple){CLIENT, SERVERS + number, CLIENT_PORT, peer->port};
}

static void open_from(struct peer *peer, uint32_t acknowledgement, unsigned attempt)
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

static void server_says_bytes(struct peer *peer, const void *bytes, size_t length)
{
    size_t piece = peer->pieces ? peer->pieces : 1000;
    for (size_t at = 0; at < length && peer->is_open; at += piece)
        send_segment(peer, TCP_ACK, (const char *)bytes + at,
                     length - at < piece ? length - at : piece);
}

static void server_says(struct peer *peer, const char *text)
{
    server_says_bytes(peer, text, strlen(text));
}

static void server_closes(struct peer *peer)
{
    if (peer->has_closed || !peer->is_open)
        return;
    peer->has_closed = true;
    send_segment(peer, TCP_ACK | TCP_FIN, NULL, 0);
}

static void server_resets(struct peer *peer)
{
    peer->is_open = false;
    send_segment(peer, TCP_ACK | TCP_RST, NULL, 0);
}

/* ---- the far end's TCP ---- */

static void take_syn(struct peer *peer, const struct tcp_segment *segment)
{
    uint32_t beyond = segment->sequence - COOKIE;
    assert_int_equal(beyond & ((1u << GRAB_ATTEMPT_SHIFT) - 1), 0);
    peer->connections++;
    peer->theirs = segment->sequence + 1;
    peer->ours = SERVER_SEQUENCE + peer->connections;
    peer->is_open = false;
    peer->has_closed = peer->was_closed = peer->was_reset = false;
    peer->heard_length = 0;
    open_from(peer, peer->theirs, beyond >> GRAB_ATTEMPT_SHIFT);
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
        server_closes(peer);
    }
}

static void exchange(struct world *world)
{
    while (world->first < world->last) {
        const struct queued *queued = &world->queue[world->first++];
        uint32_t number = queued->segment.destination - SERVERS;
        assert_true(number < PEERS_MAX);
        take_segment(&world->peers[number], &queued->segment);
    }
    world->first = world->last = 0;
}

static void pass_time(struct world *world, double seconds)
{
    uint64_t end_ns = world->now_ns + (uint64_t)(seconds * (double)SECOND);
    while (world->now_ns < end_ns) {
        world->now_ns += SECOND / 20;
        while (grab_tick(world->grab, world->now_ns))
            ;
        exchange(world);
    }
}

/* ---- worlds ---- */

static struct world *world_new_with(enum hello_policy policy, uint32_t connections)
{
    struct world *world = test_calloc(1, sizeof *world);
    world->queue = test_calloc(QUEUE_MAX, sizeof *world->queue);
    world->plan = hello_plan_new(policy, NULL, 0, NULL);
    world->now_ns = SECOND;
    const struct grab_setup setup = {
        .callbacks = {world, emit, field},
        .plan = world->plan,
        .maximum_connections = connections,
        .hello_wait_ns = 2 * SECOND,
        .lifetime_ns = 30 * SECOND,
        .text_max = BANNER_TEXT_MAX,
        .mss = 1460,
        .ttl = 64,
    };
    struct error err;
    world->grab = grab_new(&setup, world->now_ns, &err);
    assert_non_null(world->grab);
    return world;
}

static struct world *world_new(enum hello_policy policy)
{
    return world_new_with(policy, 100);
}

static void world_free(struct world *world)
{
    grab_end_all(world->grab, world->now_ns);
    exchange(world);
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

/* The scanner's first SYN to a server; its SYN-ACK is on its way back at once. */
static struct peer *probe(struct world *world, unsigned number, uint16_t port, react_fn *react)
{
    struct peer *peer = &world->peers[number];
    *peer = (struct peer){.world = world, .port = port, .react = react, .pieces = peer->pieces};
    const struct tcp_segment syn = {.sequence = COOKIE, .flags = TCP_SYN};
    take_syn(peer, &syn);
    exchange(world);
    return peer;
}

static void assert_told(const struct world *world, const char *told)
{
    assert_string_equal(world->told, told);
}

/* ---- kinds of servers ---- */

static void is_ssh(struct peer *peer)
{
    if (peer->heard_length == 0)
        server_says(peer, "SSH-2.0-Test_1.0\r\n");
}

static void is_mute(struct peer *peer)
{
    (void)peer;
}

static void is_http(struct peer *peer)
{
    if (strstr(peer->heard, "\r\n\r\n") == NULL)
        return;
    assert_int_equal(strncmp(peer->heard, "GET / HTTP/1.0\r\n", 16), 0);
    server_says(peer, "HTTP/1.0 200 OK\r\nServer: test\r\n\r\n<title>Hello</title>");
    server_closes(peer);
}

/* Refuses everything but a request, in HTTP. */
static void is_http_of_few_words(struct peer *peer)
{
    if (peer->heard_length == 0)
        return;
    if (strncmp(peer->heard, "GET ", 4) == 0)
        return is_http(peer);
    server_says(peer, "HTTP/1.1 400 Bad Request\r\n\r\n");
    server_closes(peer);
}

static void is_redis(struct peer *peer)
{
    if (strstr(peer->heard, "PING") != NULL)
        server_says(peer, "-NOAUTH Authentication required.\r\n");
    else if (peer->heard_length > 0)
        server_closes(peer);
}

static void speaks_an_unknown_tongue(struct peer *peer)
{
    if (peer->heard_length == 0)
        server_says(peer, "\001\002hello");
}

static void closes(struct peer *peer)
{
    server_closes(peer);
}

static void resets(struct peer *peer)
{
    server_resets(peer);
}

static void begins_and_resets(struct peer *peer)
{
    server_says(peer, "220-half of a greet");
    server_resets(peer);
}

static void talks_for_ever(struct peer *peer)
{
    char page[900];
    if (peer->heard_length == 0)
        return;
    server_says(peer, "HTTP/1.0 200 OK\r\n\r\n");
    memset(page, 'x', sizeof page);
    for (int i = 0; i < 200 && peer->is_open; i++) {
        server_says_bytes(peer, page, sizeof page);
        for (size_t at = peer->world->first; at < peer->world->last; at++)
            if (peer->world->queue[at].segment.flags & TCP_RST)
                peer->is_open = false;
    }
}

/* ---- tests ---- */

static void who_speaks_first_is_not_spoken_to(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *peer = probe(world, 0, 80, is_ssh);
    assert_told(world, "3:SSH-2.0-Test_1.0\n");
    pass_time(world, 10);
    assert_true(peer->was_closed && !peer->was_reset);
    assert_int_equal(peer->heard_length, 0);
    assert_int_equal(world->resets, 0);
    assert_int_equal(grab_counters(world->grab)->answered, 1);
    assert_int_equal(world->grab->states.touched, 0); /* one segment was all */
    world_free(world);
}

static void who_waits_is_asked(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *peer = probe(world, 0, 80, is_http);
    pass_time(world, 1.9);
    assert_int_equal(peer->heard_length, 0);
    pass_time(world, 0.2);
    assert_told(world, "31:test\n4:HTTP/1.0 200 OK\r\nServer: test\r\n\n17:Hello\n");
    pass_time(world, 5);
    assert_int_equal(peer->connections, 1);
    assert_int_equal(world->resets, 0);
    world_free(world);
}

static void it_does_not_matter_how_words_are_cut(void **state)
{
    (void)state;
    for (unsigned pieces = 1; pieces < 8; pieces++) {
        struct world *world = world_new(HELLO_BY_PORT);
        world->peers[0].pieces = world->peers[1].pieces = pieces;
        probe(world, 0, 80, is_ssh);
        assert_told(world, "3:SSH-2.0-Test_1.0\n");
        world->told[0] = '\0';
        probe(world, 1, 80, is_http);
        pass_time(world, 3);
        assert_told(world, "31:test\n4:HTTP/1.0 200 OK\r\nServer: test\r\n\n17:Hello\n");
        world_free(world);
    }
}

static void unknown_words_are_told_when_no_more_come(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *peer = probe(world, 0, 7777, speaks_an_unknown_tongue);
    assert_told(world, "");
    pass_time(world, 6);
    assert_told(world, "0:\001\002hello\n");
    assert_true(peer->was_closed);
    world_free(world);
}

static void who_says_nothing_is_left(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *mute = probe(world, 0, 7777, is_mute);
    struct peer *asked = probe(world, 1, 80, is_mute);
    probe(world, 2, 80, closes);
    probe(world, 3, 80, resets);
    pass_time(world, 29);
    assert_int_equal(grab_active(world->grab), 2);
    pass_time(world, 2);
    assert_true(mute->was_reset && asked->was_reset);
    assert_int_equal(mute->heard_length, 0);
    assert_true(asked->heard_length > 0);
    assert_told(world, "");
    assert_int_equal(grab_counters(world->grab)->mute, 4);
    assert_int_equal(grab_counters(world->grab)->reset, 1);
    assert_int_equal(grab_counters(world->grab)->timed_out, 2);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    world_free(world);
}

static void half_a_greeting_is_told(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    probe(world, 0, 21, begins_and_resets);
    assert_true(strstr(world->told, "220-half of a greet") != NULL);
    assert_int_equal(grab_counters(world->grab)->answered, 1);
    world_free(world);
}

static void an_answer_in_http_is_asked_for_properly(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *peer = probe(world, 0, 6379, is_http_of_few_words);
    pass_time(world, 3);
    assert_int_equal(peer->connections, 2);
    assert_told(world, "31:test\n4:HTTP/1.0 200 OK\r\nServer: test\r\n\n17:Hello\n");
    world_free(world);
}

static void every_hello_is_tried_in_turn(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_ANY);
    struct peer *redis = probe(world, 0, 7777, is_redis);
    struct peer *http = probe(world, 1, 7778, is_http);
    struct peer *mute = probe(world, 2, 7779, is_mute);
    pass_time(world, 120);
    assert_true(redis->connections > 1 && http->connections > 1);
    assert_true(mute->connections > 10 && mute->connections < HELLO_ATTEMPT_HTTP);
    assert_true(strstr(world->told, "NOAUTH") != NULL);
    assert_true(strstr(world->told, "17:Hello") != NULL);
    const struct grab_counters *counters = grab_counters(world->grab);
    assert_int_equal(counters->answered, 2);
    assert_int_equal(counters->mute, 1);
    assert_int_equal(counters->opened, counters->again + 3);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    world_free(world);
}

static void a_pair_is_talked_to_once(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *peer = probe(world, 0, 22, is_ssh);
    pass_time(world, 10);
    open_from(peer, COOKIE + 1, 0);
    exchange(world);
    assert_true(peer->was_reset);
    assert_told(world, "3:SSH-2.0-Test_1.0\n");
    assert_true(grab_knows(world->grab, SERVERS, 22));
    assert_false(grab_knows(world->grab, SERVERS, 23));
    world_free(world);
}

/* As a server does that is probed again while we are in TIME_WAIT. */
static void a_reset_after_the_end_is_no_news(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *peer = probe(world, 0, 22, is_ssh);
    pass_time(world, 1);
    assert_int_equal(tcp_connections(world->grab->table), 1);
    server_resets(peer);
    exchange(world);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    assert_int_equal(grab_counters(world->grab)->answered, 1);
    assert_int_equal(grab_counters(world->grab)->reset, 0);
    world_free(world);
}

static void attempts_cannot_be_guessed(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *peer = &world->peers[0];
    *peer = (struct peer){.world = world, .port = 22, .react = is_ssh, .ours = 1};
    for (unsigned attempt = 1; attempt < HELLO_ATTEMPTS; attempt++)
        open_from(peer, COOKIE + 1 + (attempt << GRAB_ATTEMPT_SHIFT), attempt);
    assert_int_equal(world->last, 0);
    assert_int_equal(grab_active(world->grab), 0);
    world_free(world);
}

static void who_finds_no_room_waits(void **state)
{
    (void)state;
    enum { ROOM = 4 };
    struct world *world = world_new_with(HELLO_BY_PORT, ROOM);
    for (unsigned i = 0; i < PEERS_MAX; i++)
        probe(world, i, 80, is_http);
    assert_int_equal(tcp_connections(world->grab->table), ROOM);
    assert_int_equal(grab_active(world->grab), PEERS_MAX);
    pass_time(world, 200);
    const struct grab_counters *counters = grab_counters(world->grab);
    assert_int_equal(counters->answered, PEERS_MAX);
    assert_int_equal(counters->waited, PEERS_MAX - ROOM + counters->reprobed);
    assert_true(counters->reprobed > 0); /* some of them for longer than servers do */
    assert_int_equal(counters->turned_away, 0);
    world_free(world);
}

static void endless_words_are_cut_off(void **state)
{
    (void)state;
    struct world *world = world_new(HELLO_BY_PORT);
    struct peer *peer = probe(world, 0, 80, talks_for_ever);
    pass_time(world, 3);
    assert_true(strstr(world->told, "4:HTTP/1.0 200 OK") != NULL);
    assert_true(peer->was_reset);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    world_free(world);
}

static void at_the_end_nobody_is_left_waiting(void **state)
{
    (void)state;
    struct world *world = world_new_with(HELLO_BY_PORT, 8);
    for (unsigned i = 0; i < 16; i++)
        probe(world, i, 80, i % 2 ? is_mute : speaks_an_unknown_tongue);
    grab_end_all(world->grab, world->now_ns);
    exchange(world);
    for (unsigned i = 0; i < 16; i++)
        assert_true(world->peers[i].was_reset);
    for (const char *at = world->told; *at; at = strchr(at, '\n') + 1)
        assert_int_equal(strncmp(at, "0:\001\002hello\n", 10), 0);
    assert_int_equal(strlen(world->told), 4 * strlen("0:\001\002hello\n"));
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_speaks_first_is_not_spoken_to),
        cmocka_unit_test(who_waits_is_asked),
        cmocka_unit_test(it_does_not_matter_how_words_are_cut),
        cmocka_unit_test(unknown_words_are_told_when_no_more_come),
        cmocka_unit_test(who_says_nothing_is_left),
        cmocka_unit_test(half_a_greeting_is_told),
        cmocka_unit_test(an_answer_in_http_is_asked_for_properly),
        cmocka_unit_test(every_hello_is_tried_in_turn),
        cmocka_unit_test(a_pair_is_talked_to_once),
        cmocka_unit_test(a_reset_after_the_end_is_no_news),
        cmocka_unit_test(attempts_cannot_be_guessed),
        cmocka_unit_test(who_finds_no_room_waits),
        cmocka_unit_test(endless_words_are_cut_off),
        cmocka_unit_test(at_the_end_nobody_is_left_waiting),
    };
    return cmocka_run_group_tests_name("grab", tests, NULL, NULL);
}

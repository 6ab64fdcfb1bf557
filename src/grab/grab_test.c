/* Conversations with servers of every temper: what is said to them, what is told of them, how they
 * are left, and that nothing is held afterwards. */
#include "grab/grab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grab/testing/world.h"
#include "packet/decode.h"

static void assert_told(const struct world *world, const char *told)
{
    assert_string_equal(world->told, told);
}

/* ---- kinds of servers ---- */

static void is_ssh(struct peer *peer)
{
    if (peer->heard_length == 0)
        peer_says(peer, "SSH-2.0-Test_1.0\r\n");
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
    peer_says(peer, "HTTP/1.0 200 OK\r\nServer: test\r\n\r\n<title>Hello</title>");
    peer_closes(peer);
}

/* Refuses everything but a request, in HTTP. */
static void is_http_of_few_words(struct peer *peer)
{
    if (peer->heard_length == 0)
        return;
    if (strncmp(peer->heard, "GET ", 4) == 0)
        return is_http(peer);
    peer_says(peer, "HTTP/1.1 400 Bad Request\r\n\r\n");
    peer_closes(peer);
}

static void is_redis(struct peer *peer)
{
    if (strstr(peer->heard, "PING") != NULL)
        peer_says(peer, "-NOAUTH Authentication required.\r\n");
    else if (peer->heard_length > 0)
        peer_closes(peer);
}

/* Says what it is, but no more, when it is asked in another's words. */
static void is_redis_of_few_words(struct peer *peer)
{
    if (peer->heard_length == 0)
        return;
    if (strncmp(peer->heard, "PING", 4) == 0)
        peer_says(peer, "-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n");
    else
        peer_says(peer, "-ERR unknown command\r\n");
    peer_closes(peer);
}

/* Other hellos are answered by an end of RDP that begins as messages of several protocols do. */
static void is_rdp_of_few_words(struct peer *peer)
{
    static const uint8_t confirm[] = {3, 0, 0, 19, 14, 0xd0, 0, 0, 0, 0, 0, 2, 1, 8, 0, 1, 0, 0, 0};
    static const uint8_t end[] = {3, 0, 0, 9, 2, 0xf0, 0x80, 0x21, 0x80};
    if (peer->heard_length == 0)
        return;
    if (memcmp(peer->heard, "\3\0\0\x13", 4) == 0)
        peer_says_bytes(peer, confirm, sizeof confirm);
    else
        peer_says_bytes(peer, end, sizeof end);
    peer_closes(peer);
}

static void speaks_an_unknown_tongue(struct peer *peer)
{
    if (peer->heard_length == 0)
        peer_says(peer, "\001\002hello");
}

static void closes(struct peer *peer)
{
    peer_closes(peer);
}

static void resets(struct peer *peer)
{
    peer_resets(peer);
}

static void begins_and_resets(struct peer *peer)
{
    peer_says(peer, "220-half of a greet");
    peer_resets(peer);
}

static void talks_for_ever(struct peer *peer)
{
    char page[900];
    if (peer->heard_length == 0)
        return;
    peer_says(peer, "HTTP/1.0 200 OK\r\n\r\n");
    memset(page, 'x', sizeof page);
    for (int i = 0; i < 200 && peer->is_open; i++) {
        peer_says_bytes(peer, page, sizeof page);
        for (size_t at = peer->world->first; at < peer->world->last; at++)
            if (peer->world->queue[at].segment.flags & TCP_RST)
                peer->is_open = false;
    }
}

/* ---- tests ---- */

static void who_speaks_first_is_not_spoken_to(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *peer = world_probe(world, 0, 80, is_ssh);
    assert_told(world, "3:SSH-2.0-Test_1.0\n");
    world_pass_time(world, 10);
    assert_true(peer->was_closed && !peer->was_reset);
    assert_int_equal(peer->heard_length, 0);
    assert_int_equal(world->resets, 0);
    assert_int_equal(grab_counters(world->grab)->answered, 1);
    assert_int_equal(world->grab->states.touched, 0); /* one segment was all */
    world_free(world);
}

static void who_waits_is_asked(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *peer = world_probe(world, 0, 80, is_http);
    world_pass_time(world, 1.9);
    assert_int_equal(peer->heard_length, 0);
    world_pass_time(world, 0.2);
    assert_told(world, "31:test\n4:HTTP/1.0 200 OK\r\nServer: test\r\n\n17:Hello\n");
    world_pass_time(world, 5);
    assert_int_equal(peer->connections, 1);
    assert_int_equal(world->resets, 0);
    world_free(world);
}

static void it_does_not_matter_how_words_are_cut(void **state)
{
    for (unsigned pieces = 1; pieces < 8; pieces++) {
        struct world *world = world_new(*state, HELLO_BY_PORT);
        world->peers[0].pieces = world->peers[1].pieces = pieces;
        world_probe(world, 0, 80, is_ssh);
        assert_told(world, "3:SSH-2.0-Test_1.0\n");
        world->told[0] = '\0';
        world_probe(world, 1, 80, is_http);
        world_pass_time(world, 3);
        assert_told(world, "31:test\n4:HTTP/1.0 200 OK\r\nServer: test\r\n\n17:Hello\n");
        world_free(world);
    }
}

static void unknown_words_are_told_when_no_more_come(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *peer = world_probe(world, 0, 7777, speaks_an_unknown_tongue);
    assert_told(world, "");
    world_pass_time(world, 6);
    assert_told(world, "0:\001\002hello\n");
    assert_true(peer->was_closed);
    world_free(world);
}

static void who_says_nothing_is_left(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *mute = world_probe(world, 0, 7777, is_mute);
    struct peer *asked = world_probe(world, 1, 80, is_mute);
    world_probe(world, 2, 80, closes);
    world_probe(world, 3, 80, resets);
    world_pass_time(world, 29);
    assert_int_equal(grab_active(world->grab), 2);
    world_pass_time(world, 2);
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
    struct world *world = world_new(*state, HELLO_BY_PORT);
    world_probe(world, 0, 21, begins_and_resets);
    assert_true(strstr(world->told, "220-half of a greet") != NULL);
    assert_int_equal(grab_counters(world->grab)->answered, 1);
    world_free(world);
}

static void an_answer_in_http_is_asked_for_properly(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *peer = world_probe(world, 0, 6379, is_http_of_few_words);
    world_pass_time(world, 3);
    assert_int_equal(peer->connections, 2);
    assert_told(world, "31:test\n4:HTTP/1.0 200 OK\r\nServer: test\r\n\n17:Hello\n");
    world_free(world);
}

static void every_hello_is_tried_in_turn(void **state)
{
    struct world *world = world_new(*state, HELLO_ANY);
    struct peer *redis = world_probe(world, 0, 7777, is_redis);
    struct peer *http = world_probe(world, 1, 7778, is_http);
    struct peer *mute = world_probe(world, 2, 7779, is_mute);
    world_pass_time(world, 120);
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

static void who_refuses_the_words_of_another_is_asked_in_its_own(void **state)
{
    struct world *world = world_new(*state, HELLO_ANY);
    world_probe(world, 0, 7777, is_redis_of_few_words);
    world_pass_time(world, 120);
    assert_non_null(strstr(world->told, "NOAUTH"));
    assert_null(strstr(world->told, "ERR"));
    world->told[0] = '\0';
    world_probe(world, 1, 7778, is_rdp_of_few_words);
    world_pass_time(world, 120);
    assert_told(world, "30:protocol=tls flags=1\n");
    assert_int_equal(grab_counters(world->grab)->answered, 2);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    world_free(world);
}

static void who_is_asked_again_is_waited_for(void **state)
{
    struct world *world = world_new(*state, HELLO_ANY);
    struct peer *peer = world_probe(world, 0, 7777, is_mute);
    peer->is_deaf = true;
    for (int i = 0; i < 1000 && grab_counters(world->grab)->again == 0; i++)
        world_pass_time(world, 0.05);
    assert_int_equal(grab_counters(world->grab)->again, 1);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    assert_int_equal(grab_active(world->grab), 1);
    assert_true(grab_next_tick_ns(world->grab) <= world->now_ns + 3 * SECOND);
    world_pass_time(world, 2.5);
    assert_int_equal(grab_active(world->grab), 1);
    world_pass_time(world, 1);
    assert_int_equal(grab_active(world->grab), 0);
    world_free(world);
}

static void a_pair_is_talked_to_once(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *peer = world_probe(world, 0, 22, is_ssh);
    world_pass_time(world, 10);
    peer_open(peer, COOKIE + 1, 0);
    world_exchange(world);
    assert_true(peer->was_reset);
    assert_told(world, "3:SSH-2.0-Test_1.0\n");
    assert_true(grab_knows(world->grab, world->family->servers, 22));
    assert_false(grab_knows(world->grab, world->family->servers, 23));
    world_free(world);
}

/* As a server does that is probed again while we are in TIME_WAIT. */
static void a_reset_after_the_end_is_no_news(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *peer = world_probe(world, 0, 22, is_ssh);
    world_pass_time(world, 1);
    assert_int_equal(tcp_connections(world->grab->table), 1);
    peer_resets(peer);
    world_exchange(world);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    assert_int_equal(grab_counters(world->grab)->answered, 1);
    assert_int_equal(grab_counters(world->grab)->reset, 0);
    world_free(world);
}

static void attempts_cannot_be_guessed(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *peer = &world->peers[0];
    *peer = (struct peer){.world = world, .port = 22, .react = is_ssh, .ours = 1};
    for (unsigned attempt = 1; attempt < HELLO_ATTEMPTS; attempt++)
        peer_open(peer, COOKIE + 1 + (attempt << GRAB_ATTEMPT_SHIFT), attempt);
    assert_int_equal(world->last, 0);
    assert_int_equal(grab_active(world->grab), 0);
    world_free(world);
}

static void who_finds_no_room_waits(void **state)
{
    enum { ROOM = 4 };
    struct world *world = world_new_with(*state, HELLO_BY_PORT, ROOM);
    for (unsigned i = 0; i < PEERS_MAX; i++)
        world_probe(world, i, 80, is_http);
    assert_int_equal(tcp_connections(world->grab->table), ROOM);
    assert_int_equal(grab_active(world->grab), PEERS_MAX);
    world_pass_time(world, 200);
    const struct grab_counters *counters = grab_counters(world->grab);
    assert_int_equal(counters->answered, PEERS_MAX);
    assert_int_equal(counters->waited, PEERS_MAX - ROOM + counters->reprobed);
    assert_true(counters->reprobed > 0); /* some of them for longer than servers do */
    assert_int_equal(counters->turned_away, 0);
    world_free(world);
}

static void endless_words_are_cut_off(void **state)
{
    struct world *world = world_new(*state, HELLO_BY_PORT);
    struct peer *peer = world_probe(world, 0, 80, talks_for_ever);
    world_pass_time(world, 3);
    assert_true(strstr(world->told, "4:HTTP/1.0 200 OK") != NULL);
    assert_true(peer->was_reset);
    assert_int_equal(tcp_connections(world->grab->table), 0);
    world_free(world);
}

static void at_the_end_nobody_is_left_waiting(void **state)
{
    struct world *world = world_new_with(*state, HELLO_BY_PORT, 8);
    for (unsigned i = 0; i < 16; i++)
        world_probe(world, i, 80, i % 2 ? is_mute : speaks_an_unknown_tongue);
    unsigned turns = 0; /* 16 in threes, and a rest */
    while (grab_end_some(world->grab, 3, world->now_ns))
        turns++;
    assert_int_equal(turns, 5);
    world_exchange(world);
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
        OVER_BOTH(who_speaks_first_is_not_spoken_to),
        OVER_BOTH(who_waits_is_asked),
        OVER_BOTH(it_does_not_matter_how_words_are_cut),
        OVER_BOTH(unknown_words_are_told_when_no_more_come),
        OVER_BOTH(who_says_nothing_is_left),
        OVER_BOTH(half_a_greeting_is_told),
        OVER_BOTH(an_answer_in_http_is_asked_for_properly),
        OVER_BOTH(every_hello_is_tried_in_turn),
        OVER_BOTH(who_refuses_the_words_of_another_is_asked_in_its_own),
        OVER_BOTH(who_is_asked_again_is_waited_for),
        OVER_BOTH(a_pair_is_talked_to_once),
        OVER_BOTH(a_reset_after_the_end_is_no_news),
        OVER_BOTH(attempts_cannot_be_guessed),
        OVER_BOTH(who_finds_no_room_waits),
        OVER_BOTH(endless_words_are_cut_off),
        OVER_BOTH(at_the_end_nobody_is_left_waiting),
    };
    return cmocka_run_group_tests_name("grab", tests, NULL, NULL);
}

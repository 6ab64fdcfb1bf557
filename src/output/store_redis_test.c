/* The redis store, against a stand-in for a server in a thread of this test, which keeps sets, and
 * can be told to lose connections, to refuse, and to be late. (A real server is asked in
 * tests/e2e.) */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "output/output.h"
#include "output/store_conformance.h"
#include "output/test_support.h"

/* A Redis server, as far as the store needs one */

enum { MEMBERS_MAX = 1 << 20, WORDS_MAX = 4 };

struct server {
    int listener;
    uint16_t port;
    pthread_t thread;
    pthread_mutex_t lock;
    char **members; /* "KEY MEMBER" as hex of both, sorted only when asked; owned */
    unsigned count;
    atomic_uint connections, commands;

    /* Faults, set before the store is opened. */
    atomic_uint lose_at;  /* the connection breaks when so many SADD have come in; 0 never */
    atomic_uint loading;  /* so many connections are told to wait */
    atomic_bool refuse;   /* every SADD is refused */
    const char *password; /* wanted; NULL: none */
    const char *strange;  /* said to everything instead of a reply */
    atomic_bool gone;     /* connections are closed at once */
};

struct bytes {
    const char *text;
    size_t length;
};

static struct server server;

/* One command from the front of `length` bytes; returns what it takes, 0 if it is not whole. */
static size_t parse_command(const char *text, size_t length, struct bytes words[WORDS_MAX],
                            unsigned *count)
{
    const char *at = text, *end = text + length;
    char *next;
    *count = 0;
    if (length == 0 || memchr(text, '\n', length) == NULL)
        return 0;
    assert_int_equal(*at, '*');
    unsigned long wanted = strtoul(at + 1, &next, 10);
    assert_true(wanted >= 1 && wanted <= WORDS_MAX);
    for (at = next + 2; *count < wanted; ++*count) {
        if (at >= end || memchr(at, '\n', (size_t)(end - at)) == NULL)
            return 0;
        assert_int_equal(*at, '$');
        size_t size = strtoul(at + 1, &next, 10);
        at = next + 2;
        if ((size_t)(end - at) < size + 2)
            return 0;
        words[*count] = (struct bytes){at, size};
        at += size;
        assert_memory_equal(at, "\r\n", 2);
        at += 2;
    }
    return (size_t)(at - text);
}

static bool is_word(struct bytes word, const char *text)
{
    return word.length == strlen(text) && memcmp(word.text, text, word.length) == 0;
}

static void put_hex(char **at, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        *at += sprintf(*at, "%02x", (uint8_t)bytes.text[i]);
}

/* Every addition is kept; count_members leaves out what is there twice. */
static void add_member(struct bytes key, struct bytes member)
{
    char *text = malloc(2 * (key.length + member.length) + 2), *at = text;
    put_hex(&at, key);
    *at++ = ' ';
    put_hex(&at, member);
    *at = '\0';
    pthread_mutex_lock(&server.lock);
    assert_true(server.count < MEMBERS_MAX);
    server.members[server.count++] = text;
    pthread_mutex_unlock(&server.lock);
}

struct client {
    int fd;
    bool known, loading;
};

/* The reply to a command, or NULL if the connection breaks instead. */
static const char *answer(struct client *client, const struct bytes *words, unsigned count)
{
    if (server.strange != NULL)
        return server.strange;
    if (client->loading)
        return "-LOADING Redis is loading the dataset in memory\r\n";
    if (is_word(words[0], "AUTH")) {
        client->known = server.password != NULL && is_word(words[1], server.password);
        return client->known ? "+OK\r\n" : "-WRONGPASS invalid username-password pair\r\n";
    }
    if (server.password != NULL && !client->known)
        return "-NOAUTH Authentication required.\r\n";
    if (is_word(words[0], "PING"))
        return "+PONG\r\n";
    if (is_word(words[0], "QUIT"))
        return "+OK\r\n";
    assert_true(is_word(words[0], "SADD"));
    assert_int_equal(count, 3);
    if (server.refuse)
        return "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    add_member(words[1], words[2]);
    return ++server.commands == server.lose_at ? NULL : ":1\r\n";
}

/* Answers what is whole; returns how many bytes that was, or -1 if the connection breaks. */
static ssize_t serve_some(struct client *client, const char *text, size_t length)
{
    struct bytes words[WORDS_MAX];
    struct buffer replies;
    size_t used = 0, part;
    unsigned count;
    bool broken = false;
    buffer_init(&replies, 64 << 20);
    while (!broken && (part = parse_command(text + used, length - used, words, &count)) > 0) {
        const char *reply = answer(client, words, count);
        broken = reply == NULL;
        buffer_text(&replies, broken ? "" : reply);
        used += part;
    }
    if (!broken && replies.length > 0)
        broken = send(client->fd, replies.bytes, replies.length, MSG_NOSIGNAL) < 0;
    buffer_fini(&replies);
    return broken ? -1 : (ssize_t)used;
}

static void serve_client(int fd)
{
    struct client client = {.fd = fd, .loading = server.loading > 0};
    int at_once = 1; /* small replies need not wait for each other */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    struct buffer input;
    ssize_t got, used = 0;
    buffer_init(&input, 64 << 20);
    server.loading -= client.loading;
    while (used >= 0) {
        char *room = (char *)buffer_reserve(&input, 65536);
        got = recv(fd, room, 65535, 0);
        if (got <= 0)
            break;
        input.length += (size_t)got;
        input.bytes[input.length] = '\0';
        used = serve_some(&client, (const char *)input.bytes, input.length);
        if (used > 0)
            buffer_drop(&input, (size_t)used);
    }
    buffer_fini(&input);
    close(fd);
}

static void *serve(void *context)
{
    (void)context;
    int fd;
    while ((fd = accept4(server.listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        server.connections++;
        if (server.gone)
            close(fd);
        else
            serve_client(fd);
    }
    return NULL;
}

static void start_server(char place[STORE_PLACE_SIZE])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server = (struct server){.members = calloc(MEMBERS_MAX, sizeof(char *))};
    pthread_mutex_init(&server.lock, NULL);
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server.listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server.listener, 8), 0);
    assert_int_equal(getsockname(server.listener, (struct sockaddr *)&address, &length), 0);
    server.port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
    snprintf(place, STORE_PLACE_SIZE, "127.0.0.1:%u", server.port);
}

static void stop_server(const char *place)
{
    (void)place;
    shutdown(server.listener, SHUT_RDWR);
    pthread_join(server.thread, NULL);
    close(server.listener);
    for (unsigned i = 0; i < server.count; i++)
        free(server.members[i]);
    free(server.members);
    pthread_mutex_destroy(&server.lock);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* How many members the keys have that hold the results; keys of addresses have no slash. */
static unsigned count_members(const char *place)
{
    unsigned count = 0;
    (void)place;
    pthread_mutex_lock(&server.lock);
    qsort(server.members, server.count, sizeof *server.members, compare_texts);
    for (unsigned i = 0; i < server.count; i++) {
        const char *key = server.members[i], *slash = strstr(key, "2f");
        bool of_port = slash != NULL && slash < strchr(key, ' ') && strncmp(key, "686f7374 ", 9);
        count += of_port && (i == 0 || strcmp(key, server.members[i - 1]) != 0);
    }
    pthread_mutex_unlock(&server.lock);
    return count;
}

static bool has_member(const char *key, const void *member, size_t length)
{
    char *text = malloc(2 * (strlen(key) + length) + 2), *at = text;
    bool found = false;
    put_hex(&at, (struct bytes){key, strlen(key)});
    *at++ = ' ';
    put_hex(&at, (struct bytes){member, length});
    *at = '\0';
    pthread_mutex_lock(&server.lock);
    for (unsigned i = 0; i < server.count && !found; i++)
        found = strcmp(server.members[i], text) == 0;
    pthread_mutex_unlock(&server.lock);
    free(text);
    return found;
}

static void redis_holds_what_was_recorded(void **state)
{
    (void)state;
    char place[STORE_PLACE_SIZE];
    start_server(place);
    void *store = store_open_at(&store_redis, place, false);
    store_give(&store_redis, store, samples(), SAMPLE_COUNT);
    store_close_well(&store_redis, store);
    assert_true(has_member("host", "192.0.2.10", 10));
    assert_true(has_member("192.0.2.10", "80/tcp", 6));
    assert_true(has_member("192.0.2.10:80/tcp", "1700000000:1:18:57", 18));
    assert_true(has_member("192.0.2.255:65535/tcp", "1700000000:2:20:255", 19));
    assert_true(has_member("10.0.0.1:0/arp", "1700000000:3:0:0", 16));
    assert_true(has_member("2001:db8::10", "53/udp", 6));
    assert_true(has_member("2001:db8::10:53/udp", "1700000000:1:0:64", 17));
    assert_true(
        has_member("192.0.2.10:80/tcp:banner", "http:a<b>&\"'\\ \r\n\t\0\x7f\x80\xff~", 22));
    assert_true(has_member("2001:db8:1:2:3:4:5:6:22/tcp:banner", "ssh:", 4));
    assert_int_equal(server.connections, 1);
    stop_server(place);
}

static void a_lost_connection_costs_nothing(void **state)
{
    (void)state;
    /* At the first command, at the end of a batch, and in another batch. */
    static const unsigned points[] = {1, 45, 30000};
    for (unsigned p = 0; p < sizeof points / sizeof *points; p++) {
        char place[STORE_PLACE_SIZE];
        start_server(place);
        server.lose_at = points[p];
        void *store = store_open_at(&store_redis, place, false);
        store_give(&store_redis, store, samples(), SAMPLE_COUNT);
        store_flush_well(&store_redis, store);
        struct result result = samples()[0];
        for (unsigned i = 0; i < 12000; i++) {
            result.ip = ip_from_v4(0x0a000000 + i);
            store_give(&store_redis, store, &result, 1);
        }
        store_close_well(&store_redis, store);
        assert_int_equal(server.connections, 2);
        assert_int_equal(count_members(place), SAMPLE_COUNT + 12000);
        stop_server(place);
    }
}

static void a_server_that_is_gone_for_good_is_an_error(void **state)
{
    (void)state;
    char place[STORE_PLACE_SIZE], expected[2 * STORE_PLACE_SIZE];
    struct error err = {""};
    start_server(place);
    server.lose_at = 1;
    void *store = store_open_at(&store_redis, place, false);
    server.gone = true;
    store_give(&store_redis, store, samples(), SAMPLE_COUNT);
    assert_true(store_redis.flush(store, &err) < 0);
    snprintf(expected, sizeof expected, "cannot reach the Redis server at %s: ", place);
    assert_non_null(strstr(err.text, expected));
    assert_non_null(strstr(err.text, "results are missing there (tried 5 times)"));
    assert_int_equal(server.connections, 5);
    store_redis.abandon(store);
    free(store);
    stop_server(place);
}

static void what_the_server_refuses_is_an_error_at_once(void **state)
{
    (void)state;
    char place[STORE_PLACE_SIZE];
    struct error err = {""};
    start_server(place);
    server.refuse = true;
    void *store = store_open_at(&store_redis, place, false);
    store_give(&store_redis, store, samples(), SAMPLE_COUNT);
    assert_true(store_redis.close(store, 0, &err) < 0);
    assert_non_null(strstr(err.text, "refuses: OOM command not allowed"));
    assert_int_equal(server.connections, 1);
    free(store);
    stop_server(place);
}

/* The outputs beside a store that failed are finished all the same. */
static void a_failure_is_told_again_and_again(void **state)
{
    (void)state;
    char place[STORE_PLACE_SIZE], list[SCRATCH_PATH_SIZE], notice[256];
    struct output_set set = {.filter = {.open = true}};
    struct buffer text;
    buffer_init(&text, 1 << 16);
    start_server(place);
    server.refuse = true;
    const struct store_setup setup = {.place = place, .facts = &sample_facts};
    assert_int_equal(output_set_add_store(&set, &store_redis, &setup, notice, NULL), 0);
    assert_int_equal(output_set_add(&set, writer_find("hostonly"), scratch_path(list, "beside"),
                                    OUTPUT_REPLACE, &sample_facts, notice, NULL),
                     0);
    assert_int_equal(output_set_record(&set, &samples()[0], NULL), 1);
    for (unsigned i = 0; i < 3; i++) {
        struct error err = {.text = ""};
        assert_true((i < 2 ? output_set_flush(&set, &err) : output_set_close(&set, 0, &err)) < 0);
        assert_non_null(strstr(err.text, "refuses: OOM command not allowed"));
    }
    read_file(list, &text);
    assert_string_equal(buffer_string(&text), "192.0.2.10\n");
    buffer_fini(&text);
    stop_server(place);
}

static void a_server_that_still_loads_is_waited_for(void **state)
{
    (void)state;
    char place[STORE_PLACE_SIZE];
    start_server(place);
    server.lose_at = 3;
    void *store = store_open_at(&store_redis, place, false);
    server.loading = 1;
    store_give(&store_redis, store, samples(), SAMPLE_COUNT);
    store_close_well(&store_redis, store);
    assert_int_equal(count_members(place), SAMPLE_COUNT);
    assert_int_equal(server.connections, 3);
    stop_server(place);
}

static void the_password_is_asked_for(void **state)
{
    (void)state;
    char place[STORE_PLACE_SIZE], notice[256];
    start_server(place);
    server.password = "open sesame";
    struct store_setup setup = {.place = place, .facts = &sample_facts};
    assert_non_null(strstr(store_open_error(&store_redis, &setup), "refuses: NOAUTH"));
    setup.password = "close";
    assert_non_null(strstr(store_open_error(&store_redis, &setup), "refuses: WRONGPASS"));
    setup.password = "open sesame";
    void *store = store_open_with(&store_redis, &setup, notice);
    store_give(&store_redis, store, samples(), 5);
    store_close_well(&store_redis, store);
    assert_int_equal(count_members(place), 5);
    stop_server(place);
}

static void what_is_no_redis_server_is_refused(void **state)
{
    (void)state;
    static const char *const sayings[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", ":1\r\n", "\r\n"};
    for (unsigned i = 0; i < sizeof sayings / sizeof *sayings; i++) {
        char place[STORE_PLACE_SIZE];
        start_server(place);
        server.strange = sayings[i];
        const struct store_setup setup = {.place = place, .facts = &sample_facts};
        assert_non_null(strstr(store_open_error(&store_redis, &setup), place));
        stop_server(place);
    }
}

static void addresses_of_servers_are_read(void **state)
{
    (void)state;
    static const char *const good[] = {"10.0.0.1",    "10.0.0.1:1", "10.0.0.1:65535", "::1",
                                       "2001:db8::1", "[::1]",      "[::1]:6380"};
    for (unsigned i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(store_redis.check(good[i], NULL), 0);
}

static const struct store_fixture fixture = {
    &store_redis,
    start_server,
    count_members,
    stop_server,
    {"-", "redis.example", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "[::1", "[::1]6379"}};

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_CONFORMANCE(&fixture),
        cmocka_unit_test(redis_holds_what_was_recorded),
        cmocka_unit_test(a_lost_connection_costs_nothing),
        cmocka_unit_test(a_server_that_is_gone_for_good_is_an_error),
        cmocka_unit_test(what_the_server_refuses_is_an_error_at_once),
        cmocka_unit_test(a_failure_is_told_again_and_again),
        cmocka_unit_test(a_server_that_still_loads_is_waited_for),
        cmocka_unit_test(the_password_is_asked_for),
        cmocka_unit_test(what_is_no_redis_server_is_refused),
        cmocka_unit_test(addresses_of_servers_are_read),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("store_redis", tests, NULL, NULL);
}

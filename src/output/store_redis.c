/* The redis store: sets in a Redis server, under the keys of the existing tool.
 *
 *     SADD host IP
 *     SADD IP PORT/PROTOCOL
 *     SADD IP:PORT/PROTOCOL TIME:STATUS:REASON:TTL     numbers; status 1 open, 2 closed, 3 up
 *     SADD IP:PORT/PROTOCOL:banner SERVICE:BYTES       the existing tool stores no banners
 *
 * Theory of operation. Commands are collected and sent as one pipeline, by every flush and whenever
 * BATCH_SIZE bytes are there; then all replies are read. Until they have come the batch is kept: if
 * the connection is lost, or the server is still loading its data, the whole batch is sent again
 * over a new one. Adding a member to a set twice is the same as once, so that is exact. After
 * ATTEMPTS that failed, with growing waits between them, it is an error, as is every command that
 * the server refuses. Protocol: https://redis.io/docs/reference/protocol-spec/ */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "output/format.h"
#include "output/store.h"

enum {
    STANDARD_PORT = 6379,
    BATCH_SIZE = 1 << 17,
    KEYS_ROOM = 1024, /* what a record takes beside its banner */
    ATTEMPTS = 5,
    FIRST_WAIT_MS = 250, /* doubled after each attempt */
    CONNECT_SECONDS = 3,
    REPLY_SECONDS = 5,
};

struct redis {
    redisContext *context; /* NULL: not connected */
    char ip[IP_TEXT_SIZE];
    uint16_t port;
    const char *password; /* NULL: none */
    const char *place;    /* for messages */
    struct buffer batch;  /* the commands that are not acknowledged */
    unsigned commands;    /* how many they are */
};

/* The outcomes of an attempt. */
enum { ATTEMPT_DONE, ATTEMPT_LOST };

/* Addresses */

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number == 0 || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool take_ip(struct redis *redis, const char *text, size_t length)
{
    struct ip_address ip;
    if (!ip_parse(&ip, text, length))
        return false;
    ip_format(&ip, redis->ip);
    return true;
}

/* "192.0.2.1", "192.0.2.1:6379", "::1", "[::1]", "[::1]:6379" */
static bool parse_place(struct redis *redis, const char *place)
{
    redis->port = STANDARD_PORT;
    if (take_ip(redis, place, strlen(place)))
        return true;
    bool bracketed = *place == '[';
    const char *end = bracketed ? strchr(place, ']') : strrchr(place, ':');
    if (end == NULL || !take_ip(redis, place + bracketed, (size_t)(end - place) - bracketed))
        return false;
    if (bracketed && *++end == '\0')
        return true;
    return *end == ':' && parse_port(end + 1, &redis->port);
}

static int check_place(const char *place, struct error *err)
{
    struct redis redis = {0};
    if (parse_place(&redis, place))
        return 0;
    return error_set(err,
                     "--redis: \"%.60s\" is not the address of a server (want an IP address, and "
                     "a port if it is not %d: 127.0.0.1:%d, [::1]:%d)",
                     place, STANDARD_PORT, STANDARD_PORT, STANDARD_PORT);
}

/* The connection */

static int refused(const struct redis *redis, const char *words, struct error *err)
{
    return error_set(err, "the Redis server at %s refuses: %.200s", redis->place, words);
}

static void disconnect(struct redis *redis)
{
    redisFree(redis->context);
    redis->context = NULL;
}

/* Why the last attempt failed; kept in `err` until another one does better. */
static int lost(struct redis *redis, struct error *err)
{
    const char *words = redis->context != NULL ? redis->context->errstr : "no memory";
    error_set(err, "cannot reach the Redis server at %s: %s", redis->place, words);
    disconnect(redis);
    return ATTEMPT_LOST;
}

static bool is_loading(const redisReply *reply)
{
    return strncmp(reply->str, "LOADING", 7) == 0;
}

/* One reply, of the type that is right. */
static int take_reply(struct redis *redis, int type, struct error *err)
{
    void *taken = NULL;
    if (redisGetReply(redis->context, &taken) != REDIS_OK)
        return lost(redis, err);
    redisReply *reply = taken;
    int outcome = ATTEMPT_DONE;
    if (reply->type == REDIS_REPLY_ERROR && is_loading(reply)) {
        error_set(err, "the Redis server at %s is still loading its data", redis->place);
        outcome = ATTEMPT_LOST;
    } else if (reply->type == REDIS_REPLY_ERROR) {
        outcome = refused(redis, reply->str, err);
    } else if (reply->type != type) {
        outcome = error_set(err, "what answers at %s is no Redis server", redis->place);
    }
    freeReplyObject(reply);
    return outcome;
}

static int command(struct redis *redis, const char *name, const char *argument, struct error *err)
{
    const char *words[] = {name, argument};
    if (redisAppendCommandArgv(redis->context, argument != NULL ? 2 : 1, words, NULL) != REDIS_OK)
        return lost(redis, err);
    return take_reply(redis, REDIS_REPLY_STATUS, err);
}

static int connect_once(struct redis *redis, struct error *err)
{
    const struct timeval patience = {.tv_sec = CONNECT_SECONDS}, reply = {.tv_sec = REPLY_SECONDS};
    redis->context = redisConnectWithTimeout(redis->ip, redis->port, patience);
    if (redis->context == NULL || redis->context->err != 0 ||
        redisSetTimeout(redis->context, reply) != REDIS_OK)
        return lost(redis, err);
    int outcome = ATTEMPT_DONE;
    if (redis->password != NULL)
        outcome = command(redis, "AUTH", redis->password, err);
    return outcome == ATTEMPT_DONE ? command(redis, "PING", NULL, err) : outcome;
}

/* Sends the batch and takes its replies. */
static int send_once(struct redis *redis, struct error *err)
{
    int outcome = redis->context == NULL ? connect_once(redis, err) : ATTEMPT_DONE;
    if (outcome != ATTEMPT_DONE)
        return outcome;
    if (redisAppendFormattedCommand(redis->context, (const char *)redis->batch.bytes,
                                    redis->batch.length) != REDIS_OK)
        return lost(redis, err);
    for (unsigned i = 0; i < redis->commands && outcome == ATTEMPT_DONE; i++)
        outcome = take_reply(redis, REDIS_REPLY_INTEGER, err);
    return outcome;
}

static int send_batch(struct redis *redis, struct error *err)
{
    uint64_t wait_ns = (uint64_t)FIRST_WAIT_MS * 1000000;
    struct error reason = {""};
    if (redis->batch.failed)
        return error_set(err, "no memory for the results that go to Redis");
    if (redis->commands == 0)
        return 0;
    int outcome = send_once(redis, &reason);
    for (int attempt = 1; outcome == ATTEMPT_LOST && attempt < ATTEMPTS; attempt++) {
        disconnect(redis); /* replies that are still to come belong to the batch */
        clock_sleep_until_ns(clock_monotonic_ns() + wait_ns);
        wait_ns *= 2;
        outcome = send_once(redis, &reason);
    }
    if (outcome == ATTEMPT_LOST)
        return error_set(err, "%s; results are missing there (tried %d times)", reason.text,
                         ATTEMPTS);
    if (outcome < 0)
        return error_set(err, "%s", reason.text);
    buffer_clear(&redis->batch);
    redis->commands = 0;
    return 0;
}

static void free_all(struct redis *redis)
{
    disconnect(redis);
    buffer_fini(&redis->batch);
}

static int open_store(void *state, const struct store_setup *setup, char notice[256],
                      struct error *err)
{
    struct redis *redis = state;
    notice[0] = '\0';
    int result = check_place(setup->place, err);
    if (result < 0)
        return result;
    parse_place(redis, setup->place);
    redis->place = setup->place;
    redis->password = setup->password;
    buffer_init(&redis->batch, BATCH_SIZE + KEYS_ROOM + RESULT_BANNER_MAX);
    if (connect_once(redis, err) == ATTEMPT_DONE)
        return 0;
    free_all(redis);
    return -1;
}

/* Records */

/* "80/tcp", behind "192.0.2.10:" */
struct key {
    char text[IP_TEXT_SIZE + DECIMAL_U16_ROOM + 2 * sizeof(struct word)];
    size_t ip_length, length;
};

static void make_key(struct key *key, const struct result *result)
{
    char *at = put_ip(key->text, &result->ip);
    key->ip_length = (size_t)(at - key->text);
    *at++ = ':';
    at = decimal_write_u16(at, result->port);
    *at++ = '/';
    at = put_word(at, result_protocol_name(result->protocol));
    key->length = (size_t)(at - key->text);
}

static char *put_length(char *at, size_t length)
{
    *at++ = '$';
    at = decimal_write(at, length);
    return PUT(at, "\r\n");
}

static char *put_string(char *at, const char *text, size_t length)
{
    at = put_bytes(put_length(at, length), text, length);
    return PUT(at, "\r\n");
}

#define SADD "*3\r\n$4\r\nSADD\r\n"

static char *put_status(char *at, const struct key *key, const struct result *result)
{
    static const uint8_t numbers[] = {[RESULT_OPEN] = 1, [RESULT_CLOSED] = 2, [RESULT_UP] = 3};
    char value[3 * DECIMAL_BYTE_ROOM + DECIMAL_DIGITS_MAX + 4], *end = value;
    end = decimal_write(end, result->time);
    *end++ = ':';
    end = decimal_write_byte(end, numbers[result->status]);
    *end++ = ':';
    end = decimal_write_byte(end, result->reason);
    *end++ = ':';
    end = decimal_write_byte(end, result->ttl);
    at = put_string(PUT(at, SADD), key->text, key->length);
    return put_string(at, value, (size_t)(end - value));
}

static char *put_banner(char *at, const struct key *key, const struct result *result)
{
    static const char suffix[] = ":banner";
    const struct word *service = result_app_name(result->app);
    at = put_length(PUT(at, SADD), key->length + sizeof suffix - 1);
    at = put_bytes(at, key->text, key->length);
    at = PUT(at, ":banner\r\n");
    at = put_length(at, service->length + 1 + (size_t)result->banner_length);
    at = put_word(at, service);
    *at++ = ':';
    if (result->banner_length > 0)
        at = put_bytes(at, (const char *)result->banner, result->banner_length);
    return PUT(at, "\r\n");
}

static int record(void *state, const struct result *result, struct error *err)
{
    struct redis *redis = state;
    struct key key;
    make_key(&key, result);
    char *at = (char *)buffer_reserve(&redis->batch, KEYS_ROOM + (size_t)result->banner_length);
    if (at == NULL)
        return send_batch(redis, err);
    at = put_string(PUT(at, SADD "$4\r\nhost\r\n"), key.text, key.ip_length);
    at = put_string(PUT(at, SADD), key.text, key.ip_length);
    at = put_string(at, key.text + key.ip_length + 1, key.length - key.ip_length - 1);
    at =
        result->kind == RESULT_BANNER ? put_banner(at, &key, result) : put_status(at, &key, result);
    redis->batch.length = (size_t)((uint8_t *)at - redis->batch.bytes);
    redis->commands += 3;
    return redis->batch.length >= BATCH_SIZE ? send_batch(redis, err) : 0;
}

static int flush(void *state, struct error *err)
{
    return send_batch(state, err);
}

static int close_store(void *state, uint64_t now, struct error *err)
{
    struct redis *redis = state;
    (void)now;
    int result = send_batch(redis, err);
    struct error unheard; /* all is acknowledged: it does not matter how they part */
    if (result == 0 && redis->context != NULL)
        (void)command(redis, "QUIT", NULL, &unheard);
    free_all(redis);
    return result;
}

static void abandon(void *state)
{
    free_all(state);
}

const struct store_ops store_redis = {
    .name = "redis",
    .aliases = "",
    .help = "sets in a Redis server",
    .state_size = sizeof(struct redis),
    .check = check_place,
    .open = open_store,
    .record = record,
    .flush = flush,
    .close = close_store,
    .abandon = abandon,
};

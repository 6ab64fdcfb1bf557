/* Reading binary scan files back.
 *
 * The file streams through a window that always can hold the longest record; records are decoded
 * where they lie. A memory image is the same with everything in the window from the start. Types 1
 * to 5 are those of older versions; they lack fields, and types 1 and 2 even the protocol, which
 * then is guessed from the port as the existing reader does. */
#include "output/binary_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/reader.h"
#include "output/binary_format.h"

enum {
    WINDOW_SIZE = 2 << 20, /* more than the longest record, so one always fits behind the last */
    READ_SIZE = 1 << 17,   /* at a time: stays in the cache until it is decoded */
};

_Static_assert(WINDOW_SIZE >= BINARY_HEAD_MAX + BINARY_BODY_MAX + READ_SIZE, "window");

struct source {
    int fd; /* -1: all is in the window */
    const char *name;
    uint8_t *window;   /* NULL for a memory image */
    const uint8_t *at; /* what is not decoded yet */
    const uint8_t *end;
    bool ended; /* nothing comes behind `end` */
};

static size_t left(const struct source *source)
{
    return (size_t)(source->end - source->at);
}

/* Moves the rest to the window's start and reads more behind it. */
static int fill(struct source *source, struct error *err)
{
    size_t rest = left(source);
    memmove(source->window, source->at, rest);
    source->at = source->window;
    source->end = source->window + rest;
    ssize_t count;
    do {
        count = read(source->fd, source->window + rest, READ_SIZE);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return error_sys(err, errno, "cannot read '%s'", source->name);
    source->end += count;
    source->ended = count == 0;
    return 0;
}

static int want_more(struct source *source, size_t length, struct error *err)
{
    while (left(source) < length && !source->ended) {
        int result = fill(source, err);
        if (result < 0)
            return result;
    }
    return 0;
}

/* Brings `length` bytes (at most a record) into the window, or all up to the end of the file. */
static inline int want(struct source *source, size_t length, struct error *err)
{
    return left(source) >= length ? 0 : want_more(source, length, err);
}

/* Drops `length` bytes; returns how many of them the file has. */
static int drop(struct source *source, uint64_t length, uint64_t *dropped, struct error *err)
{
    *dropped = 0;
    while (*dropped < length) {
        int result = want(source, 1, err);
        if (result < 0)
            return result;
        if (left(source) == 0)
            break;
        size_t part = length - *dropped < left(source) ? length - *dropped : left(source);
        source->at += part;
        *dropped += part;
    }
    return 0;
}

static uint8_t protocol_of_port(uint16_t port)
{
    switch (port) {
    case 53:
    case 123:
    case 137:
    case 161:
        return RESULT_UDP;
    case 2905:
    case 36412:
    case 36422:
        return RESULT_SCTP;
    default:
        return RESULT_TCP;
    }
}

static inline void read_v4_address(struct reader *r, struct ip_address *ip)
{
    const uint8_t *bytes = reader_bytes(r, 4);
    ip->version = 4;
    if (bytes != NULL)
        memcpy(ip->bytes, bytes, 4);
}

static inline void read_v6_address(struct reader *r, struct ip_address *ip)
{
    if (reader_u8(r) != 6)
        r->failed = true;
    const uint8_t *bytes = reader_bytes(r, sizeof ip->bytes);
    ip->version = 6;
    if (bytes != NULL)
        memcpy(ip->bytes, bytes, sizeof ip->bytes);
}

static inline void take_banner(struct reader *r, struct result *result)
{
    result->banner = r->at;
    result->banner_length = (uint32_t)reader_left(r);
}

/* The decoders return whether the fields were there, and possible. Their reader is a copy, so that
 * it stays in registers. */

static bool decode_old_status(const uint8_t *body, size_t length, struct result *result)
{
    struct reader r = reader_over(body, length);
    result->time = reader_be32(&r);
    read_v4_address(&r, &result->ip);
    result->port = reader_be16(&r);
    result->reason = reader_u8(&r);
    result->ttl = reader_u8(&r);
    result->protocol = protocol_of_port(result->port);
    return !r.failed;
}

static bool decode_old_banner(const uint8_t *body, size_t length, struct result *result)
{
    struct reader r = reader_over(body, length);
    result->time = reader_be32(&r);
    read_v4_address(&r, &result->ip);
    result->protocol = RESULT_TCP;
    result->port = reader_be16(&r);
    result->app = reader_be16(&r);
    take_banner(&r, result);
    return !r.failed;
}

static bool decode_banner_no_ttl(const uint8_t *body, size_t length, struct result *result)
{
    struct reader r = reader_over(body, length);
    result->time = reader_be32(&r);
    read_v4_address(&r, &result->ip);
    result->protocol = reader_u8(&r);
    result->port = reader_be16(&r);
    result->app = reader_be16(&r);
    take_banner(&r, result);
    return !r.failed;
}

static bool decode_status(const uint8_t *body, size_t length, struct result *result)
{
    struct reader r = reader_over(body, length);
    result->time = reader_be32(&r);
    read_v4_address(&r, &result->ip);
    result->protocol = reader_u8(&r);
    result->port = reader_be16(&r);
    result->reason = reader_u8(&r);
    result->ttl = reader_u8(&r);
    return !r.failed;
}

static bool decode_banner(const uint8_t *body, size_t length, struct result *result)
{
    struct reader r = reader_over(body, length);
    result->time = reader_be32(&r);
    read_v4_address(&r, &result->ip);
    result->protocol = reader_u8(&r);
    result->port = reader_be16(&r);
    result->app = reader_be16(&r);
    result->ttl = reader_u8(&r);
    take_banner(&r, result);
    return !r.failed;
}

static bool decode_status6(const uint8_t *body, size_t length, struct result *result)
{
    struct reader r = reader_over(body, length);
    result->time = reader_be32(&r);
    result->protocol = reader_u8(&r);
    result->port = reader_be16(&r);
    result->reason = reader_u8(&r);
    result->ttl = reader_u8(&r);
    read_v6_address(&r, &result->ip);
    return !r.failed;
}

static bool decode_banner6(const uint8_t *body, size_t length, struct result *result)
{
    struct reader r = reader_over(body, length);
    result->time = reader_be32(&r);
    result->protocol = reader_u8(&r);
    result->port = reader_be16(&r);
    result->app = reader_be16(&r);
    result->ttl = reader_u8(&r);
    read_v6_address(&r, &result->ip);
    take_banner(&r, result);
    return !r.failed;
}

struct record_type {
    bool (*decode)(const uint8_t *body, size_t length, struct result *result);
    enum result_kind kind;
    enum result_status status;
};

static const struct record_type record_types[] = {
    [BINARY_OPEN_OLD] = {decode_old_status, RESULT_STATUS, RESULT_OPEN},
    [BINARY_CLOSED_OLD] = {decode_old_status, RESULT_STATUS, RESULT_CLOSED},
    [BINARY_BANNER_OLD] = {decode_old_banner, RESULT_BANNER, RESULT_OPEN},
    [BINARY_BANNER_SHORT] = {decode_banner_no_ttl, RESULT_BANNER, RESULT_OPEN},
    [BINARY_BANNER_NO_TTL] = {decode_banner_no_ttl, RESULT_BANNER, RESULT_OPEN},
    [BINARY_OPEN] = {decode_status, RESULT_STATUS, RESULT_OPEN},
    [BINARY_CLOSED] = {decode_status, RESULT_STATUS, RESULT_CLOSED},
    [BINARY_UP] = {decode_status, RESULT_STATUS, RESULT_UP},
    [BINARY_BANNER] = {decode_banner, RESULT_BANNER, RESULT_OPEN},
    [BINARY_OPEN6] = {decode_status6, RESULT_STATUS, RESULT_OPEN},
    [BINARY_CLOSED6] = {decode_status6, RESULT_STATUS, RESULT_CLOSED},
    [BINARY_UP6] = {decode_status6, RESULT_STATUS, RESULT_UP},
    [BINARY_BANNER6] = {decode_banner6, RESULT_BANNER, RESULT_OPEN},
};

/* False if the type is unknown, the body too short, or its fields impossible. A status body may be
 * longer than its fields: some writers put a MAC address behind them. */
static bool decode(const struct binary_head *head, const uint8_t *body, struct result *result)
{
    if (head->type >= sizeof record_types / sizeof *record_types ||
        record_types[head->type].decode == NULL)
        return false;
    const struct record_type *type = &record_types[head->type];
    *result = (struct result){.kind = type->kind, .status = type->status};
    return type->decode(body, (size_t)head->body_length, result);
}

struct reading {
    struct source source;
    result_fn *callback;
    void *context;
    struct binary_file_facts *facts;
};

enum step { STEP_ON, STEP_END };

/* A record longer than any writer makes: stepped over, if it is whole. */
static int skip_record(struct reading *reading, const struct binary_head *head, struct error *err)
{
    uint64_t whole = head->size + head->body_length, dropped;
    int result = drop(&reading->source, whole, &dropped, err);
    if (result < 0)
        return result;
    if (dropped < whole) {
        reading->facts->torn_bytes += dropped;
        return STEP_END;
    }
    reading->facts->skipped++;
    return STEP_ON;
}

/* Everything that is left has no beginning that could be found. */
static int give_up(struct reading *reading, struct error *err)
{
    uint64_t dropped;
    int result = drop(&reading->source, UINT64_MAX, &dropped, err);
    if (result < 0)
        return result;
    reading->facts->torn_bytes += dropped;
    return STEP_END;
}

/* Gives the record to the callback, or counts it as skipped. */
static int give(struct reading *reading, const struct binary_head *head, const uint8_t *body,
                struct error *err)
{
    struct result result;
    if (head->type == BINARY_FRAME)
        return STEP_ON;
    if (!decode(head, body, &result)) {
        reading->facts->skipped++;
        return STEP_ON;
    }
    reading->facts->records++;
    int value = reading->callback(reading->context, &result, err);
    return value < 0 ? value : STEP_ON;
}

/* One record. */
static int step(struct reading *reading, struct error *err)
{
    struct source *source = &reading->source;
    int result = want(source, BINARY_HEAD_MAX, err);
    if (result < 0)
        return result;
    if (left(source) == 0)
        return STEP_END;
    struct binary_head head;
    if (binary_head_parse(&head, source->at, left(source)) != BINARY_HEAD_WHOLE)
        return give_up(reading, err);
    if (head.body_length > BINARY_BODY_MAX)
        return skip_record(reading, &head, err);
    size_t whole = head.size + (size_t)head.body_length;
    result = want(source, whole, err);
    if (result < 0)
        return result;
    if (left(source) < whole)
        return give_up(reading, err);
    const uint8_t *body = source->at + head.size;
    source->at += whole;
    return give(reading, &head, body, err);
}

/* The number behind "\ns:" in the header; 0 if there is none. */
static uint64_t start_time(const uint8_t *header)
{
    char text[BINARY_FRAME_SIZE + 1] = {0};
    memcpy(text, header, BINARY_FRAME_SIZE);
    const char *line = strstr(text, "\ns:");
    return line == NULL ? 0 : strtoull(line + 3, NULL, 10);
}

static int check_magic(const char *name, const uint8_t *bytes, size_t length, struct error *err)
{
    size_t seen = length < BINARY_MAGIC_SIZE ? length : BINARY_MAGIC_SIZE;
    if (seen == 0 || memcmp(bytes, BINARY_MAGIC, seen) == 0)
        return 0;
    return error_set(err,
                     "'%s' is not a binary scan file: it does not begin with \"%s\", as files "
                     "written with -oB do",
                     name, BINARY_MAGIC);
}

/* STEP_ON if records follow, STEP_END if the file ends in its header or is empty. */
static int read_header(struct reading *reading, struct error *err)
{
    struct source *source = &reading->source;
    int result = want(source, BINARY_FRAME_SIZE, err);
    if (result < 0)
        return result;
    if (check_magic(source->name, source->at, left(source), err) < 0)
        return -1;
    if (left(source) < BINARY_FRAME_SIZE)
        return give_up(reading, err);
    reading->facts->start_time = start_time(source->at);
    source->at += BINARY_FRAME_SIZE;
    return STEP_ON;
}

static int read_all(struct reading *reading, struct error *err)
{
    *reading->facts = (struct binary_file_facts){0};
    int result = read_header(reading, err);
    while (result == STEP_ON)
        result = step(reading, err);
    return result < 0 ? result : 0;
}

int binary_read_memory(const void *bytes, size_t length, const char *name, result_fn *callback,
                       void *context, struct binary_file_facts *facts, struct error *err)
{
    const uint8_t *at = bytes;
    struct source source = {.fd = -1, .name = name, .at = at, .end = at + length, .ended = true};
    struct reading reading = {source, callback, context, facts};
    return read_all(&reading, err);
}

static int read_fd(int fd, const char *name, result_fn *callback, void *context,
                   struct binary_file_facts *facts, struct error *err)
{
    uint8_t *window = malloc(WINDOW_SIZE);
    if (window == NULL)
        return error_set(err, "no memory to read '%s'", name);
    struct source source = {.fd = fd, .name = name, .window = window, .at = window, .end = window};
    struct reading reading = {source, callback, context, facts};
    int result = read_all(&reading, err);
    free(window);
    return result;
}

static int open_file(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? error_sys(err, errno, "cannot open '%s'", path) : fd;
}

int binary_check_file(const char *path, struct error *err)
{
    struct stat facts;
    uint8_t magic[BINARY_MAGIC_SIZE];
    bool special = stat(path, &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
    if (special || strcmp(path, "-") == 0)
        return 0;
    int fd = open_file(path, err);
    if (fd < 0)
        return -1;
    ssize_t count = file_read_at(fd, magic, sizeof magic, 0);
    int result = count < 0 ? error_sys(err, errno, "cannot read '%s'", path)
                           : check_magic(path, magic, (size_t)count, err);
    close(fd);
    return result;
}

int binary_read_file(const char *path, result_fn *callback, void *context,
                     struct binary_file_facts *facts, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return read_fd(STDIN_FILENO, "standard input", callback, context, facts, err);
    int fd = open_file(path, err);
    if (fd < 0)
        return -1;
    int result = read_fd(fd, path, callback, context, facts, err);
    close(fd);
    return result;
}
